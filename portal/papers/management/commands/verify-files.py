"""`bin/manage verify-files`: every stored file is there and unchanged; names what is missing, damaged or orphaned."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.papers.checking import verify_files


class Command(BaseCommand):
    """Compares rows, disk and SHA-256."""

    help = "Comprueba que cada archivo guardado esté completo y sin cambios."

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch."""
        parser.add_argument("--sin-leer", action="store_true", help="solo compara filas y disco, sin abrir archivos")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the four lists; fails when a row points at nothing or at changed bytes."""
        checked = verify_files(read=not options["sin_leer"])
        self.stdout.write(f"Revisados: {checked.read}")
        for label, found in (("Faltan", checked.missing), ("Dañados", checked.damaged), ("Huérfanos", checked.orphans)):
            self.stdout.write(f"{label}: {len(found)}")
            for item in found[:50]:
                self.stdout.write(f"  {item}")
        if checked.faults:
            raise CommandError("Hay archivos que faltan o cambiaron: restáuralos del último respaldo.")

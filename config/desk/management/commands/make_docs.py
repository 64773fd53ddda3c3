"""`bin/manage make_docs [--check]`: write the generated documents, or say which are stale."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.desk import generated


class Command(BaseCommand):
    help = "Escribe los documentos de docs/ que salen del código (estados, reglas, accesos, hallazgos, salas)."

    def add_arguments(self, parser: CommandParser) -> None:
        """One option."""
        parser.add_argument("--check", action="store_true", help="solo dice si están al día; sale con error si no")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check."""
        if options["check"]:
            if found := generated.stale():
                raise CommandError(f"Atrasados: {', '.join(found)}. Corre bin/manage make_docs.")
            self.stdout.write("Los documentos generados están al día.")
            return
        for path in generated.write():
            self.stdout.write(f"Escrito {path}")

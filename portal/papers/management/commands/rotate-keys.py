"""`bin/manage rotate-keys`: file keys and encrypted columns under the newest key of VAULT_KEYS, without a pause."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.papers.services import reseal_columns, rewrap_files


class Command(BaseCommand):
    """May be stopped and run again at any moment: what is done stays done."""

    help = "Vuelve a cerrar archivos y columnas cifradas con la llave más nueva de VAULT_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many values changed; a second run says zero."""
        self.stdout.write(f"Llaves de archivos: {rewrap_files()}")
        for name, done in reseal_columns().items():
            self.stdout.write(f"{name}: {done}")
        self.stdout.write(
            "Conserva las llaves anteriores: la última de la lista hace los índices de búsqueda, "
            "y los segundos factores siguen bajo la llave con que se crearon."
        )

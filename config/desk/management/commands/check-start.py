"""`check-start [--apartar]`: may the portal start on this database and these files?

`bin/up` and docker-compose.yml ask after `migrate` and before the web server.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import keys, tables
from portal import clock
from portal.once.services import note_run
from portal.papers import checking, services, store

SHOWN = 20
ANOTHER = (
    "La base de datos no conoce ninguno de los {files} archivos de «{folder}»: no es la de estos archivos. "
    "No se tocó nada. Si la carpeta o la base cambiaron de lugar, regrésalas o apunta a la correcta; si la base se "
    "perdió, restáurala de su respaldo antes de arrancar (docs/operations.md, «Restoring»). Si la base es la buena y "
    "esos archivos sobran, `bin/manage check-start --apartar` los guarda aparte 30 días."
)


class Command(BaseCommand):
    """Says nothing when all is well, lists what is not as it was, and refuses what would lose something."""

    help = "Dice si el portal puede arrancar con esta base y estos archivos. Código 1 si no."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One decision of a person."""
        parser.add_argument(
            "--apartar", action="store_true", help="pone en cuarentena 30 días todo archivo que la base no conoce"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask the tables, try the keys, compare rows and disk; what the quarantine holds and a row asks for returns."""
        tables.refuse_of_before(MigrationRecorder(connection).applied_migrations())
        if closed := keys.what_stays_closed(thorough=True):
            raise CommandError(f"Falta una llave; no se abren {', '.join(closed)}. No se tocó nada. {keys.CURE}")
        if back := services.bring_back():
            self.stdout.write(f"Archivos que volvieron de la cuarentena porque la base los conoce: {back}")
        if options["apartar"]:
            swept = services.sweep(older_than=services.IN_FLIGHT, however_many=True)
            note_run(name="papers.sweep", at=clock.real_now(), told=swept)  # health speaks of the last one
            self.stdout.write(f"Archivos en cuarentena desde ahora: {swept['orphans']}")
        found = checking.compare()
        beginning = store.beginning().exists()
        if found.is_another and not beginning:
            raise CommandError(ANOTHER.format(files=len(found.loose), folder=settings.DATA_DIR))
        if not beginning:
            self._tell("Archivos que esta base no conoce (se conservan)", found.loose)
        self._tell("Archivos que la base conoce y no están (búscalos en el respaldo)", found.missing)

    def _tell(self, label: str, items: Sequence[str]) -> None:
        if not items:
            return
        self.stdout.write(f"{label}: {len(items)}")
        for item in items[:SHOWN]:
            self.stdout.write(f"  {item}")
        if len(items) > SHOWN:
            self.stdout.write("  … (todos: bin/manage verify-files)")

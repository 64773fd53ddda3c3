"""Django's `migrate`, which first asks whether this code can bring these tables on: never half migrated."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from config import tables


class Command(migrate.Command):
    """Whoever migrates (`bin/up`, docker-compose.yml, a person) comes through here."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse tables that an unreleased version made; an empty database by the short way, any other as Django."""
        applied = MigrationRecorder(connections[options["database"]]).applied_migrations()
        tables.refuse_of_before(applied)
        with nullcontext() if applied else tables.each_model_rendered_once():
            super().handle(*args, **options)

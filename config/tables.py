"""Which migrations made the tables of a database, asked before any of ours touches it.

Until the first release migrations were squashed, from then on they only grow (docs/adr/0014). What stands on files that
are gone cannot be brought on: Django would take a new file for done by its old name, and stop half way at another.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.management.base import CommandError
from django.db.migrations.loader import MigrationLoader

OF_BEFORE = (
    "Estas tablas las hizo una versión de antes de la primera publicada, y esta no las puede continuar. No se tocó "
    "nada. Si necesitas lo que tienen, regresa al código con que se hicieron y respáldalo (docs/operations.md, "
    "«Backups»). Para seguir con este, empieza de cero: ./bin/up --fresh, u otra base vacía."
)


def are_of_before(applied: Iterable[tuple[str, str]]) -> bool:
    """Whether an app's applied migrations, each (app, name), have one that this code has not and lack one that it has.

    A database of a newer version has all of ours and more: older code goes on with it as it always did. What a library
    squashed counts by the files that it replaces.
    """
    done, ours = set(applied), MigrationLoader(None).disk_migrations
    for squashed, one in ours.items():
        if one.replaces and done.issuperset(one.replaces):
            done = done.difference(one.replaces) | {squashed}
    lacking = {app for app, _name in set(ours) - done}
    return any(app in lacking for app, _name in done - set(ours))


def refuse_of_before(applied: Iterable[tuple[str, str]]) -> None:
    """Raises CommandError, with cause and cure, for tables that this code can neither use nor migrate."""
    if are_of_before(applied):
        raise CommandError(OF_BEFORE)

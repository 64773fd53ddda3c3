"""Which migrations made the tables of a database, asked before any of ours touches it.

Until the first release migrations were squashed, from then on they only grow (docs/adr/0014). What stands on files that
are gone cannot be brought on: Django would take a new file for done by its old name, and stop half way at another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

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


@contextmanager
def each_model_rendered_once() -> Iterator[None]:
    """Migrations render the model that an operation touches, and not each that hangs together with it.

    Which is nearly all of them, three hundred times: half a minute of a first start. What makes a table, an index or a
    constraint is asked of that table's model, and of another one only its table's name and its key. So it holds for an
    empty database; that all of it stands as the models say, says `tests/runner/test_up.py`.
    """
    state: Any = ProjectState  # Django's stubs do not know what it keeps to itself
    rendered = state._find_reload_model
    state._find_reload_model = lambda _state, app, model, delay=False: {(app, model)}
    try:
        yield
    finally:
        state._find_reload_model = rendered

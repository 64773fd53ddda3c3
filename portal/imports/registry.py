"""Kinds of import, as the apps that own them declare them at start (`apps.ready()`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.declared import Declared
from portal.imports.rules.groups import Groups
from portal.imports.rules.layouts import Judged, Layout

if TYPE_CHECKING:
    from portal.access import Permission
    from portal.imports.models import ImportRun, StagedRow

Judge = Callable[..., Judged]
Apply = Callable[..., None]
Find = Callable[[str, Any], tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class ImportSpec:
    """One kind of import.

    `judge(*, sender, subject_id, read, on) -> Judged` says what would become of each row; `apply(*, run, judged, items,
    by, at)` writes, in the transaction that marks the run applied, right after the sender was locked and the rows were
    judged once more. A wrong row stays out and the others enter; or one wrong row refuses the file (`is_whole`), or it
    keeps out the rows that belong with it (`groups`; the kind judges rows, the room sees to what belongs together).
    `purpose` is that of the kept file, `start` the URL name of the page that takes files, `done(run)` the address that
    tells what an applied run made.

    A kind about one thing (a batch that the bank answers) has `find(word, user)`: the sender and the thing's id, by
    what a person types; it raises RuleBroken when there is none, or not for them. `note(*, run, judged, by, at)` keeps
    in the app's own table what a run that was read has not, in its transaction. `page(run)` is the address of the
    kind's own page, where its files are applied instead.

    A kind whose layout is `staged` names its table in `staging`, an app's own `StagedRow`. Its rows are judged and
    applied there, in SQL: `judge(*, rows, sender, subject_id, on)` counts what would enter (`Judged.staged`),
    `apply(*, run, rows, judged, by, at)` inserts it; `rows` is a `staging.Rows`.

    Whatever the kind, a file of more than 5,000 rows is judged and applied by a drain.
    """

    kind: str
    title: str
    permission: Permission
    layout: Layout
    judge: Judge
    apply: Apply
    purpose: str
    start: str
    done: Callable[[ImportRun], str]
    is_whole: bool = False
    groups: Groups | None = None
    find: Find | None = None
    note: Apply | None = None
    page: Callable[[ImportRun], str] | None = None
    staging: type[StagedRow] | None = None

    def __post_init__(self) -> None:
        if (self.staging is None) != (self.layout.staged is None):
            raise ValueError(f"{self.kind}: a staged layout and its table go together")
        if self.groups and (self.is_whole or self.staging):
            raise ValueError(f"{self.kind}: group by group is neither the whole file nor told by SQL over a table")


_specs: Declared[ImportSpec] = Declared("the import")


def register_import(spec: ImportSpec) -> None:
    """Declare a kind of import. Raises ValueError, which stops the start, for two of one kind."""
    _specs.declare(spec.kind, spec)


def spec_of(kind: str) -> ImportSpec:
    """The spec of a kind. KeyError for one that nobody declared."""
    return _specs[kind]


def staged() -> list[ImportSpec]:
    """The kinds whose rows wait in a staging table."""
    return [spec for spec in _specs.values() if spec.staging]


def kinds_for(permissions: Collection[Permission]) -> list[str]:
    """Kinds that somebody with these permissions may take in."""
    return [spec.kind for spec in _specs.values() if spec.permission in permissions]

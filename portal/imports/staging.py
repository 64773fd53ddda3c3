"""Rows between arriving and being applied: by COPY into their kind's unlogged table, counted and emptied there."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from portal.errors import RuleBroken
from portal.imports.reading import refuse_rejected
from portal.imports.rules import copying
from portal.imports.rules.layouts import Item, Layout, Read, RowError, Staged
from portal.imports.rules.tables import FIELD, TABLE_KINDS

if TYPE_CHECKING:
    from portal.imports.models import StagedRow
    from portal.imports.registry import ImportSpec
    from portal.papers.services import Examined

AT_ONCE = 5_000  # rows that a request reads, judges and applies; longer runs are a drain's
STRETCH = 20_000  # rows that the child reads at once: seconds of its eight
_SHAPE = ("row", "field", "code", "message", "sheet_row")


@dataclass(frozen=True, slots=True)
class Rows:
    """The staged rows of one run: its table and, by place (sheet row, or number in a call), what rests sealed."""

    model: type[StagedRow]
    run_id: UUID
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def table(self) -> str:
        """The table's name, for SQL."""
        return self.model._meta.db_table


@dataclass(slots=True)
class Part:
    """What the child read so far of a file: bodies for COPY, errors, secret cells, foreign headings."""

    run_id: UUID
    bodies: list[bytes] = field(default_factory=list, repr=False)
    errors: list[RowError] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    foreign: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    more: bool = False

    def take(self, examined: Examined) -> None:
        """Add a stretch. Raises RuleBroken about the file as a whole."""
        refuse_rejected(examined)
        facts = examined.facts
        if said := facts.get(copying.SAID):
            raise RuleBroken(said[1], code=said[0], field=FIELD)
        self.bodies.append(examined.attached)
        self.errors += [RowError(*error) for error in facts[copying.ERRORS]]
        self.secrets |= facts.get(copying.SECRETS, {})
        self.foreign, self.lacking = tuple(facts.get(copying.FOREIGN, ())), tuple(facts.get(copying.LACKING, ()))
        self.more = facts[copying.MORE]


def asked(
    layout: Layout,
    run_id: UUID,
    *,
    known: Mapping[str, str],
    after: int = 0,
    most: int = 0,
    secrets: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the examiner is asked for a stretch of `most` rows of a file (0: those of a request).

    `secrets` are those of a copy that is kept already.
    """
    context = {
        "layout": _staged(layout).layout,
        "headings": dict(known),
        "run": str(run_id),
        "after": after,
        "most": most or AT_ONCE,
        "secrets": None if secrets is None else dict(secrets),
    }
    return {"check": copying.CHECK, "context": context, "largest": layout.max_bytes}


KINDS = {*TABLE_KINDS}


def asked_secret(layout: Layout, *, whole: bool) -> dict[str, Any]:
    """What the examiner is asked for a file that waits unread: whether it says something secret (AC-11)."""
    context = {"layout": _staged(layout).layout, "whole": whole}
    return {"check": copying.SECRET_CHECK, "context": context, "largest": layout.max_bytes}


def read_whole(examine: Callable[[int], Examined], part: Part, keep: Callable[[Part, int], None]) -> None:
    """Read a file stretch by stretch: `examine(after)` asks the child, `keep(part, rows so far)` takes the bodies."""
    after = 0
    while True:
        part.take(examine(after))
        after += STRETCH
        keep(part, after)
        if not part.more:
            return


def copy_in(spec: ImportSpec, bodies: Iterable[bytes]) -> None:
    """COPY rows as `copying.encoded` made them into the kind's staging table."""
    model, columns = _model(spec), ", ".join((*copying.OF_ROW, *_staged(spec.layout).columns))
    with connection.cursor() as cursor:
        for body in bodies:
            if body:
                cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", io.BytesIO(body))


def stage(spec: ImportSpec, run_id: UUID, items: Sequence[Item]) -> dict[str, str]:
    """COPY the rows of a call; gives what they say in secret, by place."""
    copy_in(spec, [copying.encoded(run_id, _staged(spec.layout), items)])
    secret = spec.layout.secret
    if not secret:
        return {}
    cells = ((str(item.sheet_row or item.number), getattr(item.value, secret)) for item in items)
    return {place: cell for place, cell in cells if cell}


def arrived(spec: ImportSpec, run_id: UUID, errors: Sequence[RowError], **more: Any) -> Read:
    """What stands in the staging table of a run, counted and summed there, beside the errors of the other rows."""
    rows = _model(spec)._default_manager.filter(run_id=run_id)
    names = [total.name for total in spec.layout.totals]
    sums = rows.aggregate(**{name: Sum(name, default=0) for name in names}) if names else {}
    return Read(errors=tuple(errors), staged=rows.count(), sums=sums, **more)


def holds(spec: ImportSpec, run_id: UUID, rows: int) -> bool:
    """Whether all of that many rows of a run stand in the table: a crash of the database empties it."""
    return _model(spec)._default_manager.filter(run_id=run_id).count() == rows


def without(spec: ImportSpec, run_id: UUID, sheet_rows: Iterable[int]) -> None:
    """Take rows out again that were wrong in the file that arrived and read well in the copy that is kept."""
    _model(spec)._default_manager.filter(run_id=run_id, sheet_row__in=list(sheet_rows)).delete()


def empty(spec: ImportSpec, run_id: UUID) -> None:
    """Forget the rows of a run."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_model(spec)._meta.db_table} WHERE run_id = %s", [run_id])


def drop_others(spec: ImportSpec, run_ids: Any) -> int:
    """Forget the rows of every run but these; how many there were."""
    dropped: int = _model(spec)._default_manager.exclude(run_id__in=run_ids).delete()[0]
    return dropped


def errors_of(stored: Iterable[Mapping[str, Any]]) -> list[RowError]:
    """The errors of a run that say that a row could not be read."""
    return [RowError(*(error[name] for name in _SHAPE)) for error in stored if error["unreadable"]]


def rows_of(spec: ImportSpec, run_id: UUID, sealed: str | None, **more: str) -> Rows:
    """The staged rows of a run with its secret cells; `sealed` is the JSON that rests in the run."""
    return Rows(_model(spec), run_id, {**json.loads(sealed or "{}"), **more})


def _model(spec: ImportSpec) -> type[StagedRow]:
    assert spec.staging is not None  # asked of such a kind alone
    return spec.staging


def _staged(layout: Layout) -> Staged:
    assert layout.staged is not None
    return layout.staged

"""How a run goes on: its locks, its counts, its end, and rows that stand in items or in a table; for the services."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError
from psycopg2 import errorcodes

from portal import clock, ids
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.imports import rules, staging
from portal.imports.models import ImportRun, ImportTask
from portal.imports.registry import ImportSpec
from portal.imports.rules.layouts import Judged, Layout, Read, RowError
from portal.people.models import Party
from portal.prepared import prepared

if TYPE_CHECKING:
    from portal.people.models import User

State = rules.RunState
NOT_WHOLE = "Desde que leímos el archivo cambió algo y un renglón ya no se puede aplicar. Cancélalo y súbelo otra vez."
BUSY = "Se está aplicando otro archivo de esta organización. Espera a que acabe y manda este otra vez."
SENDER_BUSY = "import_sender_busy"  # its code: a drain comes back by itself
NOTHING_READS = "Con esos títulos no se puede aplicar ningún renglón. Elige otros, o cancela el archivo y corrígelo."


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is said of a delivery beside its rows."""

    spec: ImportSpec
    sender: Party
    subject_id: str = ""
    declared: Mapping[str, Any] | None
    by: User
    at: datetime

    def judge(self, read: Read, rows: staging.Rows | None) -> Judged:
        """What would become of the rows. Raises RuleBroken for a file that is not even kept."""
        judged = judge(self.spec, self.sender, self.subject_id, read, rows, on=clock.date_in(self.at))
        if judged.refusal is not None:
            raise judged.refusal
        return judged

    def run(self, read: Read, judged: Judged, *, run_id: UUID | None = None) -> ImportRun:
        """The run that these rows are, not saved; without declared totals what came is taken for what was meant."""
        layout = self.spec.layout
        declared = layout.count(read) if self.declared is None else self.declared
        run = ImportRun(
            id=run_id or ids.uuid7(),
            kind=self.spec.kind,
            sender=self.sender,
            subject_id=self.subject_id,
            declared=layout.as_json(declared),
            state=State.READ,
            read_by=self.by,
            read_at=self.at,
        )
        count(run, layout, read, judged)
        return run


def judge(
    spec: ImportSpec, sender: Party, subject_id: str, read: Read, rows: staging.Rows | None, *, on: date
) -> Judged:
    """Ask the kind what would become of rows: in its staging table, group by group, or one by one."""
    if rows is not None:
        return spec.judge(rows=rows, sender=sender, subject_id=subject_id, on=on)

    def ask(some: Read) -> Judged:
        return spec.judge(sender=sender, subject_id=subject_id, read=some, on=on)

    return spec.groups.judge(read, ask) if spec.groups else ask(read)


def judge_again(run: ImportRun, read: Read, rows: staging.Rows | None, *, at: datetime) -> Judged:
    """The same of a run that stands, on the day of `at`."""
    return judge(run.spec, run.sender, run.subject_id, read, rows, on=clock.date_in(at))


def apply_rows(run: ImportRun, read: Read, rows: staging.Rows | None, *, by: User, at: datetime) -> ImportRun:
    """Judge once more and let the good rows in, under the locks of run and sender. Raises RuleBroken for totals."""
    layout = run.spec.layout
    layout.check_totals(layout.from_json(run.declared), layout.count(read), is_whole=read.is_whole)
    judged = judge_again(run, read, rows, at=at)
    if run.spec.is_whole and (read.errors or judged.errors):
        raise RuleBroken(NOT_WHOLE, code="rows_moved")
    count(run, layout, read, judged)
    close(run, State.APPLIED, by=by, at=at)
    run.save()
    enter(run, judged, read, rows, by=by, at=at)
    return run


def enter(run: ImportRun, judged: Judged, read: Read, rows: staging.Rows | None, *, by: User, at: datetime) -> None:
    """Let the kind write what enters, and record it; a staging table forgets the run."""
    if rows is None:
        run.spec.apply(run=run, judged=judged, items=read.items, by=by, at=at)
    else:
        run.spec.apply(run=run, rows=rows, judged=judged, by=by, at=at)
        staging.empty(run.spec, run.pk)
    record(action="imports.applied", subject=run, party_id=run.sender_id, by=by, at=at, details=counts(run))


def land(run: ImportRun, part: staging.Part, sealed: str | None) -> tuple[Read, staging.Rows]:
    """Put what the child read of a kept file into its table, under the run's lock, in place of what stands there."""
    staging.empty(run.spec, run.pk)
    staging.copy_in(run.spec, part.bodies)
    return landed(run, part.errors, sealed)


def landed(run: ImportRun, errors: Sequence[RowError], sealed: str | None) -> tuple[Read, staging.Rows]:
    """What stands in the table of a run, as the file that arrived: an error found in it stands beside a kept copy."""
    found = staging.errors_of(run.errors)
    sheet_rows = {error.sheet_row for error in found}
    if sheet_rows:
        staging.without(run.spec, run.pk, sheet_rows)
    others = [error for error in errors if error.sheet_row not in sheet_rows]
    return staging.arrived(run.spec, run.pk, [*found, *others]), staging.rows_of(run.spec, run.pk, sealed)


def as_arrived(run: ImportRun, read: Read) -> Read:
    """What was read of the kept copy, as the file that arrived: with its secret cells and the errors found in it."""
    found = staging.errors_of(run.errors)
    rows = {error.sheet_row for error in found}
    items = tuple(item for item in read.items if item.sheet_row not in rows)
    errors = (*found, *(error for error in read.errors if error.sheet_row not in rows))
    whole = replace(read, items=items, errors=errors)
    return run.spec.layout.with_secret(whole, json.loads(run.secrets or "{}"))


def note(run: ImportRun, judged: Judged, *, by: User, at: datetime) -> None:
    """Let the kind keep what a run that was read has not."""
    if run.spec.note:
        run.spec.note(run=run, judged=judged, by=by, at=at)


def one_at_a_time(sender: Party) -> None:
    """Two deliveries of one sender wait for each other, so that the same row cannot enter twice.

    Raises Conflict while another one is applied for longer than anybody waits, TransactionManagementError outside a
    transaction, where nothing would wait, and DoesNotExist for a sender that is gone.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("one_at_a_time holds its sender until a transaction ends: there is none")
    held = None
    try:
        held = _lock_sender(sender.pk)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != errorcodes.LOCK_NOT_AVAILABLE:
            raise
    if held is None:  # said here, where it is nobody's outage
        raise Conflict(BUSY, code=SENDER_BUSY)
    if not held:
        raise Party.DoesNotExist(f"Party {sender.pk}")


@prepared
def _lock_sender(pk: UUID) -> QuerySet[Party, Any]:
    return Party.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk")


def hold(run: ImportRun) -> ImportRun:
    """The run as it stands, held after its sender."""
    one_at_a_time(run.sender)
    return ImportRun.objects.select_for_update(of=("self",)).select_related("sender", "file").get(pk=run.pk)


def lock(run: ImportRun, target: State) -> ImportRun:
    """The same. Raises Conflict when it cannot go there any more."""
    locked = hold(run)
    rules.RUN.check(locked.state, target)
    return locked


def refuse_called(run: ImportRun) -> None:
    """Raise Conflict for what came by a call of the API: it was applied when it came, and has no file to read again."""
    if run.file_id is None:
        raise Conflict(
            "Esto llegó por la API y ya se aplicó. Si cambió algo, manda otra entrega con los datos nuevos.",
            code="import_called",
        )


def refuse_while_working(run: ImportRun, *, but: ImportTask | None = None) -> None:
    """Raise Conflict while a drain still reads or applies a run, unless `but` is that task: the caller's own."""
    task = run.task
    if task is not None and task != but:
        if task.parked_at:
            raise Conflict(
                "El archivo se detuvo y ya avisamos. Espera, o cancélalo y súbelo otra vez.", code="import_stuck"
            )
        doing = "aplicando" if task.act == ImportTask.Act.APPLY else "leyendo"
        raise Conflict(f"Todavía estamos {doing} el archivo. Espera a que termine, o cancélalo.", code="import_working")


def refuse_hopeless(run: ImportRun, judged: Judged, *, by: User, at: datetime) -> ImportRun:
    """A file of which nothing can enter is closed; one whose headings are foreign waits for a word."""
    if not run.headings and (not (judged.entering or judged.unchanged) or (run.spec.is_whole and run.errors)):
        close(run, State.REFUSED, by=by, at=at)
        forget(run)
    return run


def forget(run: ImportRun) -> None:
    """Empty the staging table of a run that closes, where its kind has one."""
    if run.spec.staging:
        staging.empty(run.spec, run.pk)


def count(run: ImportRun, layout: Layout, read: Read, judged: Judged) -> None:
    """Write what came and what would become of it into the run."""
    wrong = {error.row for error in (*read.errors, *judged.errors)}
    run.counted = layout.as_json(layout.count(read))
    run.rows, run.new, run.unchanged, run.skipped = read.rows, judged.entering, judged.unchanged, judged.skipped
    run.wrong = len(wrong)
    run.headings = {"foreign": list(read.foreign), "lacking": list(read.lacking)} if read.foreign else {}
    run.errors = [*told_errors(read.errors, unreadable=True), *told_errors(judged.errors, unreadable=False)]


def close(run: ImportRun, state: State, *, by: User, at: datetime) -> None:
    """End a run."""
    rules.RUN.check(run.state, state)
    run.state, run.closed_by, run.closed_at, run.secrets = state, by, at, None


def counts(run: ImportRun) -> dict[str, Any]:
    """What the record tells of a run."""
    names = ("rows", "new", "unchanged", "skipped", "wrong")
    return {"kind": run.kind, "source": str(run.source), **{name: getattr(run, name) for name in names}}


def headings_known(said: Mapping[str, str], layout: Layout, run: ImportRun) -> dict[str, str]:
    """Which heading (key) is which column, of a run that waits for that word. Raises RuleBroken."""
    asks = Read(foreign=tuple(run.headings.get("foreign", ())), lacking=tuple(run.headings.get("lacking", ())))
    return layout.check_said(asks, said)


def refuse_unsaid(run: ImportRun) -> None:
    """Raise RuleBroken while nobody said what the headings of a file are."""
    if run.headings:
        lacking = ", ".join(run.spec.layout.heading(name) for name in run.headings["lacking"])
        raise RuleBroken(
            f"Al encabezado le falta: {lacking}. Di primero cuál es cada columna, en la página del archivo.",
            code="missing_columns",
        )


def told_errors(errors: Sequence[RowError], *, unreadable: bool) -> list[dict[str, Any]]:
    """Errors as a run keeps them; an unreadable row is one that no reader made anything of."""
    return [
        {
            "row": error.row,
            "field": error.field,
            "code": error.code,
            "message": error.message,
            "sheet_row": error.sheet_row,
            "unreadable": unreadable,
        }
        for error in errors
    ]

"""Every write of imports: a file read and judged, its totals corrected, applied, cancelled; a call taken in at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal import clock
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import reading, registry, rules
from portal.imports.models import ImportRun, KnownHeading, layout_for
from portal.imports.registry import ImportSpec
from portal.imports.rules.layouts import ROWS, Judged, Layout, Read, RowError
from portal.imports.rules.tables import Content
from portal.once.services import outside_transaction
from portal.papers import services as papers
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

State = rules.RunState
READING = timedelta(seconds=30)  # the longest that a file of the largest layout takes to be read
NOT_WHOLE = "Desde que leímos el archivo cambió algo y un renglón ya no se puede aplicar. Cancélalo y súbelo otra vez."

_OF_ERROR = ("row", "field", "code", "message", "sheet_row")
NOTHING_READS = "Con esos títulos no se puede aplicar ningún renglón. Elige otros, o cancela el archivo y corrígelo."


def read_file(
    *,
    kind: str,
    sender: Party,
    upload: EncryptedUpload,
    declared: Mapping[str, Any] | None,
    by: User,
    at: datetime,
    subject_id: str = "",
) -> ImportRun:
    """Import a file (CSV, TSV, XLSX, or what its layout says): examine, read and judge it, applying nothing.

    `declared` are its control totals, None where nobody announces any. The file is kept, also beside wrong totals: they
    are corrected on its page. The same bytes of the same sender about the same subject give the run that stands
    (`stood_before`), with the new totals while it waits. Raises RuleBroken about the whole file: nothing is kept.
    """
    spec = registry.spec_of(kind)
    layout = layout_for(spec, sender)
    examined = papers.examine_upload(upload=upload, **reading.asked(layout))
    with outside_transaction(lasting=READING):
        content = reading.content_of(examined, upload.read())
        read = layout.read_or_ask(content)
        copy, secrets = layout.without_secret(content)
    examined, read = _with_copy(examined, copy), replace(read, secrets=secrets)
    delivery = _Delivery(spec=spec, sender=sender, subject_id=subject_id, declared=declared, by=by, at=at)
    return _keep(delivery, examined=examined, read=read)


def _with_copy(examined: papers.Examined, copy: bytes | None) -> papers.Examined:
    """With the copy that is kept instead, which is a CSV also where a sheet arrived."""
    if copy is None or examined.kind != "xlsx":
        return replace(examined, replacement=copy)
    return replace(examined, replacement=copy, kind="csv", name=f"{examined.name.rpartition('.')[0]}.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    """What is said of a delivery beside its rows."""

    spec: ImportSpec
    sender: Party
    subject_id: str = ""
    declared: Mapping[str, Any] | None
    by: User
    at: datetime

    def judge(self, read: Read) -> Judged:
        judged = self.spec.judge(sender=self.sender, subject_id=self.subject_id, read=read, on=clock.date_in(self.at))
        if judged.refusal is not None:
            raise judged.refusal
        return judged

    def run(self, read: Read, judged: Judged) -> ImportRun:
        """The run that these rows are, not saved; without declared totals what came is taken for what was meant."""
        layout = self.spec.layout
        declared = layout.count(read) if self.declared is None else self.declared
        run = ImportRun(
            kind=self.spec.kind,
            sender=self.sender,
            subject_id=self.subject_id,
            declared=layout.as_json(declared),
            state=State.READ,
            read_by=self.by,
            read_at=self.at,
        )
        _count(run, layout, read, judged)
        return run


def judge_file(
    *,
    kind: str,
    sender: Party,
    content: bytes,
    name: str,
    declared: Mapping[str, Any] | None,
    by: User,
    at: datetime,
    subject_id: str = "",
) -> ImportRun:
    """Dry run of an import: the run that this file would be, unsaved; nothing is stored, also not the file.

    Raises RuleBroken about the whole file.
    """
    spec = registry.spec_of(kind)
    layout = layout_for(spec, sender)
    examined = papers.examine_bytes(content=content, name=name, **reading.asked(layout))
    read = layout.read_file(reading.content_of(examined, content))
    delivery = _Delivery(spec=spec, sender=sender, subject_id=subject_id, declared=declared, by=by, at=at)
    with transaction.atomic():  # a judge may lock what it compares with
        judged = delivery.judge(read)
    return _refuse_hopeless(delivery.run(read, judged), judged, by=by, at=at)


@transaction.atomic
def _keep(delivery: _Delivery, *, examined: papers.Examined, read: Read) -> ImportRun:
    spec, sender, by, at = delivery.spec, delivery.sender, delivery.by, delivery.at
    _one_at_a_time(sender)
    sha256 = examined.upload.sha256 if examined.upload else ""  # of what arrived: the kept copy may lack a column
    same = ImportRun.objects.live().filter(kind=spec.kind, sender=sender, subject_id=delivery.subject_id, sha256=sha256)
    if (known := same.first()) is not None:
        if known.is_open and delivery.declared is not None:
            known = correct_totals(run=known, declared=delivery.declared, by=by, at=at)
        known.stood_before = True
        return known
    judged = Judged() if read.foreign else delivery.judge(read)
    run = delivery.run(read, judged)
    run.file = papers.store_upload(examined=examined, purpose=spec.purpose, party=sender, by=by, at=at)
    run.source, run.sha256 = ImportRun.Source.FILE, sha256
    run.secrets = json.dumps(read.secrets) if read.secrets else None
    _refuse_hopeless(run, judged, by=by, at=at)
    run.save(force_insert=True)
    _note(run, judged, by=by, at=at)
    record(action="imports.read", subject=run, party_id=sender.pk, by=by, at=at, details=_counts(run))
    return run


def _note(run: ImportRun, judged: Judged, *, by: User, at: datetime) -> None:
    if run.spec.note:
        run.spec.note(run=run, judged=judged, by=by, at=at)


@transaction.atomic
def correct_totals(*, run: ImportRun, declared: Mapping[str, Any], by: User, at: datetime) -> ImportRun:
    """Declare other control totals for a file that waits, without sending it again. Raises Conflict once it closed."""
    run = _lock(run, State.APPLIED)
    run.declared = run.spec.layout.as_json(declared)
    run.save(update_fields=["declared"])
    record(
        action="imports.totals_corrected",
        subject=run,
        party_id=run.sender_id,
        by=by,
        at=at,
        details={"declared": run.declared},
    )
    return run


def apply_run(*, run: ImportRun, by: User, at: datetime) -> ImportRun:
    """Apply a file that was read: its good rows enter, all in one transaction, once.

    It is read again from the kept bytes and judged again under the sender's lock: what changed since counts. Raises
    RuleBroken while its control totals do not agree, Conflict once it is closed.
    """
    layout = run.layout
    content = _content(run, layout)
    with outside_transaction(lasting=READING):
        read = layout.read_file(content)
    return _apply_file(run, read, by=by, at=at)


def _as_arrived(run: ImportRun, read: Read) -> Read:
    """What was read of the kept copy, as the file that arrived: with its secret cells and the errors found in it."""
    found = [RowError(*(error[name] for name in _OF_ERROR)) for error in run.errors if error["unreadable"]]
    rows = {error.sheet_row for error in found}
    items = tuple(item for item in read.items if item.sheet_row not in rows)
    errors = (*found, *(error for error in read.errors if error.sheet_row not in rows))
    whole = replace(read, items=items, errors=errors)
    return run.spec.layout.with_secret(whole, json.loads(run.secrets or "{}"))


def _content(run: ImportRun, layout: Layout) -> Content:
    if run.file is None:
        raise ValueError("a call is applied when it comes")
    return reading.kept_content(run.file, layout)


@transaction.atomic
def _apply_file(run: ImportRun, read: Read, *, by: User, at: datetime) -> ImportRun:
    run = _lock(run, State.APPLIED)
    layout, read = run.spec.layout, _as_arrived(run, read)
    layout.check_totals(layout.from_json(run.declared), layout.count(read), is_whole=read.is_whole)
    _one_at_a_time(run.sender)
    judged = _judge_again(run, read, at=at)
    if run.spec.is_whole and (read.errors or judged.errors):
        raise RuleBroken(NOT_WHOLE, code="rows_moved")
    _count(run, layout, read, judged)
    _close(run, State.APPLIED, by=by, at=at)
    run.save()
    run.spec.apply(run=run, judged=judged, items=read.items, by=by, at=at)
    record(action="imports.applied", subject=run, party_id=run.sender_id, by=by, at=at, details=_counts(run))
    return run


@transaction.atomic
def take_in(
    *,
    kind: str,
    sender: Party,
    read: Read,
    declared: Mapping[str, Any],
    by: User,
    at: datetime,
    on: date,
    source: str = ImportRun.Source.API,
) -> ImportRun:
    """Import rows of a call (API) or of a program: read and applied in one, when the control totals agree.

    `read` is what `Layout.read_rows` gave. Raises RuleBroken for wrong totals: nothing is stored.
    """
    spec = registry.spec_of(kind)
    spec.layout.check_totals(declared, spec.layout.count(read), is_whole=read.is_whole)
    _one_at_a_time(sender)
    delivery = _Delivery(spec=spec, sender=sender, declared=declared, by=by, at=at)
    judged = spec.judge(sender=sender, subject_id="", read=read, on=on)
    run = delivery.run(read, judged)
    run.source = source
    _close(run, State.APPLIED, by=by, at=at)
    run.save(force_insert=True)
    spec.apply(run=run, judged=judged, items=read.items, by=by, at=at)
    record(action="imports.applied", subject=run, party_id=sender.pk, by=by, at=at, details=_counts(run))
    return run


def say_headings(*, run: ImportRun, said: Mapping[str, str], by: User, at: datetime) -> ImportRun:
    """Map the foreign headings of a file that waits: `said` is column → its heading there; remembered for its sender.

    The kept file is read and judged with them. Raises RuleBroken for a column without a heading of its own, for
    headings under which no row is right, or about the whole file; Conflict once it is closed.
    """
    layout = run.layout
    content = _content(run, layout)
    with outside_transaction(lasting=READING):
        known = layout.check_said(layout.read_or_ask(content), said)
        read = layout.knowing(known).read_file(content)
    return _judge_said(run, known, read, by=by, at=at)


@transaction.atomic
def _judge_said(run: ImportRun, known: Mapping[str, str], read: Read, *, by: User, at: datetime) -> ImportRun:
    run = _lock(run, State.APPLIED)
    KnownHeading.objects.bulk_create(
        [
            KnownHeading(kind=run.kind, sender=run.sender, heading=heading[:100], column=column, said_in=run)
            for heading, column in known.items()
        ],
        ignore_conflicts=True,
    )
    read = _as_arrived(run, read)
    _one_at_a_time(run.sender)
    judged = _judge_again(run, read, at=at)
    if judged.refusal is not None:
        raise judged.refusal
    if not (judged.new or judged.unchanged):
        raise RuleBroken(NOTHING_READS, code="headings_wrong")
    _count(run, run.spec.layout, read, judged)
    if not run.declared[ROWS]:  # nobody announced any: nothing was counted of a file with foreign headings
        run.declared = run.counted
    _refuse_hopeless(run, judged, by=by, at=at)
    run.save()
    _note(run, judged, by=by, at=at)
    record(action="imports.headings_said", subject=run, party_id=run.sender_id, by=by, at=at, details=_counts(run))
    return run


@transaction.atomic
def cancel_run(*, run: ImportRun, by: User, at: datetime) -> ImportRun:
    """Drop a file that waits: nothing of it stays, nor what was said of its headings, and it may come again.

    Raises Conflict once it is closed.
    """
    run = _lock(run, State.CANCELLED)
    run.said_headings.all().delete()
    _close(run, State.CANCELLED, by=by, at=at)
    run.save(update_fields=["state", "closed_by", "closed_at", "secrets"])
    record(action="imports.cancelled", subject=run, party_id=run.sender_id, by=by, at=at)
    return run


def _one_at_a_time(sender: Party) -> None:
    """Two deliveries of one sender wait for each other, so that the same row cannot enter twice."""
    Party.objects.select_for_update(no_key=True).get(pk=sender.pk)


def _lock(run: ImportRun, target: State) -> ImportRun:
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("sender", "file").get(pk=run.pk)
    rules.RUN.check(locked.state, target)
    return locked


def _judge_again(run: ImportRun, read: Read, *, at: datetime) -> Judged:
    return run.spec.judge(sender=run.sender, subject_id=run.subject_id, read=read, on=clock.date_in(at))


def _refuse_hopeless(run: ImportRun, judged: Judged, *, by: User, at: datetime) -> ImportRun:
    """A file of which nothing can enter is closed; one whose headings are foreign waits for a word."""
    if not run.headings and (not (judged.new or judged.unchanged) or (run.spec.is_whole and run.errors)):
        _close(run, State.REFUSED, by=by, at=at)
    return run


def _count(run: ImportRun, layout: Layout, read: Read, judged: Judged) -> None:
    wrong = {error.row for error in (*read.errors, *judged.errors)}
    run.counted = layout.as_json(layout.count(read))
    run.rows, run.new, run.unchanged, run.skipped = read.rows, len(judged.new), judged.unchanged, judged.skipped
    run.wrong = len(wrong)
    run.headings = {"foreign": list(read.foreign), "lacking": list(read.lacking)} if read.foreign else {}
    run.errors = [*_told(read.errors, unreadable=True), *_told(judged.errors, unreadable=False)]


def _told(errors: Sequence[RowError], *, unreadable: bool) -> list[dict[str, Any]]:
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


def _close(run: ImportRun, state: State, *, by: User, at: datetime) -> None:
    rules.RUN.check(run.state, state)
    run.state, run.closed_by, run.closed_at, run.secrets = state, by, at, None


def _counts(run: ImportRun) -> dict[str, Any]:
    names = ("rows", "new", "unchanged", "skipped", "wrong")
    return {"kind": run.kind, "source": str(run.source), **{name: getattr(run, name) for name in names}}

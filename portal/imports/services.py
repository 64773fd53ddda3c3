"""Every write of imports: a file read and judged, its totals corrected, applied, cancelled; a call taken in at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal import clock
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import registry, rules
from portal.imports.models import ImportRun, KnownHeading, layout_for
from portal.imports.registry import ImportSpec
from portal.imports.rules.layouts import Judged, Layout, Read, RowError
from portal.imports.rules.tables import FIELD, TABLE_KINDS
from portal.once.services import outside_transaction
from portal.papers import selectors as files
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
    *, kind: str, sender: Party, upload: EncryptedUpload, declared: Mapping[str, Any], by: User, at: datetime
) -> ImportRun:
    """Import a CSV or TSV: examine, read and judge it without applying anything; `declared` are its control totals.

    The file is kept, also beside wrong totals: they are corrected on its page. The same bytes of the same sender give
    the run that stands (`stood_before`), with the new totals while it waits. Raises RuleBroken about the whole file.
    """
    spec = registry.spec_of(kind)
    examined = papers.examine_upload(upload=upload, kinds={*TABLE_KINDS})
    _refuse_bad_file(examined)
    layout = layout_for(spec, sender)
    with outside_transaction(lasting=READING):
        content = upload.read()
        read = layout.read_or_ask(content)
        copy, secrets = layout.without_secret(content)
    examined, read = replace(examined, replacement=copy), replace(read, secrets=secrets)
    return _keep(spec=spec, sender=sender, examined=examined, read=read, declared=declared, by=by, at=at)


def judge_file(
    *, kind: str, sender: Party, content: bytes, name: str, declared: Mapping[str, Any], by: User, at: datetime
) -> ImportRun:
    """Dry run of an import: the run that this file would be, unsaved; nothing is stored, also not the file.

    Raises RuleBroken about the whole file.
    """
    spec = registry.spec_of(kind)
    _refuse_bad_file(papers.examine_bytes(content=content, name=name, kinds={*TABLE_KINDS}))
    read = layout_for(spec, sender).read_file(content)
    with transaction.atomic():  # a judge may lock what it compares with
        judged = spec.judge(sender=sender, items=read.items, on=clock.date_in(at))
    run = _new_run(spec=spec, sender=sender, read=read, judged=judged, declared=declared, by=by, at=at)
    return _refuse_hopeless(run, judged, by=by, at=at)


def _refuse_bad_file(examined: papers.Examined) -> None:
    if examined.is_rejected:
        refused = examined.refusal
        raise RuleBroken(refused.message, code=refused.code, field=FIELD, findings=refused.findings)


@transaction.atomic
def _keep(
    *,
    spec: ImportSpec,
    sender: Party,
    examined: papers.Examined,
    read: Read,
    declared: Mapping[str, Any],
    by: User,
    at: datetime,
) -> ImportRun:
    _one_at_a_time(sender)
    file = papers.store_upload(examined=examined, purpose=spec.purpose, party=sender, by=by, at=at)
    sha256 = examined.upload.sha256 if examined.upload else ""  # of what arrived: the kept copy may lack a column
    known = ImportRun.objects.live().filter(kind=spec.kind, sender=sender, sha256=sha256).first()
    if known is not None:
        known = correct_totals(run=known, declared=declared, by=by, at=at) if known.is_open else known
        known.stood_before = True
        return known
    judged = Judged() if read.foreign else spec.judge(sender=sender, items=read.items, on=clock.date_in(at))
    run = _new_run(spec=spec, sender=sender, read=read, judged=judged, declared=declared, by=by, at=at)
    run.source, run.file, run.sha256 = ImportRun.Source.FILE, file, sha256
    run.secrets = json.dumps(read.secrets) if read.secrets else None
    _refuse_hopeless(run, judged, by=by, at=at)
    run.save(force_insert=True)
    record(action="imports.read", subject=run, party_id=sender.pk, by=by, at=at, details=_counts(run))
    return run


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
    with outside_transaction(lasting=READING):
        read = layout.read_file(_content(run))
    return _apply_file(run, read, by=by, at=at)


def _as_arrived(run: ImportRun, read: Read) -> Read:
    """What was read of the kept copy, as the file that arrived: with its secret cells and the errors found in it."""
    found = [RowError(*(error[name] for name in _OF_ERROR)) for error in run.errors if error["unreadable"]]
    rows = {error.sheet_row for error in found}
    items = tuple(item for item in read.items if item.sheet_row not in rows)
    errors = (*found, *(error for error in read.errors if error.sheet_row not in rows))
    return run.spec.layout.with_secret(Read(items, errors), json.loads(run.secrets or "{}"))


def _content(run: ImportRun) -> bytes:
    if run.file is None:
        raise ValueError("a call is applied when it comes")
    return b"".join(files.open_file(run.file))


@transaction.atomic
def _apply_file(run: ImportRun, read: Read, *, by: User, at: datetime) -> ImportRun:
    run = _lock(run, State.APPLIED)
    layout, read = run.spec.layout, _as_arrived(run, read)
    layout.check_totals(layout.from_json(run.declared), layout.count(read), is_whole=read.is_whole)
    _one_at_a_time(run.sender)
    judged = run.spec.judge(sender=run.sender, items=read.items, on=clock.date_in(at))
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
    judged = spec.judge(sender=sender, items=read.items, on=on)
    run = _new_run(spec=spec, sender=sender, read=read, judged=judged, declared=declared, by=by, at=at)
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
    with outside_transaction(lasting=READING):
        content = _content(run)
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
    judged = run.spec.judge(sender=run.sender, items=read.items, on=clock.date_in(at))
    if not (judged.new or judged.unchanged):
        raise RuleBroken(NOTHING_READS, code="headings_wrong")
    _count(run, run.spec.layout, read, judged)
    _refuse_hopeless(run, judged, by=by, at=at)
    run.save()
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


def _new_run(
    *, spec: ImportSpec, sender: Party, read: Read, judged: Judged, declared: Mapping[str, Any], by: User, at: datetime
) -> ImportRun:
    run = ImportRun(
        kind=spec.kind, sender=sender, declared=spec.layout.as_json(declared), state=State.READ, read_by=by, read_at=at
    )
    _count(run, spec.layout, read, judged)
    return run


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

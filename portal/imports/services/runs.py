"""The acts of a run: a file read and judged, its totals corrected, applied, cancelled; a call taken in at once.

Whoever holds more than one takes its locks in this order: the sender (`running.one_at_a_time`), the run
(`running.lock`, which takes both), its task (`queue.finish`, `long.end`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal import ids
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import reading, registry, staging
from portal.imports.models import ImportRun, KnownHeading, known_headings, layout_for
from portal.imports.rules.layouts import ROWS, Judged, Layout, Read
from portal.imports.rules.tables import LINES_ABOVE, Content
from portal.imports.running import (
    NOTHING_READS,
    Delivery,
    State,
    as_arrived,
    close,
    count,
    counts,
    enter,
    forget,
    headings_known,
    judge,
    judge_again,
    land,
    lock,
    note,
    one_at_a_time,
    refuse_called,
    refuse_hopeless,
    refuse_while_working,
)
from portal.imports.services import long
from portal.once.services import outside_transaction
from portal.papers import services as papers
from portal.papers.rules import FileVerdict
from portal.people.models import Party
from portal.prepared import insert

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

HEAD = 256 * 1024  # bytes of a large file that are looked at before it is kept
READING = timedelta(seconds=30)  # the longest that a file of the largest layout takes to be read
CANCELLED = "El archivo se canceló antes de que se leyera. Súbelo otra vez."


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
    (`stood_before`), with the new totals while it waits. Raises RuleBroken about the whole file: nothing is kept. One
    of more than 5,000 rows is kept, and judged by the drain `imports`.
    """
    spec = registry.spec_of(kind)
    delivery = Delivery(spec=spec, sender=sender, subject_id=subject_id, declared=declared, by=by, at=at)
    if spec.staging:
        return _read_staged(delivery, upload)
    layout = layout_for(spec, sender)
    examined = papers.examine_upload(upload=upload, **reading.asked(layout))
    with outside_transaction(lasting=READING):
        content = reading.content_of(examined, upload.read())
        read = layout.read_or_ask(content)
        copy, secrets = layout.without_secret(content)
    examined, read = _with_copy(examined, copy), replace(read, secrets=secrets)
    return _keep_delivery(delivery, examined=examined, read=read)


def _read_staged(delivery: Delivery, upload: EncryptedUpload) -> ImportRun:
    """The same for a kind with a staging table: typed in the child, copied into it; a long one is left to the drain."""
    spec, part = delivery.spec, staging.Part(ids.uuid7())
    said = staging.asked(spec.layout, part.run_id, known=known_headings(spec, delivery.sender))
    examined = papers.examine_upload(upload=upload, kinds=staging.KINDS, **said)
    if examined.verdict == FileVerdict.PENDING:
        _look_at_head(examined, upload, said)
    else:
        part.take(examined)
    if examined.verdict == FileVerdict.PENDING or part.more:
        return _keep_to_read(delivery, examined)
    copy = examined.replacement
    read = Read(foreign=part.foreign, lacking=part.lacking, secrets=part.secrets)
    return _keep_delivery(delivery, examined=_with_copy(examined, copy), read=read, part=part)


def _look_at_head(examined: papers.Examined, upload: EncryptedUpload, said: Mapping[str, Any]) -> None:
    """Refuse at once a large file whose first rows are no table of this kind. Raises RuleBroken."""
    head = b""
    for piece in upload.open_plain():
        head += piece
        if len(head) > HEAD:
            break
    if b"\x00" in head:  # a sheet, or two bytes a letter: the drain reads it whole
        return
    head = head[:HEAD].rpartition(b"\n")[0] or head[:HEAD]
    # Of the first lines alone: no copy is made, so nobody reads as far as a cell that was cut in two.
    context = said["context"] | {"most": LINES_ABOVE, "secrets": {}}
    found = papers.examine_bytes(
        content=head, name=examined.name, kinds=staging.KINDS, **(dict(said) | {"context": context})
    )
    staging.Part(ids.uuid7()).take(found)


@transaction.atomic
def _keep_to_read(delivery: Delivery, examined: papers.Examined) -> ImportRun:
    one_at_a_time(delivery.sender)
    return _stands(delivery, examined.sha256) or long.keep_to_read(delivery=delivery, examined=examined)


def _with_copy(examined: papers.Examined, copy: bytes | None) -> papers.Examined:
    """With the copy that is kept instead, which is a CSV also where a sheet arrived."""
    if copy is None or examined.kind != "xlsx":
        return replace(examined, replacement=copy)
    return replace(examined, replacement=copy, kind="csv", name=f"{examined.name.rpartition('.')[0]}.csv")


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
    delivery = Delivery(spec=spec, sender=sender, subject_id=subject_id, declared=declared, by=by, at=at)
    if spec.staging:
        return _judge_staged(delivery, content, name)
    layout = layout_for(spec, sender)
    examined = papers.examine_bytes(content=content, name=name, **reading.asked(layout))
    read = layout.read_file(reading.content_of(examined, content))
    with transaction.atomic():  # a judge may lock what it compares with
        judged = delivery.judge(read, None)
    return refuse_hopeless(delivery.run(read, judged), judged, by=by, at=at)


def _judge_staged(delivery: Delivery, content: bytes, name: str) -> ImportRun:
    """Copied into the staging table in a transaction that is rolled back."""
    spec, part = delivery.spec, staging.Part(ids.uuid7())
    known = known_headings(spec, delivery.sender)

    def examine(after: int) -> papers.Examined:
        said = staging.asked(spec.layout, part.run_id, known=known, after=after, most=staging.STRETCH)
        return papers.examine_bytes(content=content, name=name, kinds=staging.KINDS, **said)

    staging.read_whole(examine, part, lambda _part, _rows: None)
    if part.foreign:
        layout_for(spec, delivery.sender).read_file(content)  # says which columns are missing
    with transaction.atomic():
        run, judged = _judged_now(delivery, part)
        transaction.set_rollback(True)
    return refuse_hopeless(run, judged, by=delivery.by, at=delivery.at)


def _judged_now(delivery: Delivery, part: staging.Part) -> tuple[ImportRun, Judged]:
    """The run, not saved, that a part of a file is, its rows put into the staging table."""
    spec = delivery.spec
    staging.copy_in(spec, part.bodies)
    read = staging.arrived(spec, part.run_id, part.errors, foreign=part.foreign, lacking=part.lacking)
    judged = Judged() if part.foreign else delivery.judge(read, staging.Rows(_table(spec), part.run_id, part.secrets))
    return delivery.run(read, judged, run_id=part.run_id), judged


def _table(spec: registry.ImportSpec) -> Any:
    return spec.staging


@transaction.atomic
def _keep_delivery(
    delivery: Delivery, *, examined: papers.Examined, read: Read, part: staging.Part | None = None
) -> ImportRun:
    spec, sender, by, at = delivery.spec, delivery.sender, delivery.by, delivery.at
    one_at_a_time(sender)
    sha256 = examined.upload.sha256 if examined.upload else ""  # of what arrived: the kept copy may lack a column
    if (known := _stands(delivery, sha256)) is not None:
        return known
    if part is not None:
        run, judged = _judged_now(delivery, part)
    elif read.rows > staging.AT_ONCE:
        return long.keep_to_judge(delivery=delivery, examined=examined, read=read)
    else:
        judged = Judged() if read.foreign else delivery.judge(read, None)
        run = delivery.run(read, judged)
    run.file = papers.store_upload(examined=examined, purpose=spec.purpose, party=sender, by=by, at=at)
    run.source, run.sha256 = ImportRun.Source.FILE, sha256
    run.secrets = json.dumps(read.secrets) if read.secrets else None
    refuse_hopeless(run, judged, by=by, at=at)
    run.save(force_insert=True)
    note(run, judged, by=by, at=at)
    record(action="imports.read", subject=run, party_id=sender.pk, by=by, at=at, details=counts(run))
    return run


def _stands(delivery: Delivery, sha256: str) -> ImportRun | None:
    """The run that this very file is already, with the totals that are declared now."""
    same = ImportRun.objects.live().filter(
        kind=delivery.spec.kind, sender=delivery.sender, subject_id=delivery.subject_id, sha256=sha256
    )
    if (known := same.first()) is None:
        return None
    if known.is_open and delivery.declared is not None:
        known = correct_totals(run=known, declared=delivery.declared, by=delivery.by, at=delivery.at)
    known.stood_before = True
    return known


@transaction.atomic
def correct_totals(*, run: ImportRun, declared: Mapping[str, Any], by: User, at: datetime) -> ImportRun:
    """Declare other control totals for a file that waits, without sending it again. Raises Conflict once it closed."""
    run = lock(run, State.APPLIED)
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
    RuleBroken while its control totals do not agree, Conflict once it is closed or while a drain works on it. A file
    whose headings nobody knows any more stays open and asks for them.
    """
    if run.spec.staging:
        refuse_while_working(run)  # before its whole file is read; asked again under its lock
        return long.apply_staged(run=run, part=long.missing_part(run), by=by, at=at)
    layout = run.layout
    content = _content(run, layout)
    with outside_transaction(lasting=READING):
        read = layout.read_or_ask(content)
    return long.apply_read(run=run, read=read, by=by, at=at)


def apply_or_ask(*, run: ImportRun, by: User, at: datetime) -> ImportRun:
    """`apply_run`, or for a run of more than 5,000 rows `ask_apply`: then it is still open, and the drain tells."""
    if run.rows > staging.AT_ONCE:
        return long.ask_apply(run=run, by=by, at=at).run
    return apply_run(run=run, by=by, at=at)


def _content(run: ImportRun, layout: Layout) -> Content:
    refuse_called(run)
    assert run.file is not None  # `refuse_called`
    return reading.kept_content(run.file, layout)


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
    one_at_a_time(sender)
    delivery = Delivery(spec=spec, sender=sender, declared=declared, by=by, at=at)
    run_id, rows = ids.uuid7(), None
    if spec.staging:
        rows = staging.Rows(spec.staging, run_id, staging.stage(spec, run_id, read.items))
    judged = judge(spec, sender, "", read, rows, on=on)
    run = delivery.run(read, judged, run_id=run_id)
    run.source = source
    close(run, State.APPLIED, by=by, at=at)
    insert(run)
    enter(run, judged, read, rows, by=by, at=at)
    return run


def say_headings(*, run: ImportRun, said: Mapping[str, str], by: User, at: datetime) -> ImportRun:
    """Map the foreign headings of a file that waits: `said` is column → its heading there; remembered for its sender.

    The kept file is read and judged with them. Raises RuleBroken for a column without a heading of its own, for
    headings under which no row is right, or about the whole file; Conflict once it is closed or while a drain works
    on it.
    """
    if run.spec.staging:
        return _say_of_staged(run, said, by=by, at=at)
    layout = run.layout
    if layout.source is not None:  # its own reader is told what they mean
        known = headings_known(said, layout, run)
        content = _content(run, layout.knowing(known))
    else:
        content = _content(run, layout)
    with outside_transaction(lasting=READING):
        if layout.source is None:
            known = layout.check_said(layout.read_or_ask(content), said)
        read = layout.knowing(known).read_file(content)
    if read.rows > staging.AT_ONCE:
        return _read_later(run, known, by=by, at=at)
    return _judge_said(run, known, read, by=by, at=at)


def _say_of_staged(run: ImportRun, said: Mapping[str, str], *, by: User, at: datetime) -> ImportRun:
    refuse_while_working(run)
    known = headings_known(said, run.layout, run)
    part = long.read_kept(run, known=known, most=staging.AT_ONCE)
    if part.more:
        return _read_later(run, known, by=by, at=at)
    return _judge_said(run, known, part, by=by, at=at)


@transaction.atomic
def _read_later(run: ImportRun, known: Mapping[str, str], *, by: User, at: datetime) -> ImportRun:
    run = lock(run, State.APPLIED)
    refuse_while_working(run)
    _remember(run, known)
    long.ask(run=run, act=long.Act.READ, by=by, at=at)
    record(action="imports.headings_said", subject=run, party_id=run.sender_id, by=by, at=at, details=counts(run))
    return run


def _remember(run: ImportRun, known: Mapping[str, str]) -> None:
    KnownHeading.objects.bulk_create(
        [
            KnownHeading(kind=run.kind, sender=run.sender, heading=heading[:100], column=column, said_in=run)
            for heading, column in known.items()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def _judge_said(
    run: ImportRun, known: Mapping[str, str], found: Read | staging.Part, *, by: User, at: datetime
) -> ImportRun:
    run = lock(run, State.APPLIED)
    refuse_while_working(run)
    _remember(run, known)
    rows = None
    if isinstance(found, staging.Part):
        read, rows = land(run, found, run.secrets)
    else:
        read = as_arrived(run, found)
    judged = judge_again(run, read, rows, at=at)
    if judged.refusal is not None:
        raise judged.refusal
    if not (judged.entering or judged.unchanged):
        raise RuleBroken(NOTHING_READS, code="headings_wrong")
    count(run, run.spec.layout, read, judged)
    if not run.declared[ROWS]:  # nobody announced any: nothing was counted of a file with foreign headings
        run.declared = run.counted
    refuse_hopeless(run, judged, by=by, at=at)
    run.save()
    note(run, judged, by=by, at=at)
    record(action="imports.headings_said", subject=run, party_id=run.sender_id, by=by, at=at, details=counts(run))
    return run


@transaction.atomic
def cancel_run(*, run: ImportRun, by: User, at: datetime) -> ImportRun:
    """Drop a file that waits: nothing of it stays, nor what was said of its headings, and it may come again.

    Raises Conflict once it is closed.
    """
    run = lock(run, State.CANCELLED)
    run.said_headings.all().delete()
    long.end(run)
    close(run, State.CANCELLED, by=by, at=at)
    forget(run)
    _drop_unread(run, at=at)
    run.save(update_fields=["state", "closed_by", "closed_at", "secrets"])
    record(action="imports.cancelled", subject=run, party_id=run.sender_id, by=by, at=at)
    return run


def _drop_unread(run: ImportRun, *, at: datetime) -> None:
    """The bytes of a file that nobody read go, with the secret cells that still stand in them (AC-11)."""
    if run.file is None or run.file.verdict != FileVerdict.PENDING:
        return
    if not ImportRun.objects.filter(file=run.file, state=State.READ).exclude(pk=run.pk).exists():
        why = RuleBroken(CANCELLED, code="import_cancelled").finding
        papers.settle_waiting(file=run.file, examined=None, refused=why, at=at)

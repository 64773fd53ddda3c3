"""Runs too long for a request: kept first, then read or applied by the drain `imports`, which tells who asked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from portal import clock, queue
from portal.errors import RuleBroken
from portal.history.services import record
from portal.imports import reading, registry, staging
from portal.imports.models import ImportRun, ImportTask, known_headings
from portal.imports.rules import Told, tell
from portal.imports.rules.layouts import ROWS, Judged, Read
from portal.imports.running import (
    NOTHING_READS,
    SENDER_BUSY,
    Delivery,
    State,
    apply_rows,
    as_arrived,
    close,
    count,
    counts,
    forget,
    hold,
    judge_again,
    land,
    landed,
    lock,
    note,
    one_at_a_time,
    refuse_called,
    refuse_hopeless,
    refuse_unsaid,
    refuse_while_working,
    told_errors,
)
from portal.notices.services import notify
from portal.papers import services as papers
from portal.papers.rules import FileVerdict
from portal.papers.services import AWAY

if TYPE_CHECKING:
    from portal.people.models import User

DRAIN, HEADINGS_WRONG = "imports", "headings_wrong"
LEASE = timedelta(minutes=10)
LOOK_SECONDS = 1.0  # between two looks at a run that another worker has
LATER = "El archivo no se pudo leer ahora: sigue en espera. Mira en la página de salud por qué."
Act = ImportTask.Act


@transaction.atomic
def keep_to_read(*, delivery: Delivery, examined: papers.Examined) -> ImportRun:
    """Keep a long file unread, and ask the drain to read it."""
    spec, sender, by, at = delivery.spec, delivery.sender, delivery.by, delivery.at
    one_at_a_time(sender)
    run = delivery.run(Read(), Judged())
    run.file = papers.store_unexamined(examined=examined, purpose=spec.purpose, party=sender, by=by, at=at)
    run.source, run.sha256 = ImportRun.Source.FILE, examined.sha256
    run.save(force_insert=True)
    ask(run=run, act=Act.READ, by=by, at=at)
    record(action="imports.arrived", subject=run, party_id=sender.pk, by=by, at=at, details={"kind": run.kind})
    return run


@transaction.atomic
def keep_to_judge(*, delivery: Delivery, examined: papers.Examined, read: Read) -> ImportRun:
    """Keep a long file whose rows were read here, of a kind without a staging table; the drain judges them."""
    spec, sender, by, at = delivery.spec, delivery.sender, delivery.by, delivery.at
    run = delivery.run(Read(), Judged())
    run.file = papers.store_upload(examined=examined, purpose=spec.purpose, party=sender, by=by, at=at)
    run.source, run.sha256 = ImportRun.Source.FILE, examined.sha256
    run.secrets = json.dumps(read.secrets) if read.secrets else None
    run.errors = told_errors(read.errors, unreadable=True)  # those of the file that arrived, beside its kept copy
    run.save(force_insert=True)
    ask(run=run, act=Act.READ, by=by, at=at)
    record(action="imports.arrived", subject=run, party_id=sender.pk, by=by, at=at, details={"kind": run.kind})
    return run


@transaction.atomic
def ask_apply(*, run: ImportRun, by: User, at: datetime) -> ImportTask:
    """Ask the drain to apply a run of more than 5,000 rows. Raises Conflict once it is closed.

    Conflict also while it is read, RuleBroken while its control totals do not agree. Asked again, gives the task that
    waits.
    """
    run = lock(run, State.APPLIED)
    asked = run.tasks.filter(done_at=None, act=Act.APPLY).first()
    refuse_while_working(run, but=asked)
    layout = run.spec.layout
    declared, counted = layout.from_json(run.declared), layout.from_json(run.counted)
    layout.check_totals(declared, counted, is_whole=run.is_whole)
    if asked is not None:
        return asked
    details = {"kind": run.kind, "rows": run.rows}
    record(action="imports.apply_asked", subject=run, party_id=run.sender_id, by=by, at=at, details=details)
    return ask(run=run, act=Act.APPLY, by=by, at=at)


def ask(*, run: ImportRun, act: Act, by: User, at: datetime) -> ImportTask:
    """A task for the drain, which is woken."""
    task = ImportTask.objects.create(run=run, act=act, by=by, asked_at=at)
    queue.kick(DRAIN)
    return task


def end(run: ImportRun) -> None:
    """What a drain still does of a run that closes comes to nothing."""
    run.tasks.filter(done_at=None).update(done_at=clock.real_now(), leased_until=None)


def read_now(*, run: ImportRun, at: datetime) -> ImportRun:
    """Read a long file here, or wait for the drain that has it already, for a command; a run that was read stays so.

    Raises RuleBroken with the reason of a file that was refused, or that nobody can look into now.
    """
    while (task := run.task) is not None:
        queue.drain(ImportTask, lambda mine: work_on(task=mine, at=at), limit=1, lease=LEASE, ready=Q(pk=task.pk))
        task.refresh_from_db()
        if task.refused:
            raise RuleBroken(task.refused, code="import_refused")
        if task.done_at is None:
            if task.leased_until is None:  # nobody has it: it was tried and failed
                raise RuleBroken(LATER, code="import_waits")
            time.sleep(LOOK_SECONDS)
    return ImportRun.objects.select_related("sender", "file").get(pk=run.pk)


def work_on(*, task: ImportTask, at: datetime) -> None:
    """The drain's work on one run: read its file or apply it, and tell who asked; a refusal is told too.

    Begun again after a crash it forgets what it staged and reads the kept file once more.
    """
    run = task.run
    try:
        if task.act == Act.APPLY:
            _apply_task(task, at=at)
        elif run.spec.staging:
            _read_task(task, at=at)
        else:
            _judge_task(task, at=at)
    except queue.LostLease:
        if not ImportRun.objects.filter(pk=run.pk, state=State.READ).exists():
            forget(run)
        raise
    except RuleBroken as problem:
        if problem.code == AWAY:
            raise queue.GiveBack("el examinador no contesta") from problem
        if problem.code == SENDER_BUSY:
            raise queue.GiveBack("se aplica otro archivo de la misma organización") from problem
        _refuse_task(task, problem, at=at)


def read_kept(run: ImportRun, *, known: Mapping[str, str] | None = None, most: int = 0) -> staging.Part:
    """What the child reads of a kept file, in memory: the first `most` rows, or all stretch by stretch (0)."""
    part = staging.Part(run.pk)
    headings = known_headings(run.spec, run.sender) | dict(known or {})
    if most:
        part.take(_examine_run(run, headings, 0, most))
    else:
        staging.read_whole(lambda after: _examine_run(run, headings, after, staging.STRETCH), part, lambda *_said: None)
    return part


def missing_part(run: ImportRun) -> staging.Part | None:
    """What the staging table should hold of a run and does not (the database crashed), read again; None if nothing."""
    refuse_called(run)
    unreadable = {error["row"] for error in run.errors if error["unreadable"]}
    if not run.is_open or run.headings or staging.holds(run.spec, run.pk, run.rows - len(unreadable)):
        return None
    return read_kept(run)


def _examine_run(run: ImportRun, headings: Mapping[str, str], after: int, most: int) -> papers.Examined:
    assert run.file is not None  # a call is never read again
    secrets = None if run.file.verdict == FileVerdict.PENDING else json.loads(run.secrets or "{}")
    said = staging.asked(run.spec.layout, run.pk, known=headings, after=after, most=most, secrets=secrets)
    return papers.examine_stored(file=run.file, **said)


def _read_task(task: ImportTask, *, at: datetime) -> None:
    run = task.run
    headings, part, first = known_headings(run.spec, run.sender), staging.Part(run.pk), list[papers.Examined]()
    with transaction.atomic():
        _renew(task)
        staging.empty(run.spec, run.pk)

    def examine(after: int) -> papers.Examined:
        found = _examine_run(run, headings, after, staging.STRETCH)
        first.append(found)
        return found

    def keep(read: staging.Part, rows: int) -> None:
        with transaction.atomic():
            _renew(task, done_rows=rows)
            staging.copy_in(run.spec, read.bodies)
        read.bodies.clear()
        del first[1:]

    staging.read_whole(examine, part, keep)
    _end_reading(task, part, first[0], at=at)


def _read_again(run: ImportRun) -> Read:
    """The rows of a kept file of a kind without a staging table, or its foreign headings.

    What another file of its sender taught may be forgotten by now. The child reads while no transaction is open.
    """
    assert run.file is not None  # a call is never read again
    layout = run.layout
    return layout.read_or_ask(reading.kept_content(run.file, layout))


def _judge_task(task: ImportTask, *, at: datetime) -> None:
    """Read a long file whose rows stand in no table, and judge them."""
    read = as_arrived(task.run, _read_again(task.run))
    _renew(task, done_rows=read.rows)
    with transaction.atomic():
        run = _finish_task(task)
        judged = Judged() if read.foreign else judge_again(run, read, None, at=at)
        if judged.refusal is not None:
            raise judged.refusal
        _end_judged(task, run, read, judged, at=at)


def _renew(task: ImportTask, **changes: int) -> None:
    """Work on for another lease. Raises LostLease when the task is done, or claimed anew by another worker."""
    until = clock.real_now() + LEASE
    if not _own(task).update(leased_until=until, **changes):
        raise queue.LostLease(f"ImportTask {task.pk}")
    task.leased_until = until


def _own(task: ImportTask) -> QuerySet[ImportTask]:
    """The task while nobody else finished or claimed it: its lease is still the one that this worker was given."""
    return ImportTask.objects.filter(pk=task.pk, done_at=None, leased_until=task.leased_until)


def _finish_task(task: ImportTask) -> ImportRun:
    """The run of a task, held, and the task done: nobody else works on it. Raises LostLease."""
    run = hold(task.run)
    if _own(task).select_for_update(of=("self",)).first() is None:
        raise queue.LostLease(f"ImportTask {task.pk}")
    queue.finish(task)
    return run


@transaction.atomic
def _end_reading(task: ImportTask, part: staging.Part, examined: papers.Examined, *, at: datetime) -> None:
    run = _finish_task(task)
    assert run.file is not None
    if run.file.verdict == FileVerdict.PENDING:
        run.file = papers.settle_waiting(file=run.file, examined=examined, at=at)
        run.secrets = json.dumps(part.secrets) if part.secrets else None
    if part.foreign:
        read, judged = Read(foreign=part.foreign, lacking=part.lacking), Judged()
    else:
        read, rows = landed(run, part.errors, run.secrets)
        judged = judge_again(run, read, rows, at=at)
    _end_judged(task, run, read, judged, at=at)


def _end_judged(task: ImportTask, run: ImportRun, read: Read, judged: Judged, *, at: datetime) -> None:
    """Write what a long file holds and tell who sent it; inside the transaction that ends its task."""
    by = task.by
    if run.headings and not read.foreign and not (judged.entering or judged.unchanged):  # they were said, wrong ones
        raise RuleBroken(NOTHING_READS, code=HEADINGS_WRONG)
    count(run, run.spec.layout, read, judged)
    if not (run.declared[ROWS] or read.foreign):
        run.declared = run.counted
    refuse_hopeless(run, judged, by=by, at=at)
    run.save()
    note(run, judged, by=by, at=at)
    record(action="imports.read", subject=run, party_id=run.sender_id, by=by, at=at, details=counts(run))
    _tell_sender(task, run, Told.HEADINGS if run.headings else Told.READ if run.is_open else Told.NOTHING, at=at)


@transaction.atomic
def apply_staged(*, run: ImportRun, part: staging.Part | None, by: User, at: datetime) -> ImportRun:
    """Apply what stands in the staging table; `part` is what it lacked, read again from the kept file."""
    run = lock(run, State.APPLIED)
    refuse_while_working(run)
    refuse_unsaid(run)
    read, rows = landed(run, (), run.secrets) if part is None else land(run, part, run.secrets)
    return apply_rows(run, read, rows, by=by, at=at)


@transaction.atomic
def apply_read(*, run: ImportRun, read: Read, by: User, at: datetime) -> ImportRun:
    """Apply what was read again of a kept file, of a kind without a staging table.

    A file whose headings nobody knows any more is not applied: it stays open and asks for them.
    """
    run = lock(run, State.APPLIED)
    refuse_while_working(run)
    if read.foreign and not run.headings:
        return _ask_headings(run, as_arrived(run, read))
    refuse_unsaid(run)
    return apply_rows(run, as_arrived(run, read), None, by=by, at=at)


def _ask_headings(run: ImportRun, read: Read) -> ImportRun:
    count(run, run.spec.layout, read, Judged())
    run.save()
    return run


def _apply_task(task: ImportTask, *, at: datetime) -> None:
    read = None if task.run.spec.staging else _read_again(task.run)
    part = missing_part(task.run) if read is None else None
    with transaction.atomic():
        _finish_task(task)
        if read is None:
            run = apply_staged(run=task.run, part=part, by=task.by, at=at)
        else:
            run = apply_read(run=task.run, read=read, by=task.by, at=at)
        ImportTask.objects.filter(pk=task.pk).update(done_rows=run.rows)
        _tell_sender(task, run, Told.HEADINGS if run.headings else Told.APPLIED, at=at)


@transaction.atomic
def _refuse_task(task: ImportTask, problem: RuleBroken, *, at: datetime) -> None:
    """End a task that a rule forbids: a file that cannot be read is closed with its reason, another one waits on.

    What was said of its headings goes; where they were wrong it waits for others.
    """
    run = _finish_task(task)
    ImportTask.objects.filter(pk=task.pk).update(refused=problem.message[:300])
    if task.act == Act.READ:
        run.said_headings.all().delete()
        forget(run)
    if task.act == Act.READ and problem.code != HEADINGS_WRONG:
        assert run.file is not None
        if run.file.verdict == FileVerdict.PENDING:
            papers.settle_waiting(file=run.file, examined=None, refused=problem.finding, at=at)
        close(run, State.REFUSED, by=task.by, at=at)
        run.save(update_fields=["state", "closed_by", "closed_at", "secrets"])
    details: dict[str, Any] = {"kind": run.kind, "act": str(task.act), "code": problem.code}
    record(action="imports.refused", subject=run, party_id=run.sender_id, by=task.by, at=at, details=details)
    _tell_sender(task, run, Told.REFUSED, at=at, why=problem.message)


def _tell_sender(task: ImportTask, run: ImportRun, what: Told, *, at: datetime, why: str = "") -> None:
    """Say to who asked what became of a long file, with the way to its page."""
    notify(
        user_ids=[task.by_id],
        kind="import_ready",
        key=f"import:{task.pk}",
        url=reverse("imports:run", args=[run.pk]),
        at=at,
        context={"title": run.spec.title, **tell(what, new=run.new, wrong=run.wrong, why=why)},
    )


def sweep() -> int:
    """Delete staged rows whose run waits no more: a worker died between. Running twice deletes nothing more."""
    waiting = ImportRun.objects.filter(state=State.READ).values("pk")
    return sum(staging.drop_others(spec, waiting) for spec in registry.staged())

"""The database is the queue: claimable rows, leases, parking, and a kick that may fail without harm.

A drain claims a batch (`FOR UPDATE SKIP LOCKED`), commits `attempts + 1` and `leased_until`, works outside any lock,
and commits each effect together with `done_at`. A lapsed lease can be claimed again; the row whose fourth claim ended
without a word is parked (JB-03). Leases and back-off use real time. Celery only wakes the drains.

An `Undoable` is a decision that waits in the same way: stored at once, it takes effect when the time in which its
author may take it back is over (docs/adr/0011).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, functions

from portal import clock
from portal.declared import Declared
from portal.errors import Conflict, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("cauce.queue")

MAX_SILENT_CLAIMS = 4
LEASE = timedelta(minutes=2)
KICK_PAUSE_SECONDS = 30
GIVES_WAY_AFTER = 10.0  # seconds: the worker has two children, and a mail is waited for
VISIBLE_AFTER = timedelta(hours=24)


WAITS = "decision_waits"  # code of the refusal of any act on a thing whose decision can still be undone


class GiveBack(Exception):
    """Raised by a drain's work for a temporary failure (mail server away, disk full): the row waits and comes back."""


class Claimable(models.Model):
    """A row that waits to be worked on exactly once. All instants are real time, UTC."""

    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    first_failed_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    last_error = models.CharField(max_length=300, blank=True, default="", editable=False)
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    parked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Undoable(Claimable):
    """A decision that its author may take back until `not_before` (real time) and that takes effect afterwards.

    `at` is the product's clock and dates the effect; `done_at` says that it waits no more, `undone_at` that it was
    taken back (product's clock), `refused` why it could not take effect. A room adds the thing and what was
    decided, and one open decision a thing by constraint.
    """

    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(editable=False)
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    refused = models.CharField(max_length=300, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    @property
    def subject(self) -> models.Model:
        """The thing that was decided."""
        raise NotImplementedError

    @property
    def said(self) -> str:
        """What was decided, told to who decided: «Aceptaste FA-2026-000117»."""
        raise NotImplementedError

    @property
    def href(self) -> str:
        """The page of the thing, where its author returns after an undo."""
        raise NotImplementedError


Row = TypeVar("Row", bound=Claimable)


def waiting(model: type[Row], *, at: datetime) -> models.QuerySet[Row]:
    """Rows that could be claimed at `at` (real time)."""
    rows: models.QuerySet[Row] = model._default_manager.filter(_claimable(at), done_at=None)  # type: ignore[attr-defined]
    return rows


def _claimable(at: datetime) -> Q:
    free, due = Q(leased_until=None) | Q(leased_until__lt=at), Q(not_before=None) | Q(not_before__lte=at)
    return Q(parked_at=None) & free & due


@transaction.atomic
def claim(model: type[Row], *, limit: int = 50, lease: timedelta = LEASE, ready: Q | None = None) -> list[Row]:
    """Claim up to `limit` waiting rows, oldest first; a row that failed silently before is claimed alone.

    Rows whose silent claims reached the limit are parked here, which logs and turns the health page red.
    """
    at = clock.real_now()
    rows = waiting(model, at=at).filter(ready or Q()).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    for poison in rows.filter(attempts__gte=MAX_SILENT_CLAIMS)[:limit]:
        park(poison, error=poison.last_error or "se reclamó cuatro veces y nunca contestó")
    fresh = list(rows.filter(attempts=0)[:limit])
    chosen = fresh or list(rows.filter(attempts__gte=1, attempts__lt=MAX_SILENT_CLAIMS)[:1])
    for row in chosen:
        row.attempts += 1
        row.leased_until = at + lease
    model._default_manager.filter(pk__in=[row.pk for row in chosen]).update(  # type: ignore[attr-defined]
        attempts=F("attempts") + 1, leased_until=at + lease
    )
    return chosen


def finish(row: Claimable) -> None:
    """Mark the row done, in the transaction that commits its effect. Raises LostLease if it is done already."""
    model = type(row)
    done = model._default_manager.filter(pk=row.pk, done_at=None).update(  # type: ignore[attr-defined]
        done_at=clock.real_now(), leased_until=None, last_error=""
    )
    if not done:
        raise LostLease(f"{model.__name__} {row.pk}")


class LostLease(Exception):
    """Another worker finished this row while ours was slow: roll the second effect back."""


def give_back(row: Claimable, *, error: str) -> None:
    """A caught, temporary failure: the claim does not count and the row waits with a growing, jittered pause."""
    at = clock.real_now()
    pause = min(3600, 5 * 2 ** min(row.failures, 10)) * random.uniform(0.8, 1.2)  # jitter, no secret
    type(row)._default_manager.filter(pk=row.pk).update(  # type: ignore[attr-defined]
        attempts=functions.Greatest(F("attempts") - 1, 0),
        failures=F("failures") + 1,
        leased_until=None,
        not_before=at + timedelta(seconds=pause),
        first_failed_at=functions.Coalesce(F("first_failed_at"), at),
        last_error=error[:300],
    )


def park(row: Claimable, *, error: str) -> None:
    """Set a row aside for a person; the health page shows it until somebody retries it."""
    log.error("parked %s %s: %s", type(row).__name__, row.pk, error)
    type(row)._default_manager.filter(pk=row.pk).update(  # type: ignore[attr-defined]
        parked_at=clock.real_now(), leased_until=None, last_error=error[:300]
    )


def retry(row: Claimable) -> None:
    """Put a parked row back at the start of its life."""
    type(row)._default_manager.filter(pk=row.pk, done_at=None).update(  # type: ignore[attr-defined]
        parked_at=None, attempts=0, not_before=None, leased_until=None
    )


def drain(
    model: type[Row],
    work: Callable[[Row], None],
    *,
    limit: int = 50,
    lease: timedelta = LEASE,
    ready: Q | None = None,
    seconds: float = GIVES_WAY_AFTER,
) -> int:
    """Claim and work until nothing waits or `seconds` have passed; one row's failure moves that row, never the queue.

    What is left then is gone on with behind whatever was woken meanwhile: a mail never waits for a hundred papers.
    `work(row)` commits its effect and `finish(row)` in one transaction. Returns how many rows were finished.
    """
    finished, deadline = 0, time.monotonic() + seconds
    while rows := claim(model, limit=limit, lease=lease, ready=ready):
        for row in rows:
            try:
                work(row)
                finished += 1
            except LostLease:
                log.warning("lease lost: %s %s", model.__name__, row.pk)
            except GiveBack as reason:
                give_back(row, error=str(reason))
            except Exception as error:  # a bug or a poison row: its claim counts, it comes back alone, then parks
                log.exception("work failed: %s %s", model.__name__, row.pk)
                model._default_manager.filter(pk=row.pk).update(  # type: ignore[attr-defined]
                    last_error=type(error).__name__[:300],
                    leased_until=None,
                    # Not at once: four claims within a second would park every row of a moment's trouble.
                    not_before=clock.real_now() + timedelta(seconds=5 * 3**row.attempts),
                )
        if time.monotonic() >= deadline:
            for name in [name for name, drained in _drains.items() if drained is model]:
                _send(name)
            break
    return finished


# --- decisions that can be undone ---------------------------------------------------------------------------------


def undo_time() -> timedelta:
    """How long who decides may take it back: what a page asks for; a service that is not asked acts at once."""
    return timedelta(seconds=settings.UNDO_SECONDS)


def decide(row: Undoable, effect: Callable[[], None], *, undo_for: timedelta) -> bool:
    """Store a decision, in its service's transaction; without time to undo it takes effect here. Whether it did."""
    row.not_before = clock.real_now() + undo_for
    row.save(force_insert=True)
    if undo_for > timedelta():
        return False
    effect()
    finish(row)
    return True


def take_effect(row: Undoable, effect: Callable[[], None], *, refused: Callable[[str], None]) -> None:
    """The drain's work: what the decision does and its end, in one transaction.

    A rule that has come to forbid it closes the decision with its sentence, which `refused` hears in the transaction:
    the thing waits for a decision again.
    """
    with transaction.atomic():
        _lock_open(row)
        why = ""
        try:
            with transaction.atomic():
                effect()
        except RuleBroken as problem:
            why = problem.message[:300]
        finish(row)
        if why:
            row.refused = why
            row.save(update_fields=["refused"])
            refused(why)


def _lock_open(row: Undoable) -> None:
    """Hold the decision. Raises LostLease when it waits no more: undone, or done by another worker."""
    rows = type(row)._default_manager.select_for_update(of=("self",))  # type: ignore[attr-defined]
    if not rows.filter(pk=row.pk, done_at=None).exists():
        raise LostLease(f"{type(row).__name__} {row.pk}")


def in_time_to_undo(at: datetime) -> Q:
    """Decisions that their author may still take back at `at` (real time): a drain that failed took hold of its own."""
    return Q(done_at=None, parked_at=None, attempts=0, failures=0, not_before__gt=at)


def undo(row: Undoable, *, by: object, at: datetime) -> None:
    """Take one's own decision back, in its service's transaction; `at` is the product's clock.

    Raises RuleBroken to anybody else, Conflict when it is too late or was done before.
    """
    real, model = clock.real_now(), type(row)
    if by != row.by:
        raise RuleBroken("Una decisión la deshace quien la tomó. Pídelo a esa persona.", code="not_yours_to_undo")
    undone = model._default_manager.filter(in_time_to_undo(real), pk=row.pk).update(  # type: ignore[attr-defined]
        done_at=real, undone_at=at
    )
    if not undone:
        raise Conflict(
            "Ya pasó el tiempo para deshacer y la decisión surte efecto. Abre la página para ver cómo quedó.",
            code="undo_too_late",
        )


def refuse_decided(rows: models.QuerySet[Undoable], sentence: str) -> None:
    """Raise Conflict with `sentence` while a decision about a thing waits; `rows` are the decisions about it.

    Ask under the lock of the thing. `{by}` in the sentence names who decided.
    """
    standing = rows.filter(done_at=None).select_related("by").first()
    if standing is not None:
        raise Conflict(sentence.format(by=standing.by), code=WAITS)


def undoable_by(user: object) -> list[tuple[str, Undoable]]:
    """(drain, decision) for each decision that this person may still take back, the newest first."""
    now = clock.real_now()
    kinds = [(name, model) for name, model in drains() if issubclass(model, Undoable)]
    found: list[tuple[str, Undoable]] = [
        (name, row)
        for name, model in kinds
        for row in model._default_manager.filter(in_time_to_undo(now), by=user).order_by("-pk")  # type: ignore[attr-defined]
    ]
    return sorted(found, key=lambda one: one[1].at, reverse=True)


# --- registry of drains, kicks -----------------------------------------------------------------------------------

_drains: Declared[type[Claimable]] = Declared("the drain")
_undo: Declared[Callable[..., None]] = Declared("the undo of the drain")
_pause_until = 0.0


def register_drain(name: str, model: type[Claimable]) -> None:
    """Name a drain: beat wakes the Celery task `drain.<name>`, the health page counts the rows of `model`."""
    _drains.declare(name, model)


def register_undo(name: str, service: Callable[..., None]) -> None:
    """The service that takes a decision of the drain `name` back: `service(decision=, by=, at=)`."""
    _undo.declare(name, service)


def undo_of(name: str) -> tuple[type[Undoable], Callable[..., None]] | None:
    """(model, service) of decisions that can be undone; None where `name` is no drain of such."""
    model, service = _drains.get(name), _undo.get(name)
    return (model, service) if model is not None and service is not None and issubclass(model, Undoable) else None


def drains() -> Iterator[tuple[str, type[Claimable]]]:
    """All registered drains, for beat, health and the tests that run each one twice."""
    yield from sorted(_drains.items(), key=lambda drain: drain[0])


def kick(name: str) -> None:
    """After commit, wake a drain now instead of at the next beat; at most one kick a name and transaction.

    The broker away costs at most 0.3 s once: after a failure this process skips kicks for 30 s. Never raises.
    """
    # Asked of Django's own list: a rollback empties it, so a kick that was rolled back never swallows the next one.
    if any(getattr(hook[1], "drain", None) == name for hook in transaction.get_connection().run_on_commit):
        return
    transaction.on_commit(_Kick(name))


@dataclass(frozen=True, slots=True)
class _Kick:
    """What runs after commit: wakes one drain."""

    drain: str

    def __call__(self) -> None:
        _send(self.drain)


def _send(name: str) -> None:
    global _pause_until  # noqa: PLW0603 - one pause a process
    if time.monotonic() < _pause_until:
        return
    try:
        from celery import current_app  # keeps commands that never kick quick to start

        # Celery's own stand-in, where the portal's app was never made (commands): it would look for a broker that
        # nobody runs, for seconds. Beat wakes the drain.
        if current_app.main in {None, "default"}:
            return
        current_app.send_task(f"drain.{name}", retry=False, ignore_result=True, expires=60)
    except Exception:  # any broker trouble: beat makes it sure
        _pause_until = time.monotonic() + KICK_PAUSE_SECONDS
        log.warning("broker away, drain %s waits for beat", name)


def health(*, at: datetime) -> Sequence[dict[str, Any]]:
    """Per drain: waiting, failing for long, parked; for the health page and /salud/listo. Real time, one query each."""
    counts = {
        "waiting": models.Count("pk", filter=_claimable(at)),
        "parked": models.Count("pk", filter=Q(parked_at__isnull=False)),
        "failing": models.Count("pk", filter=Q(first_failed_at__lt=at - VISIBLE_AFTER)),
    }
    return [
        {"name": name, **model._default_manager.filter(done_at=None).aggregate(**counts)}  # type: ignore[attr-defined]
        for name, model in drains()
    ]

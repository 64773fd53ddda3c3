"""Taking a thing out of its queue, giving it back, taking it over, and saying that one is looking at it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser as User  # people stands above this room
from django.db import models, transaction

from portal import clock
from portal.design import dates
from portal.errors import Conflict
from portal.history.services import record
from portal.work import rules
from portal.work.models import Hold, Look, named
from portal.work.registry import Queue


def _lock_thing(thing: models.Model) -> models.Model:
    """The thing itself, held for this transaction, as whoever decides it holds it: a take and a decision follow each
    other.
    """
    rows = type(thing)._default_manager.select_for_update(of=("self",))  # type: ignore[attr-defined]
    locked: models.Model = rows.get(pk=thing.pk)
    return locked


def _held(thing: models.Model, by: User) -> tuple[Hold | None, rules.Held | None]:
    hold = Hold.objects.about(thing).select_related("holder").first()
    if hold is None:
        return None, None
    return hold, rules.Held(str(hold.holder), dates.instant(hold.since), mine=hold.holder_id == by.pk)


@transaction.atomic
def take(*, queue: Queue, thing: models.Model, by: User, at: datetime) -> Hold:
    """Take a thing that waits for this person; twice is once. `at` is the product's clock.

    Raises Conflict when somebody else has it or it waits for them no more.
    """
    thing = _lock_thing(thing)
    hold, held = _held(thing, by)
    rules.check_free(held)
    if hold is not None:
        return hold
    rules.check_waits(queue.rows(by, at).filter(pk=thing.pk).exists())
    hold = Hold.objects.create(**named(thing), queue=queue.name, holder_id=by.pk, since=at)
    _tell_app(queue, thing, by=by, at=at)
    record(action="work.taken", subject=thing, by=by, at=at, details={"queue": queue.name})
    return hold


def _tell_app(queue: Queue, thing: models.Model, *, by: User, at: datetime) -> None:
    if queue.taken is not None:
        queue.taken(thing, by=by, at=at)


def take_first(
    *, things: list[tuple[Queue, models.Model]], by: User, at: datetime
) -> tuple[Queue, models.Model] | None:
    """Take the first of these that still can be taken; None when others took them all meanwhile."""
    for queue, thing in things:
        try:
            take(queue=queue, thing=thing, by=by, at=at)
        except Conflict:
            continue
        return queue, thing
    return None


def take_several(*, things: list[tuple[Queue, models.Model]], by: User, at: datetime) -> int:
    """Take each of these that still can be taken, each by itself; returns how many that were."""
    return sum(take_first(things=[one], by=by, at=at) is not None for one in things)


def give_back_several(*, things: list[tuple[Queue, models.Model]], by: User, at: datetime) -> int:
    """Put back each of these that this person has, each by itself; returns how many that were."""
    returned = 0
    for _queue, thing in things:
        try:
            give_back(thing=thing, by=by, at=at)
        except Conflict:
            continue
        returned += 1
    return returned


@transaction.atomic
def give_back(*, thing: models.Model, by: User, at: datetime) -> None:
    """Put a thing back into its queue. Raises Conflict when it is not this person who has it."""
    thing = _lock_thing(thing)
    hold, held = _held(thing, by)
    rules.check_mine(held)
    assert hold is not None  # `check_mine`
    name = hold.queue
    hold.delete()
    record(action="work.given_back", subject=thing, by=by, at=at, details={"queue": name})


@transaction.atomic
def take_over(*, queue: Queue, thing: models.Model, reason: str, by: User, at: datetime) -> Hold:
    """Take a thing that somebody else has, with a reason that is kept (up to 300 characters).

    Raises RuleBroken without a reason, Conflict when it waits for this person no more.
    """
    reason = rules.check_reason(reason)
    thing = _lock_thing(thing)
    rules.check_waits(queue.rows(by, at).filter(pk=thing.pk).exists())
    before = Hold.objects.about(thing).first()
    hold, _new = Hold.objects.update_or_create(
        **named(thing), defaults={"queue": queue.name, "holder_id": by.pk, "since": at}
    )
    _tell_app(queue, thing, by=by, at=at)
    told = {"queue": queue.name, "from": str(before.holder_id) if before else ""}
    record(action="work.taken_over", subject=thing, by=by, at=at, reason=reason, details=told)
    return hold


def settle(*, thing: models.Model, by: User | None) -> None:
    """End the hold of a thing that is being decided, under the thing's lock and in the deciding service.

    `by` is None for the system. Raises Conflict when somebody else has it. The decision itself is what is recorded.
    """
    hold, held = _held(thing, by) if by is not None else (Hold.objects.about(thing).first(), None)
    rules.check_free(held)
    if hold is not None:
        hold.delete()


def look(*, thing: models.Model, by: User) -> None:
    """Note that this person has the page of a thing open (real time). Nothing is done to it, so nothing is recorded."""
    Look.objects.bulk_create(
        [Look(**named(thing), viewer_id=by.pk, seen_at=clock.real_now())],
        update_conflicts=True,
        unique_fields=["thing_type", "thing_id", "viewer"],
        update_fields=["seen_at"],
    )


def sweep_looks(*, at: datetime) -> int:
    """Delete the rows of who looked an hour ago and more; `at` is real time. Returns how many there were."""
    count, _by_table = Look.objects.filter(seen_at__lt=at - rules.KEPT_FOR).delete()
    return count

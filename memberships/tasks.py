"""Celery's legs for memberships: rows are loaded here, one service call each, or one for many families."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from celery import shared_task

from memberships import gateway, selectors, services
from memberships.models import Membership, Slip
from memberships.rules.card import QUIET
from portal import clock

# Families that are brought to their day in one transaction: of more one costs no less, and each is held until the last.
AT_ONCE = 200
MOST_AWAY = 3  # times that a gateway does not answer before a run gives up
log = logging.getLogger("cauce.memberships")

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float] = {
    "memberships.days": 60.0,
    "memberships.expire_slips": 300.0,
    "memberships.ask_gateway": 60.0,
}
# Those that a day of the portal's asks for, and their place in it.
DAYS = {"memberships.days": 20, "memberships.expire_slips": 30}


@shared_task(name="memberships.days")
def days() -> int:
    """Every membership whose stored day has come is brought to today; again it changes nothing (JB-06)."""
    at = clock.now()
    on = clock.date_in(at)
    waiting = Membership.objects.to_look_at(on=on).order_by("looks_again_on", "pk").values_list("pk", flat=True)
    each, passed = waiting.iterator(chunk_size=AT_ONCE), 0
    while chunk := list(islice(each, AT_ONCE)):
        passed += _pass_chunk(chunk, on=on, at=at)
    return passed


def _pass_chunk(waiting: Sequence[UUID], *, on: date, at: datetime) -> int:
    """Bring some to today: all families at once, then one by one whatever is none or could not be brought so."""
    done = set[UUID]()
    try:
        done = services.pass_many_days(memberships=waiting, on=on, at=at)
    except Exception:
        log.exception("days failed together: each is tried alone")
    passed = len(done)
    for pk in waiting:
        if pk not in done:
            try:
                passed += services.pass_days(membership=Membership(pk=pk), on=on, at=at)
            except Exception:  # one family's trouble is that one's alone; the next run tries again
                log.exception("days failed: %s", pk)
    return passed


@shared_task(name="memberships.expire_slips")
def expire_slips() -> int:
    """Every slip whose last day is over is said to be expired; again it changes nothing (JB-06)."""
    at = clock.now()
    on = clock.date_in(at)
    waiting = Slip.objects.to_expire(on=on).order_by("expires_on", "pk")
    expired = 0
    for slip in waiting.iterator(chunk_size=500):
        try:
            expired += services.expire_slip(slip=slip, on=on, at=at)
        except Exception:  # one slip's trouble is that one's alone; the next run tries again
            log.exception("expiry failed: %s", slip.folio)
    return expired


@shared_task(name="memberships.ask_gateway")
def ask_gateway() -> int:
    """Ask the gateway about every attempt that it said nothing of, and for each refund that was authorised.

    Its signed answer is an event like any other. One that is away is asked no more in this run: it may think long.
    """
    if not gateway.is_on():
        return 0
    attempts = selectors.attempts_to_ask(before=clock.now() - QUIET).iterator(chunk_size=500)
    asked: list[tuple[Callable[[Any], tuple[bytes, str] | None], Iterable[Any]]] = [
        (gateway.ask, attempts),
        (gateway.ask_refund, selectors.refunds_to_ask().iterator(chunk_size=500)),
    ]
    heard = away = 0
    for ask, thing in ((ask, thing) for ask, things in asked for thing in things):
        try:
            heard += _heard(ask, thing)
        except OSError:
            log.exception("gateway away: %s", thing.folio)
            away += 1
        if away == MOST_AWAY:
            break
    return heard


def _heard(ask: Callable[[Any], tuple[bytes, str] | None], thing: Any) -> bool:
    """Whether the gateway said something of a thing, which was taken in. Raises OSError where it is away."""
    try:
        said = ask(thing)
        if said is not None:
            services.receive_event(body=said[0], signature=said[1], at=clock.now())
        return said is not None
    except OSError:
        raise
    except Exception:  # an answer that is none: the next run asks again
        log.exception("gateway not asked: %s", thing.folio)
        return False

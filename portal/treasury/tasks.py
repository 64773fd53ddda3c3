"""Treasury's drain of decisions, and its nightly look at its own books."""

from __future__ import annotations

import logging

from celery import shared_task
from celery.schedules import crontab

from portal import clock, queue
from portal.treasury import invariants, services
from portal.treasury.models import AccountDecision, MatchRun

log = logging.getLogger("cauce.treasury")

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "drain.account_decisions": 5.0,
    "drain.deposits": 10.0,
    "treasury.verify": crontab(minute="30", hour="4"),
}


@shared_task(name="drain.account_decisions")
def apply_account_decisions() -> int:
    """What reviewers decided of bank accounts takes effect once they can no longer undo it."""
    return queue.drain(
        AccountDecision, lambda row: services.apply_account_decision(decision=row, at=clock.now()), limit=20
    )


@shared_task(name="drain.deposits")
def match_deposits() -> int:
    """Each deposit of a file that entered is asked what it pays; what is sure is matched."""
    work = services.match_file
    return queue.drain(MatchRun, lambda run: work(run=run, at=clock.now()), limit=1, lease=services.MATCH_LEASE)


@shared_task(name="treasury.verify")
def verify() -> int:
    """Ask every question of MO-03; each fault is logged as an error. Returns how many."""
    faults = invariants.faults()
    for fault in faults:
        log.error("the books do not hold: %s", fault)
    return len(faults)

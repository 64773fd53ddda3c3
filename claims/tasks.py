"""Celery's legs for claims: rows are loaded here, one service call each."""

from __future__ import annotations

import logging

from celery import shared_task
from celery.schedules import crontab

from claims import services
from claims.models import Claim
from claims.selectors import judging
from portal import clock

log = logging.getLogger("cauce.claims")

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "claims.draft_days": 300.0,
    "claims.judge_sent": 15.0,
    "claims.compare_accumulators": crontab(minute="20", hour="3"),
}
# Those that a day of the portal's asks for, and their place in it.
DAYS = {"claims.draft_days": 25}


@shared_task(name="claims.draft_days")
def draft_days() -> int:
    """Every draft whose stored day has come is told of, or falls; again it changes nothing (JB-06)."""
    at = clock.now()
    on = clock.date_in(at)
    passed = 0
    waiting = Claim.objects.drafts_to_pass(on=on).order_by("looks_again_on", "pk")
    for claim in waiting.iterator(chunk_size=500):
        try:
            passed += services.pass_draft(claim=claim, on=on, at=at)
        except Exception:  # one draft's trouble is that one's alone; the next run tries again
            log.exception("draft day failed: %s", claim.pk)
    return passed


@shared_task(name="claims.judge_sent")
def judge_sent() -> int:
    """The published rules look at every sent claim once; again it changes nothing (JB-06)."""
    judged = 0
    for claim in judging.to_judge().iterator(chunk_size=500):
        try:
            judged += services.judge_sent_claim(claim=claim, at=clock.now()) is not None
        except Exception:  # one claim's trouble is that one's alone; the next run tries again
            log.exception("not judged: %s", claim.folio)
    return judged


@shared_task(name="claims.compare_accumulators")
def compare_accumulators() -> int:
    """Every accumulator is held against its entries; what differs is the auditor's to read."""
    differ = services.compare_accumulators(at=clock.now())
    if differ:
        log.error("accumulators that differ from their entries: %s", differ)
    return differ

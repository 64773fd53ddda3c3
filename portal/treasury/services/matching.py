"""The drain `deposits`: asks of each deposit of a file what it pays; what is sure is matched, the rest is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min, QuerySet

from portal import clock, queue
from portal.errors import RuleBroken
from portal.treasury import selectors
from portal.treasury.models import MatchRun, Movement
from portal.treasury.rules.matching import Match, Matcher, Outcome, refused_match
from portal.treasury.rules.matching_texts import in_batches
from portal.treasury.services.deposits import match_deposit
from portal.zones import MEXICO_CITY

AT_ONCE = 500  # deposits of one lease
LEASE = timedelta(minutes=10)


def match_file(*, run: MatchRun, at: datetime) -> None:
    """Ask of each waiting deposit of a file, in its order, what it pays.

    Each is decided by itself: begun again after a crash, what was matched stands and the rest is asked anew, but for
    what a person undid meanwhile. One of a day that is still to come is asked on that day.
    """
    matcher, kinds = selectors.matcher(run.file.account.currency)
    waiting, on = _waiting_of(run), clock.date_in(at)
    for some in in_batches(waiting.filter(on__lte=on), AT_ONCE):
        _renew_run(run)
        rows = Movement.objects.in_bulk(some)
        matcher.look_ahead([selectors.deposit_of(rows[pk]) for pk in some])
        for pk in some:
            _judge_deposit(pk, matcher, kinds, at=at)
    _finish_run(run, ahead=waiting.filter(on__gt=on).aggregate(first=Min("on"))["first"], at=at)


@transaction.atomic
def _finish_run(run: MatchRun, *, ahead: date | None, at: datetime) -> None:
    """Done; what the file tells of the days `ahead` has its own run when the first of them begins."""
    queue.finish(run)
    if ahead is not None:
        until = clock.real_now() + (datetime.combine(ahead, time.min, tzinfo=ZoneInfo(MEXICO_CITY)) - at)
        MatchRun.objects.create(file_id=run.file_id, asked_at=at, not_before=until)


def _waiting_of(run: MatchRun) -> QuerySet[Movement, UUID]:
    rows = Movement.objects.filter(file=run.file_id, allocations=None).waiting().order_by("row", "pk")
    return rows.values_list("pk", flat=True)


def _renew_run(run: MatchRun) -> None:
    """Work on for another lease. Raises LostLease when another worker has it."""
    until = clock.real_now() + LEASE
    if not MatchRun.objects.filter(pk=run.pk, done_at=None, leased_until=run.leased_until).update(leased_until=until):
        raise queue.LostLease(f"MatchRun {run.pk}")
    run.leased_until = until


def _judge_deposit(pk: UUID, matcher: Matcher, kinds: Mapping[str, str], *, at: datetime) -> None:
    """Match one deposit when it is sure, else keep what was found for whoever decides."""
    movement = Movement.objects.select_related("account").get(pk=pk)
    found = matcher.match(selectors.deposit_of(movement))
    if found.outcome is Outcome.AUTO:
        try:
            parts = selectors.parts_of(movement, found, kinds)
            match_deposit(movement=movement, parts=parts, found=found, by=None, at=at)
            matcher.note_paid(found)
            return
        except RuleBroken as refusal:  # it moved meanwhile, or its app refused: a person looks
            found = refused_match(found, refusal.message)
    _propose_targets(movement, found, kinds)


@transaction.atomic
def _propose_targets(movement: Movement, found: Match, kinds: Mapping[str, str]) -> None:
    keys = [*found.expected, *filter(None, [found.folio])]
    targets = selectors.targets_of(selectors.by_kind((kinds[key], key) for key in keys))
    proposal = {
        "parties": sorted({str(one.party) for one in targets.values()}),
        "outcome": str(found.outcome),
        "result": str(found.result),
        "targets": [[kinds[key], key] for key in keys],
        "periods": list(found.periods),
        "score": found.score,
        "code": found.code,
        "message": found.message,
    }
    rows = Movement.objects.waiting().filter(pk=movement.pk)
    rows.update(proposal=proposal, score=found.score)

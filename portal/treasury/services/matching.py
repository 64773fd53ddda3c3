"""The drain `deposits`: asks of each deposit of a file what it pays; what is sure is matched, the rest is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from portal import clock, queue
from portal.errors import RuleBroken
from portal.treasury import selectors
from portal.treasury.models import MatchRun, Movement
from portal.treasury.rules.matching import Match, Matcher, Outcome, refused_match
from portal.treasury.rules.matching_texts import in_batches
from portal.treasury.services.deposits import match_deposit

AT_ONCE = 500  # deposits of one lease
LEASE = timedelta(minutes=10)


def match_file(*, run: MatchRun, at: datetime) -> None:
    """Ask of each waiting deposit of a file, in its order, what it pays.

    Each is decided by itself: begun again after a crash, what was matched stands and the rest is asked anew, but for
    what a person undid meanwhile.
    """
    matcher, kinds = selectors.matcher(run.file.account.currency)
    for some in in_batches(_waiting_of(run), AT_ONCE):
        _renew_run(run)
        rows = Movement.objects.in_bulk(some)
        matcher.look_ahead([selectors.deposit_of(rows[pk]) for pk in some])
        for pk in some:
            _judge_deposit(pk, matcher, kinds, at=at)
    queue.finish(run)


def _waiting_of(run: MatchRun) -> list[UUID]:
    rows = Movement.objects.filter(file=run.file_id, allocations=None).waiting().order_by("row", "pk")
    return list(rows.values_list("pk", flat=True))


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

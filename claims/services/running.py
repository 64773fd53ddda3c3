"""A claim's clock runs, stands still while documents lack, and goes on with its promise said anew (S3.32, N8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from claims import selectors
from claims.models import Claim, ClaimDue, ClockSegment, DocumentRequest, DueKind
from claims.services.telling import tell_desk, tell_family
from portal import clock
from portal.calendars import selectors as calendars
from portal.calendars.rules import DAY, next_reminder, roll
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import User


def start_clock(*, claim: Claim, promised: datetime, rule: str, at: datetime) -> None:
    """A stretch begins: what is promised from here on is stored, and the desk is watched by that day and the law's."""
    ClockSegment.objects.create(claim=claim, since=at, promised_at=promised, promise_rule=rule)
    claim.promised_at = promised
    claim.save(update_fields=["promised_at"])
    on = clock.date_in(at)
    watch(claim=claim, kind=DueKind.PROMISE, anchor=on, due_on=max(on, clock.date_in(promised)), rule=rule)
    legal = selectors.legal_due(on)
    watch(claim=claim, kind=DueKind.LEGAL, anchor=on, due_on=legal.on, rule=legal.rule)


def resume_clock(*, claim: Claim, at: datetime) -> None:
    """The clock of a claim that stood goes on; what is left of its business time is promised from now."""
    promised, _rule = selectors.promised_again(claim, at=at)
    start_clock(claim=claim, promised=promised, rule=claim.promise_rule, at=at)


def stop_clock(*, claim: Claim, at: datetime, met: bool = False) -> None:
    """End the stretch in which a claim's clock runs; nothing where it stands. `met`: it was answered."""
    ClockSegment.objects.filter(claim=claim, until=None).update(until=at)
    binding = ClaimDue.objects.open().filter(claim=claim).exclude(kind=DueKind.DOCUMENTS)
    binding.update(**{"met_at" if met else "ended_at": at}, next_reminder_on=None)


def watch(
    *, claim: Claim, kind: DueKind, anchor: date, due_on: date, rule: str, request: DocumentRequest | None = None
) -> ClaimDue:
    """A day of a claim is stored, with the first one on which somebody is told of it."""
    told = {"claim": claim, "kind": kind.value, "request": request, "anchor": anchor, "due_rule": rule}
    row = ClaimDue(due_on=due_on, rolled_on=roll(calendars.calendar(selectors.OFFICE), due_on), **told)
    row.next_reminder_on = next_reminder(due_on, selectors.reminders_of(row), after=anchor - DAY)
    row.save(force_insert=True)
    return row


def remind_claim(*, due: ClaimDue, reached: Sequence[date], on: date, at: datetime) -> None:
    """Tell whoever has to move of a claim's day, once for the planned days that have come; `calendars.remind` calls."""
    claim = Claim.objects.select_related("affected", "filed_by").get(pk=due.claim_id)
    over = due.is_over(on=on)
    if due.kind == DueKind.DOCUMENTS:
        kind = "claim_documents_overdue" if over else "claim_documents_reminder"
        tell_family(claim=claim, kind=kind, context={"due": due.due_on}, at=at)
    else:
        tell_desk(claim=claim, kind=f"claim_{due.kind}_due", context={"due": due.due_on, "over": over}, at=at)
    _record_reminder(claim, due, reached, at=at, by=None)


def _record_reminder(claim: Claim, due: ClaimDue, reached: Sequence[date], *, at: datetime, by: User | None) -> None:
    history.record(
        action="claims.day_told",
        subject=claim,
        by=by,
        at=at,
        party_id=claim.affected.party_id,
        details={"kind": due.kind, "due": due.due_on.isoformat(), "planned": [one.isoformat() for one in reached]},
    )

"""A claim's clock: what was promised, how long such claims took, how it stands now (S3.32, N8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from claims.models import Claim, ClaimDue, ClockSegment, DueKind
from claims.rules import clock as rules
from claims.selectors.limits import estimate_limits
from portal import clock
from portal.calendars import selectors as calendars
from portal.calendars.rules import (
    Reminders,
    due_after_business_days,
    due_after_natural_days,
    elapsed_over,
    reach,
)
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import refer

OFFICE = "mx-office"
PROMISE = "claim.promise_hours"


@dataclass(frozen=True, slots=True)
class Promised:
    """A day of ours, and how its row names the rule that gave it."""

    on: date
    rule: str


def promise_minutes(on: date) -> tuple[int, str]:
    """How many business minutes a claim sent on a day may take, and the rule that says so."""
    rule = rulebook.rule_on(PROMISE, on=on)
    return int(rule.value) * 60, str(refer(rule))


def payment_due(on: date) -> Promised:
    """When what a decision of a day pays should be with the family."""
    rule = rulebook.rule_on("claim.payment_days", on=on)
    due = due_after_business_days(calendars.calendar(OFFICE), on, int(rule.value))
    return Promised(due, str(refer(rule)))


def legal_due(on: date) -> Promised:
    """By when a claim whose file is complete on a day is answered as the law says (LCS 71)."""
    rule = rulebook.rule_on("claim.legal_days", on=on)
    return Promised(due_after_natural_days(on, int(rule.value)), str(refer(rule)))


def documents_due(on: date) -> Promised:
    """By when documents that are asked for on a day are to come."""
    rule = rulebook.rule_on("claim.documents_days", on=on)
    due = due_after_business_days(calendars.calendar(OFFICE), on, int(rule.value))
    return Promised(due, str(refer(rule)))


def reminders_of(due: ClaimDue) -> Reminders:
    """When a day of a claim is told: documents before and after theirs, the desk on the day and once it is over."""
    if due.kind == DueKind.DOCUMENTS:
        return Reminders((-rulebook.whole("claim.documents_remind_days", on=due.anchor), 1))
    return Reminders((0, 1))


def promised_again(claim: Claim, *, at: datetime) -> tuple[datetime, str]:
    """What is promised of a claim whose clock goes on at this instant: the rest of its business time, by its rule.

    One that had run longer than it was promised keeps the instant that went by.
    """
    assert claim.submitted_at is not None  # it was sent
    minutes, rule = promise_minutes(clock.date_in(claim.submitted_at))
    ran = [(one.since, one.until) for one in claim.segments.order_by("since", "pk")]
    due = reach(calendars.calendar(OFFICE), [*ran, (at, None)], minutes)
    assert due is not None  # a clock that runs reaches its minutes
    return due, rule


def history_of(claim: Claim, *, before: datetime) -> list[int]:
    """Business minutes that decided claims of its kind and subtype took, the oldest first."""
    _least, window = estimate_limits(clock.date_in(before))
    alike = Claim.objects.filter(kind=claim.kind, subtype=claim.subtype, decided_at__lt=before)
    minutes = (
        alike.exclude(elapsed_minutes=None).order_by("-decided_at", "-pk").values_list("elapsed_minutes", flat=True)
    )
    return [one for one in minutes[: 2 * window] if one is not None][::-1]


def reading_at_sending(claim: Claim, *, at: datetime, minutes: int) -> rules.Reading:
    """What is promised and estimated of a claim that is sent at this instant."""
    least, window = estimate_limits(clock.date_in(at))
    return rules.read_clock(
        calendars.calendar(OFFICE),
        submitted=at,
        pauses=[],
        now=at,
        promise_minutes=minutes,
        history=history_of(claim, before=at),
        least=least,
        window=window,
    )


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a claim reaches what half and four fifths of such claims took; None while its clock stands before that."""

    p50_due: datetime | None
    p80_due: datetime | None
    past: bool


def forecast_of(claim: Claim, *, at: datetime) -> Forecast | None:
    """The estimate that was frozen at sending, over the stretches in which the clock ran since; None without one."""
    found = getattr(claim, "estimate", None)
    if found is None:
        return None
    office = calendars.calendar(OFFICE)
    ran = [(one.since, one.until) for one in claim.segments.order_by("since", "pk")]
    past = elapsed_minutes(claim, at=at) > found.p80_minutes
    return Forecast(reach(office, ran, found.p50_minutes), reach(office, ran, found.p80_minutes), past)


def elapsed_minutes(claim: Claim, *, at: datetime) -> int:
    """Business minutes in which its clock ran until an instant, or until it was decided."""
    ran: Sequence[ClockSegment] = list(claim.segments.order_by("since", "pk"))
    over = elapsed_over(calendars.calendar(OFFICE), [(one.since, one.until or at) for one in ran])
    return int(over.total_seconds()) // 60

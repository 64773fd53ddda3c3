"""Which day something is due, with the rule that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing import rules
from billing.models import ComplementDue
from billing.rules import PaymentState, ReviewState
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import refer

OFFICE = "mx-office"


@dataclass(frozen=True, slots=True)
class ComplementRule:
    """Day of the month a REP is due, when its physician is reminded, and how the stored date names its rule."""

    day: int
    reminders: calendar_rules.Reminders
    label: str


def complement_rule(*, on: date) -> ComplementRule:
    """The rules of the complement in force on the payment's date."""
    due = rulebook.rule_on(rules.PAYMENT.at(PaymentState.COMPLEMENT_DUE).due, on=on)
    reminders = rulebook.rule_on("reminder.complement_days", on=on)
    return ComplementRule(int(due.value), rules.reminders(map(int, reminders.value)), str(refer(due)))


def reminders_of(due: ComplementDue) -> calendar_rules.Reminders:
    """When a complement is reminded of: by the rule in force on the payment's date."""
    return complement_rule(on=due.anchor).reminders


@dataclass(frozen=True, slots=True)
class Promised:
    """The day by which something is done, and how the stored date names the rule that gave it."""

    on: date
    rule: str


def review_due(*, on: date) -> Promised:
    """When an invoice sent on a day is answered."""
    return _promised(rules.REVIEW.at(ReviewState.SUBMITTED).due, on=on)


def payment_due(*, on: date) -> Promised:
    """When an invoice accepted on a day should be paid."""
    return _promised(rules.PAYMENT.at(PaymentState.PAYABLE).due, on=on)


def _promised(code: str, *, on: date) -> Promised:
    """So many business days of the Mexican office after a day as the rule row says that is in force on it."""
    rule = rulebook.rule_on(code, on=on)
    office = calendars.calendar(OFFICE)
    return Promised(calendar_rules.due_after_business_days(office, on, int(rule.value)), str(refer(rule)))

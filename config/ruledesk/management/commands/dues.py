"""`dues -`: how a membership stands at the end of a day, and by what charges, by the rulebook's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.core.management.base import CommandParser

from config.ruledesk import lines
from config.ruledesk.lines import Answer, LineCommand
from memberships.rules.dues import Charge, DuesTerms, Payment, Price, dues_on
from memberships.selectors import dues_terms
from portal.reading import one_reading


class Command(LineCommand):
    """Walks a membership from the day it was complete (domain 2.11)."""

    help = "Dice en qué está una membresía al cierre de un día, con sus cargos y su vigencia; un objeto JSON por línea."

    def add_arguments(self, parser: CommandParser) -> None:
        """Questions come by standard input."""
        parser.add_argument(
            "source", metavar="-", choices=["-"], help='- lee objetos {"joined_on","prices","payments","on"}'
        )

    def handle(self, *args: Any, source: str, **options: Any) -> None:
        """Answer every question; the rulebook is read once."""
        with one_reading():
            terms = cache(dues_terms)
            self.answer(lambda text: judge(lines.parse_object(text), terms), lines.questions(source, {}))


def judge(question: Mapping[str, Any], terms: Callable[[date], DuesTerms]) -> Answer:
    """State, charges, credit, cover and next due day at the end of `on`; amounts MXN."""
    lines.need(question, "joined_on", "on")
    prices = [_price(row) for row in lines.objects(question, "prices")]
    payments = [_payment(row) for row in lines.objects(question, "payments")]
    found = dues_on(
        joined_on=lines.as_date(question["joined_on"], "joined_on"),
        prices=prices,
        payments=payments,
        cancel_asked_on=_day(question, "cancel_asked_on"),
        on=lines.as_date(question["on"], "on"),
        terms=terms,
    )
    return {
        "state": str(found.standing),
        "charges": [_told(charge) for charge in found.charges],
        "credit": f"{found.credit:.2f}",
        "owed": f"{found.owed:.2f}",
        "cover": [[_iso(since), _iso(until)] for since, until in found.cover],
        "next_due_on": _iso(found.next_due_on),
    }


def _price(row: Mapping[str, Any]) -> Price:
    lines.need(row, "from", "amount")
    return Price(lines.as_date(row["from"], "from"), lines.as_amount(row["amount"], "amount"))


def _payment(row: Mapping[str, Any]) -> Payment:
    lines.need(row, "on", "amount")
    return Payment(lines.as_date(row["on"], "on"), lines.as_amount(row["amount"], "amount"), _day(row, "taken_back_on"))


def _day(row: Mapping[str, Any], name: str) -> date | None:
    return None if row.get(name) in (None, "") else lines.as_date(row[name], name)


def _told(charge: Charge) -> Answer:
    return {
        "period": f"{charge.period:%Y-%m}" if charge.period else None,
        "due_on": _iso(charge.due_on),
        "grace_ends_on": _iso(charge.grace_ends_on),
        "amount": f"{charge.amount:.2f}",
        "settled_on": _iso(charge.settled_on),
        "written_off_on": _iso(charge.written_off_on),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

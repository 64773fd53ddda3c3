"""When a payment complement is due and when its physician is reminded (S0.19, domain 1.3). Local dates, MX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from portal.calendars.rules import day_of_next_month
from portal.errors import RuleBroken
from portal.text import listed

DEPOSIT_RETURNED = "El banco devolvió el depósito de este complemento."


def complement_due_on(paid_on: date, *, day: int) -> date:
    """Day `day` (natural) of the month after the payment (domain 1.3), clamped to the month's end."""
    return day_of_next_month(paid_on, day)


def next_reminder(due_on: date, *, on: date, days_before: Sequence[int], overdue_every: int = 7) -> date:
    """First reminder date after `on`: `days_before` the due date, then every `overdue_every` days once overdue."""
    planned = sorted(due_on - timedelta(days=days) for days in days_before)
    for day in planned:
        if day > on:
            return day
    first_late = due_on + timedelta(days=1)
    if first_late > on:
        return first_late
    late = (on - first_late).days // overdue_every + 1
    return first_late + timedelta(days=late * overdue_every)


def check_covers(balances_after: Mapping[str, Decimal | None]) -> None:
    """A deposit pays its invoices in full, so a complement leaves each of its own at zero (N11): folio → balance.

    None: the complement says that it pays for an invoice, and does not name it.
    """
    open_still = [folio for folio, balance in balances_after.items() if balance is None or balance != 0]
    if open_still:
        raise RuleBroken(
            f"El depósito pagó completas sus facturas y tu complemento no deja en cero {', '.join(open_still)}. "
            "Emite uno que las pague todas, o uno por factura con el monto que paga de ella.",
            code="not_covered",
            field="xml",
        )


def check_once(folios: Sequence[str]) -> None:
    """A deposit pays each invoice at one stroke, so a complement names it once (ADR 0013): folios of its documents."""
    if twice := [folio for folio, times in Counter(folios).items() if times > 1]:
        raise RuleBroken(
            f"Tu complemento parte {listed(twice)} en varias parcialidades y el depósito la pagó de una vez. "
            "Emítelo con un solo documento por factura.",
            code="document_twice",
            field="xml",
        )


def folios_in_words(folios: Sequence[str]) -> str:
    """`FA-1, FA-2 y 3 más`: short enough for the subject of a mail."""
    named, rest = folios[:3], len(folios) - 3
    return f"{', '.join(named)} y {rest} más" if rest > 0 else ", ".join(named)

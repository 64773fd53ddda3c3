"""When a payment complement is due and when its physician is reminded (S0.19, domain 1.3). Local dates, MX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from billing.rules.states import ComplementState
from portal.calendars.rules import Reminders, day_of_next_month
from portal.errors import Conflict, RuleBroken
from portal.text import listed

DEPOSIT_RETURNED = "El banco devolvió el depósito de este complemento."


def complement_due_on(paid_on: date, *, day: int) -> date:
    """Day `day` (natural) of the month after the payment (domain 1.3), clamped to the month's end."""
    return day_of_next_month(paid_on, day)


def reminders(days_before: Iterable[int]) -> Reminders:
    """So many days before the due date, the day after it, then every week once overdue."""
    return Reminders((*(-days for days in days_before), 1), every=7)


def kept_as(transfer_id: UUID) -> str:
    """Under which name a complement of a deposit waits for its owner to send it to a reviewer."""
    return f"rep-{transfer_id.hex}"


def check_withdraws(state: str) -> None:
    """Only what nobody decided yet is taken out by who handed it in (UX D5)."""
    if state != ComplementState.IN_REVIEW:
        raise Conflict(
            "Este complemento ya tiene respuesta: no se quita. Si está mal, cancélalo en el SAT y escríbenos.",
            code="complement_decided",
        )


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

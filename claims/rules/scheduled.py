"""What a hospital bills and a family pays there of a scheduled event: the letter's figures and its days. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from claims.rules.settlement import NOTHING, Figures, YearTerms, figures_of
from portal.errors import RuleBroken
from portal.money import ZERO


@dataclass(frozen=True, slots=True)
class AtHospital:
    """What a family pays at the hospital of so much that is authorised: what of the bucket's terms is left."""

    deductible_left: Decimal
    coaseguro: Decimal
    cap_left: Decimal | None
    figures: Figures

    @property
    def family_pays(self) -> Decimal:
        """Deductible, coaseguro and what passes the sum insured."""
        return self.figures.covered - self.figures.paid


def at_hospital(terms: YearTerms, before: Figures, authorised: Decimal) -> AtHospital:
    """Says what of an authorised amount the family pays, by what its bucket has covered before."""
    share = (
        figures_of(terms, before.covered + authorised) - before if before != NOTHING else figures_of(terms, authorised)
    )
    cap = terms.coaseguro_cap
    left = None if cap is None else max(cap - before.coaseguro, ZERO)
    return AtHospital(max(terms.deductible - before.deductible, ZERO), terms.coaseguro, left, share)


def letter_until(on: date, days: int) -> date:
    """The last day on which a letter of a day holds, that day included."""
    return on + timedelta(days=days)


def check_planned(planned_on: date, *, on: date) -> None:
    """Raises RuleBroken for an event that would be before today: what was paid is a reimbursement."""
    if planned_on < on:
        raise RuleBroken(
            "Ese día ya pasó. Si ya pagaste el gasto, pide un reembolso.", code="event_is_past", field="planned_on"
        )


def check_billed_on(billed_on: date, *, on: date, field: str) -> None:
    """Raises RuleBroken for a concept of a hospital's bill of a day that has not come."""
    if billed_on > on:
        raise RuleBroken(
            "Ese día todavía no llega. Revisa la fecha en la cuenta del hospital.", code="billed_to_come", field=field
        )


def check_authorised(authorised: Decimal | None, why: str, *, reasons: Collection[str]) -> None:
    """Raises RuleBroken where an amount and a catalogue reason do not agree: one authorises, the other refuses."""
    if authorised is not None and authorised <= ZERO:
        raise RuleBroken("Escribe hasta cuánto se autoriza.", code="authorised_missing", field="authorised")
    if authorised is None and why not in reasons:
        raise RuleBroken(
            "Escribe hasta cuánto se autoriza, o elige por qué no.", code="authorised_missing", field="authorised"
        )
    if authorised is not None and why:
        raise RuleBroken(
            "Lleva un monto autorizado y también un motivo de rechazo. Quita uno.", code="why_too_many", field="why"
        )

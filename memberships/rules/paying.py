"""Paying dues without signing in: what was typed to find a family, how often one may try, what comes next. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from memberships.rules.states import MembershipState
from portal import identifiers
from portal.errors import RuleBroken
from portal.folios.rules import format_folio

# A cancelled one is not found, nor one whose affiliation is not complete.
TAKES_MONEY = (MembershipState.AWAITING_PAYMENT, MembershipState.ACTIVE, MembershipState.SUSPENDED)
KEPT = timedelta(minutes=15)  # how long what was looked up rests in the session, in real time
# Wrong tries alone count: from one address, and at one RFC, CURP or folio.
ADDRESS_LIMIT, ADDRESS_WINDOW = 20, 600
TYPED_LIMITS = (("hour", 5, 3600), ("day", 15, 86_400))
SLIPS, SLIPS_WINDOW = 10, 3600  # slips of one membership that are made without signing in
_FOLIO = re.compile(r"ME(\d{4})(\d{1,6})", re.ASCII)
_LENGTHS = {12: "rfc", 13: "rfc", 18: "curp"}


class Kind(StrEnum):
    """By what a family is looked up."""

    FOLIO = "folio"
    RFC = "rfc"
    CURP = "curp"


@dataclass(frozen=True, slots=True)
class Typed:
    """An RFC, CURP or folio as it is stored."""

    kind: Kind
    value: str


def read_typed(text: str) -> Typed:
    """What somebody typed to find a family: its blanks, dashes and the folio's zeros may lack. Raises RuleBroken."""
    packed = re.sub(r"[\s\-‐-―−.]", "", text).upper()
    if found := _FOLIO.fullmatch(packed):
        return Typed(Kind.FOLIO, format_folio(prefix="ME", year=int(found[1]), number=int(found[2])))
    kind = _LENGTHS.get(len(packed))
    if kind is None:
        raise RuleBroken(
            "Eso no es un RFC, una CURP ni un folio. Escríbelo completo, por ejemplo ME-2026-000123.",
            code="typed_unknown",
            field="who",
        )
    checked = identifiers.check(kind, packed)
    if checked.canonical is None:
        why = (checked.error.message, checked.error.cure) if checked.error else ()
        raise RuleBroken(" ".join(part for part in why if part), code=f"{kind}_wrong", field="who")
    return Typed(Kind(kind), checked.canonical)


def next_act(state: str, *, owed: Decimal, ends: bool) -> str:
    """What a titular does next about their dues, in words; nothing where none are owed and none may be paid ahead.

    `ends`: its cancellation was asked for.
    """
    if state == MembershipState.AWAITING_PAYMENT:
        return "Hacer mi primer pago"
    if state in TAKES_MONEY and (owed > 0 or (state == MembershipState.ACTIVE and not ends)):
        return "Pagar mensualidad"
    return ""

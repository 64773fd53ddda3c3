"""Whose dues may be paid now: found by what somebody typed, or one's own; what of each is shown, without a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from memberships.models import Membership, pays_dues
from memberships.models.memberships import MembershipQuerySet
from memberships.models.shared import CURRENCY
from memberships.rules.paying import TAKES_MONEY, Kind, Typed
from memberships.selectors.slips import Payable, month_told, payable_by_slip
from portal.money import format_money
from portal.vault import blind_index

_MOST = 12  # families of one person


def _to_pay() -> MembershipQuerySet:
    """Families that take money, as pages show them."""
    return Membership.objects.dues().filter(state__in=TAKES_MONEY).select_related("plan").order_by("created_at", "pk")


def look_up(typed: Typed, *, born_on: date | None, folio: Typed | None = None) -> list[UUID]:
    """The families of a titular by RFC or CURP, or the one of a folio, together with a second datum (C17): the
    titular's birth date, or the folio. Whatever of them was typed has to agree.

    One query whatever was typed, and the same work whether it is unknown, of another birth date, or cancelled (AU-03).
    """
    second = [one for one in (folio and _bearing(folio), born_on and Q(titular__born_on=born_on)) if one]
    if not second:
        return []
    return list(_to_pay().filter(_bearing(typed), *second).values_list("pk", flat=True)[:_MOST])


def _bearing(typed: Typed) -> Q:
    if typed.kind is Kind.FOLIO:
        return Q(folio=typed.value)
    if typed.kind is Kind.RFC:
        return Q(titular__rfc=typed.value)
    return Q(titular__curp_index=blind_index(typed.value, purpose="curp"))


def own_to_pay(user: Any) -> list[UUID]:
    """The families whose titular somebody is, where they may pay dues; nobody who is not signed in has any."""
    if not user.is_authenticated:
        return []
    return list(_to_pay().filter(pays_dues(user)).values_list("pk", flat=True)[:_MOST])


@dataclass(frozen=True, slots=True)
class ToPay:
    """One family's months as they are shown to whoever pays: what is owed, and how many may be paid."""

    membership: Membership
    heading: str
    owed: list[tuple[str, str]]
    payable: Payable


def months_to_pay(ids: Iterable[UUID], *, on: date) -> list[ToPay]:
    """What may be paid for these families on a day: months and amounts, and the plan where there are several.

    Raises RuleBroken where a rule is missing.
    """
    rows = list(_to_pay().filter(pk__in=ids))
    return [_shown(one, several=len(rows) > 1, on=on) for one in rows]


def _shown(membership: Membership, *, several: bool, on: date) -> ToPay:
    payable = payable_by_slip(membership, on=on)
    owed = [(month_told(one.period), format_money(one.amount, CURRENCY)) for one in payable.owed]
    return ToPay(membership, membership.plan.name if several else "", owed, payable)


def month_choices(shown: Iterable[ToPay]) -> list[tuple[str, str]]:
    """How many months of which family, with their sum: (its id and a count, what it says)."""
    return [
        (f"{one.membership.pk}:{count}", f"{one.heading}: {label}" if one.heading else label)
        for one in shown
        for count, label in one.payable.choices
    ]

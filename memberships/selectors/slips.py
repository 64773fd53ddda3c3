"""Reading slips: what a family may pay with one, what its page shows, what of them deposits may pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString, mark_safe

from memberships.models import Membership, ReferenceScheme, Slip, SlipLine
from memberships.models.shared import CURRENCY
from memberships.rules import ChargeState, MembershipState, slips
from memberships.rules.dues import first_of_next_month
from memberships.rules.slips import Month, SlipState
from memberships.selectors.dues import kept_prices
from portal import clock
from portal.access import Permission
from portal.design import dates
from portal.money import ZERO, format_money
from portal.papers.barcodes import code128_svg
from portal.rulebook.selectors import whole
from portal.treasury.models import AllocationShare
from portal.treasury.rules.collecting import Target
from portal.treasury.rules.offered import Expected, ExpectedState

if TYPE_CHECKING:
    from portal.people.models import User

FIRST = "Primera mensualidad"
_SHOWN = 12
_EXPECTED = {
    SlipState.ISSUED: ExpectedState.ISSUED,
    SlipState.EXPIRED: ExpectedState.EXPIRED,
    SlipState.CANCELLED: ExpectedState.CANCELLED,
    SlipState.PAID: ExpectedState.PAID,
    SlipState.PAID_LATE: ExpectedState.PAID,
    SlipState.REFUNDED: ExpectedState.REFUNDED,
}


@dataclass(frozen=True, slots=True)
class Payable:
    """What a family may pay now with a slip: months owed, those that follow, and the last that may be paid ahead.

    What credit pays by itself is not there, nor months that one of the open `slips` names.
    """

    owed: tuple[Month, ...]
    following: tuple[Month, ...]
    last_period: date
    slips: tuple[Slip, ...] = ()

    @property
    def choices(self) -> list[tuple[str, str]]:
        """How many months, with their sum."""
        total, found = ZERO, []
        for count, one in enumerate((*self.owed, *self.following), start=1):
            total += one.amount
            noun = "mensualidad" if count == 1 else "mensualidades"
            found.append((str(count), f"{count} {noun}: {format_money(total, CURRENCY)}"))
        return found


def payable_by_slip(membership: Membership, *, on: date) -> Payable:
    """The months of a membership that a slip may pay on a day. Raises RuleBroken where a rule is missing."""
    charges = list(membership.charges.filter(undone_at=None).order_by("due_on", "pk"))
    owed = [Month(one.period, one.amount) for one in charges if one.state == ChargeState.OPEN]
    last = _months_after(on.replace(day=1), whole("slip.months_ahead", on=on))
    following = _following(membership, until=last, on=on)
    waiting = _waiting_lines(membership, on=on)
    named = {line.period for line in waiting}
    if None in named:  # the first month: it may have got its name meanwhile
        named |= {one.period for one in charges if one.is_first}
    left = max(membership.credit - sum((one.amount for one in owed), ZERO), ZERO)
    return Payable(
        tuple(slips.left_to_pay(owed, credit=membership.credit, named=named)),
        tuple(slips.left_to_pay(following, credit=left, named=named)),
        last,
        tuple({line.slip_id: line.slip for line in waiting}.values()),
    )


def slips_short_of_credit(membership: Membership, *, on: date) -> list[Slip]:
    """Open slips that would not pay their months any more: they counted on more credit than there is now."""
    waiting = _waiting_lines(membership, on=on)
    if not waiting:
        return []
    named = {line.period for line in waiting}
    last = max((period for period in named if period), default=on.replace(day=1))
    charges = membership.charges.filter(undone_at=None, state=ChargeState.OPEN)
    owed = [Month(None if one.is_first else one.period, one.amount) for one in charges]
    months = [*owed, *_following(membership, until=last, on=on)]
    before = [one.amount for one in months if one.period not in named and (one.period or last) <= last]
    needed = sum(before, ZERO) + sum((line.price - line.amount for line in waiting), ZERO)
    return list({line.slip_id: line.slip for line in waiting}.values()) if needed > membership.credit else []


def _following(membership: Membership, *, until: date, on: date) -> list[Month]:
    """The months that are not charged yet, at the price that a paid slip keeps or that of their first day."""
    first = _first_following(membership, on=on)
    if first is None:
        return []
    prices = sorted(membership.plan.prices.all(), key=lambda one: one.since, reverse=True)
    kept = kept_prices(membership)

    def price(period: date) -> Decimal:
        return kept.get(period) or next(one.amount for one in prices if one.since <= max(period, on))

    return slips.following_months(first, price=price, until=until)


def _waiting_lines(membership: Membership, *, on: date) -> list[SlipLine]:
    """The months of a membership that slips name which may still be paid in time."""
    rows = SlipLine.objects.filter(membership=membership, slip__state=SlipState.ISSUED, slip__expires_on__gte=on)
    return list(rows.select_related("slip").order_by("pk"))


def open_slips(party_id: Any, *, on: date) -> int:
    """How many slips of a titular may still be paid in time."""
    return Slip.objects.filter(party=party_id, state=SlipState.ISSUED, expires_on__gte=on).count()


def _first_following(membership: Membership, *, on: date) -> date | None:
    """The first month that is not charged yet and may be paid ahead; None where none may."""
    if membership.state not in {MembershipState.ACTIVE, MembershipState.AWAITING_PAYMENT} or membership.cancel_asked_on:
        return None
    if membership.state == MembershipState.ACTIVE:
        return membership.next_due_on
    month = on.replace(day=1)
    begins = month if on.day <= whole("dues.month_until_day", on=on) else first_of_next_month(month)
    return first_of_next_month(begins)


def _months_after(month: date, count: int) -> date:
    for _each in range(count):
        month = first_of_next_month(month)
    return month


def slips_of(user: User) -> list[Slip]:
    """The last slips of a person's own families, the newest first, whatever they do at the desk."""
    own = Slip.objects.filter(party__in=user.party_ids(Permission.SEE_OWN_MEMBERSHIP))
    return list(own.select_related("scheme").order_by("-made_at", "-pk")[:_SHOWN])


def schemes_in_use() -> list[ReferenceScheme]:
    """The networks and banks that slips are made for now."""
    return list(ReferenceScheme.objects.filter(in_use=True).order_by("code"))


def month_told(period: date | None) -> str:
    """A month of a slip, in words."""
    return f"{dates.MONTHS[period.month - 1]} de {period.year}" if period else FIRST


def slip_page(slip: Slip) -> dict[str, Any]:
    """The public page of a slip: amounts, months and where to pay; no names."""
    rows = list(slip.lines.order_by("pk"))
    numbers = {pk: number for number, pk in enumerate(dict.fromkeys(one.membership_id for one in rows), start=1)}
    several = len(numbers) > 1
    lines = [
        (
            month_told(one.period) + (f", membresía {numbers[one.membership_id]}" if several else ""),
            format_money(one.amount, CURRENCY),
        )
        for one in rows
    ]
    return {
        "slip": slip,
        "state": (slip.label, slip.tone),
        "lead": _lead(slip),
        "may_pay": slip.may_pay,
        "amount": format_money(slip.amount, CURRENCY, code=True),
        "barcode": barcode(slip),
        "lines": lines,
        "rest": slip.rest if slip.state == SlipState.CANCELLED else None,
        "has_pdf": slip.document.pdf_id is not None,
        "pdf_comes": slip.may_pay and slip.document.pdf_id is None and slip.document.parked_at is None,
    }


def paid_state_of(slip: Slip) -> SlipState:
    """How a slip was paid: in time, or late by the value date of the first deposit that names it."""
    share = AllocationShare.objects.filter(key=slip.folio).select_related("allocation__movement").order_by("pk").first()
    return slips.paid_state(share.allocation.movement.on if share else slip.expires_on, expires=slip.expires_on)


def family_to_pay_again(slip: Slip) -> tuple[Membership | None, bool]:
    """Whose next slip may be made once this one's day is over, and whether it is for others of the titular's too.

    None while it may be paid, or where the families left.
    """
    if slip.state != SlipState.EXPIRED:
        return None, False
    lines = slip.lines.select_related("membership").order_by("pk")
    whose = {one.membership_id: one.membership for one in lines if one.membership.state != MembershipState.CANCELLED}
    return next(iter(whose.values()), None), len(whose) > 1


def _lead(slip: Slip) -> str:
    """What its page says first: what to do with it, as it stands."""
    amount, until = format_money(slip.amount, CURRENCY, code=True), dates.long(slip.expires_on)
    return {
        SlipState.ISSUED: f"Paga {amount} a más tardar el {until}.",
        SlipState.EXPIRED: f"Esta ficha de {amount} venció el {until}. Si todavía te la reciben, vale como pago.",
        SlipState.CANCELLED: f"Esta ficha de {amount} se canceló. No la pagues.",
        SlipState.PAID: f"Esta ficha de {amount} está pagada. No la pagues otra vez.",
        SlipState.PAID_LATE: f"Esta ficha de {amount} se pagó después de su fecha. No la pagues otra vez.",
        SlipState.REFUNDED: f"El dinero de esta ficha de {amount} se devolvió. No la pagues.",
    }[SlipState(slip.state)]


def barcode(slip: Slip) -> SafeString:
    """Its reference as a barcode: drawn by us, label escaped."""
    return mark_safe(code128_svg(slip.reference, label=f"Código de barras de la referencia {slip.told_reference}"))


def expected_slip(slip: Slip) -> Expected:
    """One slip, as the matcher of deposits takes it."""
    scheme, state = slip.scheme, expected_state(slip.state)
    return Expected(slip.folio, slip.reference, scheme.prefix, scheme.agreement, slip.amount, slip.expires_on, state)


def expected_state(state: str) -> ExpectedState:
    """Where a slip stands, as the matcher of deposits takes it."""
    return _EXPECTED[SlipState(state)]


def slip_target(slip: Slip) -> Target:
    """A slip as something that a deposit may pay, with whose it is; a closed one takes whatever comes as credit."""
    families = {one.membership.folio: one.membership.titular for one in slip.lines.all()}
    whose = "; ".join(f"{folio}, {titular.as_printed}" for folio, titular in sorted(families.items()) if titular)
    until = f"Vence el {dates.short(slip.expires_on)}"
    owed = slip.amount if slip.state in slips.OPEN else ZERO
    detail = f"{whose}. {slip.label}. {until}. Referencia {slip.told_reference}."
    return Target(slip.folio, f"Ficha {slip.folio}", detail, slip.party_id, clock.date_in(slip.made_at), owed)

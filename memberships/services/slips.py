"""Slips: made, cancelled, expired, and what a deposit does to one (domain 2.8, 2.9)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from memberships import selectors
from memberships.models import DuesPayment, Membership, ReferenceScheme, Slip, SlipKey, SlipLine
from memberships.models.shared import CURRENCY
from memberships.rules import MembershipState, references, slips
from memberships.rules.slips import SLIP, Month, SlipState
from memberships.services.payments import receive_payment, take_back
from memberships.services.slip_ends import ENDED, end_slip, is_over
from memberships.services.standing import locked
from portal import clock, ids
from portal.folios.services import next_folio
from portal.history.services import record
from portal.money import ZERO, format_money
from portal.papers import services as papers
from portal.papers.barcodes import code128_svg
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on
from portal.treasury.rules.offered import keys_of

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import AllocationShare, Movement

DOCUMENT = "payment-slip"
Lines = Sequence[tuple[Membership, Month]]


def make_slip(*, membership: Membership, scheme: ReferenceScheme, months: int, by: User | None, at: datetime) -> Slip:
    """Give a family something to pay its first `months` with: those it owes, oldest first, then those that follow.

    Raises Conflict for a membership that takes no money, RuleBroken where there are not so many months.
    """
    return make_slip_of(chosen=[(membership, months)], scheme=scheme, by=by, at=at)


@transaction.atomic
def make_slip_of(
    *, chosen: Sequence[tuple[Membership, int]], scheme: ReferenceScheme, by: User | None, at: datetime
) -> Slip:
    """One slip of the first months, so many of each, of one or several memberships of the same titular.

    Raises what `make_slip` raises, Conflict for those of several titulars.
    """
    on = clock.date_in(at)
    ordered = sorted(chosen, key=lambda one: one[0].pk)  # held in this order
    lines = [line for membership, months in ordered for line in _lines_to_pay(membership, months, on=on)]
    slips.check_one_titular({whose.titular.party_id for whose, _month in lines if whose.titular})
    return _issue_slip(scheme, lines, by=by, at=at)


def _lines_to_pay(membership: Membership, months: int, *, on: date) -> Lines:
    """The first months of a membership, which its caller holds from now on."""
    row = locked(membership)
    complete = row.joined_on is not None and row.state != MembershipState.DRAFT
    slips.check_may_pay(complete=complete, cancelled=row.state == MembershipState.CANCELLED)
    assert row.titular is not None  # `check_may_pay`
    slips.check_room(selectors.open_slips(row.titular.party_id, on=on))
    payable = selectors.payable_by_slip(row, on=on)
    chosen = slips.months_to_pay(
        payable.owed,
        count=months,
        following=payable.following,
        last_period=payable.last_period,
        waiting=[one.folio for one in payable.slips],
    )
    return [(row, month) for month in chosen]


def _issue_slip(
    scheme: ReferenceScheme, lines: Lines, *, by: User | None, at: datetime, replaces: Slip | None = None
) -> Slip:
    """A slip with its reference, keys, lines and paper, recorded."""
    on, titular = clock.date_in(at), lines[0][0].titular
    assert titular is not None  # complete
    scheme = _scheme_held(scheme)
    rule = rule_on(scheme.days_rule, on=on)
    slip = Slip(
        folio=next_folio(prefix="FP", at=at),
        code=ids.short_code(),
        party=titular.party,
        scheme=scheme,
        amount=sum((month.amount for _whose, month in lines), ZERO),
        made_at=at,
        made_by=by,
        expires_on=slips.expires_on(on, int(rule.value)),
        days_rule=str(refer(rule)),
        replaces=replaces,
    )
    slip.reference = _reference_of(slip)
    slip.document = papers.issue_document(
        kind=DOCUMENT,
        template="pdf/memberships/slip.html",
        context=_paper_of(slip, lines),
        party=slip.party,
        by=by,
        at=at,
    )
    slip.save(force_insert=True)
    _keep_lines(slip, lines)
    told = {"folio": slip.folio, "amount": str(slip.amount), "months": len(lines)}
    record(action="memberships.slip_made", subject=slip, party_id=slip.party_id, by=by, at=at, details=told)
    return slip


def _scheme_held(scheme: ReferenceScheme) -> ReferenceScheme:
    """The scheme as it stands, held until the slip is there: what its references mean is not changed meanwhile."""
    return ReferenceScheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)


def _reference_of(slip: Slip) -> str:
    """What a slip is paid with: the network's prefix, our number, its check digits."""
    scheme = slip.scheme
    number = slips.own_number(slip.folio, length=scheme.number_length)
    made = references.make(scheme.rules, number, pay_by=slip.expires_on, cents=int(slip.amount * 100))
    return f"{scheme.prefix}{made.full}"


def _keep_lines(slip: Slip, lines: Lines) -> None:
    """The months of a slip, and the keys by which its payment is found."""
    SlipLine.objects.bulk_create(
        SlipLine(slip=slip, membership=whose, period=month.period, amount=month.amount, price=month.whole)
        for whose, month in lines
    )
    expected = selectors.expected_slip(slip)
    SlipKey.objects.bulk_create(SlipKey(slip=slip, key=key) for key in keys_of(expected))


def _paper_of(slip: Slip, lines: Lines) -> dict[str, Any]:
    """What its PDF is made of: no names and no folio of a membership, several are numbered."""
    numbers = {pk: number for number, pk in enumerate(dict.fromkeys(whose.pk for whose, _month in lines), start=1)}
    drawn = code128_svg(slip.reference, label=slip.told_reference)
    return {
        "slip": slip.folio,
        "barcode": "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode(),
        "reference": slip.told_reference,
        "agreement": slip.scheme.agreement,
        "amount": format_money(slip.amount, CURRENCY, code=True),
        "expires_on": slip.expires_on.isoformat(),
        "places": slip.scheme.places,
        "seen": slip.scheme.seen,
        "lines": [
            [
                selectors.month_told(month.period) + (f", membresía {numbers[whose.pk]}" if len(numbers) > 1 else ""),
                format_money(month.amount, CURRENCY),
            ]
            for whose, month in lines
        ],
    }


@transaction.atomic
def cancel_slip(*, slip: Slip, by: User, at: datetime) -> Slip:
    """End a slip that was not paid; money that comes with it anyway waits at the desk. Raises Conflict once paid."""
    return end_slip(slip=held_slip(slip.folio), by=by, at=at)


@transaction.atomic
def expire_slip(*, slip: Slip, on: date, at: datetime) -> bool:
    """Say that a slip's last day is over; whether it was. A shop may still take it, then it is paid late."""
    slip = held_slip(slip.folio)
    if slip.state != SlipState.ISSUED or slip.expires_on >= on:
        return False
    SLIP.check(slip.state, SlipState.EXPIRED)
    slip.state = SlipState.EXPIRED.value
    slip.save(update_fields=["state"])
    record(action="memberships.slip_expired", subject=slip, party_id=slip.party_id, by=None, at=at)
    return True


def pay_slip(
    *, share: AllocationShare, movement: Movement, means: str, by: User | None, at: datetime, result: str = ""
) -> Slip:
    """A deposit pays a slip: each membership of its lines gets its part as credit, what is left goes to the first.

    Less than its amount: it is cancelled, and a new slip is made for the rest. Paid or closed before: all is credit.
    Raises Conflict where the system does it by itself and the slip no longer stands as its match said (`result`).
    """
    slip, lines = _held_with_families(share.key)
    if by is None:
        slips.check_as_matched(slip.state, result=result, amount=share.amount, asked=slip.amount)
    news = slips.SlipNews(slips.outcome_of(slip.state, amount=share.amount, asked=slip.amount), slip.folio)
    if slip.state in slips.OPEN:
        rest = _close_slip(slip, share.amount, movement.on, lines, by=by, at=at)
        news = replace(news, rest=rest.folio, rest_code=rest.code) if rest else news
    spread = slips.spread(share.amount, [(whose.pk, month.amount) for whose, month in lines])
    of = {whose.pk: whose for whose, _month in lines}
    told: dict[str, Any] = {"value_on": movement.on, "source": share, "means": means, "by": by, "at": at}
    first, *others = spread  # what is over is the first one's
    beside = [receive_payment(membership=of[pk], amount=spread[pk], beside=[], **told) for pk in others]
    receive_payment(membership=of[first], amount=spread[first], news=news, beside=beside or None, **told)
    record(
        action="memberships.slip_paid",
        subject=slip,
        party_id=slip.party_id,
        by=by,
        at=at,
        details={"amount": str(share.amount), "state": slip.state},
    )
    return slip


def _close_slip(slip: Slip, amount: Decimal, on: date, lines: Lines, *, by: User | None, at: datetime) -> Slip | None:
    """Paid, or ended with a slip for the rest; none for a membership that has ended."""
    is_short = amount < slip.amount
    state = SlipState.CANCELLED if is_short else slips.paid_state(on, expires=slip.expires_on)
    SLIP.check(slip.state, state)
    slip.state = state.value
    slip.save(update_fields=["state"])
    rest = slips.rest_of(amount, lines) if is_short else []
    rest = [(whose, month) for whose, month in rest if whose.state != MembershipState.CANCELLED]
    return _issue_slip(slip.scheme, rest, by=by, at=at, replaces=slip) if rest else None


def unpay_slip(
    *, share: AllocationShare, others: Sequence[AllocationShare], reason: str, by: User, at: datetime
) -> Slip:
    """The deposit that paid a slip was taken back: it waits again, unless `others`, oldest first, pay it whole.

    Where it had paid a part and ended the slip, the slip for the rest ends in its place while nobody paid that.
    """
    slip, _lines = _held_with_families(share.key)
    source = {"source_type": share._meta.label_lower, "source_id": str(share.pk), "taken_back_on": None}
    for payment in DuesPayment.objects.filter(**source).select_related("membership").order_by("pk"):
        take_back(payment=payment, reason=reason, by=by, at=at)
    waits = slip.state in slips.PAID and sum((one.amount for one in others), ZERO) < slip.amount
    if slip.state == SlipState.CANCELLED and not any(one.pk < share.pk for one in others):
        waits = _end_rest(slip, reason=reason, by=by, at=at) and not others
    if waits:
        _wait_again(slip, by=by, at=at)
    record(action="memberships.slip_unpaid", subject=slip, party_id=slip.party_id, by=by, at=at, reason=reason)
    return slip


def _end_rest(slip: Slip, *, reason: str, by: User, at: datetime) -> bool:
    """Cancel what was made for the rest of a slip; whether there was one that nobody had paid or cancelled."""
    made = slip.rest
    rest = held_slip(made.folio) if made else None
    if rest is None or rest.state not in slips.OPEN:
        return False
    end_slip(slip=rest, reason=reason, by=by, at=at)
    return True


def _wait_again(slip: Slip, *, by: User, at: datetime) -> None:
    """Open, or past its day; cancelled where every membership of it has ended."""
    state = slips.unpaid_state(clock.date_in(at), expires=slip.expires_on)
    SLIP.check(slip.state, state)
    slip.state = state.value
    slip.save(update_fields=["state"])
    if is_over(slip):
        end_slip(slip=slip, reason=ENDED, by=by, at=at)


def held_slip(folio: str) -> Slip:
    """The slip as it stands, held until the act that asks is over."""
    return Slip.objects.select_for_update(of=("self",)).select_related("scheme", "party").get(folio=folio)


def _held_with_families(folio: str) -> tuple[Slip, Lines]:
    """The slip and its lines, after its memberships: whoever ends a membership holds them in the same order."""
    named = SlipLine.objects.filter(slip__folio=folio).values("membership")
    list(Membership.objects.select_for_update(of=("self",)).filter(pk__in=named).order_by("pk"))
    slip = held_slip(folio)
    return slip, _lines_of(slip)


def _lines_of(slip: Slip) -> Lines:
    rows = slip.lines.select_related("membership__titular__party").order_by("pk")
    return [(one.membership, Month(one.period, one.amount, one.price)) for one in rows]

"""What is charged, as rows and in the books: both say what the dues of today say, the books corrected by reversal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from memberships.models import Charge, DuesPosting, Membership
from memberships.models.shared import CURRENCY
from memberships.rules import CHARGE, ChargeState, ledger
from memberships.rules import dues as walk
from memberships.rules.states import steps
from memberships.selectors.dues import grouped
from portal import clock
from portal.prepared import AnyOf, insert_all
from portal.treasury import services as treasury
from portal.treasury.rules import Line

if TYPE_CHECKING:
    from portal.people.models import User

Found = Sequence[tuple[Membership, walk.Dues]]
"""Locked memberships, each with what its dues of today are."""
Month = date | None  # None: of the first one
Told = tuple[Membership, Charge, walk.Charge]
"""A charge that is new or stood otherwise: whose, its row, and what the walk says of it."""
_SAID = ("period", "due_on", "grace_ends_on", "amount", "settled_on", "written_off_on")
WHY_REVERSED = "Un pago con fecha valor anterior, o uno que se retiró, cambió las mensualidades."


def write_charges(*, found: Found, by: User | None, at: datetime) -> None:
    """Each charge as the walk has it, oldest first; all but the first are found by their month."""
    told, undone = _stands_otherwise(found)
    gone, moved = [row.pk for row in undone], [row for _family, row, _charge in told if not row._state.adding]
    if gone:
        Charge.objects.filter(pk__in=gone).update(undone_at=at)
    for _family, row, charge in told:
        _set_charge(row, charge)
    for row in moved:
        row.save()
    insert_all([row for _family, row, _charge in told if row._state.adding])
    _write_postings(told, stood=[*gone, *(row.pk for row in moved)], by=by, at=at)


def _stands_otherwise(found: Found) -> tuple[list[Told], list[Charge]]:
    """The charges that are new or stand otherwise than the walk says, and those that it does not know any more.

    One that stands as it did is not drawn, and the books are not asked about it: they were told in the transaction that
    wrote it, and nobody else tells them. So it is with nearly all the months that a family has behind it.
    """
    live = Charge.objects.filter(AnyOf("membership", [one.pk for one, _dues in found]), undone_at=None)
    stored = grouped(live.values_list("membership_id", "is_first", "state", *_SAID), itemgetter(0))
    otherwise, undone, touched = list[tuple[Membership, Month, walk.Charge]](), list[tuple[UUID, Month]](), set[UUID]()
    for family, dues in found:
        stood = {None if row[1] else row[3]: row[2:] for row in stored.get(family.pk, ())}
        for number, charge in enumerate(dues.charges):
            month = charge.period if number else None
            was = stood.pop(month, None)
            if was != (_state_of(charge).value, *_said(charge)):
                otherwise.append((family, month, charge))
                touched |= {family.pk} if was else set()
        undone += [(family.pk, month) for month in stood]
    touched |= {family for family, _month in undone}
    rows = {
        (row.membership_id, None if row.is_first else row.period): row for row in live.filter(membership__in=touched)
    }
    told = [
        (family, rows.get((family.pk, month)) or Charge(membership_id=family.pk, is_first=month is None), charge)
        for family, month, charge in otherwise
    ]
    return told, [rows[key] for key in undone]


def _said(charge: walk.Charge) -> tuple[object, ...]:
    return tuple(getattr(charge, name) for name in _SAID)


def _state_of(charge: walk.Charge) -> ChargeState:
    if charge.settled_on:
        return ChargeState.SETTLED
    return ChargeState.WRITTEN_OFF if charge.written_off_on else ChargeState.OPEN


def _set_charge(row: Charge, charge: walk.Charge) -> None:
    """Have the row say what the walk says."""
    for step in steps(CHARGE, row.state, _state_of(charge), by_way_of=ChargeState.OPEN):
        CHARGE.check(row.state, ChargeState(step))
        row.state = step.value
    for name in _SAID:
        setattr(row, name, getattr(charge, name))


def _write_postings(changed: Sequence[Told], *, stood: Sequence[UUID], by: User | None, at: datetime) -> None:
    """The books say of each of these charges what its row does: what they said otherwise is reversed, then said anew.

    `stood`: the charges of which they may have said something.
    """
    posted = dict[tuple[UUID, str], tuple[date, Decimal, UUID]]()
    if stood:
        live = DuesPosting.objects.filter(charge__in=stood, reversed_at=None)
        told = live.values_list("charge_id", "act", "on", "amount", "pk")
        posted = {(charge, act): (on, amount, pk) for charge, act, on, amount, pk in told}
    fresh, entries = list[DuesPosting](), list[treasury.Draft]()
    for family, row, _charge in changed:
        days = {ledger.CHARGED: row.due_on, ledger.SETTLED: row.settled_on, ledger.WRITTEN_OFF: row.written_off_on}
        for act, day in days.items():
            if day is None:
                continue
            stands = posted.get((row.pk, act))
            if stands is not None and stands[:2] == (day, row.amount):
                del posted[row.pk, act]
                continue
            posting = DuesPosting(charge_id=row.pk, act=act, on=day, amount=row.amount)
            fresh.append(posting)
            entries.append(treasury.Draft(act, lines_of(family, act, row.amount), DuesPosting, posting.pk, day))
    _reverse_postings([pk for _on, _amount, pk in posted.values()], by=by, at=at)
    made = treasury.post_entries(entries=entries, by=by, at=at, on_record=True)
    for posting, entry in zip(fresh, made, strict=True):
        posting.entry_id = entry
    insert_all(fresh)


def _reverse_postings(pks: Sequence[UUID], *, by: User | None, at: datetime) -> None:
    if not pks:
        return
    for posting in DuesPosting.objects.filter(pk__in=pks).select_related("entry").order_by("on", "pk"):
        assert posting.entry is not None
        treasury.reverse_entry(entry=posting.entry, by=by, at=at, on=clock.date_in(at), reason=WHY_REVERSED)
        posting.reversed_at = at
        posting.save(update_fields=["reversed_at"])


def lines_of(membership: Membership, act: str, amount: Decimal) -> list[Line]:
    """An act's lines for the books: what is kept for somebody is the titular's."""
    assert membership.titular is not None
    party = membership.titular.party_id
    return [
        Line(account, signed, CURRENCY, party if account in ledger.OF_PARTY else None)
        for account, signed in ledger.entry(act, amount)
    ]

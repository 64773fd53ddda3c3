"""What is charged, as rows and in the books: both say what the dues of today say, the books corrected by reversal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from memberships.models import Charge, DuesPosting, Membership
from memberships.models.shared import CURRENCY
from memberships.rules import CHARGE, ChargeState, ledger
from memberships.rules import dues as walk
from memberships.rules.states import steps
from memberships.selectors.dues import grouped
from portal import clock
from portal.prepared import insert_all
from portal.treasury import services as treasury
from portal.treasury.rules import Line

if TYPE_CHECKING:
    from portal.people.models import User

Found = Sequence[tuple[Membership, walk.Dues]]
"""Locked memberships, each with what its dues of today are."""
WHY_REVERSED = "Un pago con fecha valor anterior, o uno que se retiró, cambió las mensualidades."


def write_charges(*, found: Found, by: User | None, at: datetime) -> None:
    """Each charge as the walk has it, oldest first; all but the first are found by their month."""
    families = [one for one, _dues in found]
    stored = grouped(Charge.objects.filter(membership__in=families, undone_at=None), lambda one: one.membership_id)
    kept, gone = list[tuple[Membership, Charge]](), list[Charge]()
    fresh, moved = list[Charge](), list[Charge]()
    for family, dues in found:
        rows = {(None if row.is_first else row.period): row for row in stored.get(family.pk, ())}
        for number, charge in enumerate(dues.charges):
            row = rows.pop(charge.period if number else None, None) or Charge(membership=family, is_first=not number)
            changed = _set_charge(row, charge)
            if row._state.adding:
                fresh.append(row)
            elif changed:
                moved.append(row)
            kept.append((family, row))
        gone += rows.values()
    if gone:
        Charge.objects.filter(pk__in=[row.pk for row in gone]).update(undone_at=at)
    for row in moved:
        row.save()
    insert_all(fresh)
    _write_postings(families, kept, by=by, at=at)


def _set_charge(row: Charge, charge: walk.Charge) -> bool:
    """Have the row say what the walk says; answers whether it said something else."""
    new = ChargeState.OPEN
    if charge.settled_on:
        new = ChargeState.SETTLED
    elif charge.written_off_on:
        new = ChargeState.WRITTEN_OFF
    fields = ("period", "due_on", "grace_ends_on", "amount", "settled_on", "written_off_on")
    before = (row.state, *(getattr(row, name) for name in fields))
    for step in steps(CHARGE, row.state, new, by_way_of=ChargeState.OPEN):
        CHARGE.check(row.state, ChargeState(step))
        row.state = step.value
    for name in fields:
        setattr(row, name, getattr(charge, name))
    return before != (row.state, *(getattr(row, name) for name in fields))


def _write_postings(
    families: Sequence[Membership], kept: Iterable[tuple[Membership, Charge]], *, by: User | None, at: datetime
) -> None:
    """The books say of each charge what its row does: what they said otherwise is reversed, then said anew."""
    live = DuesPosting.objects.filter(charge__membership__in=families, reversed_at=None)
    told = live.values_list("charge_id", "act", "on", "amount", "pk")
    posted = {(charge, act): (on, amount, pk) for charge, act, on, amount, pk in told}
    fresh, entries = list[DuesPosting](), list[treasury.Draft]()
    for family, row in kept:
        days = {ledger.CHARGED: row.due_on, ledger.SETTLED: row.settled_on, ledger.WRITTEN_OFF: row.written_off_on}
        for act, day in days.items():
            if day is None:
                continue
            stands = posted.get((row.pk, act))
            if stands is not None and stands[:2] == (day, row.amount):
                del posted[row.pk, act]
                continue
            posting = DuesPosting(charge=row, act=act, on=day, amount=row.amount)
            fresh.append(posting)
            entries.append(treasury.Draft(act, lines_of(family, act, row.amount), posting, day))
    _reverse_postings([pk for _on, _amount, pk in posted.values()], by=by, at=at)
    made = treasury.post_entries(entries=entries, by=by, at=at, on_record=True)
    for posting, entry in zip(fresh, made, strict=True):
        posting.entry = entry
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

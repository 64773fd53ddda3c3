"""What a membership owes and where it stands, stored anew from all its payments by value date (domain 2.11).

One way leads here for whatever happens: a payment, one that is taken back, a request to cancel, a day that comes. The
pure walk says what was and is; what stands otherwise in rows and books is corrected, the books by reversal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from memberships.models import Charge, Cover, DuesDue, DuesPosting, Membership, StandingChange
from memberships.rules import CHARGE, LIVE, MEMBERSHIP, ChargeState, MembershipState, ledger
from memberships.rules import dues as walk
from memberships.rules.states import steps
from memberships.selectors import dues as reading
from memberships.services.slip_ends import end_slips
from portal import clock
from portal.access import Role
from portal.calendars.rules import next_reminder
from portal.errors import Conflict
from portal.people.models import Grant
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on
from portal.treasury import services as treasury
from portal.treasury.rules import Line

if TYPE_CHECKING:
    from portal.people.models import User

CURRENCY = "MXN"
WHY_REVERSED = "Un pago con fecha valor anterior, o uno que se retiró, cambió las mensualidades."
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class News:
    """What came out otherwise than it stood: steps that are new and steps that never were, by day."""

    before: str
    after: str
    happened: tuple[tuple[date, str], ...]
    undone: tuple[tuple[date, str], ...]


def locked(membership: Membership) -> Membership:
    """The membership under its lock, with what its dues are made of."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("plan", "titular__party")
    return rows.get(pk=membership.pk)


def restate(*, membership: Membership, by: User | None, at: datetime) -> News:
    """Store what the dues of today say of a locked membership; answers what changed. Its caller records the act.

    Raises Conflict (`joined_anew`) where a payment would bring back a membership whose titular joined the plan anew.
    """
    on = clock.date_in(at)
    found = reading.dues_of(membership, on=on)
    _refuse_joined_anew(membership, found, on=on)
    news = _note_steps(membership, found, at)
    _write_charges(membership, found.charges, by=by, at=at)
    _write_cover(membership, found)
    for step in steps(MEMBERSHIP, membership.state, MembershipState(found.standing), by_way_of=MembershipState.ACTIVE):
        MEMBERSHIP.check(membership.state, MembershipState(step))
        membership.state = step.value
    membership.credit, membership.owed = found.credit, found.owed
    membership.next_due_on, membership.looks_again_on = found.next_due_on, found.looks_again_on
    membership.save(update_fields=["state", "credit", "owed", "next_due_on", "looks_again_on"])
    _write_dates(membership, found, on=on, at=at)
    if membership.state == MembershipState.CANCELLED != news.before:
        end_slips(membership=membership, by=by, at=at)
    return news


def _refuse_joined_anew(membership: Membership, found: walk.Dues, *, on: date) -> None:
    """The same person in another live family of the plan: only a clerk can say which one is paid.

    By row, by CURP, or by account: who signs in today for both, where both were born the same day. A daughter who
    signs in for her mother too is not her mother.
    """
    if membership.state != MembershipState.CANCELLED or found.standing is walk.Standing.CANCELLED:
        return
    titular = membership.titular
    assert titular is not None
    members = Grant.objects.in_force(on=on).filter(role=Role.MEMBER.value)
    parties = members.filter(user__in=members.filter(party=titular.party_id).values("user")).values("party")
    by_account = Q(titular__party__in=parties, titular__born_on=titular.born_on)
    if titular.curp_index:
        by_account &= Q(titular__curp_index__in=["", titular.curp_index])
        by_account |= Q(titular__curp_index=titular.curp_index)
    same = Q(titular=titular) | by_account
    if Membership.objects.filter(same, plan=membership.plan_id, state__in=LIVE).exists():
        raise Conflict(
            "Este pago reviviría una membresía cancelada, y su titular ya se afilió de nuevo al plan. Asígnalo a la "
            "membresía nueva.",
            code="joined_anew",
        )


def _note_steps(membership: Membership, found: walk.Dues, at: datetime) -> News:
    rows = list(membership.changes.filter(undone_at=None).order_by("on", "pk"))
    wanted = [(day, str(standing)) for day, standing in found.steps]
    stood = [(row.on, row.standing) for row in rows]
    gone = [row for row in rows if (row.on, row.standing) not in wanted]
    StandingChange.objects.filter(pk__in=[row.pk for row in gone]).update(undone_at=at)
    fresh = [one for one in wanted if one not in stood]
    StandingChange.objects.bulk_create(
        StandingChange(membership=membership, on=day, standing=standing, noted_at=at) for day, standing in fresh
    )
    undone = tuple((row.on, row.standing) for row in gone)
    return News(membership.state, str(found.standing), tuple(fresh), undone)


# --- charges and the books -------------------------------------------------------------------------------------------


def _write_charges(membership: Membership, wanted: list[walk.Charge], *, by: User | None, at: datetime) -> None:
    """Each charge as the walk has it, oldest first; all but the first are found by their month."""
    stored = {(None if row.is_first else row.period): row for row in membership.charges.filter(undone_at=None)}
    posted: dict[object, list[DuesPosting]] = {}
    live = DuesPosting.objects.filter(charge__membership=membership, reversed_at=None).select_related("entry")
    for posting in live.order_by("on", "pk"):
        posted.setdefault(posting.charge_id, []).append(posting)
    kept = []
    for number, charge in enumerate(wanted):
        row = stored.get(charge.period if number else None) or Charge(membership=membership, is_first=not number)
        _write_charge(row, charge)
        kept.append((row, posted.get(row.pk, [])))
    gone = [row for row in stored.values() if row.pk not in {one.pk for one, _posted in kept}]
    Charge.objects.filter(pk__in=[row.pk for row in gone]).update(undone_at=at)
    for row in gone:
        _reverse_postings(posted.get(row.pk, []), by=by, at=at)
    for row, standing in kept:
        _post_charge(membership, row, standing, by=by, at=at)


def _write_charge(row: Charge, charge: walk.Charge) -> None:
    """The row as the walk has it, saved only where it says something else."""
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
    if row._state.adding or before != (row.state, *(getattr(row, name) for name in fields)):
        row.save()


def _post_charge(
    membership: Membership, row: Charge, live: list[DuesPosting], *, by: User | None, at: datetime
) -> None:
    """The books say of a charge what its row does: what they said otherwise is reversed, then said anew."""
    days = {ledger.CHARGED: row.due_on, ledger.SETTLED: row.settled_on, ledger.WRITTEN_OFF: row.written_off_on}
    wanted = {act: day for act, day in days.items() if day is not None}
    wrong = [one for one in live if wanted.get(one.act) != one.on or one.amount != row.amount]
    _reverse_postings(wrong, by=by, at=at)
    said = {one.act for one in live if one not in wrong}
    for act, day in wanted.items():
        if act not in said:
            posting = DuesPosting(charge=row, act=act, on=day, amount=row.amount)
            posting.entry = treasury.post_entry(
                kind=act, lines=lines_of(membership, act, row.amount), subject=posting, at=at, on=day, by=by
            )
            posting.save(force_insert=True)


def _reverse_postings(postings: Iterable[DuesPosting], *, by: User | None, at: datetime) -> None:
    for posting in postings:
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


# --- cover and dates -------------------------------------------------------------------------------------------------


def _write_cover(membership: Membership, found: walk.Dues) -> None:
    stored = list(membership.covers.order_by("since").values_list("since", "until"))
    if stored == found.cover:
        return
    membership.covers.all().delete()
    Cover.objects.bulk_create(Cover(membership=membership, since=since, until=until) for since, until in found.cover)


def _write_dates(membership: Membership, found: walk.Dues, *, on: date, at: datetime) -> None:
    """The date of the next month's dues; those of before are met when paid, ended when the month is not owed."""
    by_day = {charge.due_on: charge for charge in found.charges}
    waiting = list(membership.dues_dates.filter(met_at=None, ended_at=None))
    for row in waiting:
        charge = by_day.get(row.due_on)
        if charge is not None and charge.settled_on:
            row.met_at, row.next_reminder_on = at, None
        elif row.due_on != found.next_due_on and not (
            charge is not None and charge.is_open and found.standing is walk.Standing.ACTIVE
        ):
            row.ended_at, row.next_reminder_on = at, None
        else:
            continue
        row.save(update_fields=["met_at", "ended_at", "next_reminder_on"])
    wanted = {found.next_due_on} if found.next_due_on else set()
    if found.standing is walk.Standing.ACTIVE:  # months that are owed again, where a suspension never was
        wanted |= {charge.due_on for charge in found.charges if charge.is_open}
    known = membership.dues_dates.filter(due_on__in=wanted, ended_at=None).values_list("due_on", flat=True)
    for day in sorted(wanted - set(known)):
        _begin_date(membership, day, on=on)


def _begin_date(membership: Membership, due_on: date, *, on: date) -> None:
    row = DuesDue(membership=membership, anchor=min(on, due_on), due_on=due_on, rolled_on=due_on)
    row.due_rule = str(refer(rule_on("dues.month_until_day", on=row.anchor)))
    row.next_reminder_on = next_reminder(due_on, reading.reminders_of(row), after=on - _DAY)
    row.save(force_insert=True)

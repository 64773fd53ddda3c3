"""What a membership owes and where it stands, stored anew from all its payments by value date (domain 2.11).

One way leads here for whatever happens: a payment, one that is taken back, a request to cancel, a day that comes. The
pure walk says what was and is; what stands otherwise in rows and books is corrected, the books by reversal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import Q

from memberships.models import Cover, DuesDue, Membership, StandingChange
from memberships.rules import LIVE, MEMBERSHIP, MembershipState
from memberships.rules import dues as walk
from memberships.rules.states import steps
from memberships.selectors import dues as reading
from memberships.services.charging import Found, write_charges
from memberships.services.slip_ends import end_slips
from portal import clock, ids
from portal.access import Role
from portal.calendars.rules import next_reminder
from portal.errors import Conflict
from portal.people.models import Grant
from portal.prepared import AnyOf, as_array, insert_all, insert_columns
from portal.reading import one_reading
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on

if TYPE_CHECKING:
    from portal.people.models import User

# One row a membership, whatever each of them comes to owe.
_STORE = """
UPDATE memberships_membership AS stored SET state = told.state, credit = told.credit, owed = told.owed,
    next_due_on = told.next_due_on, looks_again_on = told.looks_again_on
FROM unnest(%s::uuid[], %s::text[], %s::numeric[], %s::numeric[], %s::date[], %s::date[])
    AS told (id, state, credit, owed, next_due_on, looks_again_on)
WHERE stored.id = told.id
"""
_DAY = timedelta(days=1)
# What the days ask of a family: the rest of its row and of its titular's stays unread.
_JUDGED = (
    *("plan_id", "kind", "folio", "state", "joined_on", "cancel_asked_on", "credit", "owed", "next_due_on"),
    *("looks_again_on", "titular__party_id"),
)


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


def locked_free(pks: Collection[UUID], *, on: date) -> list[Membership]:
    """Those families of a day that nobody else holds, under their locks; whoever is held is left to `locked`."""
    rows = Membership.objects.to_look_at(on=on).dues().exclude(state=MembershipState.DRAFT).filter(AnyOf("pk", pks))
    held = rows.select_for_update(of=("self",), skip_locked=True).select_related("titular")
    return list(held.only(*_JUDGED).order_by("pk"))


def restate(*, membership: Membership, by: User | None, at: datetime) -> News:
    """Store what the dues of today say of a locked membership; answers what changed. Its caller records the act.

    Raises Conflict (`joined_anew`) where a payment would bring back a membership whose titular joined the plan anew.
    """
    return restate_many(memberships=[membership], by=by, at=at)[membership.pk]


def restate_many(*, memberships: Sequence[Membership], by: User | None, at: datetime) -> dict[UUID, News]:
    """`restate` of many locked memberships, by their ids: all is read and written in a few statements."""
    on = clock.date_in(at)
    found = _judge_dues(memberships, on=on)
    for one, dues in found:
        _refuse_joined_anew(one, dues, on=on)
    news = _note_steps(found, at)
    write_charges(found=found, by=by, at=at)
    _write_cover(found)
    _write_standing(found)
    _write_dates(found, on=on, at=at)
    for one in memberships:
        if one.state == MembershipState.CANCELLED != news[one.pk].before:
            end_slips(membership=one, by=by, at=at)
    return news


def _judge_dues(memberships: Sequence[Membership], *, on: date) -> Found:
    """What the pure walk says of each; the rulebook is asked once for all."""
    with one_reading():
        dues = reading.dues_of_many(memberships, on=on)
    return [(one, dues[one.pk]) for one in memberships]


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


def _of(found: Found) -> AnyOf:
    return AnyOf("membership", [one.pk for one, _dues in found])


def _note_steps(found: Found, at: datetime) -> dict[UUID, News]:
    rows = StandingChange.objects.filter(_of(found), undone_at=None)
    told = rows.order_by("on", "pk").values_list("membership_id", "on", "standing", "pk")
    noted = reading.grouped(told, itemgetter(0))
    news, gone, fresh = dict[UUID, News](), list[int](), list[StandingChange]()
    for one, dues in found:
        stood = {(day, standing): pk for _family, day, standing, pk in noted.get(one.pk, ())}
        wanted = [(day, str(standing)) for day, standing in dues.steps]
        happened = tuple(step for step in wanted if step not in stood)
        undone = tuple(step for step in stood if step not in wanted)
        gone += [stood[step] for step in undone]
        fresh += [StandingChange(membership_id=one.pk, on=day, standing=name, noted_at=at) for day, name in happened]
        news[one.pk] = News(one.state, str(dues.standing), happened, undone)
    if gone:
        StandingChange.objects.filter(pk__in=gone).update(undone_at=at)
    insert_all(fresh)
    return news


def _write_standing(found: Found) -> None:
    """Where each stands, what it owes and when it is looked at again: one statement."""
    for one, dues in found:
        for step in steps(MEMBERSHIP, one.state, MembershipState(dues.standing), by_way_of=MembershipState.ACTIVE):
            MEMBERSHIP.check(one.state, MembershipState(step))
            one.state = step.value
        one.credit, one.owed = dues.credit, dues.owed
        one.next_due_on, one.looks_again_on = dues.next_due_on, dues.looks_again_on
    told = [(one.pk, one.state, one.credit, one.owed, one.next_due_on, one.looks_again_on) for one, _dues in found]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [as_array(column) for column in zip(*told, strict=True)])


def _write_cover(found: Found) -> None:
    rows = Cover.objects.filter(_of(found)).order_by("since")
    stored = reading.grouped(rows.values_list("membership_id", "since", "until"), itemgetter(0))
    changed = [(one, dues.cover) for one, dues in found if dues.cover != [row[1:] for row in stored.get(one.pk, ())]]
    if not changed:
        return
    Cover.objects.filter(membership__in=[one for one, _cover in changed]).delete()
    insert_all([Cover(membership=one, since=since, until=until) for one, cover in changed for since, until in cover])


def _write_dates(found: Found, *, on: date, at: datetime) -> None:
    """The date of the next month's dues; those of before are met when paid, ended when the month is not owed."""
    stored = DuesDue.objects.filter(_of(found), ended_at=None)
    waiting = reading.grouped(stored.filter(met_at=None).values_list("membership_id", "pk", "due_on"), itemgetter(0))
    met, ended, wanted = list[UUID](), list[UUID](), list[tuple[Membership, date]]()
    for one, dues in found:
        by_day = {charge.due_on: charge for charge in dues.charges}
        owed = {charge.due_on for charge in dues.charges if charge.is_open and dues.standing is walk.Standing.ACTIVE}
        asked = owed | ({dues.next_due_on} if dues.next_due_on else set())
        for _family, pk, day in waiting.get(one.pk, ()):
            charge = by_day.get(day)
            if charge is not None and charge.settled_on:
                met.append(pk)
            elif day not in asked:
                ended.append(pk)
        wanted += [(one, day) for day in sorted(asked)]  # months owed again too, where a suspension never was
    if met:
        DuesDue.objects.filter(AnyOf("pk", met)).update(met_at=at, next_reminder_on=None)
    if ended:
        DuesDue.objects.filter(pk__in=ended).update(ended_at=at, next_reminder_on=None)
    days = stored.filter(due_on__in={day for _one, day in wanted}).values_list("membership_id", "due_on")
    known = set(days) if wanted else set()
    _insert_dates([(one.pk, day) for one, day in wanted if (one.pk, day) not in known], on=on)


def _insert_dates(wanted: Sequence[tuple[UUID, date]], *, on: date) -> None:
    """A month's date says the same of every family: one row a day is drawn."""
    with one_reading():
        drawn = {day: _date_of(day, on=on) for day in {day for _family, day in wanted}}
    said = ("anchor", "due_on", "rolled_on", "due_rule", "next_reminder_on", "met_at", "ended_at")
    columns = {name: [getattr(drawn[day], name) for _family, day in wanted] for name in said}
    keys = {"id": [ids.uuid7() for _one in wanted], "membership_id": [family for family, _day in wanted]}
    insert_columns(DuesDue, keys | columns)


def _date_of(due_on: date, *, on: date) -> DuesDue:
    row = DuesDue(anchor=min(on, due_on), due_on=due_on, rolled_on=due_on)
    row.due_rule = str(refer(rule_on("dues.month_until_day", on=row.anchor)))
    row.next_reminder_on = next_reminder(due_on, reading.reminders_of(row), after=on - _DAY)
    return row

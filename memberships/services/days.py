"""What the days do by themselves: months are charged, memberships suspended and ended, dates reminded of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from memberships import selectors
from memberships.models import DuesDue, Membership
from memberships.rules import MembershipState, PlanKind
from memberships.services import telling
from memberships.services.certificates import pass_certificate
from memberships.services.joining import pass_draft
from memberships.services.standing import locked, locked_free, restate_many
from portal.history.services import Act, record, record_many


@transaction.atomic
def pass_days(*, membership: Membership, on: date, at: datetime) -> bool:
    """Bring a membership to the end of a day, whatever days were missed, in order; False when it was there already.

    Every step is told once. The beat calls it for each whose stored day has come.
    """
    row = locked(membership)
    if row.looks_again_on is None or row.looks_again_on > on:
        return False
    if row.kind == PlanKind.POLICY:
        return pass_certificate(membership=row, on=on, at=at)
    if row.state == MembershipState.DRAFT:
        return pass_draft(draft=row, on=on, at=at)
    _pass_families([row], on=on, at=at)
    return True


@transaction.atomic
def pass_many_days(*, memberships: Collection[UUID], on: date, at: datetime) -> set[UUID]:
    """Bring many families to the end of a day, each as `pass_days` brings one, in a few statements; answers which.

    Drafts and certificates, and whoever somebody else holds at the moment, are left to `pass_days`.
    """
    rows = locked_free(memberships, on=on)
    if rows:
        _pass_families(rows, on=on, at=at)
    return {one.pk for one in rows}


def _pass_families(rows: Sequence[Membership], *, on: date, at: datetime) -> None:
    news = restate_many(memberships=rows, by=None, at=at)
    telling.tell_steps_of_many(happened=[(one, news[one.pk].happened) for one in rows], at=at)
    until = on.isoformat()
    acts = [
        Act("memberships.days_passed", Membership, one.pk, {"state": one.state, "owed": str(one.owed), "until": until})
        for one in rows
    ]
    record_many(acts=acts, by=None, at=at)


def remind_dues(*, due: DuesDue, reached: Sequence[date], on: date, at: datetime) -> None:
    """Remind the titular of a month's dues, once for the planned days that have come; `calendars.remind` calls.

    Several days after a pause are one message. Whoever has the credit for it is not reminded before the day.
    """
    membership = Membership.objects.select_related("titular", "plan").get(pk=due.membership_id)
    late = due.is_over(on=on)
    if not late and membership.credit >= selectors.month_price(membership, due.due_on):
        return
    telling.tell_titular(
        membership=membership,
        kind="dues_late" if late else "dues_reminder",
        key=f"{due.due_on.isoformat()}:{reached[0].isoformat()}",
        at=at,
        due=due.due_on,
    )
    record(
        action="memberships.dues_reminded",
        subject=membership,
        by=None,
        at=at,
        details={"planned": [day.isoformat() for day in reached], "due": due.due_on.isoformat()},
    )

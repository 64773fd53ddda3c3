"""What memberships show at a member's home: what is to be paid, and until when the family is covered (N17)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Min, Q
from django.urls import reverse

from memberships.models import Membership, titular_is
from memberships.rules import LIVE, OWED_LABELS, ChargeState, MembershipState
from memberships.rules.paying import next_act
from portal.access import Permission, Workspace
from portal.design import dates
from portal.money import format_money
from portal.work.registry import Filled, Panel, WorkItem

if TYPE_CHECKING:
    from portal.people.models import User


def dues(user: User, at: datetime) -> Filled:
    """Months that wait to be paid, the family that is not covered first; nothing owed is a sentence with the next day.

    Only a titular's: the dues are nobody else's to see (AC-05).
    """
    open_ones = Q(charges__state=ChargeState.OPEN, charges__undone_at=None)
    rows = list(
        Membership.objects.filter(titular_is(user), state__in=LIVE)
        .select_related("plan")
        .annotate(
            due_on=Min("charges__due_on", filter=open_ones), grace_on=Min("charges__grace_ends_on", filter=open_ones)
        )
        .order_by("created_at", "pk")
    )
    owing = [_owed(row) for row in rows if row.owed]
    paid = [(row.plan.name, row.next_due_on) for row in rows if not row.owed]
    said = " ".join(f"{plan}: al corriente. Próxima mensualidad, {dates.long(on)}." for plan, on in paid if on)
    page = reverse("memberships:home")
    return Filled(items=owing, text="" if owing else said, act=("Ver mi membresía", page) if rows else None)


def _owed(row: Any) -> WorkItem:
    """`row` is a membership with the first days of its open charges."""
    return WorkItem(
        kind="memberships.dues",
        title=OWED_LABELS.get(MembershipState(row.state), f"Mensualidad de {row.plan.name} por pagar"),
        subject=format_money(row.owed, "MXN"),
        since=row.created_at,
        href=reverse("memberships:make_slip", args=[row.pk]),
        due=row.grace_on or row.due_on,
        act=next_act(row.state, owed=row.owed, ends=row.cancel_asked_on is not None),
    )


PANELS = (
    Panel(
        "memberships.dues",
        "Tu membresía",
        (Workspace.INSURED,),
        Permission.SEE_OWN_MEMBERSHIP,
        dues,
        "",
        10,
    ),
)

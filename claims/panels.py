"""What claims show at a member's home: drafts that wait, and what is under way (S3.9, S3.28)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from claims import listings, selectors
from claims.models import Claim
from portal.access import Permission, Workspace
from portal.money import format_money
from portal.work.registry import Filled, Panel, WorkItem

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 5


def under_way(user: User, at: datetime) -> Filled:
    """Drafts to finish, and each claim with where it stands."""
    drafts = Claim.objects.drafts_of(user).select_related("affected").order_by("changed_at", "pk")[:MOST]
    rows = listings.under_way(user).select_related("affected").order_by("submitted_at", "pk")[:MOST]
    figures = [
        (
            f"{one.state_label} ({one.folio})",
            format_money(one.claimed, "MXN"),
            reverse("claims:claim", args=[one.folio]),
        )
        for one in rows
    ]
    items = [
        WorkItem(
            kind="claims.draft",
            title="Termina tu trámite y envíalo",
            subject=one.affected.as_printed,
            since=one.changed_at,
            href=reverse("claims:check", args=[one.pk]),
            act="Seguir con el borrador",
        )
        for one in drafts
    ]
    items = [*_asked(user), *items]
    return Filled(items=items, figures=figures, act=("Registrar trámite", reverse("claims:new")))


def _asked(user: User) -> list[WorkItem]:
    """What waits for their «sí», before their own drafts."""
    return [
        WorkItem(
            kind="claims.assent",
            title="Quieren presentar un trámite por ti",
            subject=str(one.claim.filed_by),
            since=one.asked_at,
            href=reverse("claims:assent", args=[one.pk]),
            act="Decidir",
        )
        for one in selectors.asked_of(user)[:MOST]
    ]


PANELS = (
    Panel(
        "claims.under_way",
        "Trámites actuales",
        (Workspace.INSURED,),
        Permission.SEE_OWN_CLAIMS,
        under_way,
        "No tienes trámites en curso.",
        5,
    ),
)

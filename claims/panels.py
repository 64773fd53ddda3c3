"""What claims show at a member's home: drafts that wait, and what is under way (S3.9, S3.28)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from claims import listings, selectors
from claims.models import Claim, DocumentRequest
from portal import clock
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
    mine = [one for one in rows if (wanted := selectors.open_request(one)) and _answers(user, wanted, at)]
    items = [_wanted(one) for one in mine] + [
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


def _answers(user: User, wanted: DocumentRequest, at: datetime) -> bool:
    return selectors.may_answer(user, wanted.claim, on=clock.date_in(at))


def _wanted(claim: Claim) -> WorkItem:
    """Documents that a family is asked for: they come before its drafts (S3.33)."""
    wanted = selectors.open_request(claim)
    assert wanted is not None
    return WorkItem(
        kind="claims.documents",
        title=f"Faltan documentos de tu trámite {claim.folio}",
        subject=claim.affected.as_printed,
        since=wanted.opened_at or wanted.at,
        href=reverse("claims:pending", args=[claim.folio]),
        due=wanted.due.due_on,
        act="Subir documentos",
    )


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

"""What claims show at a member's home: drafts that wait, and what is under way (S3.9, S3.28)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, FilteredRelation, Q, When
from django.urls import reverse

from claims import listings, selectors
from claims.models import Claim
from claims.rules.states import ClaimState
from portal.access import Permission, Workspace
from portal.design import dates
from portal.money import format_money
from portal.papers.rules import Wanted
from portal.work.registry import Filled, Panel, WorkItem

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 5


def under_way(user: User, at: datetime) -> Filled:
    """Each claim with where it stands; documents that are waited for come first, as things to do."""
    waits = Case(When(state=ClaimState.PENDING_DOCUMENTS, then=0), default=1)
    wanted = FilteredRelation("requests", condition=Q(requests__state=Wanted.OPEN))  # one at most: a constraint
    sees = listings.under_way(user).select_related("affected").annotate(wanted=wanted)
    told = sees.annotate(wanted_since=F("wanted__opened_at"), wanted_by=F("wanted__due__due_on"))
    rows = list(told.order_by(waits, "submitted_at", "pk")[:MOST])
    figures = [
        (
            f"{one.state_label} {one.folio}",
            _asked_for(one),
            reverse("claims:claim", args=[one.folio]),
        )
        for one in rows
    ]
    return Filled(items=_wanted(user, rows), figures=figures, act=("Registrar trámite", reverse("claims:new")))


def _wanted(user: User, rows: Sequence[Any]) -> list[WorkItem]:
    """Documents that a family is asked for, by when: of claims that they see whole and answer for (S3.33)."""
    own = user.party_ids(Permission.FILE_CLAIMS)
    return [
        WorkItem(
            kind="claims.documents",
            title=f"Faltan documentos de tu trámite {one.folio}",
            subject=one.affected.as_printed,
            since=one.wanted_since,
            href=reverse("claims:pending", args=[one.folio]),
            due=one.wanted_by,
            act="Subir documentos",
        )
        for one in rows
        if one.wanted_since and one.seen_person and (one.filed_by_id == user.pk or one.affected.party_id in own)
    ]


def begun(user: User, at: datetime) -> Filled:
    """What waits for their «sí», then drafts that were not sent."""
    drafts = Claim.objects.drafts_of(user).select_related("affected").order_by("changed_at", "pk")[:MOST]
    items = [
        WorkItem(
            kind="claims.draft",
            title="Termina tu trámite y envíalo",
            subject=f"{one.affected.as_printed}, {one.kind_label.lower()}",
            since=one.changed_at,
            href=reverse("claims:check", args=[one.pk]),
            act="Seguir con el borrador",
        )
        for one in drafts
    ]
    return Filled(items=[*_asked(user), *items])


def _asked_for(one: Claim) -> str:
    """An amount; of an event, which asks for none, its day, where it is theirs to see."""
    if one.claimed:
        return format_money(one.claimed, "MXN")
    whole = bool(getattr(one, "seen_kind", ""))
    return dates.short(one.planned_on) if whole and one.planned_on else ""


def options(user: User, at: datetime) -> Filled:
    """The six things that an insured person may always do (S3.9)."""
    told = (
        ("Registrar trámite", "claims:new"),
        ("Seguimiento de trámites", "claims:claims"),
        ("Descarga de formatos", "claims:formats"),
        ("Red médica", "claims:network"),
        ("Avisos y ajustes de tu perfil", "people:account"),
        ("Contáctanos", "help:contact"),
    )
    return Filled(links=[(label, reverse(name)) for label, name in told])


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
    Panel("claims.begun", "Por terminar", (Workspace.INSURED,), Permission.SEE_OWN_CLAIMS, begun, "", 5),
    Panel(
        "claims.options",
        "Qué quieres hacer",
        (Workspace.INSURED,),
        Permission.FILE_CLAIMS,
        options,
        "",
        6,
    ),
)

"""One thing of claims by what an address names, for who may reach it; Http404 for anybody else (AC-02)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from claims.models import (
    Assent,
    Claim,
    ClaimFile,
    ClaimInvoice,
    Decision,
    DocumentRequest,
    Opening,
    RequestItem,
)
from claims.rules.states import ClaimState
from claims.selectors.requests import may_answer, open_request
from portal.errors import Conflict
from portal.work import selectors as work

if TYPE_CHECKING:
    from claims.models.claims import ClaimQuerySet
    from portal.people.models import User

OPENED_FOR = timedelta(hours=12)
WITH = (
    "affected__party",
    "coverage__plan__party",
    "payee",
    "certificate__titular__party",
    "condition",
    "filed_by",
    "receipt",
    "parent__condition",
)


def draft(user: User, pk: UUID) -> Claim:
    """What this person began: a draft, or what it became."""
    return get_object_or_404(
        Claim.objects.filter(filed_by=user).exclude(state=ClaimState.DISCARDED).select_related(*WITH), pk=pk
    )


def draft_file(user: User, pk: UUID, item: UUID) -> tuple[Claim, ClaimFile]:
    """A draft, and a file that is or was in it."""
    claim = draft(user, pk)
    rows = ClaimFile.objects.filter(envelope__claim=claim).select_related("file", "envelope")
    return claim, get_object_or_404(rows, pk=item)


def draft_invoice(user: User, pk: UUID, invoice: UUID) -> tuple[Claim, ClaimInvoice]:
    """A draft, and one of its invoices."""
    claim = draft(user, pk)
    return claim, get_object_or_404(claim.invoices.standing(), pk=invoice)


def assent(user: User, pk: UUID) -> Assent:
    """What was asked of this person: their «sí» to a claim about them."""
    rows = Assent.objects.visible_to(user).select_related(
        "consent", "claim__affected", "claim__filed_by", "claim__coverage__plan__party"
    )
    return get_object_or_404(rows, pk=pk)


def assent_to(user: User, claim: Claim) -> Assent | None:
    """Their «sí» to a claim about them, where it stands; None for anybody else."""
    return Assent.objects.visible_to(user).in_force().filter(claim=claim).first()


def own_claim(user: User, folio: str) -> Claim:
    """A sent claim that somebody filed, is paid, or is about them."""
    if not folio:
        raise Http404
    return get_object_or_404(Claim.objects.of_member(user).sent().select_related(*WITH), folio=folio)


def answered_claim(user: User, folio: str, *, on: date) -> Claim:
    """A claim that this person answers for, whether or not something is asked now."""
    claim = own_claim(user, folio)
    if not may_answer(user, claim, on=on):
        raise Http404
    return claim


def asked_claim(user: User, folio: str, *, on: date) -> tuple[Claim, DocumentRequest]:
    """The same with what its family is asked for now. Raises Conflict where nothing is."""
    claim = answered_claim(user, folio, on=on)
    wanted = open_request(claim)
    if wanted is None:
        way = (f"Ver {folio}", reverse("claims:claim", args=[folio]))
        raise Conflict("Ya no hay nada pendiente en este trámite.", code="nothing_wanted", way=way)
    return claim, wanted


def asked_item(user: User, folio: str, item: UUID, *, on: date) -> tuple[Claim, RequestItem]:
    """One thing that a family is or was asked for."""
    claim = answered_claim(user, folio, on=on)
    rows = RequestItem.objects.filter(request__claim=claim, request__opened_at__isnull=False)
    rows = rows.select_related("request__claim__affected", "request__submission", "request__due")
    return claim, get_object_or_404(rows, pk=item)


def answer_file(user: User, folio: str, item: UUID, *, on: date) -> ClaimFile:
    """A file that is or was in an answer."""
    claim = answered_claim(user, folio, on=on)
    rows = ClaimFile.objects.filter(envelope__claim=claim, asked__isnull=False)
    return get_object_or_404(rows.select_related("file", "envelope__claim__affected"), pk=item)


def desk_claim(user: User, folio: str) -> Claim:
    """A sent claim at the desk."""
    return get_object_or_404(Claim.objects.for_desk(user).select_related(*WITH), folio=folio)


def opened(user: User, *, at: datetime) -> ClaimQuerySet:
    """Claims of the desk whose papers an analyst reads: what they took or decided, or said why they open."""
    rows = Claim.objects.for_desk(user)
    said = Opening.objects.filter(by=user, at__gt=at - OPENED_FOR).values("claim")
    decided = Decision.objects.filter(Q(by=user) | Q(looked_by=user)).values("claim")
    taken = work.held_by(Claim.objects.all(), user).values("pk")
    asked = work.held_by(DocumentRequest.objects.all(), user).values("claim")
    return rows.filter(Q(pk__in=taken) | Q(pk__in=said) | Q(pk__in=decided) | Q(pk__in=asked))


def is_open(user: User, claim: Claim, *, at: datetime) -> bool:
    """Whether an analyst reads this claim now."""
    return opened(user, at=at).filter(pk=claim.pk).exists()


def reason_of(user: User, claim: Claim, *, at: datetime) -> str:
    """Why they opened it, the last time; "" for one that they took or decided."""
    said = claim.openings.filter(by=user, at__gt=at - OPENED_FOR).order_by("-at", "-pk").first()
    return said.reason if said else ""


def filed_claim(user: User, folio: str) -> Claim:
    """A sent claim that this very person filed."""
    return get_object_or_404(Claim.objects.filter(filed_by=user).sent().select_related(*WITH), folio=folio)

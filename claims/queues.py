"""What of claims waits for analysts: claims to decide, the oldest by its promise, and second looks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet

from claims import listings, selectors, services
from claims.models import Claim, ClaimDue, Decision, DecisionWithdrawal, DocumentRequest, DueKind
from claims.rules.states import ClaimState
from claims.selectors import scheduled
from portal import clock
from portal.access import Permission
from portal.help.models import ContactMessage
from portal.help.rules import State
from portal.listing import Link
from portal.papers.rules import Wanted
from portal.work.registry import Queue

if TYPE_CHECKING:
    from portal.people.models import User

_WITH = ("folio", "state", "submitted_at", "promised_at", "kind", "subtype", "affected__as_printed")


def _at_desk(user: Any) -> QuerySet[Claim]:
    return Claim.objects.for_desk(user).select_related("affected").only(*_WITH)


def to_decide(user: Any, at: datetime) -> QuerySet[Claim]:
    """Claims that wait for a decision."""
    rows = _at_desk(user).filter(state__in=[ClaimState.SUBMITTED, ClaimState.IN_REVIEW])
    return rows.exclude(pk__in=selectors.appeals_of_own(user).values("pk"))


def to_look(user: Any, at: datetime) -> QuerySet[Claim]:
    """Decisions of others that wait for a second look."""
    mine = Decision.objects.filter(ended_at=None, by=user)
    return _at_desk(user).filter(state=ClaimState.SECOND_LOOK).exclude(pk__in=mine.values("claim"))


def to_withdraw(user: Any, at: datetime) -> QuerySet[Claim]:
    """Decisions that another analyst asks to withdraw."""
    asked = DecisionWithdrawal.objects.filter(agreed=None).exclude(by=user)
    return _at_desk(user).filter(pk__in=asked.values("decision__claim"))


def to_allow(user: Any, at: datetime) -> QuerySet[DocumentRequest]:
    """Proposals of others to ask a family again."""
    rows = DocumentRequest.objects.filter(state=Wanted.PROPOSED, claim__in=Claim.objects.for_desk(user))
    return rows.exclude(by=user).select_related("claim__affected")


def _requests_seen(user: Any) -> QuerySet[DocumentRequest]:
    return DocumentRequest.objects.filter(claim__in=Claim.objects.for_desk(user))


def without_documents(user: Any, at: datetime) -> QuerySet[Claim]:
    """Claims whose family let the day of its documents go by: they are decided with what there is."""
    over = ClaimDue.objects.overdue(on=clock.date_in(at)).filter(kind=DueKind.DOCUMENTS)
    return _at_desk(user).filter(state=ClaimState.PENDING_DOCUMENTS, pk__in=over.values("claim"))


def _taken(thing: Claim, *, by: User, at: datetime) -> None:
    services.begin_review(claim=thing, by=by, at=at)


def _asked_by(user: Any) -> Q:
    """Claims for which this person asked for documents, and waits no more; each once, whatever was asked of it."""
    asked = DocumentRequest.objects.filter(by=user, state__in=[Wanted.ANSWERED, Wanted.OVERDUE])
    return Q(pk__in=asked.values("claim"))


def _under_policy(insurer: UUID) -> Q:
    """Claims under a policy of one insurer."""
    return Q(coverage__plan__party=insurer)


CLAIMS = Queue(
    name="claims.claims",
    label="Trámites por dictaminar",
    permission=Permission.DECIDE_CLAIMS,
    rows=to_decide,
    seen=Claim.objects.for_desk,
    page="claims:desk",
    query=f"estado={listings.TO_DECIDE}",
    listing=listings.DESK,
    since="submitted_at",
    due="promised_at",
    title=lambda row: f"Trámite {row.folio}",
    who=lambda row: row.affected.as_printed,
    of_insurer=_under_policy,
    href=Link("claims:review", "folio"),
    taken=_taken,
    first=_asked_by,
)
SECOND_LOOKS = Queue(
    name="claims.second_looks",
    label="Segundas vistas",
    permission=Permission.DECIDE_CLAIMS,
    rows=to_look,
    seen=Claim.objects.for_desk,
    page="claims:desk",
    query="estado=second_look",
    since="submitted_at",
    due="promised_at",
    title=lambda row: f"Trámite {row.folio}",
    who=lambda row: row.affected.as_printed,
    of_insurer=_under_policy,
    href=Link("claims:review", "folio"),
)
WITHDRAWALS = Queue(
    name="claims.withdrawals",
    label="Retiros de decisión por confirmar",
    permission=Permission.DECIDE_CLAIMS,
    rows=to_withdraw,
    seen=Claim.objects.for_desk,
    page="claims:desk",
    query=f"estado={listings.TO_WITHDRAW}",
    since="submitted_at",
    due="promised_at",
    title=lambda row: f"Trámite {row.folio}",
    who=lambda row: row.affected.as_printed,
    href=Link("claims:review", "folio"),
)


def to_answer(user: Any, at: datetime) -> QuerySet[ContactMessage]:
    """What the adviser owes an answer."""
    return scheduled.requests_of_adviser(user).filter(state=State.OPEN)


ADVICE = Queue(
    name="claims.advice",
    label="Hospitales por contestar",
    permission=Permission.ADVISE_CLAIMS,
    rows=to_answer,
    seen=scheduled.requests_of_adviser,
    page="claims:advice",
    query=f"estado={State.OPEN}",
    listing=listings.ADVICE,
    since="created_at",
    due="due_on",
    title=lambda row: f"Hospital {row.folio}",
    who=lambda row: row.name,
    href=Link("claims:advise", "folio"),
)
REQUESTS = Queue(
    name="claims.requests",
    label="Pedir más documentos",
    permission=Permission.DECIDE_CLAIMS,
    rows=to_allow,
    seen=_requests_seen,
    page="claims:desk",
    query="estado=in_review",
    since="at",
    title=lambda row: f"Trámite {row.folio}: ¿pedir más documentos?",
    who=lambda row: row.claim.affected.as_printed,
    href=Link("claims:review", "folio"),
)
OVERDUE = Queue(
    name="claims.overdue",
    label="Documentos que no llegaron",
    permission=Permission.DECIDE_CLAIMS,
    rows=without_documents,
    seen=Claim.objects.for_desk,
    page="claims:desk",
    query="estado=pending_documents",
    since="submitted_at",
    due="promised_at",
    title=lambda row: f"Trámite {row.folio}",
    who=lambda row: row.affected.as_printed,
    href=Link("claims:review", "folio"),
)
QUEUES = (CLAIMS, SECOND_LOOKS, WITHDRAWALS, REQUESTS, OVERDUE, ADVICE)


def of_claim(claim: Claim) -> Queue:
    """The queue in which a claim waits, or would."""
    if claim.state == ClaimState.SECOND_LOOK:
        return SECOND_LOOKS
    if claim.state == ClaimState.PENDING_DOCUMENTS:
        return OVERDUE
    return WITHDRAWALS if selectors.open_withdrawal(claim) else CLAIMS

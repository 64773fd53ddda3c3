"""What of billing waits for people at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from billing.listings import COMPLEMENTS, REVIEWS
from billing.models import Complement, ComplementPayment, Invoice
from portal import clock
from portal.access import Permission
from portal.listing import Link
from portal.people.scopes import insurers_of
from portal.people.selectors import parties_of
from portal.prepared import Asked
from portal.work.registry import Queue


def _invoices(user_id: UUID, parties: Sequence[UUID], insurers: Sequence[UUID] | None) -> QuerySet[Invoice]:
    rows = Invoice.objects.sent_to(insurers).to_review().exclude(submitted_by=user_id).exclude(party__in=parties)
    return rows.select_related("party").only("folio", "submitted_at", "review_due_on", "party__name")


def _of_reviewer(user: Any, _at: datetime) -> tuple[Any, ...]:
    insurers = insurers_of(user, Permission.REVIEW_INVOICES)
    return user.pk, tuple(parties_of(user)), None if insurers is None else tuple(insurers)


# Invoices that wait for this reviewer: neither handed in by them nor of anybody they act for.
invoices_to_review = Asked(_invoices, _of_reviewer)


def complements_to_review(user: Any, at: datetime) -> QuerySet[Complement]:
    """Complements that wait for this reviewer: neither handed in by them nor of anybody they act for."""
    rows = (
        Complement.objects.for_review(user).to_review().exclude(handed_in_by=user).exclude(party__in=parties_of(user))
    )
    return rows.select_related("party").only("handed_in_at", "party__name")


def overdue_complements(user: Any, at: datetime) -> QuerySet[Invoice]:
    """Paid invoices whose complement's date is gone: their physicians owe it, the desk asks them."""
    return Invoice.objects.for_review(user).overdue(on=clock.date_in(at))


def _paid_for(insurer: UUID) -> Q:
    """Complements of invoices to one insurer."""
    return Q(pk__in=ComplementPayment.objects.filter(invoice__insurer=insurer).values("complement"))


INVOICES = Queue(
    name="billing.invoices",
    label="Facturas por revisar",
    permission=Permission.REVIEW_INVOICES,
    rows=invoices_to_review,
    seen=Invoice.objects.for_review,
    page="billing:reviews",
    query="estado=submitted",
    listing=REVIEWS,
    since="submitted_at",
    due="review_due_on",
    first=lambda user: Q(returned_by=user),
    title=lambda row: f"Factura {row.folio}",
    who=lambda row: row.party.name,
    of_insurer=lambda insurer: Q(insurer=insurer),
    href=Link("billing:review", "folio"),
)
COMPLEMENTS_TO_REVIEW = Queue(
    name="billing.complements",
    label="Complementos por revisar",
    permission=Permission.REVIEW_INVOICES,
    rows=complements_to_review,
    seen=Complement.objects.for_review,
    page="billing:complements",
    query="estado=in_review",
    listing=COMPLEMENTS,
    since="handed_in_at",
    title=lambda row: "Complemento",
    who=lambda row: row.party.name,
    of_insurer=_paid_for,
    href=Link("billing:complement_review"),
)
OVERDUE = Queue(
    name="billing.overdue",
    label="Complementos vencidos",
    permission=Permission.REVIEW_INVOICES,
    rows=overdue_complements,
    page="billing:overdue",
    since="submitted_at",
    title=lambda row: f"Factura {row.folio}",
    counts_only=True,
    told=False,
)
QUEUES = (INVOICES, COMPLEMENTS_TO_REVIEW, OVERDUE)

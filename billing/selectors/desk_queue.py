"""What of billing waits longest at the desk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from billing.models import Complement, Invoice
from portal.access import Permission
from portal.listing import OLDEST, Waiting


def oldest_for(user: Any) -> list[Waiting]:
    """The invoices and complements that have waited longest for a reviewer, each kind oldest first."""
    if Permission.REVIEW_INVOICES not in user.permissions:
        return []
    invoices = Invoice.objects.to_review().select_related("party").order_by("submitted_at", "pk")[:OLDEST]
    in_review = Complement.objects.to_review().select_related("party")
    return [_invoice(row) for row in invoices] + [
        Waiting(row.handed_in_at, "Complemento", row.party.name, reverse("billing:complement_review", args=[row.pk]))
        for row in in_review.order_by("handed_in_at", "pk")[:OLDEST]
    ]


def _invoice(row: Invoice) -> Waiting:
    href = reverse("billing:review", args=[row.folio])
    return Waiting(row.submitted_at or row.created_at, f"Factura {row.folio}", row.party.name, href)

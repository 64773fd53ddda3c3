"""What of billing waits at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from billing.models import Complement, Invoice
from portal import clock
from portal.access import Permission

if TYPE_CHECKING:
    from portal.people.models import User


def waiting_for(user: User) -> list[tuple[str, int, str]]:
    """What of billing waits for this person at the desk: (label, how many, address)."""
    if Permission.REVIEW_INVOICES not in user.permissions:
        return []
    reviews, complements = reverse("billing:reviews"), reverse("billing:complements")
    in_review = Complement.objects.to_review()
    return [
        ("Facturas por revisar", Invoice.objects.to_review().count(), f"{reviews}?estado=submitted"),
        ("Complementos por revisar", in_review.count(), f"{complements}?estado=in_review"),
        ("Complementos vencidos", Invoice.objects.overdue(on=clock.today()).count(), reverse("billing:overdue")),
    ]


def neighbours(invoice: Invoice) -> dict[str, str]:
    """Folios before and after this one in the reviewer's queue (keys j and k); the same instant twice skips nobody."""
    at, folios = invoice.submitted_at, {"next": "", "previous": ""}
    queue = Invoice.objects.to_review().exclude(pk=invoice.pk).order_by("submitted_at", "pk")
    if at is not None:
        rows = queue.values_list("folio", flat=True)
        later = rows.filter(Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=invoice.pk)).first()
        earlier = rows.filter(Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=invoice.pk)).last()
        folios = {"next": later or "", "previous": earlier or ""}
    return folios

"""The dates of a family's own calendar: answers, documents that are asked for, money. Folios and days, no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from claims.models import Claim, ClaimDue
from claims.models.requests import DueKind
from claims.rules import ledger
from claims.rules.states import PaymentState
from portal.calendars.ics import Entry
from portal.treasury.models import Payable
from portal.treasury.rules import PayableState

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 300
_TOLD = {
    DueKind.DOCUMENTS: ("Documentos de {}, a más tardar", "claims:pending"),
    DueKind.PROMISE: ("Respuesta de {}, a más tardar", "claims:claim"),
}


def entries(user: User, on: date) -> Iterator[Entry]:
    """What somebody's own sendings wait for; what is late stays there."""
    mine = Claim.objects.of_member(user).filter(filed_by=user)
    dues = ClaimDue.objects.open().filter(claim__in=mine, kind__in=list(_TOLD)).select_related("claim")
    for due in dues.order_by("due_on", "pk")[:MOST]:
        title, page = _TOLD[DueKind(due.kind)]
        folio = due.claim.folio
        yield Entry(str(due.pk), due.due_on, title.format(folio), reverse(page, args=[folio]))
    awaited = mine.filter(payment_state__in=[PaymentState.PAYABLE, PaymentState.SCHEDULED]).values("folio")
    settled = [PayableState.PAID, PayableState.CANCELLED]
    owed = Payable.objects.visible_to(user).filter(kind=ledger.KIND, reference__in=awaited).exclude(state__in=settled)
    for payable in owed.order_by("due_on", "pk")[:MOST]:
        page = reverse("claims:claim", args=[payable.reference])
        yield Entry(str(payable.pk), payable.due_on, f"Depósito de {payable.reference}, a más tardar", page)

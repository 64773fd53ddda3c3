"""The dates of a physician's own calendar: when complements are due and deposits expected. Folios and days, no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from billing.models import ComplementDue
from portal.access import Permission
from portal.calendars.ics import Entry
from portal.treasury.models import Payable
from portal.treasury.rules import PayableState

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 300


def entries(user: User, on: date) -> Iterator[Entry]:
    """What one's own invoices wait for, deposits for whom treasury lets see them; what is late stays there."""
    mine = user.proved_party_ids(Permission.SEE_OWN_BILLING)
    dues = ComplementDue.objects.open().filter(invoice__party__in=mine).select_related("invoice")
    for due in dues.order_by("due_on", "pk")[:MOST]:
        page = reverse("billing:payment", args=[due.invoice.transfer_id])
        yield Entry(str(due.pk), due.due_on, f"Complemento de pago de {due.invoice.folio}", page)
    settled = [PayableState.PAID, PayableState.CANCELLED]
    owed = Payable.objects.visible_to(user).filter(kind="invoice", party__in=mine).exclude(state__in=settled)
    for payable in owed.order_by("due_on", "pk")[:MOST]:
        page = reverse("billing:invoice", args=[payable.reference])
        yield Entry(str(payable.pk), payable.due_on, f"Depósito de {payable.reference}, a más tardar", page)

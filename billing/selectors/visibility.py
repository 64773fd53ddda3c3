"""Which stored files, issued papers and invoices billing shows to whom, beside a party's own people."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from billing import rules
from portal.access import Permission
from portal.papers.rules import Standing
from portal.people import scopes
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.papers.models import IssuedDocument
    from portal.people.models import User

NOBODY = Q(pk__in=[])
_STANDINGS = {
    rules.ReviewState.RETURNED.value: Standing.SUSPENDED,
    rules.ReviewState.REJECTED.value: Standing.CANCELLED,
    rules.ReviewState.CANCELLED.value: Standing.CANCELLED,
}
PURPOSES = ("invoice_xml", "invoice_pdf", "complement_xml")
KINDS = {"invoice_receipt": "Acuse de factura", "invoice_sheet": "Datos para facturar"}


def files(user: User) -> Q:
    """A physician's people see the papers of their invoices; reviewers those that were handed in."""
    from billing.models import Complement, Invoice

    seen = NOBODY
    if mine := user.proved_party_ids(Permission.SEE_OWN_BILLING):
        seen |= Q(party__in=mine, purpose__in=PURPOSES)
    if Permission.REVIEW_INVOICES in user.permissions:
        handed_in = Invoice.objects.for_review(user)
        seen |= Q(pk__in=handed_in.values("xml")) | Q(pk__in=handed_in.values("pdf"))
        seen |= Q(pk__in=Complement.objects.for_review(user).values("xml"))
    return seen


def documents(user: User) -> Q:
    """A physician's people see their receipts and sheets; reviewers the receipts. Advices are treasury's to show."""
    seen = NOBODY
    if mine := user.proved_party_ids(Permission.SEE_OWN_BILLING):
        seen |= Q(party__in=mine, kind__in=KINDS)
    if Permission.REVIEW_INVOICES in user.permissions:
        seen |= Q(kind="invoice_receipt") & _receipts(user)
    return seen


def _receipts(user: User) -> Q:
    """Whoever reviews one insurer's invoices sees the receipts that these name; whoever reviews all sees each."""
    from billing.models import Invoice

    if scopes.insurers_of(user, Permission.REVIEW_INVOICES) is None:
        return Q()
    return Q(pk__in=Invoice.objects.for_review(user).exclude(receipt=None).values("receipt"))


def reached_parties(insurers: Collection[UUID]) -> Any:
    """The physicians whom orders of these insurers name, proved or not."""
    from billing.models import CareOrder

    rfcs = CareOrder.objects.filter(insurer__in=insurers).values("physician_rfc")
    return Party.objects.exclude(rfc="").filter(rfc__in=rfcs).values("pk")


def invoice_pages(user: User, ids: list[str]) -> dict[str, tuple[str, str]]:
    """{id: (label, address)} of invoices that this person may see: at the desk, or their own."""
    from billing.models import Invoice

    page = "billing:review" if Permission.REVIEW_INVOICES in user.permissions else "billing:invoice"
    seen = Invoice.objects.visible_to(user).filter(pk__in=ids).exclude(folio="")
    return {str(pk): (f"Factura {folio}", reverse(page, args=[folio])) for pk, folio in seen.values_list("pk", "folio")}


def receipt_standing(document: IssuedDocument) -> Standing:
    """A receipt says that an invoice was handed in: it stands while that waits or was accepted, whoever holds it.

    One that its invoice names no more was replaced.
    """
    from billing.models import Invoice

    state = Invoice.objects.filter(receipt=document).values_list("state", flat=True).first()
    return Standing.CANCELLED if state is None else _STANDINGS.get(state, Standing.IN_FORCE)

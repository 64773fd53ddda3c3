"""One thing of billing by what an address names, for who may reach it; Http404 for anybody else (AC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from billing import listings, selectors
from billing.models import Bundle, CareOrder, Complement, Invoice, OrderDelivery
from portal.access import Permission as P
from portal.history import selectors as history
from portal.papers.models import StoredFile
from portal.people.scopes import insurers_of
from portal.prepared import prepared
from portal.treasury import selectors as treasury

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import Transfer


def own_order(user: User, pk: UUID) -> CareOrder:
    """An order of a physician this person acts for."""
    return get_object_or_404(listings.own_orders(user).select_related("insurer"), pk=pk)


def draft(user: User, pk: UUID) -> Invoice:
    """An invoice, sent or not, of a physician this person bills for."""
    rows = Invoice.objects.filter(party__in=user.proved_party_ids(P.BILL_ORDERS))
    return get_object_or_404(rows.select_related("party", "insurer", "xml", "pdf"), pk=pk)


def was_discarded(user: User, pk: UUID) -> bool:
    """Whether there was a draft by this address, of a physician this person bills for, until somebody discarded it."""
    acts = history.events().filter(subject_type=Invoice._meta.label_lower, subject_id=str(pk))
    own = user.proved_party_ids(P.BILL_ORDERS)
    return acts.filter(action="billing.draft_discarded", party_id__in=own).exists()


def draft_file(user: User, pk: UUID, file_id: UUID) -> tuple[Invoice, StoredFile]:
    """A draft, and a file that is or was its XML or its PDF."""
    invoice = draft(user, pk)
    known = {invoice.xml_id, invoice.pdf_id, *(file.pk for file in selectors.removed_files(invoice))}
    if file_id not in known:
        raise Http404
    return invoice, get_object_or_404(StoredFile.objects.visible_to(user), pk=file_id)


def bundle(user: User, pk: UUID) -> Bundle:
    """What was dropped at once for a physician this person bills for."""
    return get_object_or_404(Bundle, party__in=user.proved_party_ids(P.BILL_ORDERS), pk=pk)


def own_invoice(user: User, folio: str) -> Invoice:
    """A sent invoice of a physician this person acts for."""
    rows = Invoice.objects.filter(party__in=user.proved_party_ids(P.SEE_OWN_BILLING))
    return get_object_or_404(
        rows.select_related("party", "insurer", "xml", "pdf", "receipt", "complement_due"), folio=folio
    )


def deposit(user: User, pk: UUID, permission: P) -> tuple[Transfer, list[Invoice]]:
    """A deposit and those of its invoices for whose physician this person holds the permission."""
    transfer = treasury.deposit(pk)
    mine = user.proved_party_ids(permission)
    invoices = selectors.invoices_of_transfer(user, transfer) if transfer else []
    found = [invoice for invoice in invoices if invoice.party_id in mine]
    if transfer is None or not found:
        raise Http404
    return transfer, found


def desk_invoice(user: User, folio: str) -> Invoice:
    """An invoice as the desk reaches it."""
    insurers = insurers_of(user, P.REVIEW_INVOICES)
    found = _desk_invoice.first(folio, None if insurers is None else tuple(insurers))
    if found is None:
        raise Http404
    return found


@prepared
def _desk_invoice(folio: str, insurers: tuple[UUID, ...] | None) -> QuerySet[Invoice]:
    rows = Invoice.objects.sent_to(insurers).filter(folio=folio)
    return rows.select_related("party", "insurer", "xml", "pdf", "complement_due")


def complement(user: User, pk: UUID) -> Complement:
    """A complement as the desk reaches it."""
    return get_object_or_404(Complement.objects.for_review(user).select_related("party", "transfer", "xml"), pk=pk)


def own_complement(user: User, pk: UUID, complement_id: UUID) -> Complement:
    """A complement of a deposit that this person bills for."""
    _transfer, paid = deposit(user, pk, P.BILL_ORDERS)
    mine = Complement.objects.filter(transfer=pk, party=paid[0].party)
    return get_object_or_404(mine.select_related("party", "transfer", "xml"), pk=complement_id)


def desk_order(user: User, pk: UUID) -> CareOrder:
    """An order as the desk reaches it."""
    return get_object_or_404(CareOrder.objects.visible_to(user).select_related("insurer"), pk=pk)


def delivery(user: User, pk: UUID) -> OrderDelivery:
    """What one import of orders brought."""
    rows = OrderDelivery.objects.visible_to(user).select_related("run__sender", "run__closed_by", "run__file")
    return get_object_or_404(rows, pk=pk)

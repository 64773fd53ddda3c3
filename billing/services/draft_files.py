"""A file of a draft taken out and put back: each is a stored file of its own, whatever becomes of the other (UX D5)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from billing import selectors
from billing.models import Invoice
from billing.rules import ReviewState
from billing.services.drafts import hold_draft
from billing.services.invoices import already_sent, attach_files, refuse_other_file
from portal.errors import Conflict
from portal.fiscal import services as fiscal
from portal.history import services as history
from portal.papers.selectors import open_file
from portal.papers.upload import upload_of

if TYPE_CHECKING:
    from portal.papers.models import StoredFile
    from portal.people.models import User


@transaction.atomic
def remove_file(*, invoice: Invoice, file: StoredFile, by: User, at: datetime) -> Invoice:
    """Delete the XML or the PDF of a draft; its bytes stay stored, and `put_file_back` undoes it.

    Without its XML the fiscal folio is free again. Removed twice, nothing more happens. Raises Conflict once the
    invoice was sent: what came back is mended by another file in its place.
    """
    invoice = hold_draft(invoice)
    if not invoice.is_editable:
        raise already_sent(invoice, "Sus archivos ya no cambian.")
    if invoice.review_state is not ReviewState.DRAFT:
        raise Conflict("Una factura devuelta conserva sus archivos. Sube el que lo reemplaza.", code="file_stays")
    if invoice.xml_id == file.pk:
        fiscal.release_receipt(subject=invoice, by=by, at=at)
        invoice.xml, invoice.uuid, invoice.issued_on = None, "", None
        invoice.verdict, invoice.findings, invoice.facts = "", [], {}
    elif invoice.pdf_id == file.pk:
        invoice.pdf = None
    else:
        return invoice
    invoice.files_at = at
    invoice.save()
    details = {"file": str(file.pk), "kind": file.kind}
    history.record(
        action="billing.file_removed", subject=invoice, party_id=invoice.party_id, by=by, at=at, details=details
    )
    return invoice


def put_file_back(*, invoice: Invoice, file: StoredFile, by: User, at: datetime) -> Invoice:
    """Undo the removal of a draft's file: judged by the rules of now, as if it were uploaded again.

    Put back twice, nothing more happens. Raises Conflict when another took its place, RuleBroken when it is refused by
    now.
    """
    invoice = Invoice.objects.select_related("party", "insurer", "xml", "pdf").get(pk=invoice.pk)
    slot = selectors.SLOTS[file.purpose]
    if getattr(invoice, f"{slot}_id") == file.pk:
        return invoice
    refuse_other_file(invoice, slot, file.sha256)
    upload = upload_of(file.original_name, b"".join(open_file(file)))
    files = {"xml": None, "pdf": None} | {slot: upload}
    try:
        attach_files(invoice=invoice, xml=files["xml"], pdf=files["pdf"], by=by, at=at, replacing=False)
    finally:
        upload.close()
    return invoice

"""The files of an invoice, and what our papers about it are made from; frozen with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from billing.models import Complement, Invoice
from billing.rules import ComplementState
from billing.selectors.expectations import lines_of
from portal import clock
from portal.history import selectors as history
from portal.money import format_money
from portal.papers.models import StoredFile

SLOTS = {"invoice_xml": "xml", "invoice_pdf": "pdf"}
"""Purpose of a stored file → which of an invoice's two files it is."""


def receipt_context(invoice: Invoice, *, at: datetime) -> dict[str, Any]:
    """What the receipt of a submitted invoice is made from; frozen with it."""
    withheld = (("ISR retenido", invoice.withheld_isr), ("Impuesto local retenido", invoice.withheld_local))
    return {
        "folio": invoice.folio,
        "received_at": at.isoformat(),
        "physician": invoice.party.name,
        "physician_rfc": invoice.party.rfc,
        "insurer": invoice.insurer.name,
        "uuid": invoice.uuid,
        "base": str(invoice.base),
        "withheld": [[label, str(amount)] for label, amount in withheld if amount],
        "total": str(invoice.total),
        "currency": invoice.currency,
        "lines": [
            {"account": row["account"], "service_on": row["service_on"], "payable": row["payable"]}
            for row in lines_of(invoice)
        ],
    }


def sheet_context(invoice: Invoice, *, at: datetime) -> dict[str, Any]:
    """What the assistant's sheet is made from; frozen with it."""
    from billing.selectors import assistant, sheet  # the assistant reads from here

    told = sheet.sheet(invoice, on=clock.date_in(at))
    now = told.now
    return {
        "made_at": at.isoformat(),
        "physician": invoice.party.name,
        "physician_rfc": invoice.party.rfc,
        "groups": [[title, [list(row) for row in rows]] for title, rows in assistant.to_type(invoice, now)],
        "concepts": told.concepts,
        "sums": [list(line) for line in assistant.sum_lines(now)["lines"]],
        "total": format_money(now.withheld.payable, invoice.currency),
    }


def removed_files(invoice: Invoice) -> list[StoredFile]:
    """The files that were taken out of a draft and have no other in their place: what can be put back, newest each."""
    empty = [purpose for purpose, slot in SLOTS.items() if getattr(invoice, f"{slot}_id") is None]
    if not empty or not invoice.is_editable:
        return []
    acts = history.timeline(invoice).filter(action="billing.file_removed")
    last = {event.details["file"]: event.pk for event in acts}  # one that came back may be taken out once more
    files = sorted(StoredFile.objects.filter(pk__in=last, purpose__in=empty), key=lambda one: last[str(one.pk)])
    newest = {file.purpose: file for file in files}
    return [newest[purpose] for purpose in empty if purpose in newest]


def standing_complement(complement: Complement) -> Complement | None:
    """The same file where it stands handed in now: itself, or what it became when it was put back."""
    states = [ComplementState.IN_REVIEW, ComplementState.ACCEPTED]
    same = Complement.objects.filter(transfer=complement.transfer_id, uuid=complement.uuid, state__in=states)
    return same.select_related("party").first()

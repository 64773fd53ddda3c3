"""The public check says how a paper stands today: its owner knows, nobody else is told why."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from billing import services as billing
from portal.fiscal.models import TaxReceipt
from portal.papers import registry
from portal.papers.models import IssuedDocument
from portal.papers.rules import STANDINGS, Standing
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


def checked(document: IssuedDocument) -> str:
    """The public page without its frame."""
    return Client().get(reverse("papers:check", args=[document.code])).content.decode().split("<main")[1]


def test_every_standing_has_its_words() -> None:
    assert set(STANDINGS) == set(Standing)
    assert len({word for word, _tone, _said in STANDINGS.values()}) == len(Standing)


def test_a_receipt_stands_as_its_invoice_does() -> None:
    """In force while it waits or is accepted, suspended while given back, cancelled once rejected, void at last."""
    a.trust()
    who, desk = a.doctor(), people.reviewer()
    returned, rejected = a.submitted(who), a.submitted(who)
    receipt, other = returned.receipt, rejected.receipt
    assert receipt is not None and other is not None
    assert "Documento auténtico y vigente" in checked(receipt)
    billing.return_invoice(invoice=returned, reasons=["illegible_pdf"], note="", by=desk, at=a.NOW)
    assert "Documento auténtico, pero suspendido" in checked(receipt) and "Suspendido" in checked(receipt)
    billing.reject_invoice(invoice=rejected, reasons=["illegible_pdf"], note="Otro motivo", by=desk, at=a.NOW)
    page = checked(other)
    assert "Documento auténtico, pero cancelado" in page and "Otro motivo" not in page and who.party.name not in page
    assert registry.standing_of(IssuedDocument(kind="of-no-owner")) is Standing.IN_FORCE
    IssuedDocument.objects.filter(pk=other.pk).update(voided_at=a.NOW, void_reason="Error")
    assert "Documento anulado" in checked(other)


def test_a_receipt_of_another_xml_replaces_the_one_that_vouched_for_a_released_fiscal_folio() -> None:
    a.trust()
    who, desk = a.doctor(), people.reviewer()
    invoice = a.returned(who)
    first, released = invoice.receipt, invoice.uuid
    assert first is not None and first.context["uuid"] == released
    later = a.NOW + timedelta(hours=2)
    xml, pdf = a.files(invoice, at=later)
    billing.attach_files(invoice=invoice, xml=xml, pdf=pdf, by=who.user, at=later)
    assert "Documento auténtico, pero suspendido" in checked(first)
    sent = billing.submit_invoice(invoice=invoice, by=who.user, at=later)
    second = sent.receipt
    assert second is not None and (second.folio, second.context["uuid"]) == (sent.folio, sent.uuid)
    assert sent.uuid != released and TaxReceipt.objects.live().get().uuid == UUID(sent.uuid)
    assert "Documento anulado" in checked(first) and "Documento auténtico y vigente" in checked(second)
    billing.accept_invoice(invoice=sent, by=desk, at=later)
    assert "Documento anulado" in checked(first) and "Documento auténtico y vigente" in checked(second)
    orphan = IssuedDocument(kind="invoice_receipt", folio=sent.folio)
    assert registry.standing_of(orphan) is Standing.CANCELLED, "no invoice names it"

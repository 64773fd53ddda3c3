"""The audit finds what people have in hand: a folio, an account, a folio fiscal, a tracking key (N15)."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from billing.models import CareOrder, Complement
from config.desk import subjects
from portal.history.models import AuditEvent
from portal.papers.models import IssuedDocument
from tests.factories import billing as a
from tests.factories.people import administrator, signed_in

pytestmark = pytest.mark.django_db


def acts(client, name: str) -> set[tuple[str, str]]:
    """(act's thing, its identifier) of every row that the page's file holds for this search."""
    answer = client.get(reverse("desk:audit"), {"buscar": name, "formato": "csv"})
    rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    return {(row["Qué"], row["Identificador"]) for row in rows}


def test_each_name_that_people_know_finds_the_acts_on_its_thing(db) -> None:
    a.trust()
    who, desk = a.doctor(), signed_in(administrator())
    invoice = a.closed(who)
    batch, complement, order = invoice.transfer.batch, Complement.objects.get(), CareOrder.objects.get()
    for name, thing, pk in (
        (invoice.folio, "Factura", invoice.pk),
        (invoice.folio.lower(), "Factura", invoice.pk),
        (f" {invoice.uuid} ", "Factura", invoice.pk),
        (batch.folio, "Lote", batch.pk),
        (invoice.transfer.tracking, "Lote", batch.pk),
        (order.account, "Entrega de órdenes", order.delivery_id),
        (order.account, "Factura", invoice.pk),
        (complement.uuid, "Complemento", complement.pk),
        (invoice.folio, "Complemento", complement.pk),
        (str(invoice.pk), "Factura", invoice.pk),
    ):
        assert (thing, str(pk)) in acts(desk, name), name
    assert acts(desk, "FA-1999-000001") == acts(desk, "nada") == set()
    shown = desk.get(reverse("desk:audit"), {"buscar": batch.folio}).content.decode().partition("<tbody>")[2]
    for act, told in (
        ("Lote autorizado", True),
        ("Respuesta del banco aplicada", True),
        ("Complemento recibido", False),
    ):
        assert (act in shown) is told, act
    document = IssuedDocument.objects.exclude(folio="").first()
    assert str(document.pk) in {pk for _thing, pk in acts(desk, document.folio)}


def test_the_acts_found_by_an_invoices_folio_are_all_of_its_acts(db) -> None:
    a.trust()
    invoice = a.accepted(a.doctor())
    found = AuditEvent.objects.filter(subjects.named(invoice.folio), subject_type="billing.invoice")
    assert set(found) == set(AuditEvent.objects.filter(subject_type="billing.invoice", subject_id=str(invoice.pk)))
    assert found.count() >= 3

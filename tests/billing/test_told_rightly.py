"""What people were told wrongly or not at all: the rule in conflict, whose turn it is after a rejection (D27)."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from billing import rules, services
from billing.models import CareOrder
from billing.selectors import parts
from tests.factories import billing as a
from tests.factories import people

from .test_views import text

pytestmark = pytest.mark.django_db


def review_page(invoice) -> str:
    desk = people.signed_in(people.reviewer())
    return text(desk.get(reverse("billing:review", args=[invoice.folio])))


def test_c1_the_reviewer_reads_that_the_invoices_rule_is_in_conflict(trusted) -> None:
    who = a.doctor(regime="626", state="JAL")
    invoice = services.submit_invoice(invoice=a.with_files(who), by=who.user, at=a.NOW)
    assert invoice.scheme == "RESICO_JAL"
    page = review_page(invoice)
    assert "Regla en conflicto" in page and "la ley federal retiene 1.25 %" in page


def test_c1_of_an_invoice_by_the_other_rule_the_reviewer_reads_the_conflict_too(trusted) -> None:
    who = a.doctor(regime="626", state="JAL")
    invoice = services.submit_invoice(invoice=a.with_files(who), by=who.user, at=a.NOW)
    invoice.scheme = "RESICO_JAL_STAT"
    invoice.save(update_fields=["scheme"])
    assert "Regla en conflicto" in review_page(invoice)


def test_c1_where_no_rule_is_in_conflict_none_is_told(trusted) -> None:
    who = a.doctor()
    invoice = services.submit_invoice(invoice=a.with_files(who), by=who.user, at=a.NOW)
    assert "Regla en conflicto" not in review_page(invoice)


def test_d27_a_rejected_invoice_says_that_its_orders_wait_to_be_invoiced_again(trusted) -> None:
    who = a.doctor()
    invoice = services.submit_invoice(invoice=a.with_files(who), by=who.user, at=a.NOW)
    services.reject_invoice(invoice=invoice, reasons=["other"], note="No corresponde", by=people.reviewer(), at=a.NOW)
    owner, address = people.signed_in(who.user), reverse("billing:invoice", args=[invoice.folio])
    page = text(owner.get(address))
    assert "Te toca a ti: sus órdenes están otra vez por facturar, desde el" in page
    assert "Nadie debe nada" not in page and "Facturar sus órdenes" in page

    again = a.draft(who, of=list(CareOrder.objects.filter(lines__invoice=invoice)))
    CareOrder.objects.filter(lines__invoice=again).update(state=rules.OrderState.INVOICED)
    page = text(owner.get(address))
    assert "No se paga esta factura y sus órdenes ya no están por facturar." in page
    assert "Nadie debe nada" not in page and "Facturar sus órdenes" not in page
    invoice.refresh_from_db()
    assert parts.ball(invoice, [])["since"] is None


def test_ac_09_a_returned_invoice_tells_its_physician_what_to_do_next(trusted) -> None:
    who = a.doctor()
    invoice = a.returned(who)
    page = text(people.signed_in(who.user).get(reverse("billing:invoice", args=[invoice.folio])))
    assert re.search(r"Te toca a ti, desde el [^.]+\. Corrígela y envíala otra vez\.", page)

"""A deposit is one thing, whatever it pays: one notice, one row, all of its invoices (C4, PR-08)."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Invoice
from billing.rules import PaymentState
from portal.design import dates
from portal.money import format_money
from portal.notices.mail import send
from portal.notices.models import Notice
from portal.treasury.models import Transfer
from tests.factories import billing as a
from tests.factories import people
from tests.pages import heads_of_rows

pytestmark = pytest.mark.django_db


def deposit(who, number: int) -> list[Invoice]:
    """Invoices that one transfer paid."""
    invoices = [a.accepted(who) for _ in range(number)]
    a.bank_says(a.batch(who, invoices))
    return list(
        Invoice.objects.filter(pk__in=[one.pk for one in invoices]).select_related("transfer").order_by("folio")
    )


def listed(who, **query) -> str:
    answer = people.signed_in(who.user).get(reverse("billing:payments"), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def exported(who, **query) -> list[dict[str, str]]:
    answer = people.signed_in(who.user).get(reverse("billing:payments"), {"formato": "csv", **query})
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_pr_08_a_deposit_that_pays_two_invoices_is_told_once_with_amount_date_and_every_folio(trusted) -> None:
    who = a.doctor()
    one, two = deposit(who, 2)
    (told,) = Notice.objects.filter(user=who.user, kind="billing/invoice_paid")
    amount, day = format_money(one.transfer.amount, "MXN"), dates.short(one.paid_on)
    assert told.title == f"Te depositamos {amount} el {day}"
    for said in (amount, f"Paga {one.folio} y {two.folio}.", "complemento de pago"):
        assert said in told.body, said
    assert who.party.rfc not in told.title + told.body and one.uuid not in told.body
    send(told)
    (sent,) = mail.outbox
    assert told.title in sent.subject
    for said in (amount, one.folio, two.folio):
        assert said in sent.body, said


def test_pagos_lists_each_deposit_once_with_its_invoices_on_the_page_and_in_its_file(trusted) -> None:
    who = a.doctor()
    one, two = deposit(who, 2)
    (alone,) = deposit(who, 1)
    page, rows = listed(who), exported(who)
    folios = [one.transfer.batch.folio, alone.transfer.batch.folio]
    assert sorted(heads_of_rows(page)) == sorted(folios) and "2 depósitos" in page
    assert ", ".join(f'<span class="folio">{folio}</span>' for folio in (one.folio, two.folio)) in page
    by_folio = {row["Depósito"]: row for row in rows}
    assert by_folio[folios[0]]["Facturas"] == f"{one.folio}, {two.folio}"
    assert by_folio[folios[0]]["Pagado"] == str(one.total + two.total)
    assert by_folio[folios[0]]["ISR retenido"] == str(one.withheld_isr + two.withheld_isr)
    assert by_folio[folios[1]]["Facturas"] == alone.folio
    for asked in (two.folio, one.transfer.tracking[:20], folios[0]):
        assert heads_of_rows(listed(who, buscar=asked)) == [folios[0]]
    assert exported(who, buscar=alone.folio) == [by_folio[folios[1]]]


def test_a_deposit_says_how_its_complements_stand(trusted) -> None:
    who = a.doctor()
    one, two = deposit(who, 2)
    states = {}

    def stands(name: str) -> None:
        states[name] = [row["Complemento"] for row in exported(who)]

    stands("due")
    Invoice.objects.filter(pk=one.pk).update(payment_state=PaymentState.CLOSED)
    stands("partial")
    assert len(exported(who, pago="complement_due")) == 1 and exported(who, pago="closed") == []
    Invoice.objects.filter(pk=two.pk).update(payment_state=PaymentState.CLOSED)
    stands("closed")
    a.bank_returns(one.transfer.batch)
    stands("returned")
    assert states == {
        "due": ["Falta"],
        "partial": ["Falta parte"],
        "closed": ["Entregado"],
        "returned": ["El banco lo devolvió"],
    }
    (row,) = exported(who, pago="returned")
    assert (row["Facturas"], row["Pagado"]) == (f"{one.folio}, {two.folio}", "0.00")
    assert listed(who).count("El banco lo devolvió") >= 1


def test_pagos_asks_as_much_for_twenty_deposits_as_for_one(trusted) -> None:
    who = a.doctor()
    a.bare(who, paid_on=a.TODAY, complement_due_on=a.TODAY)
    browser = people.signed_in(who.user)

    def asked() -> int:
        browser.get(reverse("billing:payments"))
        with CaptureQueriesContext(connection) as seen:
            browser.get(reverse("billing:payments"))
        return len(seen)

    few = asked()
    for _ in range(19):
        a.bare(who, paid_on=a.TODAY, complement_due_on=a.TODAY)
    assert asked() == few and Transfer.objects.count() == 20


def test_a_stranger_sees_no_deposit_of_another(trusted) -> None:
    who, other = a.doctor(), a.doctor()
    deposit(who, 1)
    assert heads_of_rows(listed(other)) == []

"""Several people at once: one effect each time (MO-04, MO-07, MO-10)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from billing import services
from billing.models import CareOrder, Complement, ComplementPayment, Invoice
from config.demo.uploads import upload_of
from portal.errors import Conflict
from portal.fiscal.models import TaxReceipt
from portal.treasury.models import LedgerTransaction, Payable
from tests.factories import billing as a
from tests.factories import people
from tests.factories.threads import LONG, at_once, somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(answers: list) -> list[str]:
    return sorted(type(one).__name__ for one in answers)


def test_mo_10_one_order_goes_into_one_of_many_drafts() -> None:
    who = a.doctor()
    order = a.orders(who)[0]
    answers = at_once([lambda: a.draft(who, of=[order])] * 5)
    assert kinds(answers) == ["Conflict"] * 4 + ["Invoice"]
    assert Invoice.objects.count() == 1


def test_two_deliveries_of_the_same_orders_at_once_store_them_once() -> None:
    who = a.doctor()
    rows, payer, by = [a.row(who) for _ in range(3)], a.insurer(), people.reviewer()
    answers = at_once([lambda: a.deliver(rows, payer=payer, by=by)] * 4)
    assert kinds(answers) == ["OrderDelivery"] * 4
    assert sorted(one.accepted for one in answers) == [0, 0, 0, 3]
    assert CareOrder.objects.count() == 3


def test_a_double_submit_gives_one_folio_and_a_double_accept_one_debt() -> None:
    a.trust()
    who, reviewers = a.doctor(), [people.reviewer() for _ in range(3)]
    invoice = a.with_files(who)
    answers = at_once([lambda: services.submit_invoice(invoice=invoice, by=who.user, at=a.NOW)] * 3)
    assert kinds(answers) == ["Conflict", "Conflict", "Invoice"]
    later = a.NOW + timedelta(hours=1)
    answers = at_once(
        [
            *[lambda by=by: services.accept_invoice(invoice=invoice, by=by, at=later) for by in reviewers],
            lambda: services.return_invoice(
                invoice=invoice, reasons=["illegible_pdf"], note="", by=people.reviewer(), at=later
            ),
        ]
    )
    assert kinds(answers) == ["Invoice", "RuleBroken", "RuleBroken", "RuleBroken"]
    invoice.refresh_from_db()
    accepted = int(invoice.state == "accepted")
    assert Payable.objects.count() == accepted
    assert LedgerTransaction.objects.filter(kind="invoice_accepted").count() == accepted


def test_mo_07_one_uuid_serves_one_of_two_drafts() -> None:
    a.trust()
    who = a.doctor()
    drafts = [a.draft(who), a.draft(who)]
    xml = a.xml_of_either(*drafts)

    def attach(invoice: Invoice) -> Invoice:
        services.attach_files(invoice=invoice, xml=upload_of("f.xml", xml), pdf=None, by=who.user, at=a.NOW)
        return invoice

    answers = at_once([lambda draft=draft: attach(draft) for draft in drafts])
    (won,), (lost,) = ([one for one in answers if isinstance(one, kind)] for kind in (Invoice, Conflict))
    assert lost.code == "receipt_used_before"
    held = dict(Invoice.objects.exclude(uuid="").values_list("pk", "verdict"))
    assert held == {won.pk: "accepted"}
    assert TaxReceipt.objects.live().get().subject_id == str(won.pk)
    # the other's folio fiscal is free for it as soon as the first lets go
    services.discard_draft(invoice=won, by=who.user, at=a.NOW)
    assert attach(next(draft for draft in drafts if draft.pk != won.pk))


def test_a_complement_handed_in_while_its_deposit_comes_back_is_asked_to_be_cancelled_too() -> None:
    """Whichever comes first, nobody waits for ever and the invoice can be closed again when it is paid again."""
    a.trust()
    who = a.doctor()
    invoice, answered, met = a.paid(who), threading.Event(), []
    xml = a.complement_xml([invoice])

    def holds_on(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "billing_complement"') and not answered.is_set():
            answered.set()
            met.append(somebody_waits())
        return execute(sql, params, many, context)

    def hand_in() -> Complement:
        with connection.execute_wrapper(holds_on):
            return a.hand_in(who, [invoice], xml=xml)

    def comes_back() -> None:
        assert answered.wait(LONG)
        a.bank_returns(invoice.transfer.batch, at=a.PAID_AT + timedelta(hours=3))

    answers = at_once([hand_in, comes_back])
    assert kinds(answers) == ["Complement", "NoneType"], answers
    assert met == [True]
    invoice.refresh_from_db()
    assert (Complement.objects.get().state, invoice.payment_state) == ("to_cancel", "payable")
    assert not ComplementPayment.objects.filter(live=True).exists()
    assert TaxReceipt.objects.live().filter(use="complement").count() == 1  # until the desk sees it cancelled

"""The bank returns a deposit that it had paid: invoices, complements, pages and the account follow (S0.19, N11)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import selectors, services
from billing.models import CareOrder, Complement, ComplementDue, ComplementPayment, Invoice
from portal.calendars import tasks
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt, TrustedCertificate
from portal.history.selectors import timeline
from portal.notices.models import Notice
from portal.treasury import invariants
from portal.treasury.models import BankAccount, PaymentBatch
from portal.treasury.selectors import balance
from portal.treasury.services import review_account
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


def page(user, name: str, *args, **query) -> str:
    answer = people.signed_in(user).get(reverse(f"billing:{name}", args=args), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def kinds(who) -> list[str]:
    return list(Notice.objects.filter(user=who.user).order_by("pk").values_list("kind", flat=True))


def test_an_invoice_whose_deposit_came_back_waits_to_be_paid_and_owes_no_complement(trusted) -> None:
    who = a.doctor()
    invoice = a.paid(who, 2)
    transfer, bound = invoice.transfer, invoice.complement_due
    a.bank_returns(transfer.batch)
    invoice = Invoice.objects.get(pk=invoice.pk)
    assert (invoice.state, invoice.payment_state, invoice.state_label) == ("accepted", "payable", "Por pagar")
    assert (invoice.transfer, invoice.paid_on, invoice.complement_due_on, invoice.complement_due) == (None,) * 4
    kept = ComplementDue.objects.get()  # the date that bound stays, ended
    assert (kept.pk, kept.due_on, kept.met_at, kept.next_reminder_on) == (bound.pk, bound.due_on, None, None)
    told = timeline(invoice).get(action="billing.payment_taken_back")
    assert kept.ended_at == a.PAID_AT and told.details["complement_due"] == str(bound.pk)
    assert set(CareOrder.objects.values_list("state", flat=True)) == {"invoiced"}
    assert not ComplementDue.objects.to_remind(on=bound.next_reminder_on).exists() and tasks.remind() == 0
    assert balance(code="physician_payable", currency="MXN", party=who.party) == -invoice.total
    assert "billing/complement_to_cancel" not in kinds(who) and "treasury/payment_returned" in kinds(who)
    assert invariants.faults() == []
    # every page tells it
    shown = page(who.user, "payment", transfer.pk)
    why = "Cuenta bancaria cancelada"
    for said in ("El banco lo devolvió", why, "Facturas que pagaba", invoice.folio, "Quedó sin efecto"):
        assert said in shown, said
    assert "Subir complemento" not in shown and "cancélalo en el SAT" not in shown
    assert "El banco devolvió este depósito" in page(who.user, "complement", transfer.pk)
    story = page(who.user, "invoice", invoice.folio)
    assert "El banco devolvió el pago" in story and why in story and "Subir complemento" not in story
    assert "El banco devolvió tu pago" in page(who.user, "home")
    moved = page(who.user, "statement", mes=f"{a.TODAY:%Y-%m}")
    folio = PaymentBatch.objects.get().folio
    whole = f'Depósito <span class="nowrap">{folio}</span>'
    assert f"{whole}</a>" in moved and f"{whole}, devuelto por el banco" in moved
    with pytest.raises(Conflict) as refused:
        services.hand_in_complement(party=who.party, transfer=transfer, xml=None, by=who.user, at=a.PAID_AT)
    assert refused.value.code == "deposit_returned"


def test_a_complement_handed_in_is_asked_to_be_cancelled_and_the_next_payment_has_its_own(trusted) -> None:
    who = a.doctor()
    invoice = a.closed(who)
    first, old = Complement.objects.get(), Invoice.objects.get().transfer
    a.bank_returns(old.batch)
    first.refresh_from_db()
    assert (first.state, first.state_label) == ("to_cancel", "Por cancelar en el SAT")
    assert first.reason == "El banco devolvió el depósito de este complemento."
    assert not ComplementPayment.objects.filter(live=True).exists()
    assert Invoice.objects.get().payment_state == "payable"
    mail = Notice.objects.get(user=who.user, kind="billing/complement_to_cancel")
    assert mail.title == f"{invoice.folio}: cancela tu complemento en el SAT" and "No subas nada" in mail.body
    assert "cancélalo en el SAT" in page(who.user, "payment", old.pk)
    assert TaxReceipt.objects.live().filter(use="complement").count() == 1  # taken until it is seen cancelled
    desk = people.reviewer()
    shown = page(desk, "complement_review", first.pk)
    assert "Marcar cancelado en el SAT" in shown and "que el banco devolvió el" in shown
    # the account is mended, the invoice paid anew: its chain begins again
    review_account(account=BankAccount.objects.get(), decision="approved", by=desk, at=a.NOW)
    a.bank_says(a.batch(who, [invoice]))
    again = Invoice.objects.select_related("transfer").get()
    assert again.payment_state == "complement_due" and again.transfer_id != old.pk
    assert selectors.next_link(again).number == 1 and selectors.next_link(again).balance_before == again.total
    assert "Subir complemento" not in page(who.user, "payment", old.pk)  # the old deposit asks for nothing
    second = a.hand_in(who, [again])
    assert second.state == "accepted" and Invoice.objects.get().payment_state == "closed"
    services.cancel_complement(complement=first, reason="Lo dice el SAT", by=desk, at=a.PAID_AT)
    first.refresh_from_db()
    assert first.state == "cancelled" and Invoice.objects.get().payment_state == "closed"
    assert TaxReceipt.objects.live().filter(use="complement").count() == 1
    told = Notice.objects.get(user=who.user, kind="billing/complement_cancelled_as_asked")
    assert "No tienes que hacer nada más" in told.body
    # and it may come back once more
    a.bank_returns(again.transfer.batch)
    second.refresh_from_db()
    assert (second.state, Invoice.objects.get().payment_state) == ("to_cancel", "payable")
    assert kinds(who).count("billing/complement_to_cancel") == 2
    assert invariants.faults() == []


def test_a_complement_in_review_is_not_decided_any_more(trusted) -> None:
    who = a.doctor()
    one, two = a.accepted(who), a.accepted(who)
    a.bank_says(a.batch(who, [one, two]))
    TrustedCertificate.objects.all().delete()
    complement = a.hand_in(who, [one, two])
    assert complement.state == "in_review"
    a.bank_returns(complement.transfer.batch)
    complement.refresh_from_db()
    assert complement.state == "to_cancel"
    assert set(Invoice.objects.values_list("payment_state", flat=True)) == {"payable"}
    with pytest.raises(RuleBroken) as refused:
        services.decide_complement(complement=complement, accept=True, reason="", by=people.reviewer(), at=a.PAID_AT)
    assert refused.value.code == "wrong_state"
    mail = Notice.objects.get(user=who.user, kind="billing/complement_to_cancel")
    assert one.folio in mail.title and two.folio in mail.title
    told = Notice.objects.get(user=who.user, kind="treasury/payment_returned")
    total = one.total + two.total
    assert f"{one.folio} y {two.folio}" in told.title and f"${total:,.2f}" in told.title and total > Decimal(0)


def test_a_stranger_finds_no_deposit_that_came_back(trusted) -> None:
    who = a.doctor()
    transfer = a.paid(who).transfer
    a.bank_returns(transfer.batch)
    for user in (people.stranger(), a.doctor().user, people.preparer()):
        for name in ("payment", "complement"):
            answer = people.signed_in(user).get(reverse(f"billing:{name}", args=[transfer.pk]))
            assert answer.status_code in {403, 404}

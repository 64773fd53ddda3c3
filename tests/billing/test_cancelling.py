"""An accepted invoice that was cancelled at the SAT: while its payment is open, nothing is owed (domain 1.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from billing import rules, services
from billing.models import CareOrder, Invoice
from billing.selectors import parts
from config.demo.uploads import upload_of
from portal.errors import Conflict, RuleBroken
from portal.fiscal.selectors import live_receipt
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.papers.registry import standing_of
from portal.papers.rules import Standing
from portal.papers.selectors import open_file
from portal.people.models import Grant
from portal.treasury.models import LedgerLine, Payable
from tests.factories import billing as a
from tests.factories import people

from .pages import post, text, url

pytestmark = pytest.mark.django_db
LATER = a.NOW + timedelta(hours=3)
WHY = "Consultada en el SAT el 12/11/2026."


def cancelled(invoice: Invoice, by, reason: str = WHY) -> Invoice:
    return services.cancel_invoice(invoice=invoice, reason=reason, by=by, at=LATER)


def test_nothing_is_owed_for_it_its_orders_are_free_and_its_folio_bills_nothing_again(trusted) -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.accepted(who)
    assert rules.can_cancel(invoice.state, invoice.payment_state)
    done = cancelled(invoice, by)
    owed = Payable.objects.get(subject_id=str(invoice.pk))
    assert (done.state, done.payment_state, done.state_label) == ("cancelled", "none", "Cancelada en el SAT")
    assert (owed.state, owed.reason, owed.cancelled_by) == ("cancelled", WHY, by)
    assert sum(line.amount for line in LedgerLine.objects.filter(account__party=who.party)) == 0
    assert list(CareOrder.objects.to_invoice()) == list(CareOrder.objects.filter(lines__invoice=invoice))
    assert parts.ball(done, [])["since"] == LATER
    assert standing_of(done.receipt) is Standing.CANCELLED
    assert Notice.objects.filter(user=who.user, kind="billing/invoice_cancelled").count() == 1
    event = AuditEvent.objects.get(action="billing.invoice_cancelled")
    assert (event.by, event.reason, event.subject_id) == (by, WHY, str(invoice.pk))
    with pytest.raises(RuleBroken, match="«Cancelada en el SAT»"):
        cancelled(invoice, by)
    # Another CFDI bills its orders; the cancelled one stays taken.
    assert live_receipt(done) is not None
    again = a.draft(who, of=list(CareOrder.objects.to_invoice()), at=LATER)
    old = upload_of("vieja.xml", b"".join(open_file(done.xml)))
    with pytest.raises(Conflict) as taken:
        services.attach_files(invoice=again, xml=old, pdf=None, by=who.user, at=LATER)
    assert taken.value.code == "receipt_used_before"


def test_it_needs_a_reason_and_nobody_decides_about_their_own(trusted) -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.accepted(who)
    with pytest.raises(RuleBroken) as missing:
        cancelled(invoice, by, " ")
    assert missing.value.field == "reason"
    Grant.objects.filter(party=who.party).update(user=by)
    for own in (by, who.user):  # who acts for its physician, and who sent it and acts for them no more
        with pytest.raises(RuleBroken) as refused:
            cancelled(invoice, own)
        assert refused.value.code == "own_invoice"
    assert Payable.objects.get().state == "open"


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (a.submitted, "así no puede pasar a «Cancelada en el SAT»"),
        (a.paid, "Este pago ya está en un lote o ya se hizo y no se cancela."),
    ],
)
def test_what_was_not_accepted_or_is_paid_is_not_cancelled(trusted, build, said) -> None:
    invoice = build(a.doctor())
    assert not rules.can_cancel(invoice.state, invoice.payment_state)
    with pytest.raises(RuleBroken, match=said):
        cancelled(invoice, people.reviewer())


def test_on_screen_it_is_asked_first_done_once_and_refused_once_it_is_in_a_batch(trusted) -> None:
    who = a.doctor()
    invoice, scheduled = a.accepted(who), a.accepted(who)
    desk, owner = people.signed_in(people.reviewer()), people.signed_in(who.user)
    assert "¿La canceló en el SAT?" in text(desk.get(url("review", invoice.folio)))
    asked = text(post(desk, "cancel", invoice.folio, ask="cancelar_factura", reason=WHY))
    assert f"¿Marcar como cancelada {invoice.folio} por ${invoice.total:,.2f}?" in asked and WHY in asked
    empty = post(desk, "cancel", invoice.folio)
    assert empty.status_code == 422 and "Escribe cómo supiste que está cancelada." in text(empty)
    assert post(owner, "cancel", invoice.folio, reason=WHY).status_code == 403
    answers = [post(desk, "cancel", invoice.folio, reason=WHY, key="c" * 20) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [url("review", invoice.folio)] * 2
    assert AuditEvent.objects.filter(action="billing.invoice_cancelled").count() == 1
    page = text(desk.get(url("review", invoice.folio)))
    assert "Cancelada en el SAT" in page and "¿La canceló en el SAT?" not in page
    mine = text(owner.get(url("invoice", invoice.folio)))
    assert "Cancelada en el SAT" in mine and WHY in mine and rules.REJECTED_AGAIN in mine
    account = text(owner.get(url("statement")))
    assert (
        f'<span class="nowrap">{invoice.folio}</span>, cancelada en el SAT' in account and "Corrección" not in account
    )
    a.batch(who, [scheduled])
    late = post(desk, "cancel", scheduled.folio, reason=WHY)
    assert late.status_code == 409 and "Este pago ya está en un lote" in text(late)
    assert post(desk, "cancel", "FA-2020-999999", reason=WHY).status_code == 404


def test_by_a_call_it_is_the_same_act(trusted) -> None:
    invoice, desk = a.accepted(a.doctor()), people.signed_in(people.reviewer())
    called = reverse("billing:api_cancel", args=[invoice.folio])
    more = {"content_type": "application/json", "headers": {"Idempotency-Key": "c" * 20}}
    answers = [desk.post(called, {"reason": WHY}, **more) for _ in range(2)]
    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "cancelled")] * 2
    assert Payable.objects.get().state == "cancelled"

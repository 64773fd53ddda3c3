"""What billing's database refuses by itself, constraint by constraint."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from billing.models import (
    CareOrder,
    Complement,
    ComplementPayment,
    Invoice,
    InvoiceLine,
    InvoiceWithholding,
    OrderDelivery,
    PhysicianProfile,
    ReviewDecision,
    SchemeAssignment,
)
from portal.papers.models import StoredFile
from tests.factories import billing as a
from tests.factories import people
from tests.factories.treasury import stored_pdf

pytestmark = pytest.mark.django_db
D = Decimal


def refuses(name: str, act) -> None:
    """The act breaks exactly the constraint of this name."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


@pytest.fixture
def who():
    return a.doctor()


@pytest.fixture
def paid(who) -> Invoice:
    return a.bare(who, paid_on=a.TODAY, complement_due_on=a.TODAY + timedelta(days=9))


def complement(invoice: Invoice, **fields) -> Complement:
    told = {
        "party": invoice.party,
        "transfer": invoice.transfer,
        "state": "accepted",
        "xml": StoredFile.objects.first() or stored_pdf(invoice.party, invoice.created_by),
        "uuid": "x",
        "handed_in_by": invoice.created_by,
        "handed_in_at": a.NOW,
    }
    return Complement.objects.create(**(told | fields))


def link(invoice: Invoice, **fields) -> ComplementPayment:
    told = {
        "complement": Complement.objects.first() or complement(invoice),
        "invoice": invoice,
        "number": 1,
        "transfer": invoice.transfer,
        "balance_before": D("900.00"),
        "paid": D("900.00"),
        "balance_after": D("0.00"),
        "paid_on": a.TODAY,
    }
    return ComplementPayment.objects.create(**(told | fields))


def test_a_profile_has_a_known_regime_and_one_open_scheme(who) -> None:
    refuses("known_regime", lambda: PhysicianProfile.objects.filter(party=who.party).update(regime="601"))
    more = {"party": who.party, "regime": "626", "valid_from": a.TODAY}
    refuses("schemes_of_a_physician_never_overlap", lambda: SchemeAssignment.objects.create(**more))
    refuses(
        "scheme_ends_after_start",
        lambda: SchemeAssignment.objects.create(**more, valid_to=a.TODAY - timedelta(days=1)),
    )
    inside = {"valid_to": a.TODAY + timedelta(days=1)}
    refuses("schemes_of_a_physician_never_overlap", lambda: SchemeAssignment.objects.create(**more, **inside))


def test_c3_an_order_adds_up_is_positive_in_pesos_and_unique_for_its_insurer(who) -> None:
    order = a.orders(who)[0]
    mine = CareOrder.objects.filter(pk=order.pk)
    refuses("fee_is_coaseguro_plus_payable", lambda: mine.update(fee=D("1.00")))
    refuses("order_amounts_are_positive", lambda: mine.update(payable=0, coaseguro=D("1500.00")))
    refuses("order_amounts_are_positive", lambda: mine.update(coaseguro=-1, payable=D("1501.00")))
    refuses("order_whole_clp_is_not_billed_here", lambda: mine.update(currency="CLP"))
    refuses("order_state_known", lambda: mine.update(state="elsewhere"))
    order.pk = None
    order.id = None
    refuses("one_order_per_insurer_and_account", lambda: CareOrder.objects.bulk_create([_copy(order)]))


def _copy(order: CareOrder) -> CareOrder:
    names = [field.attname for field in CareOrder._meta.concrete_fields if field.attname != "id"]
    return CareOrder(**{name: getattr(order, name) for name in names})


def test_an_order_has_one_live_line_and_an_invoice_bills_it_once(who) -> None:
    order = a.orders(who)[0]
    first = a.draft(who, of=[order])
    second = a.bare(who)
    line = {"order": order, "amount": D("1.00")}
    refuses("one_live_line_per_order", lambda: InvoiceLine.objects.create(invoice=second, **line))
    refuses("order_once_per_invoice", lambda: InvoiceLine.objects.create(invoice=first, live=False, **line))
    refuses("line_amount_is_positive", lambda: InvoiceLine.objects.update(amount=0))
    with pytest.raises(ProtectedError):
        order.delete()


def test_s0_14_an_invoice_adds_up_and_only_an_accepted_one_is_paid(who, paid) -> None:
    sent = a.bare(who)
    mine = Invoice.objects.filter(pk=sent.pk)
    refuses("total_is_base_minus_withheld", lambda: mine.update(total=D("900.01")))
    refuses("one_invoice_per_folio", lambda: mine.update(folio=paid.folio))
    refuses("invoice_whole_clp_is_not_billed_here", lambda: mine.update(currency="CLP"))
    refuses("invoice_states_known", lambda: mine.update(state="elsewhere"))
    refuses("invoice_states_known", lambda: Invoice.objects.filter(pk=paid.pk).update(payment_state="elsewhere"))
    refuses("submitted_invoice_has_folio_who_and_when", lambda: mine.update(folio=""))
    refuses("submitted_invoice_has_folio_who_and_when", lambda: mine.update(submitted_by=None))
    refuses("submitted_invoice_has_folio_who_and_when", lambda: mine.update(submitted_at=None))
    refuses("sent_invoice_says_when_it_is_answered", lambda: mine.update(review_due_on=None))
    refuses("sent_invoice_says_when_it_is_answered", lambda: mine.update(review_due_rule=""))
    refuses("only_accepted_invoices_are_paid", lambda: mine.update(payment_state="payable"))
    refuses("paid_invoice_has_its_dates", lambda: Invoice.objects.filter(pk=paid.pk).update(complement_due=None))
    refuses("invoice_transfer_and_day_together", lambda: mine.update(paid_on=a.TODAY))
    refuses("invoice_transfer_and_day_together", lambda: mine.update(transfer=paid.transfer))
    for state in ("accepted", "returned", "rejected", "cancelled"):
        refuses("decided_invoice_has_when", lambda state=state: mine.update(state=state))
    refuses("invoice_verdict_known", lambda: mine.update(verdict="pending"))


def test_n14_a_decision_accepts_without_a_reason_or_says_why(who) -> None:
    invoice, by = a.bare(who), people.reviewer()
    for outcome, reasons in (
        ("accepted", ["other"]),
        ("returned", []),
        ("rejected", []),
        ("draft", []),
        ("submitted", ["other"]),
        ("cancelled", ["other"]),
    ):
        told = {"invoice": invoice, "reviewer": by, "outcome": outcome, "reasons": reasons, "at": a.NOW}
        refuses("review_decision_says_why_or_accepts", lambda told=told: ReviewDecision.objects.create(**told))


def test_a_withholding_is_there_once_and_stays_within_its_base(who) -> None:
    invoice = a.draft(who)
    isr = InvoiceWithholding.objects.get(invoice=invoice)
    refuses("withheld_within_base", lambda: InvoiceWithholding.objects.update(amount=isr.base + 1))
    refuses("withheld_within_base", lambda: InvoiceWithholding.objects.update(amount=-1))
    refuses("withholding_component_known", lambda: InvoiceWithholding.objects.update(component="IVA"))
    more = {"component": "ISR", "rate": isr.rate, "base": 1, "amount": 0, "rule_code": "x", "rule_version": 1}
    refuses("one_withholding_per_component", lambda: InvoiceWithholding.objects.create(invoice=invoice, **more))


def test_n11_an_invoice_of_a_deposit_has_one_live_complement_and_its_chain_adds_up(paid) -> None:
    first = complement(paid)
    refuses("complement_refused_says_why", lambda: complement(paid, state="rejected"))
    refuses("complement_refused_says_why", lambda: complement(paid, state="to_cancel"))
    own = {"decided_by": paid.created_by, "decided_at": a.NOW, "state": "rejected", "reason": "No se comprueba"}
    refuses("complement_decided_by_another", lambda: complement(paid, **own))
    said = {"decided_by": people.reviewer(), "decided_at": a.NOW}
    refuses("complement_refused_says_why", lambda: complement(paid, state="cancelled", **said))
    complement(paid, state="rejected", reason="No se comprueba", **said)
    refuses("complement_decision_has_who_and_when", lambda: Complement.objects.update(decided_at=a.NOW))
    link(paid, complement=first)
    other = a.transfer(SimpleNamespace(party=paid.party, user=paid.created_by))
    refuses("one_live_payment_per_number", lambda: link(paid, complement=first, transfer=other))
    second = complement(paid, state="in_review")  # a transfer may have several, none of them for the same invoice
    told = {"complement": second, "number": 2}
    refuses("one_live_complement_per_transfer_and_invoice", lambda: link(paid, **told))
    link(paid, live=False, **told)
    told |= {"transfer": other}
    for wrong in (
        {"balance_after": D("1.00")},
        {"paid": D("901.00"), "balance_after": D("-1.00")},
        {"paid": D("0.00"), "balance_after": D("900.00")},
    ):
        refuses("complement_balance_adds_up", lambda wrong=wrong: link(paid, **(told | wrong)))


def test_rows_name_themselves_and_say_their_state_in_words(who, paid) -> None:
    order = a.orders(who)[0]
    draft = a.draft(who, of=[order])
    decision = ReviewDecision(outcome="returned", reasons=["illegible_pdf"])
    shown = [
        str(row)
        for row in (
            order,
            draft,
            draft.lines.get(),
            draft.withholdings.get(),
            decision,
            paid,
            complement(paid),
            link(paid),
            OrderDelivery.objects.get(),
            SchemeAssignment.objects.get(),
            PhysicianProfile.objects.get(),
        )
    ]
    assert all(shown) and shown[1] == "Borrador"
    assert order.state_label == "Por facturar" and draft.is_editable and not paid.is_editable
    assert paid.state_label == "Pagada: falta el complemento" and paid.ball_label == "Te toca a ti"
    assert paid.desk_label == "Aceptada" and draft.state_label == "Borrador" and draft.is_mended
    assert Complement.objects.get().state_label == "Aceptado"
    assert decision.sentences[0].startswith("El PDF no se lee")


def test_ac_06_who_sees_which_rows(who, paid) -> None:
    a.orders(who)
    a.draft(who)
    complement(paid)
    stranger, approver, reviewer = people.stranger(), people.approver(), people.reviewer()
    counted = {
        person: [model.objects.visible_to(person).count() for model in (CareOrder, Invoice, Complement, OrderDelivery)]
        for person in (who.user, people.assistant_of(who.user), stranger, approver, reviewer, people.support())
    }
    orders = CareOrder.objects.count()
    assert list(counted.values()) == [
        [orders, 2, 1, 0],
        [orders, 2, 1, 0],
        [0, 0, 0, 0],
        [0, 1, 1, 0],
        [orders, 1, 1, 2],
        [0, 0, 0, 0],
    ]
    assert Invoice.objects.overdue(on=date(2100, 1, 1)).get() == paid
    assert not Invoice.objects.overdue(on=paid.complement_due_on).exists()

"""What the bank says, the complement's chain, and reminders from stored dates (S0.19, N11, JB-06, domain 1.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import rules, selectors, services
from billing.models import CareOrder, Complement, ComplementDue, ComplementPayment, Invoice
from billing.selectors import figures
from billing.services import complements
from portal import clock
from portal.calendars import services as calendars
from portal.calendars import tasks
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt
from portal.notices.models import Notice
from portal.papers.models import StoredFile
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import RuleRef, draft_of, refer
from portal.rulebook.services import publish_rule
from portal.treasury import services as treasury
from portal.treasury.models import Payable
from portal.treasury.selectors import balance
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
WITHHELD_BY = ("rule_code", "rule_version", "rule_source")
LATER = a.PAID_AT + timedelta(hours=3)


def owed(who) -> Decimal:
    return balance(code="physician_payable", currency="MXN", party=who.party)


@pytest.mark.parametrize("code", ["withholding.PF", "invoice.payment_days", "rep_due_day"])
def test_a_rule_with_the_longest_source_is_kept_whole_beside_all_that_it_gives(trusted, code) -> None:
    since = a.TODAY - timedelta(days=30)
    draft = replace(draft_of(rulebook.rule_on(code, on=since)), source="x" * 120, valid_from=since, valid_to=None)
    publish_rule(draft=draft, reason="El acuerdo", by=people.administrator(), at=clock.now())
    invoice = a.paid(a.doctor())
    rule = str(refer(rulebook.rule_on(code, on=a.TODAY)))
    assert rule.endswith("v2 · " + "x" * 120)
    kept = {
        "withholding.PF": lambda: str(RuleRef(*invoice.withholdings.values_list(*WITHHELD_BY).get())),
        "invoice.payment_days": lambda: Payable.objects.get().due_rule,
        "rep_due_day": lambda: invoice.complement_due.due_rule,
    }
    assert kept[code]() == rule


def test_the_date_of_a_complement_is_explained_by_the_rule_stored_with_it(trusted) -> None:
    invoice = a.paid(a.doctor())
    told = figures.complement_due(invoice)
    assert told["result"] == dates.short(invoice.complement_due_on)
    assert dict(told["inputs"])["Día del mes siguiente al pago"] == "5"
    assert [(rule["code"], rule["version"]) for rule in told["rules"]] == [("rep_due_day", 1)]
    draft = replace(draft_of(rulebook.rule_on("rep_due_day", on=invoice.paid_on)), value=9, valid_from=invoice.paid_on)
    publish_rule(draft=draft, reason="Cambió", by=people.administrator(), at=clock.now())
    assert figures.complement_due(invoice) == told


# --- the bank --------------------------------------------------------------------------------------------------------


def test_a_batch_schedules_the_bank_refuses_a_second_pays_and_the_complement_closes(trusted) -> None:
    who = a.doctor()
    invoice = a.accepted(who, 2)
    assert owed(who) == -invoice.total
    made = a.batch(who, [invoice])
    assert Invoice.objects.get().payment_state == "scheduled"
    a.bank_says(made, "rechazada")
    assert Invoice.objects.get().payment_state == "payable" and owed(who) == -invoice.total
    a.bank_says(a.batch(who, [invoice]))
    invoice = Invoice.objects.select_related("transfer").get()
    assert (invoice.payment_state, invoice.paid_on) == ("complement_due", clock.date_in(a.PAID_AT))
    assert owed(who) == 0  # "nothing owed"
    rule = selectors.complement_rule(on=invoice.paid_on)
    assert invoice.complement_due_on == rules.complement_due_on(invoice.paid_on, day=rule.day)
    assert (
        invoice.complement_due.due_rule == rule.label == "rep_due_day v1 · RMF 2.7.1.32"
        and reminded_next(invoice) > invoice.paid_on
    )
    assert set(CareOrder.objects.values_list("state", flat=True)) == {"settled"}
    assert Notice.objects.get(kind="billing/invoice_paid").user == who.user
    _the_chain_closes_once(who, invoice)
    _cancelled_at_the_sat_it_opens_and_another_closes(who, invoice)


def _the_chain_closes_once(who, invoice) -> None:
    """Wrong balance, wrong date, wrong number, then the right one; never a second."""
    for fault in ("other_balance", "other_day", "skipped_partiality"):
        with pytest.raises(services.FileRefused) as refused:
            a.hand_in(who, [invoice], faults=[fault])
        assert refused.value.findings and refused.value.checklist
    assert not Complement.objects.exists() and not StoredFile.objects.filter(purpose="complement_xml").exists()
    late = a.complement_xml([invoice])
    complement = a.hand_in(who, [invoice])
    assert complement.state == "accepted" and Invoice.objects.get().payment_state == "closed"
    link = complement.payments.get()
    assert (link.number, link.balance_before, link.balance_after) == (1, invoice.total, Decimal(0))
    with pytest.raises(Conflict) as refused:
        a.hand_in(who, [invoice], xml=late)
    assert refused.value.code == "complement_present"


def _cancelled_at_the_sat_it_opens_and_another_closes(who, invoice) -> None:
    """Reminded at once."""
    by, complement = people.reviewer(), Complement.objects.get(state="accepted")
    with pytest.raises(RuleBroken) as refused:
        services.cancel_complement(complement=complement, reason=" ", by=by, at=LATER)
    assert refused.value.field == "reason"
    for own in (who.user, people.assistant_of(who.user)):  # also when they hold a role at the desk
        with pytest.raises(RuleBroken) as refused:
            services.cancel_complement(complement=complement, reason="Consulta en el SAT", by=own, at=LATER)
        assert refused.value.code == "own_complement"
    met = Invoice.objects.select_related("complement_due").get(pk=invoice.pk).complement_due
    services.cancel_complement(complement=complement, reason="Consulta en el SAT", by=by, at=LATER)
    invoice.refresh_from_db()
    assert ComplementDue.objects.get(pk=met.pk).met_at == met.met_at is not None  # met once; the same day binds anew
    assert invoice.complement_due.pk != met.pk and invoice.complement_due.due_on == met.due_on
    assert invoice.payment_state == "complement_due" and reminded_next(invoice) == clock.date_in(LATER)
    assert not ComplementPayment.objects.filter(live=True).exists()
    assert Notice.objects.filter(user=who.user, kind="billing/complement_cancelled").exists()
    with pytest.raises(RuleBroken):
        services.cancel_complement(complement=complement, reason="otra vez", by=by, at=LATER)
    assert a.hand_in(who, [invoice]).state == "accepted"
    assert Invoice.objects.get().payment_state == "closed"
    assert TaxReceipt.objects.live().filter(use="complement").count() == 1


def test_a_chain_that_moved_while_the_file_was_judged_is_told(db) -> None:
    who = a.doctor()
    invoice = a.bare(who, paid_on=a.TODAY, complement_due_on=a.TODAY)
    with pytest.raises(Conflict) as refused:
        complements._keep_complement(
            party=who.party, transfer=invoice.transfer, examined=None, expected=[], by=who.user, at=LATER
        )
    assert refused.value.code == "chain_moved"


def test_a_cancelled_batch_gives_the_invoice_back(trusted) -> None:
    who = a.doctor()
    invoice = a.accepted(who)
    a.situations.validated(who, a.NOW - timedelta(days=10))
    preparer = people.preparer()
    made = treasury.prepare_batch(payables=list(Payable.objects.all()), by=preparer, at=a.NOW + timedelta(hours=2))
    assert Invoice.objects.get(pk=invoice.pk).payment_state == "scheduled"
    treasury.cancel_batch(batch=made, reason="Se armó mal", by=preparer, at=a.NOW + timedelta(hours=2, minutes=5))
    assert Invoice.objects.get(pk=invoice.pk).payment_state == "payable"


def test_n11_one_complement_covers_every_invoice_of_its_deposit(trusted) -> None:
    who = a.doctor()
    one, two = a.accepted(who), a.accepted(who)
    a.bank_says(a.batch(who, [one, two]))
    one, two = (Invoice.objects.select_related("transfer").get(pk=x.pk) for x in (one, two))
    assert one.transfer == two.transfer and one.transfer.amount == one.total + two.total
    with pytest.raises(RuleBroken):
        a.hand_in(who, [one])
    complement = a.hand_in(who, [one, two])
    assert set(Invoice.objects.values_list("payment_state", flat=True)) == {"closed"}
    assert complement.payments.count() == 2


def test_n11_a_cancelled_complement_reopens_the_invoices_of_its_deposit_alone(trusted) -> None:
    who = a.doctor()
    one, other = a.closed(who), a.closed(who)
    assert one.transfer_id != other.transfer_id
    services.cancel_complement(
        complement=Complement.objects.get(transfer=one.transfer_id),
        reason="Lo dice el SAT",
        by=people.reviewer(),
        at=LATER,
    )
    states = dict(Invoice.objects.values_list("pk", "payment_state"))
    assert states == {one.pk: "complement_due", other.pk: "closed"}


# --- a certificate nobody knows --------------------------------------------------------------------------------------


def test_a_complement_of_an_unknown_certificate_waits_for_a_person_who_rejects_or_accepts(trusted) -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.paid(who)
    from portal.fiscal.models import TrustedCertificate

    TrustedCertificate.objects.all().delete()
    late = a.complement_xml([invoice])
    first = a.hand_in(who, [invoice])
    assert first.state == "in_review" and Invoice.objects.get().payment_state == "complement_due"
    with pytest.raises(Conflict, match="en revisión"):
        a.hand_in(who, [invoice], xml=late)
    page = people.signed_in(who.user).get(reverse("billing:payment", args=[invoice.transfer_id])).content.decode()
    assert "¿De dónde sale este depósito?" in page
    assert "En revisión" in page and "Emítelo con estos datos" not in page
    with pytest.raises(Conflict) as refused:  # what was judged is no longer the chain that stands
        complements._keep_complement(
            party=who.party, transfer=invoice.transfer, examined=None, expected=[], by=who.user, at=LATER
        )
    assert refused.value.code == "complement_present"
    former = people.reviewer()  # handed it in, and acts for the physician no more
    Complement.objects.filter(pk=first.pk).update(handed_in_by=former)
    for person in (who.user, people.assistant_of(who.user), former):
        with pytest.raises(RuleBroken) as refused:
            services.decide_complement(complement=first, accept=True, reason="x", by=person, at=LATER)
        assert refused.value.code == "own_complement"
    with pytest.raises(RuleBroken) as refused:
        services.decide_complement(complement=first, accept=False, reason="", by=by, at=LATER)
    assert refused.value.field == "reason"
    services.decide_complement(complement=first, accept=False, reason="No se comprueba", by=by, at=LATER)
    assert Complement.objects.get().reason == "No se comprueba"
    assert Notice.objects.filter(user=who.user, kind="billing/complement_rejected").exists()
    second = a.hand_in(who, [invoice])
    services.decide_complement(complement=second, accept=True, reason="", by=by, at=LATER)
    assert Invoice.objects.get().payment_state == "closed"
    with pytest.raises(RuleBroken):
        services.decide_complement(complement=second, accept=True, reason="", by=by, at=LATER)


# --- reminders -------------------------------------------------------------------------------------------------------


def reminders(who) -> list[str]:
    return list(
        Notice.objects.filter(user=who.user, kind__in=["billing/complement_reminder", "billing/complement_overdue"])
        .order_by("created_at", "key")
        .values_list("kind", flat=True)
    )


@pytest.fixture
def owing(db):
    """A paid invoice whose complement is due on 5 December 2026, made by hand: no file matters here."""
    who = a.doctor()
    invoice = a.bare(who, paid_on=date(2026, 11, 19), complement_due_on=date(2026, 12, 5))
    remind_on(invoice, date(2026, 11, 30))
    return who, Invoice.objects.get(pk=invoice.pk)


def remind_on(invoice: Invoice, day: date) -> None:
    ComplementDue.objects.filter(invoice=invoice).update(next_reminder_on=day)


def reminded_next(invoice: Invoice) -> date:
    return ComplementDue.objects.get(invoice=invoice).next_reminder_on


def run(invoice: Invoice, on: date) -> bool:
    return calendars.remind(due=invoice.complement_due, on=on, at=a.NOW)


def test_jb_06_a_reminder_goes_once_however_often_the_task_runs(owing) -> None:
    who, invoice = owing
    assert not run(invoice, date(2026, 11, 29))
    assert [run(invoice, date(2026, 11, 30)) for _ in range(3)] == [True, False, False]
    assert reminders(who) == ["billing/complement_reminder"]
    assert reminded_next(invoice) == date(2026, 12, 3)


def test_jb_06_missed_nights_lose_nothing_and_repeat_nothing(owing) -> None:
    who, invoice = owing
    assert run(invoice, date(2026, 12, 4)) and not run(invoice, date(2026, 12, 4))
    assert reminded_next(invoice) == date(2026, 12, 5)
    assert run(invoice, date(2026, 12, 20))
    assert sorted(reminders(who)) == ["billing/complement_overdue", "billing/complement_reminder"]


@pytest.mark.parametrize(("day", "kind"), [(5, "billing/complement_reminder"), (6, "billing/complement_overdue")])
def test_s0_19_on_its_last_day_a_complement_is_due_and_only_the_next_it_is_late(owing, day: int, kind: str) -> None:
    who, invoice = owing
    assert run(invoice, date(2026, 12, day))
    assert reminders(who) == [kind]


def test_nothing_is_reminded_once_the_complement_is_there(owing) -> None:
    who, invoice = owing
    Invoice.objects.filter(pk=invoice.pk).update(payment_state="closed")
    assert not run(invoice, date(2026, 12, 31)) and reminders(who) == []


def test_the_task_reminds_everybody_due_and_one_trouble_stops_nobody(owing, monkeypatch) -> None:
    who, invoice = owing
    other = a.doctor()
    a.bare(other, paid_on=date(2026, 11, 19), complement_due_on=date(2026, 12, 5), next_reminder_on=date(2026, 11, 1))
    remind_on(invoice, date(2026, 11, 1))
    real = calendars.remind

    def one_fails(**told):
        if told["due"].invoice.party_id == other.party.pk:
            raise ValueError("broken row")
        return real(**told)

    monkeypatch.setattr(calendars, "remind", one_fails)
    assert tasks.remind() == 1
    monkeypatch.setattr(calendars, "remind", real)
    assert (tasks.remind(), tasks.remind()) == (1, 0)
    assert len(reminders(who)) == len(reminders(other)) == 1


def test_jb_06_the_demo_clock_moves_the_reminders(owing, monkeypatch) -> None:
    who, invoice = owing
    ahead = a.NOW + timedelta(days=60)
    remind_on(invoice, clock.date_in(ahead))
    assert tasks.remind() == 0
    monkeypatch.setattr(clock, "now", lambda: ahead)
    assert tasks.remind() == 1

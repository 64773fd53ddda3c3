"""What a physician is promised: the next payment, what keeps it back, the days to come, how that was kept (N8)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import panels
from billing.models import Invoice
from billing.selectors import promises
from portal.access import Role, Workspace
from portal.people.models import Party
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount, Payable, PaymentBatch
from portal.treasury.selectors import promised
from portal.work import home
from tests.factories import billing as a
from tests.factories import people
from tests.factories import treasury as situations

pytestmark = pytest.mark.django_db
NOW, TODAY = a.NOW, a.TODAY


def owed(who, folio: str, days: int, amount: str = "900.00", *, subject=None, **more) -> Payable:
    """Something billed and accepted, due so many days from now; `more` is where it stands since."""
    one = treasury.open_payable(
        party=who.party,
        amount=Decimal(amount),
        currency="MXN",
        kind=promises.KIND,
        subject=subject or Party.objects.create(kind="organisation", name="asunto", created_at=NOW),
        reference=folio,
        due_on=TODAY + timedelta(days=days),
        due_rule="invoice.payment_days v1",
        by=None,
        at=NOW,
    )
    if more:
        Payable.objects.filter(pk=one.pk).update(**more)
    return one


def test_the_next_payment_is_the_day_that_comes_first_and_what_is_late_comes_before_it(db) -> None:
    who = a.doctor()
    mine = [who.party.pk]
    assert promises.next_payment(mine, at=NOW) is None
    owed(who, "FA-1", 9)
    owed(who, "FA-2", 4, "100.00", due_rule="invoice.payment_days v1 · S0.19")
    owed(who, "FA-3", 4, "50.50")
    found = promises.next_payment(mine, at=NOW)
    assert (found.on, found.amount, found.holds, found.late) == (
        TODAY + timedelta(days=4),
        Decimal("150.50"),
        "2 facturas",
        False,
    )
    figure = found.figure
    assert ([label for label, _told in figure["inputs"]], figure["result"], figure["code"]) == (
        ["FA-2", "FA-3", "Día de pago"],
        "$150.50",
        "invoice.payment_days",
    )
    assert found.href.endswith("?pago=payable") and "Falta tu cuenta bancaria" in found.held[0]
    owed(who, "FA-4", -1)
    late = promises.next_payment(mine, at=NOW)
    assert (late.late, late.holds, late.href) == (True, "FA-4", reverse("billing:invoice", args=["FA-4"]))
    shown = home.home(who.user, at=NOW, places=[Workspace.PHYSICIAN])
    told = next(one for one in shown.panels if one.name == "billing.paid_next").explanation
    assert told == late.figure, "«¿De dónde sale?» stands at home"
    assert shown.next.late and shown.next.item.title == "Tu pago de $900.00 está atrasado"
    assert shown.next.item.subject == "Falta tu cuenta bancaria: regístrala y envíala a revisión. Te toca a ti."
    payable = owed(who, "FA-5", -2, state="rejected", reason="Cuenta bancaria cancelada.")
    told = promises.next_payment(mine, at=NOW)
    assert told.folios == ["FA-5", "FA-4"] and payable.due_on == told.on


def test_what_keeps_a_payment_back_is_said_with_whose_turn_it_is(db) -> None:
    who, desk = a.doctor(), situations.desk()
    owed(who, "FA-1", 3)
    owed(who, "FA-2", 3, state="rejected", reason="Cuenta inexistente.")

    def said() -> tuple[list[str], list[str]]:
        found = promises.next_payment([who.party.pk], at=NOW)
        return found.waits, found.held

    account = situations.in_review(who)
    assert said()[0] == said()[1] == ["Revisamos tu cuenta bancaria. Nos toca a nosotros."]
    for number in range(account.reviews_needed):
        reviewer = situations.person(f"Revisa {number}", Role.REVIEWER)
        treasury.review_account(account=account, decision="approved", by=reviewer, at=NOW)
    assert said() == (
        [
            "FA-1: falta prepararlo para el banco. Nos toca a nosotros.",
            "FA-2: el banco no lo pudo depositar: Cuenta inexistente. Nos toca a nosotros.",
        ],
        ["El banco no lo pudo depositar: Cuenta inexistente. Nos toca a nosotros."],
    )
    BankAccount.objects.filter(pk=account.pk).update(usable_from=NOW + timedelta(hours=5))
    assert said()[1][0].startswith("Cambiaste de cuenta bancaria y corre el plazo de seguridad, hasta el ")
    BankAccount.objects.filter(pk=account.pk).update(usable_from=NOW)
    batch = treasury.prepare_batch(payables=[situations.payable(who)], by=desk.preparer, at=NOW)
    told = {}
    for state in ("prepared", "approved", "exported"):
        if state == "approved":
            treasury.approve_batch(batch=batch, total=batch.total, by=desk.approver, at=NOW)
        PaymentBatch.objects.filter(pk=batch.pk, state="approved").update(state=state)
        (one,) = promised.what_they_wait_for(promised.open_payables(kind="test", party_ids=[who.party.pk]), at=NOW)
        told[state] = (str(one.ball), one.held)
    assert told == {"prepared": ("us", False), "approved": ("us", False), "exported": ("bank", False)}


def test_many_that_wait_for_one_reason_are_counted_not_listed(db) -> None:
    who = a.doctor()
    situations.validated(who, NOW - timedelta(days=10))
    for number in range(4):
        owed(who, f"FA-{number}", -1)
    owed(who, "FA-9", -1, state="rejected", reason="Cuenta inexistente")
    waits = promises.next_payment([who.party.pk], at=NOW).waits
    assert [one.partition(":")[0] for one in waits] == ["4 facturas", "FA-9"]
    for number in range(4):
        owed(who, f"FA-1{number}", -1)
    figure = promises.next_payment([who.party.pk], at=NOW).figure
    assert figure["inputs"][-2] == ["3 facturas más", "$2,700.00"] and figure["result"] == "$8,100.00"


def test_a_record_is_told_from_twenty_promises_on(db) -> None:
    assert promises.record(19, 19, "pagos") == "" == promises.payment_record(on=TODAY)
    assert promises.record(212, 214, "pagos") == "A tiempo 212 de 214 pagos del último año."
    who = a.doctor()
    transfer = a.transfer(who)
    for number in range(20):
        owed(who, f"FA-{number}", number - 1, state="paid", paid_at=NOW, transfer=transfer)
    assert promises.payment_record(on=TODAY) == "A tiempo 19 de 20 pagos del último año."
    for number in range(21):
        days = timedelta(days=number and 2)
        a.bare(who, state="accepted", decided_at=NOW, review_due_on=TODAY - timedelta(days=1) + days)
    assert promises.answer_record(on=TODAY) == "A tiempo 20 de 21 respuestas del último año."


def test_an_invoice_tells_the_days_to_come_on_its_confirmation_and_its_timeline(db) -> None:
    who = a.doctor()
    sent = a.bare(who, review_due_on=TODAY + timedelta(days=30))
    titles = [one.title for one in promises.ahead(sent, on=TODAY)]
    assert titles == ["Te respondemos", "Si se acepta ese día, te pagamos"]
    answered, paid = promises.ahead(sent, on=TODAY)
    assert paid.on > sent.review_due_on
    assert [one.figure["rules"][0]["code"] for one in (answered, paid)] == [
        "invoice.review_days",
        "invoice.payment_days",
    ], "each says where its day comes from"
    client = people.signed_in(who.user)
    page = client.get(reverse("billing:submitted", args=[sent.folio])).content.decode()
    assert "Te respondemos a más tardar el" in page and "te pagamos a más tardar el" in page
    assert 'class="next"' in client.get(reverse("billing:invoice", args=[sent.folio])).content.decode()
    accepted = a.bare(who, state="accepted", payment_state="payable", decided_at=NOW)
    owed(who, accepted.folio, -5, subject=accepted)
    assert [one.title for one in promises.ahead(accepted, on=TODAY)] == ["Te pagamos"]
    page = client.get(reverse("billing:invoice", args=[accepted.folio])).content.decode()
    assert "Este pago está atrasado: era para el" in page and "Falta tu cuenta bancaria" in page
    owing = a.bare(who, paid_on=TODAY, complement_due_on=TODAY)
    assert [one.title for one in promises.ahead(owing, on=TODAY)] == ["Esperamos tu complemento"]
    assert promises.ahead(a.bare(who, state="rejected", decided_at=NOW), on=TODAY) == []
    assert promises.due_on(Invoice.objects.get(pk=owing.pk)) is None


def test_who_never_sent_an_invoice_reads_first_steps_instead_of_amounts_of_nothing(db) -> None:
    who = a.doctor(regime="")
    client = people.signed_in(who.user)

    def steps() -> list[tuple[str, str]]:
        return [(label, state) for label, state, _, _ in panels.first_steps(who.user, NOW).steps]

    page = client.get(reverse("billing:home")).content.decode()
    assert "Para tu primera factura" in page and "$0.00" not in page and "Dónde está tu dinero" not in page
    assert page.count("Dinos tu régimen fiscal") == 1
    assert "Ver mi cuenta bancaria" not in page, "it stands among the steps, and once"
    assert steps() == [
        ("Prueba de tu RFC", "Listo"),
        ("Régimen fiscal", "Por hacer"),
        ("Cuenta bancaria", "Por hacer"),
        ("Primera factura", "Cuando llegue tu primera orden"),
    ]
    situations.in_review(who)
    a.orders(who)
    assert [state for _, state in steps()][2:] == ["Lo estamos revisando", "Por hacer"]
    a.bare(who)
    page = client.get(reverse("billing:home")).content.decode()
    assert "Para tu primera factura" not in page and "Dónde está tu dinero" in page
    assert panels.first_steps(people.assistant_of(who.user), NOW).is_empty

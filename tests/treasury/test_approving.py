"""What an approver sees first, takes out and types: a batch that waits for their yes (MO-05, MO-09)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.treasury import questions, registry, rules, services
from portal.treasury.models import BankAccount, Payable, PaymentBatch
from portal.treasury.queues import PAYABLES, TO_APPROVE
from portal.treasury.rules import attention
from portal.treasury.rules.attention import Facing, Why
from portal.work import selectors as work
from portal.work import services as holding
from tests.factories import treasury as a
from tests.factories.treasury import NOW

from .test_returns import bank_says
from .test_views import browser, post, text

# --- what to look at first: pure ------------------------------------------------------------------------------------


def facing(**told: Any) -> Facing:
    usual: dict[str, Any] = {
        "key": UUID(int=1),
        "payee": frozenset({"ana"}),
        "amount": Decimal(100),
        "currency": "MXN",
        "account": "x",
        "last_account": "x",
        "last4": "1234",
        "largest": Decimal(100),
    }
    return Facing(**{**usual, **told})


@pytest.mark.parametrize(
    ("told", "why", "said"),
    [
        ({}, [], ""),
        ({"last_account": "", "largest": None}, [Why.FIRST_DEPOSIT], "primer depósito"),
        ({"last_account": "y"}, [Why.ACCOUNT_CHANGED], "a la que termina en 1234"),
        ({"amount": Decimal(200)}, [], ""),  # twice is not above twice
        ({"amount": Decimal("200.01")}, [Why.UNUSUAL_AMOUNT], "Es más de 2 veces su depósito más grande"),
        ({"elsewhere": ("LP-2026-000001",)}, [Why.SAME_PAYEE], "LP-2026-000001"),
        (
            {"last_account": "y", "amount": Decimal(900), "elsewhere": ("Lote",)},
            [Why.ACCOUNT_CHANGED, Why.SAME_PAYEE, Why.UNUSUAL_AMOUNT],
            "$100.00",
        ),
    ],
)
def test_a_transfer_is_looked_at_first_for_its_account_its_payee_or_its_amount(told, why, said) -> None:
    found = attention.look_first([facing(**told)], factor=2)
    assert [one.why for _key, reasons in found for one in reasons] == why
    assert said in " ".join(one.text for _key, reasons in found for one in reasons)


def test_same_payee_twice_is_told_of_both_by_any_name_of_theirs_and_the_gravest_come_first() -> None:
    rows = [
        facing(key=UUID(int=1), payee=frozenset({"ana", "clabe 1"})),
        facing(key=UUID(int=2), payee=frozenset({"eva", "clabe 1"}), amount=Decimal(150)),
        facing(key=UUID(int=3), payee=frozenset({"ivo"}), last_account="y", amount=Decimal(1)),
    ]
    found = attention.look_first(rows, factor=2)
    assert [(key.int, [one.why for one in reasons]) for key, reasons in found] == [
        (3, [Why.ACCOUNT_CHANGED]),
        (2, [Why.SAME_PAYEE]),
        (1, [Why.SAME_PAYEE]),
    ]


def test_the_largest_five_are_told_where_there_are_more() -> None:
    rows = [facing(key=UUID(int=n), payee=frozenset({str(n)}), amount=Decimal(n)) for n in range(1, 8)]
    found = attention.look_first(rows, factor=9)
    assert [key.int for key, _reasons in found] == [7, 6, 5, 4, 3]
    assert attention.look_first(rows[:5], factor=9) == []


# --- the batch's page -----------------------------------------------------------------------------------------------


def a_batch(people: SimpleNamespace, *, paid_before: bool = False) -> SimpleNamespace:
    """A batch of two above the limit; each was paid 1,000.00 before, and one has another account since, if asked."""
    one, other = a.physician("Ana Sol"), a.physician("Eva Luz")
    before = NOW - timedelta(days=30)
    for who in (one, other):
        a.validated(who, before)
        if paid_before:
            batch = a.locked(who, people, "1000.00", before)
            services.export_bank_file(batch=batch, by=people.preparer, at=before)
            bank_says(batch, (batch.transfers.get(), "pagada", ""))
    if paid_before:
        a.validated(one, before + timedelta(days=3))  # a change: paid once its 72 hours are over
    owed = [a.payable(one, "1500.00"), a.payable(other, "500000.00")]
    batch = services.prepare_batch(payables=owed, by=people.preparer, at=NOW)
    small, large = batch.transfers.order_by("amount")
    return SimpleNamespace(batch=batch, changed=small, usual=large, owed=owed, **vars(people))


@pytest.fixture
def waiting(db: None, people: SimpleNamespace) -> SimpleNamespace:
    """A batch of two that waits for two people."""
    return a_batch(people)


def test_the_page_tells_a_changed_account_and_an_unusual_amount_with_who_accepted_each(people) -> None:
    waiting = a_batch(people, paid_before=True)
    page, pk = reverse("treasury:batch", args=[waiting.batch.pk]), waiting.owed[0].pk
    said = {pk: {"by": "Rita Revisa", "at": NOW}}
    with a.kind(accepted=lambda payables: said):
        shown = text(browser(waiting.approver).get(page))
        owed = text(browser(waiting.approver).get(reverse("treasury:payable", args=[pk])))
    last4 = BankAccount.objects.get(party=waiting.changed.party, replaced_at__isnull=False).last4
    assert f"Cambió de cuenta bancaria: su último depósito fue a la que termina en {last4}." in shown
    assert "Es más de 2 veces su depósito más grande en doce meses, que fue de $1,000.00." in shown
    assert "aceptó Rita Revisa" in shown and reverse("treasury:payable", args=[pk]) in shown
    assert "Rita Revisa" in owed and str(waiting.batch) in owed
    assert registry.accepted(waiting.owed) == {}, "of what the app knows nothing, nothing is said"
    services.cancel_batch(batch=waiting.batch, reason="Fecha", by=waiting.preparer, at=NOW)
    assert "Qué mirar primero" not in text(browser(waiting.approver).get(page)), "nobody authorises it any more"


def test_what_asks_for_nothing_says_so_and_another_batch_under_way_is_named(doctor, people) -> None:
    a.validated(doctor)
    paid = a.locked(doctor, people)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    page = reverse("treasury:batch", args=[batch.pk])
    assert paid.folio in text(browser(people.approver).get(page))
    services.export_bank_file(batch=paid, by=people.preparer, at=NOW)
    bank_says(paid, (paid.transfers.get(), "pagada", ""))
    assert "Nada pide mirarse primero" in text(browser(people.approver).get(page))


# --- the total ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 422, "Escribe el total que autorizas"),
        ("mil", 422, "no se entiende"),
        ("999.99", 409, "Escribiste $999.99 y el lote suma $1,000.00."),
        ("1,000.00", 302, ""),
        ("$1000", 302, ""),
    ],
)
def test_mo_09_the_approver_types_the_total_they_read(doctor, people, typed, status, said) -> None:
    a.validated(doctor)
    batch = services.prepare_batch(payables=[a.payable(doctor)], by=people.preparer, at=NOW)
    client = browser(people.approver)
    blank = text(client.get(reverse("treasury:batch", args=[batch.pk])))
    assert 'name="total"' in blank and 'value="1000' not in blank, "it is typed, not sent along"
    answer = post(client, "approve_batch", batch.pk, total=typed)
    assert answer.status_code == status and said in text(answer)


# --- one transfer taken out -----------------------------------------------------------------------------------------


def test_a_transfer_taken_out_voids_what_was_said_and_goes_back_to_the_preparer_with_its_reason(waiting) -> None:
    services.approve_batch(batch=waiting.batch, total=waiting.batch.total, by=waiting.second, at=NOW)
    client = browser(waiting.approver)
    page = reverse("treasury:withdraw_transfer", args=[waiting.changed.pk])
    assert page in text(client.get(reverse("treasury:batch", args=[waiting.batch.pk])))
    assert "Ana Sol" in text(client.get(page))
    blank = post(client, "withdraw_transfer", waiting.changed.pk, reason=" ")
    assert blank.status_code == 422 and "Escribe por qué se quita" in text(blank)
    for _ in range(2):
        done = post(client, "withdraw_transfer", waiting.changed.pk, key="w" * 20, reason="Nadie confirmó el cambio.")
        assert done.status_code == 302
    batch, owed = waiting.batch, waiting.owed[0]
    batch.refresh_from_db()
    owed.refresh_from_db()
    assert (batch.state, batch.total, batch.count) == ("prepared", Decimal("500000.00"), 1)
    assert (owed.state, owed.reason, owed.transfer) == ("open", "Nadie confirmó el cambio.", None)
    assert owed.waiting_since > NOW and not batch.approvals.filter(voided_at=None).exists()
    assert Notice.objects.filter(user=waiting.preparer, kind="desk/batch_shrunk").count() == 1
    asked = Notice.objects.filter(kind="desk/batch_waits", action_url__contains=str(batch.pk))
    assert [asked.filter(user=who).count() for who in (waiting.second, waiting.approver)] == [2, 1]
    assert AuditEvent.objects.get(action="treasury.transfer_withdrawn").reason == "Nadie confirmó el cambio."
    assert work.newest(PAYABLES, waiting.preparer, at=clock.now()) == owed.waiting_since, "its queue tells that it came"
    listed = text(browser(waiting.preparer).get(reverse("treasury:new_batch")))
    assert "Nadie confirmó el cambio." in listed
    again = post(client, "withdraw_transfer", waiting.changed.pk, reason="Otra vez")
    assert again.status_code == 409
    for who in (waiting.approver, waiting.second):
        services.approve_batch(batch=batch, total=batch.total, by=who, at=NOW)


def withdrawing(waiting: SimpleNamespace, by: Any, reason: str = "Motivo", transfer: Any = None) -> Any:
    return services.withdraw_transfer(transfer=transfer or waiting.changed, reason=reason, by=by, at=NOW)


def test_mo_05_who_may_not_authorise_takes_nothing_out_and_the_last_one_is_a_cancelled_batch(waiting) -> None:
    with pytest.raises(RuleBroken, match="Preparaste este lote"):
        withdrawing(waiting, waiting.preparer)
    with a.kind(barred=lambda payables: {(row.pk, waiting.second.pk) for row in payables}):
        with pytest.raises(RuleBroken, match="Revisaste"):
            withdrawing(waiting, waiting.second)
    with pytest.raises(RuleBroken, match="Escribe por qué"):
        withdrawing(waiting, waiting.approver, reason="  ")
    held = holding.take(queue=TO_APPROVE, thing=waiting.batch, by=waiting.second, at=NOW)
    with pytest.raises(Conflict, match=str(held.holder)):
        withdrawing(waiting, waiting.approver)
    holding.give_back(thing=waiting.batch, by=waiting.second, at=NOW)
    services.approve_batch(batch=waiting.batch, total=waiting.batch.total, by=waiting.approver, at=NOW)
    shown = text(browser(waiting.approver).get(reverse("treasury:batch", args=[waiting.batch.pk])))
    assert "Quitar del lote" in shown, "who said yes may have second thoughts"
    withdrawing(waiting, waiting.approver)
    with pytest.raises(RuleBroken, match="Es la única transferencia"):
        withdrawing(waiting, waiting.approver, transfer=waiting.usual)
    shown = text(browser(waiting.approver).get(reverse("treasury:batch", args=[waiting.batch.pk])))
    assert "Quitar del lote" not in shown


def sent_back(waiting: SimpleNamespace, transfer: Any = None) -> str:
    """What an approver who asks for the page that takes a transfer out reads on the batch's, where they are led."""
    pk = (transfer or waiting.changed).pk
    answer = browser(waiting.approver).get(reverse("treasury:withdraw_transfer", args=[pk]), follow=True)
    assert answer.redirect_chain == [(reverse("treasury:batch", args=[waiting.batch.pk]), 302)]
    return text(answer)


def test_who_cannot_take_it_out_is_led_back_to_the_batch_with_the_sentence(waiting) -> None:
    with a.kind(barred=lambda payables: {(row.pk, waiting.approver.pk) for row in payables}):
        assert "Revisaste facturas de este lote" in sent_back(waiting)
    withdrawing(waiting, waiting.approver)
    assert rules.BATCH_MOVED in sent_back(waiting)
    assert rules.LAST_TRANSFER in sent_back(waiting, waiting.usual)


def test_a_locked_batch_keeps_its_transfers(waiting) -> None:
    for who in (waiting.approver, waiting.second):
        services.approve_batch(batch=waiting.batch, total=waiting.batch.total, by=who, at=NOW)
    assert rules.LOCKED_STAYS in sent_back(waiting)
    answer = post(browser(waiting.approver), "withdraw_transfer", waiting.changed.pk, reason="Tarde")
    assert answer.status_code == 409 and "ya está cerrado" in text(answer)
    assert Payable.objects.filter(state=rules.PayableState.SCHEDULED).count() == 2


def test_screens_of_a_transfer_and_of_what_is_owed_by_actor(waiting) -> None:
    owner = waiting.changed.party.grants.get().user
    wanted = {
        "withdraw_transfer": (waiting.changed.pk, {"approver": 200, "preparer": 403, "auditor": 403, "reviewer": 403}),
        "payable": (waiting.owed[0].pk, {"approver": 200, "preparer": 200, "auditor": 200, "reviewer": 403}),
    }
    for name, (pk, actors) in wanted.items():
        for who, status in actors.items():
            answer = browser(getattr(waiting, who)).get(reverse(f"treasury:{name}", args=[pk]))
            assert answer.status_code == status, (name, who)
        assert browser(owner).get(reverse(f"treasury:{name}", args=[pk])).status_code == 403
        assert browser(None).get(reverse(f"treasury:{name}", args=[pk])).status_code == 302
        assert browser(waiting.approver).get(reverse(f"treasury:{name}", args=[uuid4()])).status_code == 404


def test_what_stays_behind_when_a_batch_is_cancelled_is_said_of_one_and_of_several() -> None:
    batches = [PaymentBatch(count=count, total=Decimal("9.00"), currency="MXN") for count in (1, 2)]
    told = [questions.cancel_batch(batch).text for batch in batches]
    assert told[0].startswith("Su transferencia no sale y el pago vuelve a la lista.")
    assert told[1].startswith("Sus 2 transferencias no salen y los pagos vuelven a la lista.")

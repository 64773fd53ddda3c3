"""A decision on a bank account can be undone; what lets money go is asked first (issue 8, A4; ADR 0011)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people.models import Grant
from portal.treasury import selectors, services, tasks
from portal.treasury.models import AccountDecision, AccountReview, BankAccount, BankResult, PaymentBatch
from tests.factories import treasury as a
from tests.factories.threads import at_once
from tests.factories.treasury import NOW

from .test_views import answer_csv, browser, post, text

pytestmark = pytest.mark.django_db
TIME = timedelta(seconds=30)


def over() -> None:
    """Its time to undo is past."""
    AccountDecision.objects.filter(done_at=None).update(not_before=clock.real_now() - timedelta(seconds=1))


def decide(account: BankAccount, by, decision: str = "approved", **more) -> BankAccount:
    told = {"account": account, "decision": decision, "by": by, "at": NOW, "undo_for": TIME} | more
    return services.review_account(**told, reason="" if decision == "approved" else "No se lee.")


def world(account: BankAccount) -> tuple:
    now = BankAccount.objects.get(pk=account.pk)
    reviews = list(account.reviews.order_by("pk").values_list("reviewer", "decision", "reason", "at"))
    told = sorted(Notice.objects.exclude(kind__endswith="change_asked").values_list("kind", flat=True))
    return (now.state, now.decided_at, now.usable_from, now.reason), reviews, told


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_a_decision_on_an_account_waits_and_takes_effect_dated_by_itself(doctor, people, decision: str) -> None:
    account = a.in_review(doctor)
    before = world(account)
    decide(account, people.reviewer, decision)
    assert (world(account), tasks.apply_account_decisions()) == (before, 0)
    over()
    assert (tasks.apply_account_decisions(), tasks.apply_account_decisions()) == (1, 0)
    account.refresh_from_db()
    wanted = ("validated", NOW) if decision == "approved" else ("rejected", None)
    assert (account.state, account.usable_from, account.decided_at) == (*wanted, NOW)
    assert [row.at for row in AccountReview.objects.all()] == [NOW]
    actions = AuditEvent.objects.filter(subject_id=str(account.pk)).order_by("pk").values_list("action", flat=True)
    assert list(actions)[-2:] == ["treasury.account_decided", f"treasury.account_{decision}"]
    kind = "treasury/account_validated" if decision == "approved" else "treasury/account_rejected"
    assert Notice.objects.filter(kind=kind).exists()


def test_undone_nothing_happened_and_the_same_person_may_decide_again(doctor, people) -> None:
    account = a.in_review(doctor)
    before = world(account)
    decide(account, people.reviewer, "rejected")
    undone = AccountDecision.objects.get()
    with pytest.raises(RuleBroken, match="la deshace quien la tomó"):
        services.undo_account_decision(decision=undone, by=people.approver, at=NOW)
    services.undo_account_decision(decision=undone, by=people.reviewer, at=NOW)
    over()
    assert (tasks.apply_account_decisions(), world(account)) == (0, before)
    assert selectors.accounts_to_review(people.reviewer).get() == account
    assert AuditEvent.objects.order_by("pk").last().action == "treasury.account_decision_undone"
    decide(account, people.reviewer, undo_for=timedelta())
    account.refresh_from_db()
    assert account.state == "validated"


def test_while_it_can_be_undone_any_other_act_on_it_answers_409(doctor, people) -> None:
    a.validated(doctor)
    change, second = a.in_review(doctor), a.person("Segunda Revisora", Role.REVIEWER)
    decide(change, people.reviewer)
    for act in (
        lambda: decide(change, second),
        lambda: decide(change, people.reviewer, "rejected"),
        lambda: services.submit_account(account=change, by=doctor.user, at=NOW),
        lambda: services.cancel_change(account=change, by=doctor.user, at=NOW),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "decision_waits"
    owner = browser(doctor.user)
    stopped = post(owner, "cancel_change", change.pk)
    assert stopped.status_code == 409 and str(people.reviewer) not in text(stopped)
    page = text(owner.get(reverse("treasury:my_account")))
    assert "La está revisando una persona" in page and str(people.reviewer) not in page


def test_mo_06_a_change_still_takes_two_people_each_with_their_own_time(doctor, people) -> None:
    old = a.validated(doctor)
    change, second = a.in_review(doctor), a.person("Segunda Revisora", Role.REVIEWER)
    decide(change, people.reviewer)
    over()
    tasks.apply_account_decisions()
    change.refresh_from_db()
    assert (change.state, change.reviews.count()) == ("in_review", 1)
    with pytest.raises(Conflict, match="dos personas distintas"):
        decide(change, people.reviewer)
    decide(change, second, at=NOW + timedelta(minutes=1))
    old.refresh_from_db()
    assert old.state == "validated", "the account of record stays until the second decision takes effect"
    over()
    tasks.apply_account_decisions()
    for row in (old, change):
        row.refresh_from_db()
    assert (old.state, change.state) == ("replaced", "validated")
    assert change.usable_from - change.decided_at == timedelta(hours=48) or change.usable_from > change.decided_at
    assert change.decided_at == NOW + timedelta(minutes=1), "the hold counts from the decision"


def test_a_decision_that_a_rule_forbids_meanwhile_returns_the_account_with_the_reason(doctor, people) -> None:
    account = a.in_review(doctor)
    before = world(account)
    decide(account, people.reviewer)
    Grant.objects.create(
        user=people.reviewer, party=doctor.party, role=Role.PHYSICIAN, since=a.TODAY - timedelta(days=9)
    )
    over()
    assert tasks.apply_account_decisions() == 1
    assert world(account) == before
    refused = AccountDecision.objects.get()
    assert refused.refused.startswith("No puedes revisar una cuenta bancaria tuya.") and refused.done_at is not None
    colleague = a.person("Segunda Revisora", Role.REVIEWER)
    page = text(browser(colleague).get(reverse("treasury:account_review", args=[account.pk])))
    assert f"{people.reviewer} la aprobó y no surtió efecto" in page and refused.refused in page
    assert "Aprobar cuenta bancaria" in page and selectors.accounts_to_review(colleague).get() == account


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_and_an_undo_at_once(doctor, people) -> None:
    account, others = a.in_review(doctor), [a.person(f"Revisora {n}", Role.REVIEWER) for n in range(3)]
    answers = at_once([lambda by=by: decide(account, by) for by in others])
    assert sorted(type(one).__name__ for one in answers) == ["BankAccount", "Conflict", "Conflict"]
    decision = AccountDecision.objects.get()
    answers = at_once(
        [
            lambda: services.undo_account_decision(decision=decision, by=decision.by, at=NOW),
            lambda: services.apply_account_decision(decision=decision, at=NOW),
        ]
    )
    account.refresh_from_db()
    decision.refresh_from_db()
    assert (decision.undone_at is None) == (account.state == "validated"), answers
    assert sum(isinstance(one, Exception) for one in answers) == 1, answers


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one_open_decision_per_account", "twin"),
        ("account_decision_rejects_with_reason", {"decision": "rejected"}),
        ("ended_account_decision_is_done", {"undone_at": NOW}),
        ("ended_account_decision_is_done", {"refused": "Por algo."}),
    ],
)
def test_an_account_has_one_open_decision_and_what_ended_is_done(doctor, people, name: str, change: object) -> None:
    decide(a.in_review(doctor), people.reviewer)
    row = AccountDecision.objects.get()
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        if change == "twin":
            row.pk = None
            row.save(force_insert=True)
        else:
            AccountDecision.objects.update(**change)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_after_deciding_an_account_offers_to_undo(doctor, people, settings) -> None:
    settings.UNDO_SECONDS = 30
    account, colleague = a.in_review(doctor), a.person("Segunda Revisora", Role.REVIEWER)
    desk, other = browser(people.reviewer), browser(colleague)
    answer = post(desk, "account_review", account.pk, decision="approved")
    listed = desk.get(answer["Location"])
    page = text(listed)
    assert f"Aprobaste la cuenta bancaria de {account.holder}" in page and "quedó registrada tu decisión" not in page
    assert f"•••• {account.last4}" not in page, "it left the queue"
    shown = text(other.get(reverse("treasury:account_review", args=[account.pk])))
    assert f"{people.reviewer} la aprobó" in shown and "Aprobar cuenta bancaria" not in shown
    assert "Esta cuenta bancaria espera a otra persona" not in shown
    everything = text(other.get(reverse("treasury:account_reviews") + "?estado=all"))
    assert "Decidida, por surtir efecto" in everything
    assert post(other, "account_review", account.pk, decision="approved").status_code == 409
    (action,) = re.findall(r'action="(/mesa/deshacer/[^"]+)"', listed.content.decode())
    undone = desk.post(action, {"idempotency_key": "u" * 32})
    assert undone["Location"] == reverse("treasury:account_review", args=[account.pk])
    assert "Deshiciste tu decisión" in text(desk.get(undone["Location"]))


def test_rejecting_an_account_is_asked_and_keeps_what_was_typed(doctor, people) -> None:
    account, desk = a.in_review(doctor), browser(people.reviewer)
    page = text(post(desk, "account_review", account.pk, ask="rechazar_cuenta", reason="No se lee"))
    assert f"¿Rechazar la cuenta bancaria de {account.holder}?" in page and account.last4 in page
    assert 'name="reason" value="No se lee"' in page and 'name="decision" value="rejected"' in page
    account.refresh_from_db()
    assert account.state == "in_review"


def test_each_act_that_lets_money_go_is_asked_and_names_its_total(doctor, people) -> None:
    a.validated(doctor)
    preparer, approver = browser(people.preparer), browser(people.approver)
    owed = a.payable(doctor, "1234.50")
    batch = services.prepare_batch(payables=[owed], by=people.preparer, at=NOW)

    def asks(who, name: str, key: str, *args, **typed) -> str:
        answer = post(who, name, batch.pk, *args, ask=key, **typed)
        assert answer.status_code == 200
        return text(answer)

    page = asks(approver, "approve_batch", "autorizar_lote", total="1234.50")
    assert "¿Autorizar $1,234.50 MXN?" in page and 'name="total" value="1234.50"' in page
    assert "Paula Prepara" in page and "1 transferencia" in page
    page = asks(preparer, "cancel_batch", "cancelar_lote", reason="Me equivoqué")
    assert "¿Cancelar el lote por $1,234.50 MXN?" in page and "Me equivoqué" in page
    batch.refresh_from_db()
    assert batch.state == "prepared", "asking changes nothing"
    batch = services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=NOW)
    page = asks(preparer, "export_bank_file", "generar_archivo")
    assert "¿Generar el archivo por $1,234.50 MXN?" in page and batch.folio in page
    assert PaymentBatch.objects.get().state == "approved"
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    answer = answer_csv(batch)
    assert isinstance(answer, SimpleUploadedFile)
    assert post(preparer, "read_result", batch.pk, result=answer).status_code == 302
    result = BankResult.objects.get()
    page = asks(preparer, "bank_result", "aplicar_respuesta", result.pk)
    assert batch.folio in page and "Pagadas: 1 por $1,234.50." in page and "Rechazadas: 0 por $0.00." in page
    assert not BankResult.objects.applied().exists()
    stranger = browser(a.person("Otra", Role.SUPPORT))
    assert post(stranger, "approve_batch", batch.pk, ask="autorizar_lote").status_code == 403

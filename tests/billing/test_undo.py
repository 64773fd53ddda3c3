"""What a reviewer decides is stored at once and takes effect when it cannot be undone (issue 8, A4; ADR 0011)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from billing import selectors, services, tasks
from billing.models import CareOrder, Complement, ComplementDecision, Invoice, InvoiceDecision, ReviewDecision
from portal import clock, queue
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.fiscal.models import TaxReceipt
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people.models import Grant
from portal.treasury.models import LedgerTransaction, Payable
from portal.work import selectors as work
from tests.factories import billing as a
from tests.factories import people
from tests.factories.threads import at_once

from .pages import post, text, url

pytestmark = pytest.mark.django_db
TIME = timedelta(seconds=30)
LATER = a.NOW + timedelta(hours=1)
TOLD = [f"billing/invoice_{outcome}" for outcome in ("accepted", "returned", "rejected")]
REASONS = {"reasons": ["illegible_pdf"], "note": ""}


def over(model=InvoiceDecision) -> None:
    """Its time to undo is past."""
    model.objects.filter(done_at=None).update(not_before=clock.real_now() - timedelta(seconds=1))


def decide(outcome: str, invoice: Invoice, by, **more) -> Invoice:
    told = {"invoice": invoice, "by": by, "at": LATER, "undo_for": TIME} | more
    if outcome == "accepted":
        return services.accept_invoice(**told)
    return {"returned": services.return_invoice, "rejected": services.reject_invoice}[outcome](**told, **REASONS)


def world(invoice: Invoice) -> dict:
    """Everything a decision changes."""
    now = Invoice.objects.get(pk=invoice.pk)
    return {
        "state": (now.state, now.payment_state, now.decided_at),
        "orders": list(CareOrder.objects.filter(lines__invoice=invoice).order_by("pk").values_list("state", flat=True)),
        "live": list(invoice.lines.order_by("pk").values_list("live", flat=True)),
        "receipt": TaxReceipt.objects.filter(uuid=now.uuid, released_at=None).count(),
        "ledger": list(LedgerTransaction.objects.filter(kind="invoice_accepted").values_list("on", "at")),
        "payables": list(Payable.objects.values_list("amount", "due_on", "state")),
        "decided": list(ReviewDecision.objects.values_list("reviewer", "outcome", "reasons", "note", "at")),
        "notices": list(Notice.objects.filter(kind__in=TOLD).order_by("kind").values_list("kind", flat=True)),
    }


@pytest.mark.parametrize("outcome", ["accepted", "returned", "rejected"])
def test_a_decision_changes_nothing_until_its_time_is_over_and_then_everything_as_if_at_once(outcome: str) -> None:
    who, by = a.doctor(), people.reviewer()
    first, second = a.submitted(who), a.submitted(who)
    before = world(first)
    decide(outcome, first, by)
    assert world(first) == before
    assert tasks.apply_invoice_decisions() == 0, "its time is not over"
    decision = InvoiceDecision.objects.get()
    left = decision.not_before - clock.real_now()
    assert timedelta(seconds=20) < left <= TIME
    over()
    assert tasks.apply_invoice_decisions() == 1
    waited = world(first)
    assert tasks.apply_invoice_decisions() == 0, "once"
    assert waited == world(first) != before
    acts = AuditEvent.objects.filter(subject_id=str(first.pk), action__startswith="billing.invoice_")
    events = list(acts.order_by("pk"))
    assert [one.action.partition(".")[2] for one in events][-2:] == ["invoice_decided", f"invoice_{outcome}"]
    assert {one.at for one in events[-2:]} == {LATER}, "dated by the decision"
    # The same decision without time to undo does the very same thing, in the request.
    decide(outcome, second, by, undo_for=timedelta())
    at_once_now = world(second)
    assert at_once_now["state"] == waited["state"]
    assert at_once_now["orders"] == waited["orders"] and at_once_now["live"] == waited["live"]
    assert at_once_now["receipt"] == waited["receipt"]
    assert at_once_now["ledger"] == waited["ledger"] * 2 and at_once_now["payables"] == waited["payables"] * 2
    assert at_once_now["decided"] == waited["decided"] * 2
    assert at_once_now["notices"] == sorted(waited["notices"] * 2)
    assert not AuditEvent.objects.filter(subject_id=str(second.pk), action="billing.invoice_decided").exists()


@pytest.mark.parametrize("outcome", ["accepted", "returned", "rejected"])
def test_an_undone_decision_never_happened_and_both_are_recorded(outcome: str) -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.submitted(who)
    before = world(invoice)
    decide(outcome, invoice, by)
    decision = InvoiceDecision.objects.get()
    services.undo_invoice_decision(decision=decision, by=by, at=LATER + timedelta(seconds=9))
    over()
    assert tasks.apply_invoice_decisions() == 0
    assert world(invoice) == before
    decision.refresh_from_db()
    assert decision.undone_at == LATER + timedelta(seconds=9) and decision.done_at is not None
    told = AuditEvent.objects.filter(subject_id=str(invoice.pk)).order_by("pk").values_list("action", "by", "details")
    assert [(action, who_did, details["outcome"]) for action, who_did, details in list(told)[-2:]] == [
        ("billing.invoice_decided", by.pk, outcome),
        ("billing.invoice_decision_undone", by.pk, outcome),
    ]
    with pytest.raises(Conflict, match="Ya pasó el tiempo"):
        services.undo_invoice_decision(decision=decision, by=by, at=LATER)
    decide("accepted", invoice, people.reviewer(), undo_for=timedelta())  # a colleague's turn: it waits again
    invoice.refresh_from_db()
    assert invoice.state == "accepted"
    assert by.pk not in dict(selectors.reviewers_of(list(Payable.objects.all()))).values(), (
        "who undid has reviewed nothing"
    )


def test_only_its_author_undoes_and_only_in_time() -> None:
    by = people.reviewer()
    decide("accepted", a.submitted(a.doctor()), by)
    decision = InvoiceDecision.objects.get()
    with pytest.raises(RuleBroken) as refused:
        services.undo_invoice_decision(decision=decision, by=people.reviewer(), at=LATER)
    assert refused.value.code == "not_yours_to_undo"
    over()
    with pytest.raises(Conflict):
        services.undo_invoice_decision(decision=decision, by=by, at=LATER)
    # A drain that failed pushes `not_before` into the future: that opens no second window.
    InvoiceDecision.objects.update(attempts=1, not_before=clock.real_now() + TIME)
    with pytest.raises(Conflict):
        services.undo_invoice_decision(decision=decision, by=by, at=LATER)
    InvoiceDecision.objects.update(attempts=0, failures=1)
    with pytest.raises(Conflict):
        services.undo_invoice_decision(decision=decision, by=by, at=LATER)
    assert queue.undoable_by(by) == []


def test_any_other_act_on_it_answers_409_and_names_who_decided() -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.submitted(who)
    decide("returned", invoice, by)
    for one in (by, people.reviewer()):
        for outcome in ("accepted", "returned", "rejected"):
            with pytest.raises(Conflict) as refused:
                decide(outcome, invoice, one)
            assert refused.value.code == "decision_waits" and str(by) in refused.value.message
    xml, pdf = a.files(invoice)
    for act in (
        lambda: services.submit_invoice(invoice=invoice, by=who.user, at=LATER),
        lambda: services.attach_files(invoice=invoice, xml=xml, pdf=pdf, by=who.user, at=LATER),
        lambda: services.discard_draft(invoice=invoice, by=who.user, at=LATER),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert str(by) not in refused.value.message, "the owner reads that it is in review, no more"
    assert InvoiceDecision.objects.count() == 1


def test_what_can_no_longer_take_effect_returns_to_the_queue_with_its_reason() -> None:
    who, by = a.doctor(), people.reviewer()
    invoice = a.submitted(who)
    before = world(invoice)
    decide("accepted", invoice, by)
    Grant.objects.create(user=by, party=who.party, role=Role.PHYSICIAN_ASSISTANT, since=a.TODAY - timedelta(days=2))
    assert not Invoice.objects.to_review().exists()
    over()
    tasks.apply_invoice_decisions()
    assert world(invoice) == before, "nothing of it stands"
    decision = InvoiceDecision.objects.get()
    assert decision.refused == "No puedes revisar una factura tuya. La verá otra persona de revisión."
    assert (decision.done_at is not None, decision.parked_at) == (True, None)
    assert Invoice.objects.to_review().get() == invoice
    event = AuditEvent.objects.order_by("pk").last()
    assert (event.action, event.by, event.reason) == ("billing.invoice_decision_refused", None, decision.refused)
    shown = text(people.signed_in(people.reviewer()).get(url("review", invoice.folio)))
    assert f"{by} la aceptó y no surtió efecto" in shown and decision.refused in shown and "Aceptar factura" in shown
    decide("rejected", invoice, people.reviewer(), undo_for=timedelta())
    assert "no surtió efecto" not in text(
        people.signed_in(people.reviewer()).get(url("review", invoice.folio))
    ).replace("La decisión no surtió efecto", ""), "the note goes with the queue; the history stays"


def test_a_crash_in_the_middle_of_the_effect_loses_nothing_and_doubles_nothing(monkeypatch) -> None:
    invoice = a.submitted(a.doctor())
    before = world(invoice)
    decide("accepted", invoice, people.reviewer())
    over()

    def die(**_told) -> None:
        raise SystemError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("billing.services.review.notices.notify", die)
        assert tasks.apply_invoice_decisions() == 0
    assert world(invoice) == before, "one transaction: ledger, payable and state went with the notice"
    row = InvoiceDecision.objects.get()
    assert (row.done_at, row.attempts, row.last_error) == (None, 1, "SystemError")
    # A worker that was killed said nothing: its lease lapses and the next drain does it, once.
    InvoiceDecision.objects.update(leased_until=clock.real_now() - TIME, not_before=clock.real_now() - TIME)
    assert tasks.apply_invoice_decisions() == 1
    assert tasks.apply_invoice_decisions() == 0
    assert Payable.objects.count() == 1 and LedgerTransaction.objects.count() == 1


def test_health_shows_the_drains_of_decisions_like_others() -> None:
    decide("accepted", a.submitted(a.doctor()), people.reviewer())
    rows = {row["name"]: row for row in queue.health(at=clock.real_now())}
    assert {"invoice_decisions", "complement_decisions", "account_decisions"} <= set(rows)
    assert rows["invoice_decisions"]["waiting"] == 0, "it is not late while it can be undone"
    over()
    assert queue.health(at=clock.real_now())
    waiting = {row["name"]: row["waiting"] for row in queue.health(at=clock.real_now())}
    assert waiting["invoice_decisions"] == 1
    page = text(people.signed_in(people.administrator()).get(reverse("desk:health")))
    assert "Decisiones sobre facturas" in page and "Decisiones sobre cuentas bancarias" in page


# --- complements ------------------------------------------------------------------------------------------------------


def in_review() -> tuple:
    """A complement whose certificate nobody knows: a person decides."""
    who = a.doctor()
    invoice = a.paid(who)
    again = a.complement_xml([invoice])
    return who, invoice, a.hand_in(who, [invoice]), again


@pytest.mark.parametrize("accept", [True, False], ids=["accepted", "rejected"])
def test_a_complements_decision_waits_takes_effect_and_can_be_undone(accept: bool) -> None:
    who, invoice, complement, again = in_review()
    by, at = people.reviewer(), a.PAID_AT + timedelta(hours=5)
    told = {"complement": complement, "accept": accept, "reason": "" if accept else "No coincide.", "at": at}

    def now() -> tuple:
        shown = Complement.objects.get(pk=complement.pk)
        return shown.state, shown.decided_by, shown.decided_at, Invoice.objects.get(pk=invoice.pk).payment_state

    before = now()
    assert before[0] == "in_review"
    services.decide_complement(**told, by=by, undo_for=TIME)
    assert (now(), Complement.objects.to_review().count()) == (before, 0)
    for act in (
        lambda: services.decide_complement(**told, by=people.reviewer()),
        lambda: services.cancel_complement(complement=complement, reason="Lo vi", by=by, at=at),
        lambda: a.hand_in(who, [invoice], xml=again),
    ):
        with pytest.raises(Conflict):
            act()
    services.undo_complement_decision(decision=ComplementDecision.objects.get(), by=by, at=at)
    over(ComplementDecision)
    assert (tasks.apply_complement_decisions(), now(), Complement.objects.to_review().count()) == (0, before, 1)
    services.decide_complement(**told, by=by, undo_for=TIME)
    over(ComplementDecision)
    assert tasks.apply_complement_decisions() == 1
    wanted = ("accepted", by, at, "closed") if accept else ("rejected", by, at, "complement_due")
    assert now() == wanted
    kind = "billing/complement_accepted" if accept else "billing/complement_rejected"
    assert Notice.objects.filter(kind=kind).exists()


def test_a_complements_decision_that_a_rule_forbids_meanwhile_returns_with_its_reason() -> None:
    who, _invoice, complement, _again = in_review()
    by = people.reviewer()
    services.decide_complement(
        complement=complement, accept=True, reason="", by=by, at=a.PAID_AT + timedelta(hours=5), undo_for=TIME
    )
    Grant.objects.create(user=by, party=who.party, role=Role.PHYSICIAN_ASSISTANT, since=a.TODAY - timedelta(days=2))
    over(ComplementDecision)
    tasks.apply_complement_decisions()
    complement.refresh_from_db()
    assert complement.state == "in_review" and Complement.objects.to_review().get() == complement
    assert ComplementDecision.objects.get().refused.startswith("No puedes decidir un complemento tuyo.")
    assert AuditEvent.objects.filter(action="billing.complement_decision_refused").count() == 1
    shown = text(people.signed_in(people.reviewer()).get(url("complement_review", complement.pk)))
    assert "lo aceptó y no surtió efecto" in shown and "Aceptar complemento" in shown


# --- what the table refuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one_open_decision_per_invoice", "twin"),
        ("invoice_decision_outcome_known", {"outcome": "draft"}),
        ("ended_invoice_decision_is_done", {"undone_at": LATER}),
        ("ended_invoice_decision_is_done", {"refused": "Por algo."}),
    ],
)
def test_an_invoice_has_one_open_decision_and_what_ended_is_done(name: str, change: object) -> None:
    decide("accepted", a.submitted(a.doctor()), people.reviewer())
    _breaks(name, InvoiceDecision, change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one_open_decision_per_complement", "twin"),
        ("complement_decision_rejects_with_reason", {"accept": False}),
        ("ended_complement_decision_is_done", {"undone_at": LATER}),
    ],
)
def test_a_complement_has_one_open_decision_and_what_ended_is_done(name: str, change: object, scene) -> None:
    services.decide_complement(
        complement=scene.complement, accept=True, reason="", by=people.reviewer(), at=LATER, undo_for=TIME
    )
    _breaks(name, ComplementDecision, change)


def _breaks(name: str, model, change: object) -> None:
    row = model.objects.get()
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        if change == "twin":
            row.pk = None
            row.save(force_insert=True)
        else:
            model.objects.update(**change)


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def thirty(settings) -> None:
    """The installation gives half a minute."""
    settings.UNDO_SECONDS = 30


def bars(client, where: str) -> list[str]:
    return re.findall(r'action="(/mesa/deshacer/[^"]+)"', client.get(where).content.decode())


def test_the_page_after_deciding_offers_to_undo_and_leads_back_to_the_thing(thirty) -> None:
    who, by, colleague = a.doctor(), people.reviewer(), people.reviewer()
    first, second = a.submitted(who), a.submitted(who)
    desk, other = people.signed_in(by), people.signed_in(colleague)
    answer = post(desk, "accept", first.folio)
    assert answer.headers["Location"] == url("review", second.folio)
    page = text(desk.get(answer.headers["Location"]))
    assert f">{first.folio}</span>" in page and "Deshacer" in page and "Puedes deshacerlo hasta las" in page
    assert "Quedó por pagar" not in page, "nothing happened yet"
    seconds = int(re.search(r'data-undo="(\d+)"', page)[1])
    assert 20 < seconds <= 30
    # The colleague reads who decided, finds nothing to press, and the queue is shorter.
    shown = text(other.get(url("review", first.folio)))
    assert f"{by} la aceptó" in shown and "Decidida, por surtir efecto" in shown and "Aceptar factura" not in shown
    assert bars(other, url("review", first.folio)) == []
    waits = work.figures(colleague, at=clock.now())
    assert dict((label, count) for label, count, _href in waits)["Facturas por revisar"] == 1
    listed = text(other.get(url("reviews") + "?estado=submitted"))
    assert second.folio in listed and first.folio not in listed
    assert first.folio in text(other.get(url("reviews") + "?estado=deciding"))
    assert first.folio not in other.get(url("reviews") + "?estado=submitted&formato=csv").getvalue().decode()
    for name in ("accept", "give_back", "reject"):
        assert post(other, name, first.folio, **REASONS).status_code == 409
        assert post(desk, name, first.folio, **REASONS).status_code == 409
    # The owner reads that it is in review.
    mine = text(people.signed_in(who.user).get(url("invoice", first.folio)))
    assert "En revisión" in mine and str(by) not in mine and "ecidida" not in mine
    # Undo: back at the thing.
    (action,) = bars(desk, url("reviews"))
    assert other.post(action, {"idempotency_key": "k" * 32}).status_code == 404, "somebody else's is not found"
    for _twice in range(2):
        undone = desk.post(action, {"idempotency_key": "a" * 32})
        assert (undone.status_code, undone.headers["Location"]) == (302, url("review", first.folio))
    assert InvoiceDecision.objects.get().undone_at is not None
    assert "Aceptar factura" in text(desk.get(url("review", first.folio)))
    late = desk.post(action, {"idempotency_key": "b" * 32})
    assert late.status_code == 409 and "Ya pasó el tiempo para deshacer" in text(late)
    mine = text(people.signed_in(who.user).get(url("invoice", first.folio)))
    assert "eshecha" not in mine, "what stays between reviewers"
    assert "Decisión deshecha" in text(desk.get(url("review", first.folio)))


def test_an_undo_address_of_nothing_is_not_found(thirty) -> None:
    desk = people.signed_in(people.reviewer())
    for drain in ("notices", "audit", "nothing", "invoice_decisions"):
        answer = desk.post(reverse("desk:undo", args=[drain, 1]), {"idempotency_key": "c" * 32})
        assert answer.status_code == 404, drain
    assert desk.get(reverse("desk:undo", args=["invoice_decisions", 1])).status_code == 405


def test_deciding_a_complement_on_its_page_can_be_undone(thirty) -> None:
    who, _invoice, complement, _again = in_review()
    desk = people.signed_in(people.reviewer())
    answer = post(desk, "decide_complement", complement.pk, act="reject", reason="No coincide.")
    page = text(desk.get(answer.headers["Location"]))
    assert f"Rechazaste el complemento de {who.party.name}" in page and "Rechazar complemento" not in page
    assert "Decidido, por surtir efecto" in page
    assert post(desk, "decide_complement", complement.pk, act="accept").status_code == 409
    assert complement.uuid not in text(desk.get(url("complements") + "?estado=in_review"))
    (action,) = bars(desk, url("complements"))
    assert desk.post(action, {"idempotency_key": "d" * 32}).headers["Location"] == url(
        "complement_review", complement.pk
    )
    assert "Rechazar complemento" in text(desk.get(url("complement_review", complement.pk)))


def test_without_time_to_undo_a_page_acts_at_once_and_offers_nothing() -> None:
    invoice, desk = a.submitted(a.doctor()), people.signed_in(people.reviewer())
    answer = post(desk, "accept", invoice.folio)
    page = text(desk.get(answer.headers["Location"]))
    assert (
        f'Aceptaste <span class="nowrap">{invoice.folio}</span>. Quedó por pagar.' in page and "data-undo" not in page
    )
    invoice.refresh_from_db()
    assert invoice.state == "accepted"


# --- several at once --------------------------------------------------------------------------------------------------


def kinds(answers: list) -> list[str]:
    return sorted(type(one).__name__ for one in answers)


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_leave_one_decision_and_a_key_that_repeats_leaves_one() -> None:
    invoice, reviewers = a.submitted(a.doctor()), [people.reviewer() for _ in range(4)]
    acts = [
        lambda by=by, outcome=outcome: decide(outcome, invoice, by)
        for by, outcome in zip(reviewers, ["accepted", "returned", "rejected", "accepted"], strict=True)
    ]
    assert kinds(at_once(acts)) == ["Conflict", "Conflict", "Conflict", "Invoice"]
    assert InvoiceDecision.objects.count() == 1
    over()
    assert sorted(at_once([tasks.apply_invoice_decisions] * 3)) == [0, 0, 1]
    assert ReviewDecision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_twice_at_once_is_one_decision(settings) -> None:
    settings.UNDO_SECONDS = 30
    invoice, desk = a.submitted(a.doctor()), people.reviewer()
    clients = [people.signed_in(desk) for _ in range(3)]
    answers = at_once([lambda one=one: post(one, "accept", invoice.folio, key="e" * 32).status_code for one in clients])
    assert set(answers) <= {302, 409} and 302 in answers
    assert InvoiceDecision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_races_the_drain_is_one_or_the_other() -> None:
    who, by = a.doctor(), people.reviewer()
    for undo_for in (timedelta(milliseconds=1), TIME):
        invoice = a.submitted(who)
        decide("accepted", invoice, by, undo_for=undo_for)
        decision = InvoiceDecision.objects.get(done_at=None)
        answers = at_once(
            [
                lambda one=decision: services.undo_invoice_decision(decision=one, by=by, at=LATER),
                tasks.apply_invoice_decisions,
                tasks.apply_invoice_decisions,
            ]
        )
        invoice.refresh_from_db()
        decision.refresh_from_db()
        undone, done = decision.undone_at is not None, invoice.state == "accepted"
        assert undone != done, (answers, invoice.state)
        assert done == (undo_for != TIME), "in time it is undone, afterwards it stands"
        assert sum(answers[1:]) == int(done) and isinstance(answers[0], Conflict) == done
    assert Payable.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_undo_against_an_effect_under_way_waits_for_it_and_is_too_late() -> None:
    """Even where two machines disagree about the hour: both write the same row on the condition that it is open."""
    by = people.reviewer()
    for _round in range(3):
        invoice = a.submitted(a.doctor())
        decide("accepted", invoice, by)
        decision = InvoiceDecision.objects.get(done_at=None)
        answers = at_once(
            [
                lambda one=decision: services.undo_invoice_decision(decision=one, by=by, at=LATER),
                lambda one=decision: services.apply_invoice_decision(decision=one, at=LATER),
            ]
        )
        invoice.refresh_from_db()
        decision.refresh_from_db()
        assert (decision.undone_at is None) == (invoice.state == "accepted"), answers
        assert sum(isinstance(one, Exception) for one in answers) == 1, answers

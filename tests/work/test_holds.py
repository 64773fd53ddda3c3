"""Taking a thing out of its queue: one holder, by whatever way, and nobody decides what a colleague has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from billing import queues
from billing import services as billing
from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.help import services as contacts
from portal.help.queues import MESSAGES_TO_ANSWER
from portal.history.models import AuditEvent
from portal.people.models import Grant
from portal.proofs import services as proofs
from portal.proofs.queues import MOVES, PAPERS_TO_REVIEW
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount
from portal.treasury.queues import ACCOUNTS_TO_REVIEW, TO_APPROVE
from portal.work import registry, rules, selectors, services, tasks
from portal.work.models import Hold, Look
from tests.factories import billing as b
from tests.factories import people
from tests.factories import treasury as a
from tests.factories.threads import at_once
from tests.proofs.test_services import asked, handed_in, unproved

NOW = clock.real_now()


def taken(thing: Any, by: Any, queue: registry.Queue = queues.INVOICES) -> Hold:
    return services.take(queue=queue, thing=thing, by=by, at=NOW)


def acts(thing: Any) -> list[tuple[str, str, str]]:
    found = AuditEvent.objects.filter(subject_id=str(thing.pk), action__startswith="work.").order_by("pk")
    return [(one.action, one.reason, one.details.get("from", "")) for one in found]


@pytest.mark.django_db
def test_a_thing_is_taken_given_back_and_taken_over_with_a_reason_and_each_is_recorded() -> None:
    one, other = people.reviewer(name="Ana Ruiz"), people.reviewer()
    invoice = b.bare(b.doctor())
    hold = taken(invoice, one)
    assert taken(invoice, one) == hold, "twice is once"
    for act in (
        lambda: taken(invoice, other),
        lambda: services.give_back(thing=invoice, by=other, at=NOW),
        lambda: services.settle(thing=invoice, by=other),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code in {"held_by_another", "not_held"}
    with pytest.raises(Conflict, match="^Ana Ruiz lo atiende desde el "):
        taken(invoice, other)
    with pytest.raises(RuleBroken, match="por qué"):
        services.take_over(queue=queues.INVOICES, thing=invoice, reason=" ", by=other, at=NOW)
    services.take_over(queue=queues.INVOICES, thing=invoice, reason=" Salió hoy. ", by=other, at=NOW)
    services.give_back(thing=invoice, by=other, at=NOW)
    with pytest.raises(Conflict, match="Ya no lo atiendes"):
        services.give_back(thing=invoice, by=other, at=NOW)
    services.take_over(queue=queues.INVOICES, thing=invoice, reason="Nadie la tenía.", by=one, at=NOW)
    assert acts(invoice) == [
        ("work.taken", "", ""),
        ("work.taken_over", "Salió hoy.", str(one.pk)),
        ("work.given_back", "", ""),
        ("work.taken_over", "Nadie la tenía.", ""),
    ]
    assert Hold.objects.get().holder == one and str(Hold.objects.get()) == f"billing.invoice {invoice.pk}"
    services.settle(thing=invoice, by=None)
    services.settle(thing=invoice, by=None)
    assert not Hold.objects.exists(), "the system ends whatever hold there is"


@pytest.mark.django_db
def test_what_was_decided_and_what_is_ones_own_is_not_taken() -> None:
    doctor, someone = b.doctor(), people.reviewer()
    decided, own = b.bare(doctor, state="rejected", decided_at=NOW), b.bare(doctor)
    Grant.objects.create(user=someone, party=doctor.party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    mine = b.bare(b.doctor(), submitted_by=someone)
    for thing in (decided, own, mine):
        with pytest.raises(Conflict, match="Ya no espera a que tú"):
            taken(thing, someone)
        with pytest.raises(Conflict, match="Ya no espera a que tú"):
            services.take_over(queue=queues.INVOICES, thing=thing, reason="x", by=someone, at=NOW)
    assert selectors.items(someone, at=NOW) == []
    assert {label: count for label, count, _ in selectors.figures(someone, at=NOW)}["Facturas por revisar"] == 0


@pytest.mark.django_db
def test_the_first_free_thing_is_taken_and_an_app_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[Any, Any]] = []
    queue = registry.Queue(
        **{name: getattr(queues.INVOICES, name) for name in registry.Queue.__slots__ if name != "taken"},
        taken=lambda thing, *, by, at: heard.append((thing.pk, by)),
    )
    monkeypatch.setitem(registry._queues, queue.name, queue)
    doctor, one, other = b.doctor(), people.reviewer(), people.reviewer()
    first, second = (b.bare(doctor, submitted_at=NOW - timedelta(days=days)) for days in (3, 2))
    taken(first, other)
    waiting = [(queue, first), (queue, second)]
    assert services.take_first(things=waiting, by=one, at=NOW) == (queue, second)
    assert services.take_first(things=waiting[:1], by=one, at=NOW) is None
    services.take_over(queue=queue, thing=first, reason="Sigue.", by=one, at=NOW)
    assert heard == [(second.pk, one), (first.pk, one)]


@pytest.mark.django_db
def test_what_is_free_is_offered_however_much_older_work_others_have_or_other_queues_hold(monkeypatch: Any) -> None:
    monkeypatch.setattr(selectors, "OLDEST", 2)
    doctor, me, other = b.doctor(), people.reviewer(), people.reviewer()
    oldest = [b.bare(doctor, submitted_at=NOW - timedelta(days=days)) for days in (9, 8)]
    newest = [b.bare(doctor, submitted_at=NOW - timedelta(days=days)) for days in (3, 2, 1)]
    account = a.in_review(a.physician(), NOW - timedelta(hours=1))

    def offered(of: str = "") -> list[Any]:
        return [thing for _queue, thing in selectors.takeable(me, at=NOW, narrowed=selectors.Narrowed(kind=of))]

    assert offered() == oldest and offered(ACCOUNTS_TO_REVIEW.name) == [account], "of one queue, not of all"
    for invoice in oldest:
        taken(invoice, other)
    assert offered() == newest[:2], "what others have takes nobody's place"
    taken(newest[1], me)
    assert offered(queues.INVOICES.name) == newest[:2], "what one has already is one's own to go on with"
    assert offered("help.contacts") == [], "no queue of theirs"


def _invoice() -> Any:
    invoice = b.submitted(b.doctor())
    return queues.INVOICES, invoice, Role.REVIEWER, lambda by: billing.accept_invoice(invoice=invoice, by=by, at=NOW)


def _complement() -> Any:
    who = b.doctor()
    found = b.hand_in(who, [b.paid(who)])

    def decide(by: Any) -> None:
        billing.decide_complement(complement=found, accept=True, reason="", by=by, at=NOW)

    return queues.COMPLEMENTS_TO_REVIEW, found, Role.REVIEWER, decide


def _account() -> Any:
    account = a.in_review(a.physician())

    def decide(by: Any) -> None:
        treasury.review_account(account=account, decision="approved", by=by, at=NOW)

    return ACCOUNTS_TO_REVIEW, account, Role.REVIEWER, decide


def _batch() -> Any:
    doctor = a.physician()
    a.validated(doctor)
    batch = treasury.prepare_batch(payables=[a.payable(doctor)], by=people.preparer(), at=NOW)

    def decide(by: Any) -> None:
        treasury.approve_batch(batch=batch, total=batch.total, by=by, at=NOW)

    return TO_APPROVE, batch, Role.PAYMENT_APPROVER, decide


def _paper() -> Any:
    paper = handed_in(*unproved())
    return PAPERS_TO_REVIEW, paper, Role.REVIEWER, lambda by: proofs.accept_paper(paper=paper, by=by, at=NOW)


def _move() -> Any:
    move = asked(unproved()[1])

    def decide(by: Any) -> None:
        proofs.decide_move(move=move, accept=False, reason="No es suyo.", by=by, at=NOW)

    return MOVES, move, Role.ADMINISTRATOR, decide


def _message() -> Any:
    message = contacts.leave_message(
        by=None, at=NOW, name="Nora", email="nora@ejemplo.mx", kind="question", subject_folio="", body="¿Cuándo?"
    )

    def decide(by: Any) -> None:
        contacts.answer_message(message=message, answer="Mañana.", by=by, at=NOW)

    return MESSAGES_TO_ANSWER, message, Role.SUPPORT, decide


@pytest.mark.django_db
@pytest.mark.parametrize("made", [_invoice, _complement, _account, _batch, _paper, _move, _message])
def test_nobody_decides_what_a_colleague_has_and_the_decision_ends_the_hold(made: Any) -> None:
    queue, thing, role, decide = made()
    one, other = people.user_with_role(role), people.user_with_role(role)
    taken(thing, one, queue)
    with pytest.raises(Conflict, match="lo atiende desde el"):
        decide(other)
    decide(one)
    assert not Hold.objects.exists()
    assert not queue.rows(one, NOW).filter(pk=thing.pk).exists()


def _stopped_change() -> Any:
    doctor = a.physician()
    a.validated(doctor)
    change = a.in_review(doctor)

    def end() -> None:
        treasury.cancel_change(account=change, by=doctor.user, at=NOW)

    return ACCOUNTS_TO_REVIEW, change, Role.REVIEWER, end


def _ended_account() -> Any:
    doctor = a.physician()
    account = a.in_review(doctor)

    def end() -> None:
        treasury.end_accounts(party=doctor.party, by=people.administrator(), at=NOW)

    return ACCOUNTS_TO_REVIEW, account, Role.REVIEWER, end


def _account_that_a_change_replaces() -> Any:
    doctor = a.physician()
    old = a.validated(doctor)
    BankAccount.objects.filter(pk=old.pk).update(state="in_review", returned_at=a.NOW, round=2)

    def end() -> None:
        a.validated(doctor)

    return ACCOUNTS_TO_REVIEW, old, Role.REVIEWER, end


def _batch_that_lost_its_last_transfer() -> Any:
    _queue, batch, role, _decide = _batch()

    def end() -> None:
        party = batch.transfers.get().party
        treasury.end_accounts(party=party, by=people.administrator(), at=NOW)

    return TO_APPROVE, batch, role, end


def _cancelled_batch() -> Any:
    _queue, batch, role, _decide = _batch()

    def end() -> None:
        treasury.cancel_batch(batch=batch, reason="Otro día.", by=batch.prepared_by, at=NOW)

    return TO_APPROVE, batch, role, end


@pytest.mark.django_db
@pytest.mark.parametrize(
    "made",
    [
        _stopped_change,
        _ended_account,
        _account_that_a_change_replaces,
        _batch_that_lost_its_last_transfer,
        _cancelled_batch,
    ],
)
def test_what_ends_without_being_decided_leaves_nobody_with_it(made: Any) -> None:
    queue, thing, role, end = made()
    taken(thing, people.user_with_role(role), queue)
    end()
    assert not Hold.objects.exists()


@pytest.mark.django_db
def test_who_looks_is_known_for_a_minute_and_forgotten_after_an_hour() -> None:
    ana, benito, carla, me = (people.reviewer(name=name) for name in ("Ana", "Benito", "Carla", "Yo"))
    invoice = b.bare(b.doctor())
    for viewer in (ana, ana, benito, carla, me):
        services.look(thing=invoice, by=viewer)
    assert Look.objects.count() == 4 and str(Look.objects.first()) == f"billing.invoice {invoice.pk}"
    told = {
        (): "",
        ("Ana",): "Ana también tiene abierta esta página.",
        ("Ana", "Benito", "Carla"): "Ana, Benito y Carla también tienen abierta esta página.",
    }
    assert {names: rules.who_is_here(names) for names in told} == told
    Look.objects.filter(viewer=carla).update(seen_at=clock.real_now() - rules.LOOKS_FOR)
    assert selectors.lookers(invoice, me) == ["Ana", "Benito"]
    Look.objects.filter(viewer=ana).update(seen_at=clock.real_now() - rules.KEPT_FOR)
    assert (tasks.sweep(), tasks.sweep()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_takes_it_and_a_decision_waits_for_the_take() -> None:
    reviewers = [people.reviewer() for _ in range(5)]
    invoice = b.submitted(b.doctor())
    answers = at_once([lambda by=by: taken(invoice, by) for by in reviewers])
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 4 + ["Hold"]
    holder = Hold.objects.get().holder
    others = [by for by in reviewers if by != holder]
    answers = at_once(
        [lambda by=by: billing.accept_invoice(invoice=invoice, by=by, at=NOW) for by in (*others, holder)]
    )
    # Who has it decides; for the others it is held until then, or decided already.
    assert all(isinstance(answer, RuleBroken) for answer in answers[:4]) and not isinstance(answers[4], Exception)
    assert not Hold.objects.exists()

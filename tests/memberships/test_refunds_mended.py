"""What stood in the way of a refund, or paid it twice (issue 11 D; domain 2.10)."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
from django.urls import reverse

from memberships import gateway, selectors, services, tasks
from memberships.models import CardAttempt, GatewayDoubt, Membership, Refund
from memberships.models.slips import ReferenceScheme
from memberships.rules import refunds
from memberships.selectors.refunds import TRANSFER
from portal import clock
from portal.errors import Conflict
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.treasury.models import LedgerLine, Payable
from tests.factories import memberships as a
from tests.factories import people
from tests.memberships.test_cards import SECRET, event, say
from tests.memberships.test_refunds import PRICE, D, asked, books, by_card, code_of, credited, titular, way

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http://localhost:8099", SECRET


def refunds_of(*made: Refund) -> None:
    for one in made:
        one.refresh_from_db()


def test_a_transfer_before_leaves_the_card_its_way_and_a_doubt_takes_it() -> None:
    """A1, A2, A3: what went by transfer names no attempt; what the gateway said and nobody settled bars the card."""
    family, attempt = by_card()
    asked(family, "100.00")
    ways = lambda: {one.key for one in selectors.ways_back(family)}  # noqa: E731
    family.refresh_from_db()
    attempt.refresh_from_db()
    assert attempt.folio in ways() and selectors.may_be_refunded(attempt)
    how = way(family, attempt.folio)
    say(event(attempt, "refunded"))
    say(event(attempt, "captured", amount="1.00"))
    told: dict[str, Any] = {"membership": family, "amount": D("50.00"), "how": how, "reason": "x", "at": clock.now()}
    ask = lambda: services.ask_refund(by=people.collector(), **told)  # noqa: E731
    assert attempt.folio not in ways() and code_of(ask) == "card_doubtful"
    for doubt in GatewayDoubt.objects.all():
        services.settle_doubt(doubt=doubt, comment="Se devolvió", by=people.collector(), at=clock.now())
    assert attempt.folio not in ways() and code_of(ask) == "attempt_moved", "of a doubtful capture nothing can end"


def test_a_capture_in_doubt_does_not_keep_what_was_authorised_from_ending() -> None:
    """A3: the doubt came after a person authorised; the gateway then names that refund and its amount."""
    family, attempt = by_card()
    refund = asked(family, key=attempt.folio)
    services.approve_refund(refund=refund, by=people.approver(), at=clock.now())
    say(event(attempt, "captured", amount="1.00"))
    say(event(attempt, "refunded", refund=refund.folio))
    refund.refresh_from_db()
    assert refund.state == "done" and books(family)["member_payable"] == 0


def test_what_open_slips_and_card_attempts_counted_on_is_not_given_back_unseen() -> None:
    """Domain 2.8, 2.10: a slip for the rest of a month, or for the month after one that credit pays, is cancelled."""
    scheme = ReferenceScheme.objects.get(code="paynet")
    for credit, months, back, left in (
        ("100.00", 1, "100.00", "cancelled"),
        ("350.00", 1, "350.00", "cancelled"),
        ("450.00", 1, "50.00", "cancelled"),
        ("150.00", 1, "150.00", "cancelled"),
    ):
        family = credited(credit)
        slip = services.make_slip(membership=family, scheme=scheme, months=months, by=None, at=clock.now())
        refund = asked(family, back)
        slip.refresh_from_db()
        assert slip.state == left, (credit, back)
        told = Notice.objects.get(kind="memberships/refund_asked", key__contains=str(refund.pk))
        assert slip.folio in told.body
    family = credited("0")
    slip = services.make_slip(membership=family, scheme=scheme, months=1, by=None, at=clock.now())
    more: dict[str, Any] = {"value_on": clock.today(), "means": "desk", "by": None, "at": clock.now()}
    services.receive_payment(membership=family, amount=D("100.00"), source=slip, **more)
    asked(family, "100.00")
    slip.refresh_from_db()
    assert slip.state == "issued", "it counted on nothing"
    services.receive_payment(membership=family, amount=D("10.00"), source=scheme, **more)
    services.start_card(membership=family, months=1, by=None, at=clock.now())
    assert code_of(lambda: asked(family, "10.00"), Conflict) == "card_open"


def test_by_transfer_nobody_is_refunded_who_could_not_name_an_account() -> None:
    today = clock.today()
    family = a.bare(state="awaiting_payment", joined_on=today)
    told: dict[str, Any] = {"value_on": today, "means": "desk", "by": None, "at": clock.now()}
    services.receive_payment(membership=family, amount=PRICE * 2, source=family, **told)
    assert code_of(lambda: asked(family), Conflict) == "nobody_to_tell" and not Payable.objects.exists()
    titular(family)
    refund = asked(family)
    assert selectors.who_knows(refund, on=today) == " La familia ya lo sabe."


def test_who_authorises_says_no_to_cards_alone_and_what_the_gateway_forgot_ends(settings: Any) -> None:
    """A person ends what was authorised once its day is over or there is no gateway; the credit comes back."""
    family, attempt = by_card()
    clerk, other = people.collector(), people.approver()
    no = lambda by, refund: services.decline_refund(refund=refund, reason="No", by=by, at=clock.now())  # noqa: E731
    by_bank = asked(family, "50.00", by=clerk)
    family.refresh_from_db()
    assert code_of(lambda: no(other, by_bank)) == "collections_answer"
    assert code_of(lambda: no(titular(family), by_bank)) == "own_refund"
    wish = services.want_refund(membership=family, amount=D("1.00"), note="", by=titular(family), at=clock.now())
    assert code_of(lambda: services.approve_refund(refund=wish, by=other, at=clock.now())) == "not_asked"
    no(clerk, wish)
    to_card = asked(family, "100.00", key=attempt.folio, by=clerk)
    services.approve_refund(refund=to_card, by=other, at=clock.now())
    refunds_of(to_card)
    assert code_of(lambda: no(clerk, to_card)) == "on_its_way"
    assert to_card.due_on is not None and services.may_be_given_up(to_card, on=clock.today().replace(year=2100))
    settings.GATEWAY_URL = ""
    client = people.signed_in(clerk)
    decline = reverse("memberships:decline_refund", args=[to_card.pk])
    assert decline in client.get(to_card.get_absolute_url()).content.decode()
    assert client.post(decline, {FIELD: "given-up-00000001", "reason": "La pasarela no responde"}).status_code == 302
    family.refresh_from_db()
    assert family.credit == PRICE - 50


def test_the_page_of_a_refund_leads_an_approver_only_where_they_may_look() -> None:
    family, attempt = by_card()
    refund = asked(family, key=attempt.folio)
    links = {fact[0]: len(fact) for fact in selectors.refund_facts(refund, people.approver())}
    assert (links["Membresía"], links["Pago con tarjeta"]) == (2, 2)
    links = {fact[0]: len(fact) for fact in selectors.refund_facts(refund, people.collector())}
    assert (links["Membresía"], links["Pago con tarjeta"]) == (3, 3)
    call = reverse("memberships:api_decline_refund", args=[refund.pk])
    headers = {"Idempotency-Key": "decline-by-approver"}
    approver = people.signed_in(people.approver())
    answer = approver.post(call, {"reason": "No procede"}, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content


def test_the_form_shows_the_newest_ways_and_the_one_that_was_asked_for() -> None:
    family, attempt = by_card()
    client = people.signed_in(people.collector())
    for number in range(13):
        CardAttempt.objects.create(
            folio=f"FP-2099-{number:06d}",
            membership=family,
            party=attempt.party,
            amount=PRICE,
            state="captured",
            started_at=clock.now(),
            expires_at=clock.now(),
        )
    form = client.get(reverse("memberships:ask_refund", args=[family.pk]) + f"?como={attempt.folio}").context["form"]
    shown = [key for key, _label in form.fields["how"].widget.choices]
    assert attempt.folio in shown and len(shown) == 14
    assert selectors.most_back(TRANSFER, credit=D(5)) == 5
    assert selectors.most_back(way(family, attempt.folio), credit=D(9999)) == PRICE


def test_a_part_given_back_says_how_much() -> None:
    family, attempt = by_card()
    refund = asked(family, "100.00", key=attempt.folio)
    services.approve_refund(refund=refund, by=people.approver(), at=clock.now())
    say(event(attempt, "refunded", refund=refund.folio, amount="100.00"))
    attempt.refresh_from_db()
    assert selectors.card_page(attempt)["lead"] == "Devolvimos $100.00 de este pago a la tarjeta."


def test_a_gateway_that_is_away_is_not_waited_for_by_every_refund(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[Any] = []

    def away(one: Any) -> None:
        asked_for.append(one)
        raise OSError("away")

    monkeypatch.setattr(gateway, "ask_refund", away)
    waiting = Mock()
    waiting.return_value.iterator.return_value = [Refund(folio=f"DV-2020-{number}") for number in range(9)]
    monkeypatch.setattr(selectors, "refunds_to_ask", waiting)
    assert tasks.ask_gateway() == 0 and len(asked_for) == tasks.MOST_AWAY


def test_credit_that_comes_back_and_covers_a_family_is_told_as_a_payment_is() -> None:
    """Who paid less than the first month got it back; what is declined completes it, with cards as a payment would."""
    today = clock.today()
    family = a.bare(state="awaiting_payment", joined_on=today)
    titular(family)
    told: dict[str, Any] = {"value_on": today, "means": "desk", "by": None, "at": clock.now()}
    services.receive_payment(membership=family, amount=D("100.00"), source=family, **told)
    refund = asked(family, "100.00")
    services.receive_payment(membership=family, amount=PRICE - 100, source=refund, **told)
    services.decline_refund(refund=refund, reason="Completa el mes", by=people.collector(), at=clock.now())
    family.refresh_from_db()
    notice = Notice.objects.get(kind="memberships/activated")
    assert family.state == "active" and "tu recibo" not in notice.body


def lost() -> Any:
    found = LedgerLine.objects.filter(account__code="refunds_lost").values_list("amount", flat=True)
    return sum(found, D(0))


def paid_back(family: Membership, amount: str) -> Refund:
    """The bank paid a refund by transfer."""
    refund = asked(family, amount)
    told: dict[str, Any] = {
        "payable": Payable.objects.get(subject_id=str(refund.pk)),
        "by": people.collector(),
        "at": clock.now(),
    }
    services.note_scheduled(transfer=Mock(pk=1), **told)
    services.note_paid(transfer=Mock(pk=1), **told)
    return refund


def came_back(refund: Refund) -> None:
    """The bank returned the transfer."""
    payable = Payable.objects.get(subject_id=str(refund.pk))
    services.note_waits(
        payable=payable, transfer=Mock(pk=1), reason="Cuenta cancelada", by=people.collector(), at=clock.now()
    )


def owing() -> tuple[Membership, CardAttempt]:
    """A family whose two months came by one card; one of them was given back by transfer."""
    family = a.bare(state="awaiting_payment", joined_on=clock.today())
    attempt = services.begin_attempt(membership=family, months=2, by=titular(family), at=clock.now())
    say(event(attempt, "captured"))
    family.refresh_from_db()
    return family, attempt


def test_a_chargeback_of_what_went_back_in_part_opens_the_month_and_books_what_is_lost() -> None:
    """A7: 700 by card, a month paid, 350 given back; the bank takes all 700: the month opens, 350 are lost."""
    family, attempt = owing()
    paid_back(family, "350.00")
    say(event(attempt, "charged_back"))
    family.refresh_from_db()
    attempt.refresh_from_db()
    assert (attempt.state, family.owed, family.credit) == ("charged_back", PRICE, 0)
    assert (books(family)["gateway_clearing"], books(family)["member_credit"], lost()) == (0, 0, PRICE)


def test_what_is_on_its_way_back_waits_for_a_person_who_then_books_it() -> None:
    family, attempt = owing()
    refund = asked(family, "350.00")
    say(event(attempt, "charged_back"))
    doubt = GatewayDoubt.objects.get()
    told: dict[str, Any] = {
        "doubt": doubt,
        "comment": "El banco lo confirmó",
        "by": people.collector(),
        "at": clock.now(),
    }
    assert code_of(lambda: services.settle_doubt(books=True, **told), Conflict) == "given_back"
    services.decline_refund(refund=refund, reason="Contracargo", by=people.collector(), at=clock.now())
    services.settle_doubt(books=True, **told)
    family.refresh_from_db()
    attempt.refresh_from_db()
    assert (attempt.state, family.owed, lost(), books(family)["gateway_clearing"]) == ("charged_back", PRICE, 0, 0)


def test_a_person_books_what_the_gateway_did_by_itself() -> None:
    """Given back before anybody authorised it, charged back besides, captured once more; what is nothing is refused."""
    family, attempt = by_card()
    refund = asked(family, key=attempt.folio)
    says: Any = (
        ("refunded", {}, books_of := {"gateway_clearing": D(0), "member_payable": D(0), "lost": D(0)}),
        ("charged_back", {}, books_of | {"gateway_clearing": -PRICE, "lost": PRICE}),
        ("captured", {"amount": "5.00"}, books_of | {"gateway_clearing": 5 - PRICE, "lost": PRICE}),
    )
    for kind, more, left in says:
        say(event(attempt, kind, **more))
        doubt = GatewayDoubt.objects.get(settled_at=None)
        services.settle_doubt(doubt=doubt, comment="Sí", books=True, by=people.collector(), at=clock.now())
        found = books(family) | {"lost": lost()}
        assert {code: found[code] for code in left} == left, kind
    refund.refresh_from_db()
    attempt.refresh_from_db()
    assert (refund.state, attempt.state) == ("done", "refunded")
    say(event(attempt, "refunded", amount="3.00"))
    doubt = GatewayDoubt.objects.get(settled_at=None)
    act = lambda: services.settle_doubt(doubt=doubt, comment="x", books=True, by=people.collector(), at=clock.now())  # noqa: E731
    assert code_of(act, Conflict) == "nothing_to_book"


def settled(told: Any) -> None:
    """The gateway says it, and collections made sure of it."""
    say(told)
    doubt = GatewayDoubt.objects.get(settled_at=None)
    services.settle_doubt(doubt=doubt, comment="Es así", books=True, by=people.collector(), at=clock.now())


def stands(family: Membership) -> tuple[Any, ...]:
    """Owed, credit, the same in the books, what the gateway has of ours, what was lost."""
    family.refresh_from_db()
    told = books(family)
    return family.owed, family.credit, -told["member_credit"], told["gateway_clearing"], lost()


@pytest.mark.parametrize("kind", ["charged_back", "refunded"])
def test_what_was_captured_by_hand_is_taken_back_when_the_gateway_takes_it_back(kind: str) -> None:
    family = credited("0")
    attempt = services.start_card(membership=family, months=1, by=titular(family), at=clock.now())
    settled(event(attempt, "captured", amount="200.00"))
    assert stands(family) == (0, 200, 200, 200, 0)
    settled(event(attempt, kind, amount="200.00"))
    assert stands(family) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(("taken", "left"), [(PRICE, (-100, 0)), (PRICE - 100, (0, 0))])
def test_a_charge_back_after_a_refund_in_part_takes_the_payment_and_loses_only_what_nobody_covers(
    taken: Any, left: tuple[Any, ...]
) -> None:
    """350 by card of which 100 went back to it; the bank takes all of it, or what was left."""
    family, attempt = by_card()
    refund = asked(family, "100.00", key=attempt.folio)
    services.approve_refund(refund=refund, by=people.approver(), at=clock.now())
    refunds_of(refund)
    say(event(attempt, "refunded", amount="100.00", refund=refund.folio))
    assert stands(family) == (0, PRICE - 100, PRICE - 100, PRICE - 100, 0)
    settled(event(attempt, "charged_back", amount=str(taken)))
    found = stands(family)
    assert found[3:] == left and found[1] == found[2], found
    assert found[0] == (PRICE if taken == PRICE else 0), "the month that 100 of the cash paid, or none"


@pytest.mark.parametrize(("used", "left"), [(False, (0, PRICE - 100)), (True, (PRICE, PRICE - 50))])
def test_what_was_given_up_and_is_given_late_is_done_of_the_credit_or_taken_of_its_payment(
    used: bool, left: tuple[Any, ...], settings: Any
) -> None:
    family, attempt = by_card()
    refund = asked(family, "100.00", key=attempt.folio)
    services.approve_refund(refund=refund, by=people.approver(), at=clock.now())
    settings.GATEWAY_URL = ""
    refunds_of(refund)
    services.decline_refund(refund=refund, reason="No responde", by=people.collector(), at=clock.now())
    assert stands(family)[1] == PRICE
    if used:
        asked(family, "300.00")
    settings.GATEWAY_URL = "http://localhost:8099"
    settled(event(attempt, "refunded", amount="100.00", refund=refund.folio))
    attempt.refresh_from_db()
    done = Refund.objects.filter(attempt=attempt, state="done")
    assert attempt.state == "refunded" and done.count() == (0 if used else 1)
    owed, credit, booked, clearing, _lost = stands(family)
    assert credit == booked and clearing == PRICE - 100, "what the gateway keeps of ours"
    assert (owed, credit) == left


def test_what_was_lost_with_its_payment_is_regained_when_the_transfer_never_arrived() -> None:
    """700 by card, a month paid, 350 given back by transfer, all charged back; then the bank returns the transfer."""
    family, attempt = owing()
    refund = paid_back(family, "350.00")
    say(event(attempt, "charged_back"))
    assert stands(family) == (PRICE, 0, 0, 0, PRICE)
    came_back(refund)
    refunds_of(refund)
    assert refund.state == "asked" and lost() == PRICE, "it goes out again, or is declined"
    services.decline_refund(refund=refund, reason="La cuenta no existe", by=people.collector(), at=clock.now())
    refunds_of(refund)
    assert refund.regained == PRICE and stands(family) == (PRICE, 0, 0, 0, 0)


def test_what_refunds_refuse_by_rule_alone() -> None:
    told: dict[str, Any] = {"asked": PRICE, "amount": PRICE, "whose": {1}, "membership": 1}
    for act, code in (
        (lambda: refunds.check_amount(D(2), credit=D(3), most=D(1)), "above_payment"),
        (lambda: refunds.check_slip("issued", **told), "slip_moved"),
        (lambda: refunds.check_slip("paid", **told | {"whose": {1, 2}}), "slip_of_several"),
        (lambda: refunds.check_approver(approver=1, asked_by=2, own=True), "own_refund"),  # type: ignore[arg-type]
    ):
        assert code_of(act) == code


def test_what_cannot_be_authorised_is_refused(settings: Any) -> None:
    family, attempt = by_card()
    yes = lambda one: services.approve_refund(refund=one, by=people.approver(), at=clock.now())  # noqa: E731
    assert code_of(lambda: yes(asked(family, "50.00"))) == "by_batch"
    to_card = asked(family, "100.00", key=attempt.folio)
    CardAttempt.objects.filter(pk=attempt.pk).update(state="charged_back")
    assert code_of(lambda: yes(to_card)) == "attempt_moved"
    settings.GATEWAY_URL = ""
    assert code_of(lambda: yes(to_card)) == "gateway_off"

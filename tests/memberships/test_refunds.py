"""Refunds: credit that goes back, asked by one person and authorised by another (issue 11 D; MO-05)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from memberships import gateway, queues, selectors, services, tasks
from memberships.models import GatewayDoubt, Membership, Refund, Slip
from memberships.models.slips import ReferenceScheme
from memberships.rules import dues
from memberships.rules.refunds import REFUND, RefundState
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.treasury import panels, registry
from portal.treasury.models import LedgerLine, Payable
from portal.work.registry import Filled
from tests.factories import memberships as a
from tests.factories import people
from tests.memberships.test_cards import SECRET, event, ids, say
from tests.memberships.test_dues import SHIPPED

pytestmark = pytest.mark.django_db
D, PRICE = Decimal, Decimal("350.00")


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http://localhost:8099", SECRET


def credited(amount: str = "350.00") -> Membership:
    """A family that joined and paid today, with money left over; its titular has an account."""
    today = clock.today()
    family = a.bare(state="awaiting_payment", joined_on=today)
    told = {"value_on": today, "means": "desk", "by": None, "at": clock.now()}
    services.receive_payment(membership=family, amount=PRICE + D(amount), source=family, **told)
    family.refresh_from_db()
    titular(family)
    return family


def titular(family: Membership) -> Any:
    """Who has the account of its titular."""
    assert family.titular is not None
    grants = family.titular.party.grants.filter(role="member")
    return grants[0].user if grants else people.member(party=family.titular.party)


def by_card() -> tuple[Membership, Any]:
    """The same, whose money left over came by card."""
    family = credited("0")
    attempt = services.start_card(membership=family, months=1, by=titular(family), at=clock.now())
    say(event(attempt, "captured"))
    family.refresh_from_db()
    attempt.refresh_from_db()
    return family, attempt


def way(family: Membership, key: str = "transfer") -> Any:
    return {one.key: one for one in selectors.ways_back(family)}[key]


def asked(family: Membership, amount: Any = PRICE, *, key: str = "transfer", by: Any = None) -> Refund:
    return services.ask_refund(
        membership=family,
        amount=D(amount),
        how=way(family, key),
        reason="Pagó dos veces",
        by=by or people.collector(),
        at=clock.now(),
    )


def books(family: Membership) -> dict[str, Decimal]:
    """What the books keep for a titular and the gateway."""
    found: dict[str, Decimal] = {}
    told = LedgerLine.objects.values_list("account__code", "account__party", "amount")
    for code, party, amount in told:
        if party in {None, family.titular.party_id}:  # type: ignore[union-attr]
            found[code] = found.get(code, D(0)) + amount
    return {code: found.get(code, D(0)) for code in ("member_credit", "member_payable", "gateway_clearing")}


def code_of(act: Any, *kinds: type[RuleBroken]) -> str:
    with pytest.raises(kinds or RuleBroken) as refused:
        act()
    return refused.value.code


def test_a_refund_lowers_the_credit_from_its_day_and_one_declined_comes_back_on_its_own() -> None:
    """The walk of 2.10: January paid with March's money there already; March is asked back, then declined."""
    days = [date(2026, 1, 1), date(2026, 1, 20), date(2026, 2, 5)]

    def stands(on: date, *refunds: dues.Refund) -> tuple[Decimal, Decimal]:
        found = dues.dues_on(
            joined_on=days[0],
            prices=[dues.Price(days[0], PRICE)],
            payments=[dues.Payment(days[0], PRICE * 2)],
            cancel_asked_on=None,
            on=on,
            terms=lambda _day: SHIPPED,
            refunds=refunds,
        )
        return found.credit, found.owed

    back = dues.Refund(days[1], PRICE)
    assert [stands(day, back) for day in (date(2026, 1, 19), days[1], days[2])] == [(PRICE, 0), (0, 0), (0, PRICE)]
    assert stands(days[2], dues.Refund(days[1], PRICE, days[2])) == (0, 0), "it pays February, which waited"


def test_nobody_gets_back_more_than_the_credit_nor_asks_for_their_own() -> None:
    family = credited()
    own = titular(family)
    clerk = people.collector()
    assert code_of(lambda: asked(family, "350.01", by=clerk)) == "above_credit"
    assert code_of(lambda: asked(family, "0", by=clerk)) == "amount_wrong"
    assert code_of(lambda: asked(family, "1.005", by=clerk)) == "amount_wrong"
    assert code_of(lambda: asked(family, by=own)) == "own_refund"
    assert not Refund.objects.exists() and family.credit == PRICE
    told = {"membership": family, "amount": PRICE, "how": way(family), "by": clerk, "at": clock.now()}
    assert code_of(lambda: services.ask_refund(reason="  ", **told)) == "reason_missing"
    draft = a.bare(state="draft", joined_on=None, folio="")
    assert code_of(lambda: services.want_refund(membership=draft, amount=PRICE, note="", by=own, at=clock.now())) == (
        "not_complete"
    )


def test_by_transfer_it_is_owed_its_batch_pays_it_and_who_asked_is_barred() -> None:
    """Books: credit → payable → bank; the family reads until when; a return of the bank makes it wait again."""
    family, clerk = credited(), people.collector()
    refund = asked(family, by=clerk)
    payable = Payable.objects.get(kind="member_refund")
    family.refresh_from_db()
    assert (family.credit, refund.state, payable.reference, payable.due_on) == (0, "asked", refund.folio, refund.due_on)
    assert books(family) == {"member_credit": 0, "member_payable": -PRICE, "gateway_clearing": 0}
    assert registry.barred_people([payable]) == {clerk.pk}
    mine = titular(family)
    assert Payable.objects.visible_to(mine).get() == payable, "no RFC was ever proved"
    assert "en tu banco a más tardar el" in selectors.refund_told(refund, on=clock.today())
    assert "y se atrasó" in selectors.refund_told(refund, on=date(2100, 1, 1))
    ((sentence, page),) = selectors.family_refunds(family, at=clock.now())
    assert "Falta tu cuenta" in sentence and page.endswith("/cuenta/bancaria/?uso=member_payments")
    assert "Registrar mi cuenta bancaria" in str(panels.account(mine, clock.now()).items), "home asks for it meanwhile"
    assert panels.account(people.member(), clock.now()) == Filled()
    notice = Notice.objects.get(kind="memberships/refund_asked")
    assert notice.action_url.endswith("/cuenta/bancaria/?uso=member_payments") and "registras tu cuenta" in notice.body
    told = {"payable": payable, "transfer": None, "by": clerk, "at": clock.now()}
    states, numbers = [], iter(range(9))
    for hears in (
        "scheduled",
        "released",
        "scheduled",
        "rejected",
        "scheduled",
        "paid",
        "returned",
        "scheduled",
        "paid",
    ):
        kind = registry.payable_kind("member_refund")
        more = {"reason": "No"} if hears in {"released", "rejected", "returned"} else {}
        getattr(kind, hears)(**told | {"transfer": SimpleNamespace(pk=next(numbers))}, **more)
        refund.refresh_from_db()
        states.append(refund.state)
    assert states == ["sent", "asked", "sent", "asked", "sent", "done", "asked", "sent", "done"]
    assert refund.ended_on == clock.today()
    assert Notice.objects.filter(kind="memberships/refund_done").count() == 2, "what came back is paid and told again"


def test_a_declined_transfer_is_credit_again_by_a_reversal() -> None:
    family, clerk = credited(), people.collector()
    refund = asked(family, by=clerk)
    for _each in range(2):
        if _each:
            assert code_of(lambda: services.decline_refund(refund=refund, reason="x", by=clerk, at=clock.now())) == (
                "state_moved_on"
            )
        else:
            assert code_of(lambda: services.decline_refund(refund=refund, reason="", by=clerk, at=clock.now())) == (
                "reason_missing"
            )
            services.decline_refund(refund=refund, reason="Se quedó", by=clerk, at=clock.now())
    family.refresh_from_db()
    refund.refresh_from_db()
    assert (family.credit, refund.state, Payable.objects.get().state) == (PRICE, "declined", "cancelled")
    assert books(family) == {"member_credit": -PRICE, "member_payable": 0, "gateway_clearing": 0}
    assert "Se quedó" in Notice.objects.get(kind="memberships/refund_declined").body


def test_a_slip_is_given_back_whole_and_says_so_once_the_bank_paid() -> None:
    family, clerk = credited("700.00"), people.collector()
    scheme = ReferenceScheme.objects.get(code="paynet")
    told = {"membership": family, "scheme": scheme, "months": 1, "by": None, "at": clock.now()}
    slip = services.make_slip(**told)
    slip.state = "paid"
    slip.save(update_fields=["state"])
    assert slip.folio in {one.key for one in selectors.ways_back(family)}
    assert code_of(lambda: asked(family, "300.00", key=slip.folio, by=clerk)) == "slip_amount"
    how = way(family, slip.folio)
    refund = asked(family, slip.amount, key=slip.folio, by=clerk)
    assert code_of(
        lambda: services.ask_refund(
            membership=family, amount=slip.amount, how=how, reason="x", by=clerk, at=clock.now()
        )
    ) == ("refunded_already")
    payable = Payable.objects.get()
    services.note_scheduled(payable=payable, transfer=None, by=clerk, at=clock.now())
    services.note_paid(payable=payable, transfer=None, by=clerk, at=clock.now())
    assert Slip.objects.get(pk=slip.pk).state == "refunded"
    services.note_waits(payable=payable, transfer=None, reason="La devolvió", by=clerk, at=clock.now())
    slip.refresh_from_db()
    assert slip.state == "paid", "its money is here again: it is paid again, or denied"
    services.note_scheduled(payable=payable, transfer=None, by=clerk, at=clock.now())
    act = lambda: services.decline_refund(refund=refund, reason="x", by=clerk, at=clock.now())  # noqa: E731
    assert code_of(act) == "on_its_way"
    services.note_paid(payable=payable, transfer=None, by=clerk, at=clock.now())
    assert (
        code_of(
            lambda: services.ask_refund(
                membership=family, amount=slip.amount, how=how, reason="x", by=clerk, at=clock.now()
            )
        )
        == "slip_moved"
    )


def test_by_card_another_person_authorises_and_only_the_gateways_signed_word_gives_it_back() -> None:
    """D: captured → refunded and `card_refunded` by the event; who asked is barred, twice changes nothing twice."""
    family, attempt = by_card()
    clerk, other = people.collector(), people.approver()
    refund = asked(family, key=attempt.folio, by=clerk)
    assert code_of(lambda: services.approve_refund(refund=refund, by=clerk, at=clock.now())) == "asked_by_you"
    assert say(event(attempt, "refunded")).status_code == 204, "nobody authorised it: a person looks"
    assert attempt.events.get(kind="refunded").outcome == "doubtful"
    assert [one.pk for one in queues.REFUNDS_TO_APPROVE.rows(other, clock.now())] == [refund.pk]
    approve = lambda: services.approve_refund(refund=refund, by=other, at=clock.now())  # noqa: E731
    assert code_of(approve) == "card_doubtful", "the gateway may have given it back already"
    doubt = GatewayDoubt.objects.get()
    services.settle_doubt(doubt=doubt, comment="Fue un error suyo", by=people.collector(), at=clock.now())
    approve()
    assert code_of(lambda: services.approve_refund(refund=refund, by=other, at=clock.now())) == "state_moved_on"
    assert code_of(lambda: services.decline_refund(refund=refund, reason="x", by=clerk, at=clock.now())) == "on_its_way"
    assert books(family) == {"member_credit": 0, "member_payable": -PRICE, "gateway_clearing": PRICE}
    attempt.refresh_from_db()
    assert attempt.state == "captured", "only the gateway says it was given back"
    for wrong in ({}, {"refund": "DV-2020-1"}, {"refund": refund.folio, "amount": "1.00"}):
        say(event(attempt, "refunded", **wrong))
    say(event(attempt, "refund_declined", refund="DV-2020-1"))
    outcomes = attempt.events.order_by("received_at", "pk").values_list("outcome", flat=True)
    assert list(outcomes)[-4:] == [*["doubtful"] * 3, "nothing_new"], "an event is of the refund that it names"
    done = event(attempt, "refunded", refund=refund.folio)
    assert [say(done).status_code, say(done).status_code] == [204, 204]
    attempt.refresh_from_db()
    refund.refresh_from_db()
    assert (attempt.state, refund.state) == ("refunded", "done")
    assert books(family) == {"member_credit": 0, "member_payable": 0, "gateway_clearing": 0}
    say(event(attempt, "refunded", refund=refund.folio))
    assert attempt.events.order_by("-received_at", "-pk")[0].outcome == "nothing_new", "told again with another id"
    say(event(attempt, "charged_back"))
    assert attempt.events.get(kind="charged_back").outcome == "doubtful", "it went back both ways"


@pytest.mark.parametrize("word", ["refund_declined", "charged_back"])
def test_what_the_gateway_does_not_give_back_is_credit_again(word: str) -> None:
    family, attempt = by_card()
    refund = asked(family, "100.00", key=attempt.folio)
    assert say(event(attempt, "refund_declined", refund=refund.folio)).status_code == 204, "nobody asked it yet"
    services.approve_refund(refund=refund, by=people.approver(), at=clock.now())
    say(event(attempt, word, refund=refund.folio))
    family.refresh_from_db()
    attempt.refresh_from_db()
    refund.refresh_from_db()
    left = PRICE if word == "refund_declined" else D(0)
    assert (refund.state, family.credit) == ("declined", left)
    assert attempt.state == ("captured" if left else "charged_back")
    assert books(family) == {"member_credit": -left, "member_payable": 0, "gateway_clearing": left}
    if left:
        again = asked(family, "350.00", key=attempt.folio)
        assert again.state == "asked"


def test_money_that_went_back_is_not_taken_back_again() -> None:
    """A deposit or a card whose money the family has again: the undo is refused, a chargeback is a person's."""
    family, attempt = by_card()
    services.ask_refund(
        membership=family, amount=PRICE, how=way(family), reason="Por banco", by=people.collector(), at=clock.now()
    )
    first = family.payments.exclude(means="card").get()
    say(event(attempt, "charged_back"))
    attempt.refresh_from_db()
    family.refresh_from_db()
    assert (attempt.state, family.owed) == ("charged_back", PRICE), "the month that is paid opens again"
    assert (
        code_of(lambda: services.take_back(payment=first, reason="x", by=None, at=clock.now()), Conflict)
        == "given_back"
    )


def test_a_family_wants_its_credit_back_and_keeps_it_until_collections_ask_it() -> None:
    """«Úsalo o pídelo de vuelta»: the wish waits in the collections' queue, the credit stays until they ask it."""
    family = credited()
    owner = titular(family)
    home, page = reverse("memberships:home"), reverse("memberships:want_refund", args=[family.pk])
    client = people.signed_in(owner)
    assert page in client.get(home).content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page, {FIELD: "refund-k0-00000000", "amount": "351", "note": ""}).status_code == 422
    typed = {FIELD: "refund-k1-00000000", "amount": "350.00", "note": "Pagué dos veces"}
    check = reverse("memberships:check_refund", args=[family.pk])
    assert client.get(check).url == page, "nothing was typed yet"
    assert client.post(page, typed).url == check
    looked = client.get(check).content.decode()
    assert not Refund.objects.exists(), "looked at once more before it is sent"
    assert all(said in looked for said in ("$350.00", "Pagué dos veces", f"{page}#id_amount", f"{page}#id_note"))
    assert "Pagué dos veces" in client.get(page).content.decode(), "«Cambiar» comes back to what was typed"
    done = [client.post(check, {FIELD: "refund-k2-00000000"}) for _ in range(2)]
    assert [one.headers["Location"] for one in done] == [page, page]
    wanted = Refund.objects.get()
    assert client.get(check).url == page
    assert all(said in client.get(page).content.decode() for said in ("Recibimos tu petición", "Pagué dos veces"))
    client.post(page, typed | {FIELD: "refund-k3-00000000"})
    assert client.post(check, {FIELD: "refund-k4-00000000"}).status_code == 409, "one at a time"
    family.refresh_from_db()
    assert (wanted.state, family.credit, wanted.note) == ("wanted", PRICE, "Pagué dos veces")
    assert "Pediste de vuelta $350.00" in client.get(home).content.decode()
    assert people.signed_in(people.member()).get(page).status_code == 404


def test_collections_answer_what_a_family_wants_in_time_or_say_why_not() -> None:
    family, clerk = credited(), people.collector()
    wanted = services.want_refund(
        membership=family, amount=PRICE, note="Pagué dos veces", by=titular(family), at=clock.now()
    )
    client = people.signed_in(clerk)
    assert queues.REFUNDS_WANTED.rows(clerk, clock.now()).get() == wanted
    told = client.get(wanted.get_absolute_url()).content.decode()
    ask = reverse("memberships:ask_refund", args=[family.pk])
    assert "Pagué dos veces" in told and ask in told
    assert client.get(ask).context["form"].initial["amount"] == PRICE
    assert (
        client.post(ask, {FIELD: "refund-k3-00000000", "amount": "350", "how": "transfer", "reason": ""}).status_code
        == 422
    )
    assert (
        client.post(ask, {FIELD: "refund-k4-00000000", "amount": "999", "how": "transfer", "reason": "x"}).status_code
        == 422
    )
    assert (
        client.post(
            ask, {FIELD: "refund-k5-00000000", "amount": "350", "how": "transfer", "reason": "Dos veces"}
        ).status_code
        == 302
    )
    wanted.refresh_from_db()
    assert (wanted.state, wanted.means, Refund.objects.count()) == ("asked", "transfer", 1)
    assert "De dónde sale" in client.get(wanted.get_absolute_url()).content.decode()
    decline = reverse("memberships:decline_refund", args=[wanted.pk])
    assert client.post(decline, {FIELD: "refund-k6-00000000", "reason": ""}).status_code == 422
    assert client.post(decline, {FIELD: "refund-k7-00000000", "reason": "Se usa"}).status_code == 302
    assert client.post(decline, {FIELD: "refund-k8-00000000", "reason": "Se usa"}).status_code == 409
    client = people.signed_in(titular(family))
    home = reverse("memberships:home")
    assert "no procedió: Se usa." in client.get(home).content.decode()
    family.refresh_from_db()
    assert family.credit == PRICE


def test_its_pages_are_the_desks_and_a_card_refund_is_authorised_on_one() -> None:
    family, attempt = by_card()
    clerk, other = people.collector(), people.approver()
    client = people.signed_in(clerk)
    desk = client.get(attempt.get_desk_url()).content.decode()
    assert f"?como={attempt.folio}" in desk
    refund = asked(family, key=attempt.folio, by=clerk)
    assert refund.get_absolute_url() in client.get(attempt.get_desk_url()).content.decode()
    assert refund.folio in client.get(reverse("memberships:refunds")).content.decode()
    assert refund.folio in client.get(family.get_absolute_url()).content.decode()
    approve = reverse("memberships:approve_refund", args=[refund.pk])
    assert client.post(approve, {FIELD: "refund-a0-00000000"}).status_code == 403
    fresh = people.signed_in(other)
    assert approve in fresh.get(refund.get_absolute_url()).content.decode()
    assert fresh.post(approve, {FIELD: "refund-a1-00000000"}).status_code == 302
    client = people.signed_in(titular(family))
    assert client.get(refund.get_absolute_url()).status_code == 403


def test_the_gateway_is_asked_until_it_says_something(monkeypatch: pytest.MonkeyPatch) -> None:
    family, attempt = by_card()
    refund = asked(family, key=attempt.folio)
    services.approve_refund(refund=refund, by=people.approver(), at=clock.now())
    answers: list[Any] = [OSError("away"), None, "refunded"]

    def ask(one: Refund) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        if answer is None:
            return None
        body = json.dumps(event(attempt, answer, refund=one.folio) | {"id": f"e-{next(ids)}"}).encode()
        from memberships.rules import card

        return body, card.sign(body, secret=SECRET, at=clock.real_now())

    monkeypatch.setattr(gateway, "ask_refund", ask)
    assert [tasks.ask_gateway(), tasks.ask_gateway(), tasks.ask_gateway(), tasks.ask_gateway()] == [0, 0, 1, 0]
    refund.refresh_from_db()
    assert refund.state == RefundState.DONE and REFUND.label(refund.state) == "Devuelta"

"""Paying by card: only the gateway's signed word changes an attempt, whatever order it comes in (S1.20, ADR 0016)."""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import threading
import time
import urllib.parse
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from memberships import gateway, queues, services, tasks
from memberships.models import CardAttempt, DuesPayment, GatewayDoubt, GatewayEvent, Membership
from memberships.rules import Kinship, card
from memberships.rules.card import CARD, CardState, Outcome, Word, outcome_of
from memberships.rules.joining import Contact, NewPerson
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.treasury.models import LedgerLine
from tests.desk.test_auditor import sums, whole_file
from tests.factories import memberships as a
from tests.factories import people
from tests.factories.threads import LONG
from tests.memberships.test_views import a_family, account
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import gateway as sample  # the sample gateway imports nothing of the portal

SECRET, EVENTS = "s" * 40, "/pagos/pasarela/avisos/"
ids = itertools.count(1)


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http://localhost:8099", SECRET


def begun() -> tuple[Membership, CardAttempt]:
    """Fernanda's family begins to pay the next month by card."""
    family = a_family()
    titular = account(family, "Fernanda")
    return family, services.start_card(membership=family, months=1, by=titular, at=clock.now())


def event(of: CardAttempt, kind: str, **changed: Any) -> dict[str, str]:
    told = {"id": f"e-{next(ids)}", "kind": kind, "attempt": of.folio, "amount": str(of.amount), "reason": ""}
    return told | {"at": datetime.now(UTC).isoformat()} | changed


def say(told: Any, *, secret: str = SECRET, ago: int = 0, header: str | None = None) -> Any:
    """The gateway posts an event."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signed = card.sign(body, secret=secret, at=clock.real_now() - timedelta(seconds=ago))
    headers = {gateway.HEADER: signed if header is None else header}
    return Client(enforce_csrf_checks=True).post(EVENTS, body, content_type="application/json", headers=headers)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_every_event_in_every_state_is_applied_known_doubtful_or_sent_again() -> None:
    """One table: what each event does where the attempt stands so, with the amount that was asked and another."""
    early, nothing, doubtful = "early", Outcome.NOTHING_NEW, Outcome.DOUBTFUL
    for state, kind in itertools.product(CardState, CardState):
        if kind is CardState.STARTED:
            continue
        word = Word("e", kind, "FP-1", Decimal(10), clock.real_now())
        money = kind in {CardState.CAPTURED, CardState.REFUNDED, CardState.CHARGED_BACK}
        wanted: Any = Outcome.APPLIED if CARD.allows(state, kind) else nothing
        both = {state, kind} == {CardState.REFUNDED, CardState.CHARGED_BACK}
        if both or (money and state is CardState.DECLINED):
            wanted = doubtful
        elif kind in {CardState.REFUNDED, CardState.CHARGED_BACK} and state in {"started", "challenged", "timed_out"}:
            wanted = early
        try:
            found: Any = outcome_of(state, word, asked=Decimal(10), in_doubt=False)
        except Conflict as refused:
            found = "early" if refused.code == "too_early" else refused
        assert found == wanted, (state, kind)
        if money:
            assert outcome_of(state, word, asked=Decimal(11), in_doubt=False) is doubtful
            assert outcome_of(state, word, asked=Decimal(10), in_doubt=True) is doubtful
        elif kind is CardState.DECLINED:
            assert outcome_of(state, word, asked=Decimal(10), in_doubt=True) is wanted


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_signed_capture_pays_the_month_once_and_a_chargeback_opens_it_again() -> None:
    family, attempt = begun()
    paid = event(attempt, "captured")
    assert [say(paid).status_code, say(paid).status_code] == [204, 204], "twice"
    family.refresh_from_db()
    attempt.refresh_from_db()
    payment = DuesPayment.objects.get(means="card")
    assert (attempt.state, payment.amount, family.credit) == ("captured", attempt.amount, attempt.amount)
    assert payment.receipt_id and GatewayEvent.objects.count() == 1
    assert Notice.objects.filter(kind="memberships/payment_received").count() == 1
    assert LedgerLine.objects.filter(account__code="gateway_clearing").count() == 1
    assert say(event(attempt, "challenged")).status_code == 204, "out of order: it was known"
    assert say(event(attempt, "charged_back")).status_code == 204
    family.refresh_from_db()
    payment.refresh_from_db()
    assert (family.credit, payment.taken_back_on) == (0, clock.today())
    assert sum(LedgerLine.objects.filter(account__code="gateway_clearing").values_list("amount", flat=True)) == 0
    outcomes = list(GatewayEvent.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["applied", "nothing_new", "applied"]
    for folio in (attempt.folio, family.folio):
        told = whole_file(folio, people.auditor())
        assert sums(told["libro.csv"], "account")["gateway_clearing MXN"] == 0, "came and went back"
        assert f"({attempt.pk})" in told["LEEME.txt"] and f"({payment.pk})" in told["LEEME.txt"]
    assert "contracargo" in Notice.objects.get(kind="memberships/payment_taken_back").body


@pytest.mark.django_db
def test_what_the_gateway_did_not_sign_now_is_refused_and_nothing_is_stored() -> None:
    family, attempt = begun()
    good = event(attempt, "captured")
    wrong = [
        (say(good, secret="x" * 40), "signature_wrong"),
        (say(good, header=""), "signature_wrong"),
        (say(good, header="t=x,v1=1"), "signature_wrong"),
        (say(good, ago=301), "signature_old"),
        (say(good, ago=-301), "signature_old"),
        (say(b"[]"), "event_unreadable"),
        (say(event(attempt, "lost")), "event_unreadable"),
        (say(event(attempt, "started")), "event_unreadable"),
        (say(event(attempt, "captured", amount="-1")), "event_unreadable"),
        (say(event(attempt, "captured", amount="x")), "event_unreadable"),
        (say(event(attempt, "captured", at="2026-11-30T10:00:00")), "event_unreadable"),
        (say(event(attempt, "captured", attempt="FP-1999-000001")), "attempt_unknown"),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer, _code in wrong] == [
        (422, code) for _answer, code in wrong
    ]
    assert say(event(attempt, "refunded")).status_code == 409, "sent again once the capture is known"
    assert say(b"x" * (card.LONGEST_WORD + 1)).status_code == 413
    assert not GatewayEvent.objects.exists() and not DuesPayment.objects.filter(means="card").exists()
    attempt.refresh_from_db()
    assert attempt.state == "started"
    assert say(event(attempt, "captured", amount="1.00")).status_code == 204
    assert GatewayEvent.objects.get().outcome == "doubtful" and not DuesPayment.objects.filter(means="card").exists()


@pytest.mark.django_db
def test_a_payment_that_only_a_clerk_can_place_is_doubtful() -> None:
    """Lapsed meanwhile, and its titular joined the plan anew: a card's late word revives nothing by itself."""
    began = clock.now() - timedelta(days=40)
    family = services.affiliate_family(
        plan=a.a_plan(),
        people=[NewPerson(Kinship.TITULAR, "Nadia", "Ríos", "", date(1990, 2, 3), "female")],
        contact=Contact(email="nadia@ejemplo.mx"),
        paid=None,
        by=people.affiliator(),
        at=began,
    )
    attempt = services.start_card(membership=family, months=1, by=None, at=began)
    services.pass_days(membership=family, on=clock.today(), at=clock.now())
    a.bare(plan=family.plan, titular=family.titular)
    assert say(event(attempt, "captured", at=(began + timedelta(minutes=1)).isoformat())).status_code == 204
    attempt.refresh_from_db()
    assert (attempt.state, GatewayEvent.objects.get().outcome) == ("timed_out", "doubtful")
    assert not DuesPayment.objects.exists()


@pytest.mark.django_db
def test_a_doubtful_event_waits_for_collections_who_say_what_was_done() -> None:
    _family, attempt = begun()
    say(event(attempt, "captured", amount="1.00"))
    doubt = GatewayDoubt.objects.get()
    page = Client().get(attempt.get_absolute_url())
    assert "Una persona lo revisa" in page.content.decode() and "Intentar otra vez" not in page.content.decode()
    clerk, own = people.collector(), people.collector()
    people.Grant.objects.create(user=own, party=attempt.party, role="member", since=people.LONG_AGO)
    assert [len(queues.DOUBTS.rows(one, clock.now())) for one in (clerk, own)] == [1, 0]
    assert doubt.get_absolute_url() == reverse("memberships:card_doubt", args=[doubt.event_id])
    browser = people.signed_in(clerk)
    assert "Importe pedido" in browser.get(doubt.get_absolute_url()).content.decode()
    settle = reverse("memberships:settle_doubt", args=[doubt.event_id])
    tell = {"comment": "La pasarela lo devolvió.", FIELD: "doubt-key-0001"}
    assert browser.post(settle, {**tell, "comment": ""}).status_code == 422
    with pytest.raises(RuleBroken, match="tu propia familia"):
        services.settle_doubt(doubt=doubt, comment="x", by=own, at=clock.now())
    with pytest.raises(RuleBroken, match="Escribe qué se hizo"):
        services.settle_doubt(doubt=doubt, comment=" ", by=clerk, at=clock.now())
    assert [browser.post(settle, tell).status_code for _twice in range(2)] == [302, 302]
    late = browser.post(settle, {**tell, FIELD: "doubt-key-0002"})
    assert late.status_code == 409 and "Alguien ya dijo qué se hizo" in late.content.decode()
    assert "La pasarela lo devolvió." in browser.get(doubt.get_absolute_url()).content.decode()
    assert not queues.DOUBTS.rows(clerk, clock.now())
    told = Client().get(attempt.get_absolute_url()).content.decode()
    assert card.REVIEWED in told and "no se cobró" not in told and "Intentar otra vez" not in told


@pytest.mark.django_db
def test_while_a_doubt_is_open_the_family_pays_in_store_or_bank_and_begins_no_other_card() -> None:
    family, attempt = begun()
    say(event(attempt, "captured", amount="1.00"))
    titular, sent = account(family, "Fernanda"), {"months": "1", FIELD: "held-key-0001"}
    browser, make = people.signed_in(titular), reverse("memberships:make_slip", args=[family.pk])
    refused = browser.post(make, {**sent, "scheme": "card"})
    assert refused.status_code == 409 and card.HELD in refused.content.decode() and CardAttempt.objects.count() == 1
    assert browser.post(make, {**sent, "scheme": "paynet", FIELD: "held-key-0002"}).status_code == 302
    told = {"doubt": GatewayDoubt.objects.get(), "comment": "La pasarela lo devolvió.", "by": people.collector()}
    services.settle_doubt(**told, at=clock.now())
    assert browser.post(make, {**sent, "scheme": "card", FIELD: "held-key-0003"}).status_code == 302


@pytest.mark.django_db
def test_after_a_doubtful_capture_all_that_is_said_of_money_is_for_a_person() -> None:
    """Neither sent again for ever nor credited beside what a clerk placed, whether the doubt is settled or not."""
    _family, attempt = begun()
    say(event(attempt, "captured", amount="1.00"))
    told = {"doubt": GatewayDoubt.objects.get(), "comment": "Se registró en la mesa.", "by": people.collector()}
    assert say(event(attempt, "refunded")).status_code == 204
    services.settle_doubt(**told, at=clock.now())
    assert [say(event(attempt, kind)).status_code for kind in ("captured", "charged_back", "declined")] == [204] * 3
    outcomes = list(GatewayEvent.objects.order_by("received_at", "pk").values_list("outcome", flat=True))
    assert outcomes == ["doubtful"] * 4 + ["nothing_new"]
    assert not DuesPayment.objects.filter(means="card").exists()
    assert card.DOUBTFUL in Client().get(attempt.get_absolute_url()).content.decode(), "three wait, one is settled"


@pytest.mark.django_db
def test_the_list_of_events_leads_to_each_doubt_which_an_auditor_reads_and_collections_settle() -> None:
    _family, attempt = begun()
    say(event(attempt, "challenged"))
    say(event(attempt, "captured", amount="1.00"))
    doubt = GatewayDoubt.objects.get()
    page, settle = doubt.get_absolute_url(), reverse("memberships:settle_doubt", args=[doubt.event_id])
    consented = {"consents_at": clock.real_now().timestamp()}
    clerk, auditor = people.signed_in(people.collector(), **consented), people.signed_in(people.auditor(), **consented)
    listed = auditor.get(reverse("memberships:card_events")).content.decode()
    assert listed.count("/mesa/cobranza/tarjetas/avisos/0") == 1 and f'href="{page}"' in listed
    assert card.TO_SETTLE in listed and settle in clerk.get(page).content.decode()
    read = auditor.get(page)
    assert read.status_code == 200 and settle not in read.content.decode()
    assert auditor.post(settle, {"comment": "x", FIELD: "list-key-0001"}).status_code == 403
    assert people.signed_in(people.member()).get(page).status_code == 403
    calls = [reverse(f"memberships:{name}", args=[doubt.event_id]) for name in ("api_card_doubt", "api_settle_doubt")]
    assert auditor.get(calls[0]).json()["asked"] == {"amount": str(attempt.amount), "currency": "MXN"}
    body, key = {"comment": "La pasarela lo devolvió."}, {"Idempotency-Key": "settle-key-0001"}
    for client, status in ((auditor, 403), (clerk, 200), (clerk, 200)):
        answer = client.post(calls[1], body, content_type="application/json", headers=key)
        assert answer.status_code == status, answer.content
    assert answer.json()["id"] == str(doubt.event_id) and answer.json()["done"] == body["comment"]
    assert body["comment"] in auditor.get(reverse("memberships:card_events")).content.decode()


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_titular_chooses_the_card_and_is_led_to_the_gateway_alone_S1_20(monkeypatch: pytest.MonkeyPatch) -> None:
    family = a_family()
    titular = account(family, "Fernanda")
    browser, make = people.signed_in(titular), reverse("memberships:make_slip", args=[family.pk])
    assert "Con tarjeta" in browser.get(make).content.decode()
    sent = {"scheme": "card", "months": "2", FIELD: "card-key-0001"}
    answers = [browser.post(make, sent) for _twice in range(2)]
    assert [one.status_code for one in answers] == [302, 302], answers[0].content.decode()
    led = [one["Location"] for one in answers]
    attempt = CardAttempt.objects.get()
    assert led == [attempt.get_absolute_url()] * 2 and attempt.lines.count() == 2
    page = browser.get(led[0])
    assert f"form-action 'self' {gateway.origin()}" in page["Content-Security-Policy"]
    assert f'action="{gateway.origin()}/pagar"' in page.content.decode() and "Refresh" not in page
    assert "form-action 'self';" in browser.get(make)["Content-Security-Policy"]
    assert attempt.folio in browser.get(make).content.decode()
    refused = browser.post(make, {**sent, FIELD: "card-key-0002"})
    assert (refused.status_code, CardAttempt.objects.count()) == (409, 1), "one at a time"
    waiting = Client().get(f"{led[0]}?regreso=si")
    assert waiting["Refresh"] == "4" and "Esperamos la respuesta" in waiting.content.decode()
    assert "Fernanda" not in waiting.content.decode() and "se actualiza sola" in waiting.content.decode()
    with monkeypatch.context() as later:
        later.setattr(clock, "real_now", lambda: attempt.expires_at + card.LIFE)
        late = Client().get(led[0])
    assert "Refresh" not in late and "Recarga más tarde" in late.content.decode()
    assert "se actualiza sola" not in late.content.decode()
    say(event(attempt, "declined", reason="insufficient_funds"))
    page = Client().get(led[0]).content.decode()
    assert "no tiene saldo suficiente" in page and "Intentar otra vez" in page
    assert browser.post(make, {**sent, FIELD: "card-key-0003"}).status_code == 302, "the next attempt"
    assert Client().get("/pagos/tarjeta/NADA/").status_code == 404


@pytest.mark.django_db
def test_without_a_gateway_nobody_pays_by_card(settings: Any) -> None:
    family, attempt = begun()
    body = json.dumps(event(attempt, "captured")).encode()
    settings.GATEWAY_URL = ""
    titular = account(family, "Óscar")
    assert say(body).status_code == 409 and tasks.ask_gateway() == 0
    for act in (
        lambda: gateway.order_for(attempt),
        lambda: services.start_card(membership=family, months=1, by=titular, at=clock.now()),
    ):
        with pytest.raises(Conflict, match="está apagado"):
            act()
    assert "Esperamos" in Client().get(attempt.get_absolute_url()).content.decode()
    assert "Con tarjeta" not in Client().get("/pagos/nuevo/").content.decode()


@pytest.mark.django_db
def test_collections_see_attempts_and_events() -> None:
    _family, attempt = begun()
    say(event(attempt, "captured"))
    clerk = people.signed_in(people.collector(), consents_at=clock.real_now().timestamp())
    for path in ("/mesa/cobranza/tarjetas/", "/mesa/cobranza/tarjetas/avisos/"):
        page = clerk.get(path).content.decode()
        assert attempt.folio in page and "Pagado" in page
        assert clerk.get(f"{path}?buscar=FP-1999").status_code == 200
        assert people.signed_in(people.member()).get(path).status_code == 403


# --- the sample gateway -----------------------------------------------------------------------------------------------


@pytest.fixture
def running(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The sample gateway on a port of its own; what it tells the portal is posted to the test's own client."""
    server = sample.serve(0, SECRET)
    told: list[tuple[bytes, str]] = []
    monkeypatch.setattr(sample, "post", lambda _address, body, header: told.append((body, header)) is None)
    monkeypatch.setattr(sample.Handler, "log_message", lambda *_said: None)
    monkeypatch.setattr(sample, "PAUSE", 0.0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.GATEWAY_URL = f"http://127.0.0.1:{server.server_address[1]}"
    yield told
    server.shutdown()
    server.server_close()


def browse(path: str, **form: str) -> tuple[int, str, str]:
    """A browser without scripts at the gateway: status, where it leads, what it shows."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(configured.GATEWAY_URL).netloc, timeout=LONG)
    connection.request(
        "POST", path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    answer = connection.getresponse()
    found = (answer.status, answer.headers.get("Location", ""), answer.read().decode())
    connection.close()
    return found


def heard(told: list[tuple[bytes, str]], count: int) -> list[dict[str, str]]:
    """What the gateway has said, taken in by the portal as it came."""
    until = time.monotonic() + LONG
    while len(told) < count and time.monotonic() < until:
        time.sleep(0.01)
    found = []
    for body, header in told[:count]:
        say(body, header=header)
        found.append(json.loads(body))
    told.clear()
    return found


@pytest.mark.django_db
def test_the_sample_gateway_asks_the_bank_approves_and_comes_back(running: Any) -> None:
    _family, attempt = begun()
    order = gateway.order_for(attempt)
    assert browse("/pagar", order=order["order"], signature="t=1,v1=x")[0] == 400, "the portal did not sign it"
    assert "de muestra" in browse("/pagar", **order)[2]
    assert "Confirma con tu banco" in browse("/tarjeta", card="4000000000000069", **order)[2]
    assert [one["kind"] for one in heard(running, 1)] == ["challenged"]
    attempt.refresh_from_db()
    assert attempt.state == "challenged"
    status, back, _shown = browse("/confirmar", yes="1", **order)
    assert (status, back) == (303, json.loads(order["order"])["back"])
    assert [one["kind"] for one in heard(running, 1)] == ["captured"]
    attempt.refresh_from_db()
    assert attempt.state == "captured" and browse("/pagar", **order)[0] == 303, "paid once"
    assert gateway.ask(attempt) is not None


@pytest.mark.django_db
def test_an_attempt_without_word_is_asked_for_and_times_out(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _family, attempt = begun()
    monkeypatch.setattr(tasks, "QUIET", timedelta(seconds=-1))
    assert tasks.ask_gateway() == 0, "the gateway never heard of it, and its time is not over"
    order = gateway.order_for(attempt)
    browse("/pagar", **order)
    browse("/tarjeta", card="4000000000000077", **order)
    assert tasks.ask_gateway() == 0 and CardAttempt.objects.get().state == "started"
    # An attempt that never reached it, and whose time is over: the family may begin another.
    assert say(event(attempt, "timed_out")).status_code == 204
    monkeypatch.setattr(card, "LIFE", timedelta(seconds=-1))
    lost = services.start_card(membership=attempt.membership, months=1, by=None, at=clock.now())
    assert tasks.ask_gateway() == 1 and CardAttempt.objects.get(pk=lost.pk).state == "timed_out"
    services.start_card(membership=attempt.membership, months=1, by=None, at=clock.now())
    assert say(event(lost, "captured")).status_code == 204, "the bank's yes comes after all"
    assert CardAttempt.objects.get(pk=lost.pk).state == "captured"


def test_a_gateway_that_is_away_is_an_error_of_that_attempt_alone(settings: Any) -> None:
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    with pytest.raises(OSError, match="."):
        gateway.ask(CardAttempt(folio="FP-2026-000001", amount=Decimal(1), expires_at=clock.real_now()))


def test_every_sample_card_plays_what_its_owner_reads() -> None:
    kinds = {told: [one.kind for one in play] for told, play in sample.CARDS.values()}
    assert {kind for play in kinds.values() for kind in play} == {
        *("captured", "declined", "challenged", "refunded", "charged_back")
    }
    for _told, play in sample.CARDS.values():
        assert all(one.reason in {*card.Refusal, ""} for one in play)
    assert not sample.Gateway(SECRET).is_signed(b"x", "t=1,v1=2")
    with pytest.raises(RuleBroken):
        card.check_signature(b"x", sample.Gateway("other").sign(b"x"), secret=SECRET, now=clock.real_now())

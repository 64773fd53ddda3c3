"""Who does what to a claim in which state: every (state, act, role) of the review machine, as one table (section 9).

What the table names moves the claim as it says; whatever it does not name moves nothing, and who may never do an act is
turned away at the door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from claims import services
from claims.models import Claim, ClaimDue
from claims.rules.automatic import Judged, Outcome
from claims.rules.deciding import SecondLook, Told
from claims.rules.states import CLAIM, ClaimState
from tests.claims.test_deciding import LATER, hold
from tests.factories import claims as a
from tests.factories import memberships as m
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db
S = ClaimState
OF_FAMILY, OF_DESK = ("filer", "affected", "member", "stranger"), ("taker", "other")
ROLES = (*OF_FAMILY, *OF_DESK, "adviser", "auditor", "anonymous")


@dataclass(frozen=True)
class Act:
    """An act at its address: what it sends, and where it leads from each state, by whom."""

    address: str
    moves: dict[S, S]
    roles: tuple[str, ...]
    sends: Callable[[SimpleNamespace], dict[str, str]] = field(default=lambda one: {})
    door: str = "family"


def _lines(one: SimpleNamespace) -> dict[str, str]:
    amount = str(one.claim.claimed or "1000.00")
    return {"condition": str(one.condition.pk), "note": "", "covered_1": amount, "why_1": ""}


def _mark(one: SimpleNamespace) -> dict[str, str]:
    waits = one.claim.decisions.filter(final_at=None, ended_at=None).first()
    return {"confirms": services.preview_decision(waits).mark if waits else "0/0", "note": ""}


DRAFT, CLAIM_PAGE, DESK = "/tramites/borradores/{pk}/", "/tramites/{folio}/", "/mesa/tramites/{folio}/"
ASKED = {"why_prescription": "lacks", "detail_prescription": "", "reason": "Falta."}
ACTS: dict[str, Act] = {
    "send": Act(f"{DRAFT}revisar/", {S.DRAFT: S.SUBMITTED}, ("filer",), lambda one: {"consent": "on"}),
    "discard": Act(f"{DRAFT}descartar/", {S.DRAFT: S.DISCARDED}, ("filer",)),
    "withdraw": Act(
        f"{CLAIM_PAGE}retirar/",
        dict.fromkeys((S.SUBMITTED, S.IN_REVIEW, S.PENDING_DOCUMENTS), S.WITHDRAWN),
        ("filer",),
    ),
    "complete": Act(f"{CLAIM_PAGE}pendientes/listo/", {S.PENDING_DOCUMENTS: S.IN_REVIEW}, ("filer", "affected")),
    "take": Act("/trabajo/claims.claims/{pk}/tomar/", {S.SUBMITTED: S.IN_REVIEW}, OF_DESK, door="desk"),
    "ask": Act(f"{DESK}documentos/", {S.IN_REVIEW: S.PENDING_DOCUMENTS}, ("taker",), lambda one: ASKED, "desk"),
    "resume": Act(f"{DESK}documentos/seguir/", {S.PENDING_DOCUMENTS: S.IN_REVIEW}, ("taker",), door="desk"),
    "decide": Act(f"{DESK}dictamen/", {S.IN_REVIEW: S.DECIDED}, ("taker",), _lines, "desk"),
    "confirm": Act(f"{DESK}segunda-vista/", {S.SECOND_LOOK: S.DECIDED}, ("other",), _mark, "desk"),
    "send back": Act(
        f"{DESK}segunda-vista/",
        {S.SECOND_LOOK: S.IN_REVIEW},
        ("other",),
        lambda one: {"act": "back", "note": "Falta."},
        "desk",
    ),
    "withdraw the decision": Act(
        f"{DESK}responder-retiro/", {S.DECIDED: S.IN_REVIEW}, ("other",), lambda one: {"act": "agree"}, "desk"
    ),
}
# Where the published rules lead a claim, by the percentage that is drawn.
BY_RULES = {S.SUBMITTED: {0: S.DECIDED, 100: S.SECOND_LOOK}}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> dict[str, SecondLook]:
    """Whether a decision waits for a second person, as a test says; each day is over, the rules approve everything."""
    said = {"as": SecondLook.NONE}
    monkeypatch.setattr("claims.services.deciding._second_look", lambda *_given, **_named: said["as"])
    monkeypatch.setattr(ClaimDue, "is_over", lambda self, *, on: True)
    approved = Judged(Outcome.APPROVE, (), sampled=False)
    monkeypatch.setattr("claims.services.automatic.judge_claim", lambda *_given, **_named: approved)
    return said


def a_cast() -> SimpleNamespace:
    """A titular who files for an adult with an account and their «sí», a third of the certificate, and the desk."""
    family = a.a_family()
    third = m.a_covered_person(given_name="Tere", as_printed="Teresa Luna Robles")
    p.a_stay(membership=family.certificate, person=third, kinship="parent")
    who = {
        "filer": family.user,
        "affected": people.member(party=family.adult.party),
        "member": people.member(party=third.party),
        "stranger": a.a_family().user,
        "taker": people.analyst(),
        "other": people.analyst(),
        "adviser": people.adviser(),
        "auditor": people.auditor(),
    }
    clients = {name: people.signed_in(user) for name, user in who.items()} | {"anonymous": Client()}
    return SimpleNamespace(family=family, clients=clients, condition=p.a_condition(person=family.adult), **who)


def stands(one: SimpleNamespace, state: S, looks: dict[str, SecondLook]) -> None:
    """A claim in a state, by the very services; whoever acts next has it in hand."""
    looks["as"] = SecondLook.SAMPLE if state is S.SECOND_LOOK else SecondLook.NONE
    one.claim = a.a_whole_draft(one.family, affected=one.family.adult)
    one.claim.submissions.update(party=one.family.adult.party)
    a.an_assent(one.claim, by=one.affected)
    by_filer, by_taker = {"by": one.filer, "at": LATER}, {"by": one.taker, "at": LATER}
    if state is S.DISCARDED:
        services.discard_claim(claim=one.claim, **by_filer)
    if state in {S.DRAFT, S.DISCARDED}:
        return
    one.claim = services.submit_claim(claim=one.claim, consented=True, by=one.filer, at=a.AT)
    if state is S.WITHDRAWN:
        services.withdraw_claim(claim=one.claim, **by_filer)
    if state in {S.SUBMITTED, S.WITHDRAWN}:
        return
    services.begin_review(claim=one.claim, **by_taker)
    hold(one.claim, one.taker)
    if state is S.PENDING_DOCUMENTS:
        _pending(one, by_taker)
    elif state is not S.IN_REVIEW:
        _decided(one, by_taker)
    one.claim.refresh_from_db()


def _pending(one: SimpleNamespace, told: dict[str, Any]) -> None:
    """Something is asked for, answered in words, not sent."""
    wanted = services.ask_documents(claim=one.claim, things=[("prescription", "lacks", "")], reason="", **told)
    services.note_answer(item=wanted.items.get(), note="No hubo.", by=one.filer, at=LATER)
    hold(one.claim, one.taker)


def _decided(one: SimpleNamespace, told: dict[str, Any]) -> None:
    """Decided; a final decision is asked to be withdrawn, and another analyst has it."""
    lines = {line.number: Told(line.claimed, line.claimed) for line in one.claim.lines.all()}
    made = services.decide_claim(claim=one.claim, condition=one.condition, told=lines, note="", **told)
    if made.final_at is not None:
        services.ask_withdrawal(decision=made, reason="Se eligió otro padecimiento.", **told)
    hold(one.claim, one.other)


def digest(one: SimpleNamespace) -> tuple[Any, ...]:
    """What stands of a claim."""
    row = Claim.objects.get(pk=one.claim.pk)
    decisions = [*row.decisions.order_by("number").values_list("final_at", "ended_at", "looked_by")]
    return row.state, row.payment_state, row.folio, decisions, [*row.requests.values_list("number", "state")]


@pytest.mark.parametrize("state", S)
def test_every_state_act_and_role_does_what_the_table_says_and_nothing_else(state: S, looks: Any) -> None:
    one, wrong, asked = a_cast(), [], 0
    stands(one, state, looks)
    looks["as"] = SecondLook.NONE
    before = digest(one)
    assert before[0] == state
    for name, act in ACTS.items():
        address = act.address.format(pk=one.claim.pk, folio=one.claim.folio or "RB-2026-999999")
        data = act.sends(one)
        for role in ROLES:
            undo = transaction.savepoint()
            answer, asked = one.clients[role].post(address, once() | data), asked + 1
            after = digest(one)
            transaction.savepoint_rollback(undo)
            target = act.moves.get(state) if role in act.roles else None
            if target is not None:
                right = (after[0], answer.status_code) == (target, 302) and CLAIM.allows(state, target)
            else:
                right = after == before and (role in act.roles or turned_away(answer, role, act))
            if not right:
                wrong.append(f"{role}, {name}: {answer.status_code}, {after[0]}, not {target or 'unmoved'}")
    wrong += [f"the rules, {percent} %: {got}" for percent, got in by_rules(one, state, looks)]
    assert wrong == []
    assert asked == len(ACTS) * len(ROLES)


def by_rules(one: SimpleNamespace, state: S, looks: dict[str, SecondLook]) -> list[tuple[int, str]]:
    """Where the published rules, which approve it, lead a claim that nobody took; what the table does not say of it."""
    wrong = []
    for percent, look in ((0, SecondLook.NONE), (100, SecondLook.SAMPLE)):
        undo = transaction.savepoint()
        looks["as"] = look
        Claim.objects.filter(pk=one.claim.pk).update(condition=one.condition)
        services.judge_sent_claim(claim=one.claim, at=LATER)
        after = digest(one)[0]
        transaction.savepoint_rollback(undo)
        if after != BY_RULES.get(state, {}).get(percent, state):
            wrong.append((percent, after))
    return wrong


def turned_away(answer: Any, role: str, act: Act) -> bool:
    """The door's answer: a stranger cannot tell another's from nothing; a colleague hears that it is not theirs."""
    if role == "anonymous":
        return answer.status_code == 302 and answer["Location"].startswith("/entrar/")
    if role in OF_DESK and act.door == "desk":
        return answer.status_code in {302, 404, 409, 422}
    return answer.status_code in {403, 404} or role in {"filer", "affected"} and answer.status_code == 409


def test_the_table_names_every_move_that_the_machine_draws() -> None:
    drawn = {(state, S(to)) for state in S for to in CLAIM.at(state).to}
    told = {move for act in ACTS.values() for move in act.moves.items()}
    told |= {(state, to) for state, made in BY_RULES.items() for to in made.values()}
    assert told | {(S.IN_REVIEW, S.SECOND_LOOK)} == drawn  # decided above the amount or drawn: test_deciding
    assert len(ROLES) == 9

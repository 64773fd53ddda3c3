"""Who does what to a family, a slip, a refund and a deposit in which state: every (state, act, role) as one table.

What the table names does what it says; whatever it does not name changes nothing, and who may never do it is turned
away at the door (issue 11, Proof).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from memberships import selectors, services
from memberships.models import Member, Membership, ReferenceScheme, Refund, Slip
from memberships.rules import CardState, MembershipState, SlipState
from memberships.rules.card import Word
from memberships.rules.refunds import RefundState
from portal import clock
from portal.treasury import services as treasury
from portal.treasury.rules.collecting import MovementState
from tests.factories import collections, people
from tests.factories import memberships as a
from tests.pages import once

pytestmark = pytest.mark.django_db
M, SL, R, D = MembershipState, SlipState, RefundState, MovementState
LEFT = Decimal("50.00")
ROLES = (
    *("titular", "dependant", "stranger", "affiliator", "collector", "approver"),
    *("analyst", "auditor", "administrator", "anonymous"),
)
BABY = {"kinship": "child", "given_name": "Ana", "first_surname": "Luna", "born_on": "2026-01-05", "sex": "female"}
Changes = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """An act at its address: what it sends, whose it is, and what it changes from each state."""

    address: str
    roles: tuple[str, ...]
    does: dict[str, Changes]
    sends: dict[str, str] = field(default_factory=dict)
    not_by: dict[str, str] = field(default_factory=dict)  # whose of them it is not, from a state
    looked_at: str = ""  # where it is looked at once more, and done


TAKES = (M.AWAITING_PAYMENT, M.ACTIVE, M.SUSPENDED)
ENDS: dict[str, Changes] = {
    M.AWAITING_PAYMENT: {"state": "cancelled", "ends": True},
    M.SUSPENDED: {"state": "cancelled", "ends": True},
    M.ACTIVE: {"ends": True},
}
OF_FAMILY = {
    "cancel": Act("/membresia/{pk}/cancelar/", ("titular",), ENDS, {"reason": "Me mudo."}),
    "cancel at the desk": Act("/mesa/afiliaciones/{pk}/cancelar/", ("affiliator",), ENDS, {"reason": "Lo pidió."}),
    "add": Act("/membresia/{pk}/personas/nueva/", ("titular",), dict.fromkeys(TAKES, {"people": 3}), BABY),
    "make a slip": Act(
        "/membresia/{pk}/ficha/",
        ("titular",),
        dict.fromkeys(TAKES, {"slips": 1}),
        {"scheme": "paynet", "months": "1"},
    ),
    "want back": Act(
        "/membresia/{pk}/devolucion/",
        ("titular",),
        {M.ACTIVE: {"refunds": 1}},
        {"amount": "50.00"},
        looked_at="/membresia/{pk}/devolucion/revisar/",
    ),
    "ask back": Act(
        "/mesa/cobranza/devoluciones/nueva/{pk}/",
        ("collector",),
        {M.ACTIVE: {"refunds": 1}},
        {"amount": "50.00", "how": "transfer", "reason": "Pagó de más."},
    ),
}
OF_SLIP = {
    "cancel": Act(
        "/pagos/{code}/cancelar/",
        ("titular",),
        dict.fromkeys((SL.ISSUED, SL.EXPIRED), {"state": "cancelled"}),
    )
}
OF_REFUND = {
    "approve": Act("/mesa/cobranza/devoluciones/{pk}/autorizar/", ("approver",), {R.ASKED: {"state": "sent"}}),
    "decline": Act(
        "/mesa/cobranza/devoluciones/{pk}/negar/",
        ("collector", "approver"),
        dict.fromkeys((R.WANTED, R.ASKED), {"state": "declined"}),
        {"reason": "No procede."},
        {R.WANTED: "approver"},
    ),
}


def of_deposit(family: Membership, allocation: Any) -> dict[str, Act]:
    """Acts on a deposit that may pay a family, or of which `allocation` stands."""
    waits, back = {D.WAITING: {"state": "matched", "payments": 2}}, {"state": "waiting", "payments": 1}
    return {
        "match": Act("/mesa/cobranza/{pk}/asignar/", ("collector",), waits, {"targets": f"memberships:{family.folio}"}),
        "discard": Act(
            "/mesa/cobranza/{pk}/apartar/",
            ("collector",),
            {D.WAITING: {"state": "discarded"}},
            {"comment": "Es de otra empresa."},
        ),
        "undo": Act(
            "/mesa/cobranza/{pk}/deshacer/",
            ("collector",),
            dict.fromkeys((D.MATCHED, D.DISCARDED), back),
            {"allocation": str(allocation)},
        ),
    }


def a_cast() -> SimpleNamespace:
    """A titular, an adult of the family with an account, somebody else's titular, and the desks."""
    who = {
        "titular": a.a_covered_person(),
        "dependant": a.a_covered_person(given_name="Elena"),
        "stranger": a.bare().titular,
    }
    desks = {
        "affiliator": people.affiliator(),
        "collector": people.collector(),
        "approver": people.approver(),
        "analyst": people.analyst(),
        "auditor": people.auditor(),
        "administrator": people.administrator(),
    }
    users = {name: people.member(party=one.party) for name, one in who.items()} | desks
    clients = {name: people.signed_in(user) for name, user in users.items()} | {"anonymous": Client()}
    return SimpleNamespace(clients=clients, users=users, **who)


def a_family(one: SimpleNamespace, state: str, *, left: Decimal = Decimal(0)) -> Membership:
    """Theirs, brought there by the very services."""
    ago = {M.ACTIVE: 1, M.SUSPENDED: 100, M.CANCELLED: 300}.get(MembershipState(state), 0)
    joined = clock.today() - timedelta(days=ago)
    told: dict[str, Any] = {"state": "awaiting_payment", "joined_on": joined}
    if state == M.DRAFT:
        told = {"state": "draft", "joined_on": None, "folio": "", "created_by": one.users["titular"]}
    family = a.bare(titular=one.titular, **told)
    Member.objects.create(membership=family, person=one.dependant, kinship="parent", since=joined)
    if state not in {M.DRAFT, M.AWAITING_PAYMENT}:
        amount, told = a.PRICE + left, {"value_on": joined, "means": "desk", "by": None, "at": clock.now()}
        services.receive_payment(membership=family, amount=amount, source=family, **told)
    family.refresh_from_db()
    assert family.state == state
    return family


def wrong_of(
    one: SimpleNamespace, acts: dict[str, Act], state: str, digest: Callable[[], Changes], **place: Any
) -> list[str]:
    """What does otherwise than the table says, of every act by every role; each is undone."""
    wrong, before = [], digest()
    for name, act in acts.items():
        for role in ROLES:
            undo = transaction.savepoint()
            answer = one.clients[role].post(act.address.format(**place), once() | act.sends)
            if act.looked_at and answer.status_code == 302:
                answer = one.clients[role].post(act.looked_at.format(**place), once())
            after = digest()
            transaction.savepoint_rollback(undo)
            may = role in act.roles and act.not_by.get(state) != role
            changes = act.does.get(state) if may else None
            away = role in act.roles or turned_away(answer, role)
            right = answer.status_code == 302 if changes else away
            if after != before | (changes or {}) or not right:
                wrong.append(f"{role}, {name}: {answer.status_code}, {after}")
    return wrong


def turned_away(answer: Any, role: str) -> bool:
    """Whoever is no one is asked who they are; a stranger cannot tell another's from nothing."""
    if role == "anonymous":
        return answer.status_code == 302 and answer["Location"].startswith("/entrar/")
    return answer.status_code in {403, 404}


@pytest.mark.parametrize("state", M)
def test_every_act_on_a_family_by_every_role_in_every_state_does_what_the_table_says(state: str) -> None:
    one = a_cast()
    family = a_family(one, state, left=LEFT if state == M.ACTIVE else Decimal(0))

    def digest() -> Changes:
        row = Membership.objects.get(pk=family.pk)
        counts = {"people": row.members.count(), "slips": Slip.objects.count(), "refunds": row.refunds.count()}
        return {"state": row.state, "ends": row.cancel_asked_on is not None, **counts}

    assert wrong_of(one, OF_FAMILY, state, digest, pk=family.pk) == []


@pytest.mark.parametrize("state", SL)
def test_a_slip_is_ended_by_its_titular_alone_while_it_may_be_paid(state: str) -> None:
    one = a_cast()
    scheme = ReferenceScheme.objects.get(code="paynet")
    family = a_family(one, M.AWAITING_PAYMENT)
    slip = services.make_slip(membership=family, scheme=scheme, months=1, by=None, at=clock.now())
    Slip.objects.filter(pk=slip.pk).update(state=state)
    told = wrong_of(one, OF_SLIP, state, lambda: {"state": Slip.objects.get(pk=slip.pk).state}, code=slip.code)
    assert told == []


@pytest.mark.parametrize("state", R)
def test_a_refund_is_asked_by_one_authorised_by_another_and_ended_by_the_gateway(state: str, settings: Any) -> None:
    settings.GATEWAY_URL, settings.GATEWAY_SECRET = "http://localhost:1", "secreto de prueba"
    one = a_cast()
    family = a_family(one, M.ACTIVE, left=LEFT)
    attempt = services.begin_attempt(membership=family, months=1, by=None, at=clock.now())
    word = Word("t-1", CardState.CAPTURED, attempt.folio, attempt.amount, clock.real_now())
    services.hear_gateway(word=word, at=clock.now())
    family.refresh_from_db()
    by, at = one.users, clock.now()
    found = services.want_refund(membership=family, amount=LEFT, note="", by=by["titular"], at=at)
    if state != R.WANTED:
        how = next(way for way in selectors.ways_back(family) if way.attempt)
        told = {"amount": LEFT, "how": how, "reason": "Pagó de más."}
        found = services.ask_refund(membership=family, **told, by=people.collector(), at=at)
        ended = {"ended_on": clock.today(), "answer": "No procede."} if state in {R.DONE, R.DECLINED} else {}
        Refund.objects.filter(pk=found.pk).update(state=state, **ended)
    told = wrong_of(one, OF_REFUND, state, lambda: {"state": Refund.objects.get(pk=found.pk).state}, pk=found.pk)
    assert told == []


@pytest.mark.parametrize("state", [D.WAITING, D.MATCHED, D.DISCARDED])
def test_a_deposit_is_decided_and_taken_back_by_collections_alone(state: str) -> None:
    one = a_cast()
    family, clerk, at = a_family(one, M.ACTIVE), collections.clerk(), clock.now()
    told = collections.row("", "20.00", text=f"PAGO {family.folio}", on=f"{clock.today():%d/%m/%Y}")
    (row,) = collections.brought(collections.HEAD + told, by=clerk)
    done: Any = None
    if state == D.MATCHED:
        parts = [("memberships", family.folio, Decimal("20.00"))]
        done = treasury.match_deposit(movement=row, parts=parts, by=clerk, at=at)
    elif state == D.DISCARDED:
        done = treasury.discard_deposit(movement=row, comment="Es de otra empresa.", by=clerk, at=at)

    def digest() -> Changes:
        row.refresh_from_db()
        return {"state": row.state, "payments": family.payments.filter(taken_back_on=None).count()}

    acts = of_deposit(family, done.pk if done else row.pk)
    assert wrong_of(one, acts, state, digest, pk=row.pk) == []

"""Reading card attempts: their public page, and which the gateway has to be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from memberships import gateway
from memberships.models import CardAttempt, GatewayDoubt
from memberships.models.cards import CardAttemptQuerySet
from memberships.models.shared import CURRENCY
from memberships.rules import card
from memberships.rules.card import CardState
from memberships.rules.refunds import RefundState
from memberships.selectors.slips import month_told
from portal.money import format_money


def card_page(attempt: CardAttempt) -> dict[str, Any]:
    """The public page of an attempt: amount, months, where it stands and why; no names."""
    state = CardState(attempt.state)
    settled = [at is not None for at in _doubts_of(attempt).values_list("settled_at", flat=True)]
    return {
        "attempt": attempt,
        "state": (attempt.label, attempt.tone),
        "lead": _lead(attempt, settled),
        "amount": format_money(attempt.amount, CURRENCY, code=True),
        "lines": [(month_told(one.period), format_money(one.amount, CURRENCY)) for one in attempt.lines.order_by("pk")],
        "again": not settled and state in {CardState.DECLINED, CardState.TIMED_OUT},
    }


def card_way(attempt: CardAttempt, *, came_back: bool, at: datetime) -> tuple[bool, bool, bool]:
    """Whether its page leads to the gateway, waits for its word, and asks again by itself; `at` is the real time."""
    goes = attempt.is_open and not came_back and gateway.is_on() and at < attempt.expires_at
    waits = attempt.is_open and not goes
    return goes, waits, waits and at < attempt.expires_at + card.LIFE


def _lead(attempt: CardAttempt, settled: Sequence[bool]) -> str:
    """Where it stands; what was doubtful of it, open or settled, goes before the state, which says nothing of it."""
    if settled:
        return card.REVIEWED if all(settled) else card.DOUBTFUL
    state = CardState(attempt.state)
    part = attempt.refunds.filter(amount__lt=attempt.amount, state=RefundState.DONE).first()
    if part is not None:
        return f"Devolvimos {format_money(part.amount, CURRENCY)} de este pago a la tarjeta."
    return card.REFUSALS[card.Refusal(attempt.reason)] if state is CardState.DECLINED else card.LEADS[state]


def _doubts_of(attempt: CardAttempt) -> QuerySet[GatewayDoubt]:
    return GatewayDoubt.objects.filter(event__attempt=attempt)


def has_doubtful_capture(attempt: CardAttempt) -> bool:
    """Whether the gateway took money of it that a person has to look at, or did."""
    return _doubts_of(attempt).filter(event__kind=CardState.CAPTURED.value).exists()


def open_attempt(membership_id: Any) -> CardAttempt | None:
    """The attempt of a family that the gateway has still to answer."""
    return CardAttempt.objects.open().filter(membership=membership_id).first()


def attempts_to_ask(*, before: datetime) -> CardAttemptQuerySet:
    """Open attempts that began before an instant: the gateway should have said something."""
    return CardAttempt.objects.open().filter(started_at__lt=before).order_by("started_at", "pk")


def doubt_facts(doubt: GatewayDoubt) -> list[tuple[str, Any]]:
    """What the gateway said beside what was asked, and what was done."""
    event, attempt = doubt.event, doubt.event.attempt
    done = [("Qué se hizo", doubt.comment), ("Quién", str(doubt.settled_by))] if doubt.settled_at else []
    return [
        ("Pago", attempt.folio),
        ("Membresía", attempt.membership.folio),
        ("La pasarela dice", event.told),
        ("Importe que dice", format_money(event.amount, CURRENCY)),
        ("Importe pedido", format_money(attempt.amount, CURRENCY)),
        ("Estado del pago", attempt.label),
        ("Aviso", event.event_id),
        *done,
    ]


def doubts_open() -> QuerySet[GatewayDoubt]:
    """Doubtful events that nobody has settled."""
    return GatewayDoubt.objects.filter(settled_at=None)

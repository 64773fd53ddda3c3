"""What breaks each constraint of refunds, and the rows that stand (tests/test_constraints.py)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from memberships.models import Refund
from portal import clock
from tests.breakers import Breaker, changed, same
from tests.breakers.memberships import DAY, NOW, attempt, slip
from tests.factories import memberships as a
from tests.factories import people


def wanted() -> models.Model:
    family = a.bare()
    return Refund.objects.create(membership=family, party=family.titular.party, amount=a.PRICE, since=NOW)


def asked(**fields: Any) -> models.Model:
    family = a.bare()
    told = {"state": "asked", "means": "transfer", "asked_at": NOW, "asked_on": DAY, "due_on": DAY} | fields
    return Refund.objects.create(
        folio=f"DV-2020-{family.folio[-6:]}",
        membership=family,
        party=family.titular.party,
        amount=a.PRICE,
        since=NOW,
        reason="Pagó dos veces",
        due_rule="dues.refund_days v1 · operador",
        asked_by=people.collector(),
        **told,
    )


def to_card() -> models.Model:
    return asked(means="card", attempt=attempt(), approved_by=people.approver(), approved_at=clock.now(), state="sent")


def of_slip() -> models.Model:
    return asked(slip=slip())


BREAKERS: dict[str, Breaker] = {
    "refund_state_known": changed(wanted, state="lost", without=("refund_moves_once_asked",)),
    "refund_positive": changed(wanted, amount=Decimal("0.00")),
    "refund_asked_whole": changed(asked, reason=""),
    "refund_moves_once_asked": changed(wanted, state="asked"),
    "refund_to_card_names_its_attempt": changed(to_card, attempt=None),
    "refund_approved_who_and_when": changed(to_card, approved_at=None),
    "refund_by_two_people": Breaker(to_card, lambda row: {"approved_by": row.asked_by}),  # type: ignore[attr-defined]
    "refund_ended_when": changed(asked, ended_on=DAY),
    "refund_declined_says_why": changed(wanted, state="declined", ended_on=DAY),
    "refund_regained_once_declined": changed(wanted, regained=Decimal("1.00")),
    "one_wanted_refund_per_membership": same(wanted),
    "one_live_refund_per_card_attempt": same(to_card, folio="DV-2020-1"),
    "one_live_refund_per_slip": same(of_slip, folio="DV-2020-2"),
}

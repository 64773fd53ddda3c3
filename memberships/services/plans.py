"""Plans and their prices; a price is never edited, another one begins (ADR 0004)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from memberships.models import Plan, PlanPrice
from memberships.rules import PlanKind
from memberships.services.dates import note_price
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.people.models import Party
from portal.text import clean_text

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def add_plan(*, name: str, benefits: str, amount: Decimal, since: date, by: User | None, at: datetime) -> Plan:
    """A plan of the operator's with its first price (MXN); it is offered from then on. Raises Conflict for its name."""
    name = clean_text(name, max_length=80, what="El nombre")
    owner = Party.objects.get(is_operator=True)
    if Plan.objects.filter(party=owner, name=name, kind=PlanKind.MEMBERSHIP).exists():
        raise Conflict("Ya hay un plan con ese nombre. Ponle otro.", code="plan_known", field="name")
    plan = Plan.objects.create(
        kind=PlanKind.MEMBERSHIP.value,
        party=owner,
        name=name,
        benefits=clean_text(benefits, max_length=4000, multiline=True, what="Los beneficios"),
        is_offered=True,
        created_at=at,
        created_by=by,
    )
    _price(plan, amount=amount, since=since, by=by, at=at)
    record(action="memberships.plan_added", subject=plan, by=by, at=at, details={"amount": str(amount)})
    return plan


@transaction.atomic
def change_plan(*, plan: Plan, benefits: str, is_offered: bool, by: User, at: datetime) -> Plan:
    """What a plan gives and whether people may join it; who is of it stays."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    _refuse_policy(plan)
    plan.benefits = clean_text(benefits, max_length=4000, multiline=True, what="Los beneficios")
    plan.is_offered = is_offered
    plan.save(update_fields=["benefits", "is_offered"])
    record(action="memberships.plan_changed", subject=plan, by=by, at=at, details={"offered": is_offered})
    return plan


@transaction.atomic
def set_price(*, plan: Plan, amount: Decimal, since: date, by: User, at: datetime) -> PlanPrice:
    """What a month of a plan costs from a coming day on. Raises RuleBroken for a day that is not ahead."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    _refuse_policy(plan)
    if since <= clock.date_in(at):
        raise RuleBroken(
            "Un precio nuevo empieza después de hoy: lo ya cobrado no cambia. Elige otro día.",
            code="price_not_ahead",
            field="since",
        )
    price = _price(plan, amount=amount, since=since, by=by, at=at)
    note_price(price=price, at=at)
    record(
        action="memberships.price_set",
        subject=plan,
        by=by,
        at=at,
        details={"amount": str(amount), "since": since.isoformat()},
    )
    return price


def _price(plan: Plan, *, amount: Decimal, since: date, by: User | None, at: datetime) -> PlanPrice:
    if amount <= 0:
        raise RuleBroken("El precio debe ser mayor que cero. Corrígelo.", code="price_not_positive", field="amount")
    if plan.prices.filter(since=since).exists():
        raise Conflict("Ese plan ya tiene un precio desde ese día. Elige otro día.", code="price_known", field="since")
    return PlanPrice.objects.create(plan=plan, since=since, amount=amount, set_by=by, set_at=at)


def _refuse_policy(plan: Plan) -> None:
    if plan.kind != PlanKind.MEMBERSHIP:
        raise RuleBroken("Una póliza no lleva precio por mes. Cámbiala en Pólizas.", code="not_a_plan")

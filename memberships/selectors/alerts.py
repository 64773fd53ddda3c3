"""What a family's titular should know before it comes: a suspension, a new price, somebody who turns 18 (N17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from memberships.models import Member, Membership
from memberships.rules import LIVE, ChargeState, MembershipState
from memberships.rules.family import of_age_on
from portal.design import dates
from portal.money import format_money
from portal.people.models import Grant
from portal.rulebook.selectors import rule_on, whole

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Alert:
    """One note on a family's page: how loud, what comes, what it means."""

    kind: str
    title: str
    text: str


def alerts_of(membership: Membership, members: Sequence[Member], *, on: date) -> list[Alert]:
    """What is to be told to the titular of a live family that day, the most urgent first."""
    if membership.state not in LIVE or membership.state == MembershipState.DRAFT:
        return []
    ages = (_comes_of_age(one, on=on) for one in members)
    return [one for one in (_suspension(membership, on=on), _new_price(membership, on=on), *ages) if one]


def _suspension(membership: Membership, *, on: date) -> Alert | None:
    """In how many days the family is suspended, once it owes as many months as that takes (domain 2.10)."""
    if membership.state != MembershipState.ACTIVE:
        return None
    most = whole("dues.unpaid_to_suspend", on=on)
    rows = membership.charges.filter(state=ChargeState.OPEN, undone_at=None, grace_ends_on__isnull=False)
    owed = list(rows.order_by("grace_ends_on", "pk")[:most])
    if len(owed) < most or owed[-1].grace_ends_on is None:
        return None
    last = owed[-1].grace_ends_on
    left = (last + _DAY - on).days
    when = "mañana" if left == 1 else f"en {left} días"
    return Alert("warn", f"La membresía se suspende {when}", f"Paga lo que se debe a más tardar el {dates.long(last)}.")


def _new_price(membership: Membership, *, on: date) -> Alert | None:
    """The next price of the plan, unless the family leaves before it begins."""
    price = membership.plan.prices.filter(since__gt=on).order_by("since").first()
    if price is None or membership.cancel_asked_on is not None:
        return None
    return Alert(
        "info",
        f"Precio nuevo desde el {dates.long(price.since)}",
        f"La mensualidad será de {format_money(price.amount, 'MXN')}. Lo que ya pagaste no cambia.",
    )


def _comes_of_age(member: Member, *, on: date) -> Alert | None:
    """That somebody of the family turns 18 soon: from the first day on which the titular is told of it."""
    due_on, person = of_age_on(member.person.born_on), member.person
    first = max(int(days) for days in rule_on("family.birthday_before", on=on).value)
    if not on < due_on <= on + timedelta(days=first):
        return None
    return Alert(
        "info",
        f"{person.given_name} cumple 18 años el {dates.long(due_on)}",
        "Desde ese día lo clínico es solo de esa persona. Invítala a abrir su propio perfil y decidir qué comparte.",
    )


def users_of_titulars(party_ids: Collection[UUID], *, on: date) -> dict[UUID, list[UUID]]:
    """Whom to tell of each of some titulars' families on a date, by party: one query, however many they are."""
    found: dict[UUID, list[UUID]] = {}
    grants = Grant.objects.in_force(on=on).filter(party__in=party_ids, user__disabled_at=None)
    for party, user in grants.order_by("user_id").values_list("party_id", "user_id").distinct():
        found.setdefault(party, []).append(user)
    return found

"""The month's dues of many families at once: to the row what one by one gives, in the statements of one."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from memberships import services, tasks
from memberships.models import Charge, Cover, DuesDue, DuesPosting, Membership, Plan, PlanPrice, StandingChange
from portal import clock
from portal.history.keys import event_key
from portal.history.models import AuditEvent
from portal.history.rules import signature_holds
from portal.notices.models import Notice
from portal.treasury.models import LedgerLine
from portal.treasury.selectors import books_are_whole
from tests.factories import memberships as a
from tests.factories import people
from tests.factories.threads import at_once
from tests.memberships.test_services import D, day, family, noon, pay, stored, until, walked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def rows() -> dict[str, list[str]]:
    """All that the days write, without the keys that each writing makes anew."""
    asked: dict[Any, tuple[str, ...]] = {
        Membership.objects: ("pk", "state", "credit", "owed", "next_due_on", "looks_again_on"),
        Charge.objects: (
            *("membership", "is_first", "period", "due_on", "grace_ends_on", "amount", "state"),
            *("settled_on", "written_off_on", "undone_at"),
        ),
        DuesPosting.objects: (
            *("charge__membership", "charge__due_on", "act", "on", "amount", "reversed_at"),
            *("entry__kind", "entry__on", "entry__at", "entry__by", "entry__subject_type"),
        ),
        LedgerLine.objects: (
            *("transaction__kind", "transaction__on", "transaction__at", "account__code", "account__currency"),
            *("account__party", "amount", "currency"),
        ),
        StandingChange.objects: ("membership", "on", "standing", "noted_at", "undone_at"),
        Cover.objects: ("membership", "since", "until"),
        DuesDue.objects: (
            *("membership", "anchor", "due_on", "rolled_on", "due_rule", "met_at", "ended_at", "next_reminder_on"),
        ),
        Notice.objects: ("user", "kind", "key", "title", "body", "action_url", "by_mail", "created_at"),
    }
    found = {manager.model.__name__: [*map(str, manager.values_list(*named))] for manager, named in asked.items()}
    named = ("action", "subject_type", "at", "by", "acting_as", "details", "reason", "party_id")
    found["AuditEvent"] = [*map(str, AuditEvent.objects.values_list(*named))]
    acts = AuditEvent.objects.filter(subject_type="memberships.membership")
    found["about families"] = [*map(str, acts.values_list("action", "subject_id"))]
    return {name: sorted(told) for name, told in found.items()}


def what_it_writes(act: Callable[[], Any]) -> dict[str, list[str]]:
    """The rows after an act, which is then undone."""
    with transaction.atomic():
        act()
        assert books_are_whole()
        assert all(signature_holds(event_key(), one.facts(), one.hmac) for one in AuditEvent.objects.all())
        found = rows()
        transaction.set_rollback(True)
    return found


def a_life(rng: random.Random, plan: Plan) -> Membership:
    """A family with some months behind it: paid ahead, late, not at all; some asked to leave, of some one is told, of
    some a payment was taken back.
    """
    joined = date(2027, rng.choice([1, 2]), rng.choice([1, 10, 15, 16, 28]))
    made = family(joined=joined, paid=rng.random() < 0.8, plan=plan)
    assert made.titular is not None
    if rng.random() < 0.5:
        people.member(party=made.titular.party)
    known = joined
    for _ in range(rng.randrange(3)):
        known += DAY * rng.choice([0, 3, 20, 31])
        until(made, known)
        payment = pay(made, rng.choice(["480.00", "960.00", "1440.00", "100.00"]), known)
        if rng.random() < 0.2:
            services.take_back(payment=payment, reason="Contracargo", by=None, at=noon(known))
    if rng.random() < 0.2 and made.state != "cancelled":
        services.cancel_membership(membership=made, reason="Se muda", by=people.affiliator(), at=noon(known))
    return made


@pytest.mark.parametrize("seed", range(4))
def test_all_at_once_and_one_by_one_write_the_same_rows(seed: int) -> None:
    """Charges, entries, steps, cover, dates, notices and events of the same lives, brought to the same day."""
    rng, plan = random.Random(seed), a.a_plan(price=D("480.00"))
    made = [a_life(rng, plan).pk for _family in range(8)]
    if seed % 2:  # a price that nobody can set: months that stand are corrected, beside those that are new
        PlanPrice.objects.create(plan=plan, since=date(2027, 3, 1), amount=D("450.00"), set_at=clock.now())
    on = date(2027, 4, 1) + DAY * rng.choice([0, 11, 41, 130])
    due = [*Membership.objects.to_look_at(on=on).values_list("pk", flat=True)]

    def one_by_one() -> None:
        for one in Membership.objects.filter(pk__in=made):
            services.pass_days(membership=one, on=on, at=noon(on))

    def together() -> None:
        assert services.pass_many_days(memberships=made, on=on, at=noon(on)) == {*due}
        assert services.pass_many_days(memberships=made, on=on, at=noon(on)) == set(), "again it changes nothing"

    before = rows()
    apart, at_one_go = what_it_writes(one_by_one), what_it_writes(together)
    assert apart == at_one_go != before == rows()
    together()
    for one in Membership.objects.filter(pk__in=due):
        assert stored(one) == walked(one, on)


def _paid_ahead(count: int, plan: Plan) -> list[Any]:
    """Families of which each has paid its first month and another one."""
    made = [a.bare(plan=plan, state="awaiting_payment", joined_on=day("03-01")) for _family in range(count)]
    for one in made:
        pay(one, str(2 * a.PRICE), day("03-01"))
    return [one.pk for one in made]


def test_a_month_of_many_families_asks_no_more_than_that_of_one() -> None:
    plan, asked = a.a_plan(), []
    for number in (1, 7):
        made = _paid_ahead(number, plan)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert services.pass_many_days(memberships=made, on=day("04-01"), at=noon(day("04-01"))) == {*made}
        asked.append(len(captured))
        assert Charge.objects.filter(membership__in=made, period=day("04-01"), state="settled").count() == number
    assert asked[0] == asked[1] < 40


def test_one_familys_trouble_is_that_ones_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A plan without a price of the day fails its family; the others of the same transaction are tried alone."""
    good = _paid_ahead(2, a.a_plan())
    plan = Plan.objects.create(name="SIN PRECIO", party=people.the_operator(), created_at=clock.now())
    PlanPrice.objects.create(plan=plan, since=day("08-01"), amount=a.PRICE, set_at=clock.now())
    bad = a.bare(plan=plan, joined_on=day("03-01"), looks_again_on=day("04-01"))
    at = noon(day("04-01"))
    monkeypatch.setattr(tasks, "clock", SimpleNamespace(now=lambda: at, date_in=clock.date_in))
    assert tasks.days() == 2
    assert [one.getMessage() for one in caplog.records if "days failed: " in one.getMessage()] == [
        f"days failed: {bad.pk}"
    ]
    assert Charge.objects.filter(membership__in=good, period=day("04-01")).count() == 2
    assert tasks.days() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_charge_each_month_once(monkeypatch: pytest.MonkeyPatch) -> None:
    people.the_operator()
    made = _paid_ahead(6, a.a_plan())
    at = noon(day("04-01"))
    monkeypatch.setattr(tasks, "clock", SimpleNamespace(now=lambda: at, date_in=clock.date_in))
    assert sum(at_once([tasks.days, tasks.days, tasks.days])) == len(made)
    charged = Charge.objects.filter(membership__in=made, period=day("04-01"))
    assert charged.count() == len(made) == AuditEvent.objects.filter(action="memberships.days_passed").count()
    assert DuesPosting.objects.filter(charge__in=charged).count() == 2 * len(made)
    assert books_are_whole()

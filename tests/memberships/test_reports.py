"""Reports of memberships (issue 11 F): dues aged, whom to call, plans, joins and cancellations, money by means."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from memberships.models import Charge, DuesPayment, Membership, StandingChange
from portal import clock
from tests.factories import memberships as a
from tests.factories import people

pytestmark = pytest.mark.django_db
D = Decimal


def owing(*days_ago: int, **fields: Any) -> Membership:
    """A family that owes a month that was due so many days ago, each of 350.00."""
    today = clock.today()
    family = a.bare(owed=a.PRICE * len(days_ago), phone="33 1111 2222", **fields)
    for ago in days_ago:
        due_on = today - timedelta(days=ago)
        told = {"due_on": due_on, "grace_ends_on": due_on, "amount": a.PRICE}
        period = due_on.replace(day=1, year=due_on.year - ago)  # one month each
        Charge.objects.create(membership=family, period=period, **told)
    return family


def test_dues_are_aged_by_the_day_they_were_due_and_say_whom_to_call() -> None:
    """Days 0-30, 31-60, 61-90 and more: each edge stands in its own column, the oldest family first."""
    newest, oldest = owing(0, 30, 31), owing(60, 61, 90, 91, state="suspended")
    owing()  # owes nothing
    client = people.signed_in(people.collector())
    csv = client.get(reverse("memberships:dues_aged") + "?formato=csv")
    lines = b"".join(csv).decode("utf-8-sig").splitlines()
    told = [line.split(",") for line in lines if line.startswith("ME-") or "ME-2020" in line]
    assert [one[0] for one in told] == [oldest.folio, newest.folio]
    assert [one[-5:] for one in told] == [
        ["0.00", "350.00", "700.00", "350.00", "1400.00"],
        ["700.00", "350.00", "0.00", "0.00", "1050.00"],
    ]
    page = client.get(reverse("memberships:dues_aged")).content.decode()
    assert "33 1111 2222" in page and reverse("memberships:affiliation", args=[oldest.pk]) in page
    only = client.get(reverse("memberships:dues_aged") + "?estado=suspended").content.decode()
    assert oldest.folio in only and newest.folio not in only
    called = client.get(reverse("memberships:suspended")).content.decode()
    assert oldest.folio in called and newest.folio not in called


def test_dues_of_more_families_than_a_page_holds_are_summed_by_their_age() -> None:
    plan = a.a_plan()
    for _number in range(51):
        owing(0, 31, plan=plan)
    page = people.signed_in(people.collector()).get(reverse("memberships:dues_aged"))
    foot = page.content.decode().partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert page.status_code == 200
    assert [foot.count(sum) for sum in ("$17,850.00", "$0.00", "$35,700.00")] == [2, 2, 1]


def test_plans_joins_and_cancellations_and_money_by_means_are_told() -> None:
    today, at = clock.today(), clock.now()
    family = a.bare(credit=D("10.00"))
    left = a.bare(state="cancelled", plan=family.plan, cancel_reason="Se mudan")
    unpaid = a.bare(state="cancelled", plan=family.plan)
    for one, standing, on in (
        (family, "awaiting_payment", family.joined_on),
        (left, "cancelled", today),
        (unpaid, "cancelled", today),
    ):
        StandingChange.objects.create(membership=one, on=on, standing=standing, noted_at=at)
    old = today - timedelta(days=400)
    paid = [("card", None, today), ("card", None, today), ("store", None, today), ("bank", today, today)]
    for number, (means, gone, on) in enumerate([*paid, ("desk", None, old)]):
        DuesPayment.objects.create(
            membership=family,
            amount=D("123.45") if on == old else a.PRICE,
            value_on=on,
            means=means,
            source_type="x.y",
            source_id=str(number),
            received_at=at,
            taken_back_on=gone,
            taken_back_at=at if gone else None,
        )
    client = people.signed_in(people.collector())
    plan = client.get(reverse("memberships:active_by_plan")).content.decode()
    assert family.plan.name in plan and "$10.00" in plan
    joins = client.get(reverse("memberships:joins_and_ends")).content.decode()
    assert all(said in joins for said in ("Alta", "Baja", "Se mudan", "No se pagó"))
    only = client.get(reverse("memberships:joins_and_ends") + "?tipo=awaiting_payment").content.decode()
    assert family.folio in only and left.folio not in only
    money = client.get(reverse("memberships:collected")).content.decode()
    assert "$700.00" in money and "$350.00" in money, "two by card, one at a store; what was taken back is not there"
    of_before = client.get(f"{reverse('memberships:collected')}?desde={old}").content.decode()
    assert "$123.45" in of_before and "$123.45" not in money, "the last twelve months, until other days are asked"

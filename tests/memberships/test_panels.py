"""What a member's home shows of their dues (N17): only to the titular, the family that is not covered first."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from memberships.models import Charge, CoveredPerson, Membership
from memberships.panels import dues
from portal import clock
from portal.people.models import User
from tests.factories import memberships as a
from tests.factories import people

pytestmark = pytest.mark.django_db


def family(user: User, **fields: object) -> Membership:
    """A family of this person's, who is its titular."""
    party = people.own_party(user)
    person = CoveredPerson.objects.filter(party=party).first() or a.a_covered_person(party=party)
    return a.bare(titular=person, **fields)


def owing(user: User, *, state: str, on: date) -> Membership:
    made = family(user, state=state, owed=Decimal("350.00"))
    Charge.objects.create(
        membership=made, amount=Decimal("350.00"), due_on=on, grace_ends_on=on + timedelta(days=10), is_first=True
    )
    return made


def test_dues_that_wait_lead_to_themselves_with_the_last_day_of_their_grace() -> None:
    user, today = people.member(), clock.today()
    owing(user, state="suspended", on=today)
    (item,) = dues(user, clock.now()).items
    assert (item.title, item.subject) == ("Tu familia no está cubierta: faltan mensualidades", "$350.00")
    assert (item.href, item.due, item.act) == (
        reverse("memberships:make_slip", args=[Membership.objects.get().pk]),
        today + timedelta(days=10),
        "Pagar mensualidad",
    )
    Membership.objects.update(state="awaiting_payment")
    (item,) = dues(user, clock.now()).items
    assert (item.title, item.act) == ("Falta tu primer pago", "Hacer mi primer pago")
    Membership.objects.update(state="active")
    assert dues(user, clock.now()).items[0].title.startswith("Mensualidad de PLAN")


def test_who_owes_nothing_reads_the_next_day_and_a_dependant_reads_nothing_of_it_AC_05() -> None:
    user, today = people.member(), clock.today()
    made = family(user, next_due_on=today + timedelta(days=3))
    told = dues(user, clock.now())
    assert not told.items and f"{made.plan.name}: al corriente." in told.text and told.act is not None
    assert dues(people.member(), clock.now()).is_empty, "of no family, or not its titular"
    page = people.signed_in(user).get("/inicio/")
    assert "al corriente" in page.content.decode()


def test_however_many_families_it_asks_as_often() -> None:
    user, today = people.member(), clock.today()
    owing(user, state="active", on=today)
    user.party_ids("memberships.see_own")
    with CaptureQueriesContext(connection) as one:
        dues(user, clock.now())
    for _ in range(4):
        owing(user, state="active", on=today)
    with CaptureQueriesContext(connection) as many:
        assert len(dues(user, clock.now()).items) == 5
    assert len(one) == len(many) <= 3

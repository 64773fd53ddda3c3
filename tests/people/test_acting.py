"""Who acts for whom: nobody decides about what is theirs, in any room (MO-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from portal import clock
from portal.access import Permission, Role
from portal.people import selectors
from portal.people.models import Grant, Party, User
from tests.factories import people

pytestmark = pytest.mark.django_db


def test_mo_05_who_acts_for_a_party_on_a_day() -> None:
    today = clock.today()
    doctor = people.physician()
    party, other = people.own_party(doctor), people.own_party(people.physician())
    helper, former, desk = people.assistant_of(doctor), people.assistant_of(doctor), people.reviewer()
    Grant.objects.filter(user=former).update(until=today)
    provider = people.a_party(kind="organisation")
    # A desk role within a provider is a scope: who reviews it does not act for it.
    Grant.objects.create(user=desk, party=provider, role=Role.REVIEWER, since=people.LONG_AGO)
    cashier = people.user_with_role(Role.PROVIDER_CASHIER, provider)
    before = today - timedelta(days=1)
    for who, parties, on, acts in (
        (doctor, (party,), today, True),
        (helper, (party,), today, True),
        (helper, (party.pk,), today, True),
        (helper, (other, party), today, True),
        (helper, (other,), today, False),
        (former, (party,), today, False),
        (former, (party,), before, True),
        (former, (party,), None, True),
        (desk, (provider, people.the_operator()), today, False),
        (desk, (provider,), None, False),
        (cashier, (provider,), today, True),
        (doctor, (), today, False),
    ):
        assert selectors.acts_for(who, *parties, on=on) == acts, (who, parties, on)
    found: QuerySet[Grant] = selectors.acting(party, on=today)
    assert set(found.values_list("user_id", flat=True)) == {doctor.pk, helper.pk}
    for who, own in ((doctor, [party.pk]), (former, []), (desk, []), (cashier, [provider.pk])):
        assert selectors.parties_of(User.objects.get(pk=who.pk)) == own


def test_one_s_own_party_is_the_oldest_that_gives_the_permission() -> None:
    doctor = people.physician()
    own: Party = people.own_party(doctor)
    helper = people.assistant_of(doctor)
    Grant.objects.create(
        user=doctor, party=people.own_party(people.physician()), role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO
    )
    doctor = User.objects.get(pk=doctor.pk)
    assert selectors.own_party(doctor) == own
    assert selectors.own_party(helper) is None
    assert selectors.own_party(helper, Permission.BILL_ORDERS) == own
    assert selectors.get_own_party(helper, Permission.BILL_ORDERS) == own

"""Days that families are told of beforehand: an 18th birthday (60 and 0 days), a new price (30) (issue 11 E)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from memberships import services
from memberships.models import BirthdayDue, Member, Membership, Plan, PriceDue
from memberships.rules import Kinship
from memberships.rules.joining import Contact, NewPerson
from memberships.services.dates import note_birthdays
from portal import clock
from portal.calendars import tasks as calendars
from portal.design import dates
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people.models import User
from tests.factories import memberships as a
from tests.factories import people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
JOINED, TURNS = date(2027, 3, 1), date(2027, 8, 20)
TITULAR = NewPerson(Kinship.TITULAR, "Fernanda", "Luna", "Gil", date(1985, 5, 5), "female")
SON = NewPerson(Kinship.CHILD, "Nicolás", "Ortega", "Luna", date(2009, 8, 20), "male")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=clock.UTC)


def family(
    *others: NewPerson, joined: date = JOINED, paid: bool = True, plan: Plan | None = None
) -> tuple[Membership, User]:
    """A family that joined on a day, and whoever signs in for its titular."""
    made = services.affiliate_family(
        plan=plan or a.a_plan(price=Decimal("480.00")),
        people=[TITULAR, *others],
        contact=Contact(email="fer@ejemplo.mx"),
        paid=services.Paid(on=joined) if paid else None,
        by=people.affiliator(),
        at=at(joined),
    )
    assert made.titular is not None
    return made, people.member(party=made.titular.party)


def beat(day: date) -> None:
    with time_machine.travel(at(day), tick=False):
        calendars.remind()


def told(user: User, *kinds: str) -> list[str]:
    rows = Notice.objects.filter(user=user, kind__in=[f"memberships/{kind}" for kind in kinds])
    return [one.kind.partition("/")[2] for one in rows.order_by("created_at", "pk")]


def of_birthdays(user: User) -> list[str]:
    return told(user, "turns_adult", "turned_adult")


def test_an_18th_birthday_is_told_60_days_before_and_on_the_day_each_once_AC_05() -> None:
    _made, user = family(SON)
    row = BirthdayDue.objects.get()
    assert (row.due_on, row.next_reminder_on, "operador" in row.due_rule) == (TURNS, TURNS - 60 * DAY, True)
    seen = []
    for days in (-61, -60, -60, -30, -1, 0, 0, 5):
        beat(TURNS + days * DAY)
        seen.append(len(of_birthdays(user)))
    assert seen == [0, 1, 1, 1, 1, 2, 2, 2]
    assert of_birthdays(user) == ["turns_adult", "turned_adult"]
    row.refresh_from_db()
    assert row.met_at is not None and row.next_reminder_on is None
    for notice in Notice.objects.filter(user=user, kind__endswith="_adult"):  # nobody's name, no date of birth (PR-08)
        assert not {"Nicolás", "Ortega", "2027", "agosto"} & set(notice.body.replace(".", " ").split())


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        ((-60 + 7,), ["turns_adult"]),
        ((-60 + 7, 7), ["turns_adult", "turned_adult"]),
        ((7, 8), ["turned_adult"]),
    ],
    ids=["first-missed", "both-missed-each-by-a-week", "whole-time-missed"],
)
def test_a_missed_week_is_caught_up_in_order(days: tuple[int, ...], kinds: list[str]) -> None:
    _made, user = family(SON)
    for one in days:
        beat(TURNS + one * DAY)
    assert of_birthdays(user) == kinds


def test_who_joins_within_the_60_days_is_told_on_the_day_alone_and_adults_never() -> None:
    _made, user = family(SON, joined=TURNS - 30 * DAY)
    assert BirthdayDue.objects.get().next_reminder_on == TURNS  # and none for Fernanda
    beat(TURNS)
    assert of_birthdays(user) == ["turned_adult"]


def test_nobody_is_told_of_who_left_or_of_a_family_that_ended() -> None:
    made, user = family(SON)
    services.end_member(member=Member.objects.get(membership=made, kinship="child"), by=user, at=at(JOINED + DAY))
    beat(TURNS)
    assert of_birthdays(user) == []
    _late, other = family(SON, paid=False)
    services.cancel_membership(membership=_late, reason="Se muda", by=other, at=at(JOINED + DAY))
    beat(TURNS)
    assert of_birthdays(other) == []


def test_a_certificate_s_titular_is_told_too_and_another_birth_date_is_another_day() -> None:
    """The insurer's file says a person is born another day: the day before asks nothing any more."""
    titular, son = a.a_covered_person(), a.a_covered_person(born_on=SON.born_on)
    made = a.a_certificate(titular=titular)
    for person, kinship in ((titular, "titular"), (son, "child")):
        Member.objects.create(membership=made, person=person, kinship=kinship, since=JOINED)
    user = people.member(party=titular.party)
    note_birthdays(persons=[titular, son], at=at(JOINED))
    son.born_on += DAY
    note_birthdays(persons=[titular, son], at=at(JOINED))
    note_birthdays(persons=[titular, son], at=at(JOINED))
    assert BirthdayDue.objects.filter(person=son).count() == 2
    assert BirthdayDue.objects.get(ended_at=None).due_on == TURNS + DAY
    son.save()
    beat(TURNS)
    assert of_birthdays(user) == ["turns_adult"]
    beat(TURNS + DAY)
    assert of_birthdays(user) == ["turns_adult", "turned_adult"]


def test_somebody_added_later_has_their_day_stored() -> None:
    made, user = family()
    services.add_member(membership=made, person=SON, by=user, at=at(JOINED + DAY))
    assert BirthdayDue.objects.get().due_on == TURNS


SINCE = date(2027, 9, 1)


@pytest.mark.parametrize(
    ("ahead", "days", "seen"),
    [
        (90, (-31, -30, -30, -1, 0), [0, 1, 1, 1, 1]),
        (90, (-31, -23, -23, 0), [0, 1, 1, 1]),  # the day was missed by a week
        (10, (-10, -10, 0), [1, 1, 1]),  # set late: told that very day
    ],
    ids=["30-days-before", "missed-week", "set-late"],
)
def test_a_new_price_is_told_to_every_live_family_of_the_plan_once(
    ahead: int, days: tuple[int, ...], seen: list[int]
) -> None:
    made, user = family()
    _other, stranger = family(SON)  # of another plan
    with time_machine.travel(at(SINCE - ahead * DAY), tick=False):
        services.set_price(
            plan=made.plan, amount=Decimal("520.00"), since=SINCE, by=people.affiliator(), at=at(SINCE - ahead * DAY)
        )
    counts = []
    for one in days:
        beat(SINCE + one * DAY)
        counts.append(len(told(user, "new_price")))
    assert counts == seen and told(stranger, "new_price") == []
    assert PriceDue.objects.get().met_at is not None
    notice = Notice.objects.get(user=user, kind="memberships/new_price")
    assert made.folio in notice.title and "520" not in notice.title + notice.body  # PR-08


def test_a_plan_of_more_families_than_are_told_in_one_go_tells_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memberships.services.dates._AT_ONCE", 2)
    made, user = family()
    users = [user, *(family(plan=made.plan)[1] for _more in range(2))]
    services.set_price(
        plan=made.plan, amount=Decimal("520.00"), since=SINCE, by=people.affiliator(), at=at(SINCE - 50 * DAY)
    )
    beat(SINCE - 30 * DAY)
    assert [told(one, "new_price") for one in users] == [["new_price"]] * 3
    assert AuditEvent.objects.get(action="memberships.price_reminded").details["told"] == 3


def test_who_leaves_before_a_new_price_is_not_told_of_it() -> None:
    made, user = family()
    services.cancel_membership(membership=made, reason="Se muda", by=user, at=at(SINCE - 60 * DAY))
    services.set_price(
        plan=made.plan, amount=Decimal("520.00"), since=SINCE, by=people.affiliator(), at=at(SINCE - 50 * DAY)
    )
    beat(SINCE - 30 * DAY)
    assert told(user, "new_price") == []


def test_N17_the_family_desk_warns_of_a_suspension_a_new_price_and_a_birthday_before_they_come() -> None:
    made, user = family(SON)
    day = date(2027, 5, 9)
    with time_machine.travel(at(day), tick=False):
        services.pass_days(membership=made, on=day, at=at(day))
        services.set_price(plan=made.plan, amount=Decimal("520.00"), since=SINCE, by=people.affiliator(), at=at(day))
        text = people.signed_in(user).get("/membresia/").content.decode()
    assert "La membresía se suspende en 3 días" in text and dates.long(date(2027, 5, 11)) in text
    assert f"Precio nuevo desde el {dates.long(SINCE)}" in text and "$520.00" in text
    assert "cumple 18 años" not in text  # more than 60 days away
    with time_machine.travel(at(TURNS - 60 * DAY), tick=False):
        text = people.signed_in(user).get("/membresia/").content.decode()
    assert f"cumple 18 años el {dates.long(TURNS)}" in text

"""AC-05 as one table: viewer × person × datum × day, asked of page, list, export, API, paper and notice alike."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from memberships import services
from memberships.models import ImssConstancia, Member
from memberships.rules import Kinship
from memberships.rules.family import Datum
from memberships.rules.joining import Contact, NewPerson
from memberships.services import telling
from portal import clock, ids
from portal.notices.models import Notice
from portal.papers import services as papers
from tests.api.callers import Caller, own_token
from tests.factories import memberships as a
from tests.factories import people
from tests.factories import policies as p

pytestmark = pytest.mark.django_db
ALL = {"enrolment", "dues", "card", "imss", "clinical"}
ADULT = {"enrolment", "dues", "card", "imss"}
# Who looks at whom -> what they see. Leo is of age tomorrow, Luz since today; Elena alone has an own account.
TABLE: dict[tuple[str, str], set[str]] = {
    ("Fernanda", "Fernanda"): ALL,
    ("Fernanda", "Óscar"): ADULT,
    ("Fernanda", "Leo"): ALL,
    ("Fernanda", "Luz"): ADULT,
    ("Fernanda", "Elena"): {"enrolment", "dues"},
    ("Elena", "Elena"): {"enrolment", "card", "imss", "clinical"},
    **{("Elena", name): {"enrolment"} for name in ("Fernanda", "Óscar", "Leo", "Luz")},
    **{("stranger", name): set() for name in ("Fernanda", "Óscar", "Leo", "Luz", "Elena")},
}


def born(years: int, *, ahead: int = 0) -> date:
    """The birth date of somebody who is so old today, or in some days."""
    day = clock.today() + timedelta(days=ahead)
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


@pytest.fixture
def house() -> SimpleNamespace:
    """Fernanda's family: each has a card, a constancia of the IMSS and a condition, and the family a month paid."""
    at, clerk = clock.now(), people.affiliator()
    told = (
        (Kinship.TITULAR, "Fernanda", born(40)),
        (Kinship.PARTNER, "Óscar", born(42)),
        (Kinship.CHILD, "Leo", born(18, ahead=1)),
        (Kinship.CHILD, "Luz", born(18)),
        (Kinship.PARENT, "Elena", born(67)),
    )
    family = services.affiliate_family(
        plan=a.a_plan(),
        people=[NewPerson(kinship, name, "Luna", "", day, "female") for kinship, name, day in told],
        contact=Contact(email="fer@ejemplo.mx"),
        paid=services.Paid(on=clock.today()),
        by=clerk,
        at=at,
    )
    stays = {one.person.given_name: one for one in family.members.select_related("person__party", "membership")}
    for one in stays.values():
        p.a_condition(person=one.person)
        file = papers.store_bytes(
            content=b"%PDF" + ids.uuid7().bytes,
            name="imss.pdf",
            kind="pdf",
            purpose="imss_constancia",
            party=one.person.party,
            by=None,
            at=at,
        )
        ImssConstancia.objects.create(person=one.person, file=file, uploaded_at=at, uploaded_by=clerk)
    users = {name: people.member(party=stays[name].person.party) for name in ("Fernanda", "Elena")}
    users["stranger"] = people.member()
    return SimpleNamespace(
        family=family,
        stays=stays,
        users=users,
        browsers={name: people.signed_in(user) for name, user in users.items()},
        programs={name: Caller(own_token(user, "memberships:read", "portal:read")) for name, user in users.items()},
    )


def on_page(house: SimpleNamespace, viewer: str, stay: Member) -> set[str]:
    browser = house.browsers[viewer]
    answer = browser.get(reverse("memberships:person", args=[stay.person_id]))
    if answer.status_code == 404:
        return set()
    page, home = answer.content.decode(), browser.get(reverse("memberships:home")).content.decode()
    marks = {
        "card": reverse("papers:document", args=[stay.card_id]),
        "imss": reverse("memberships:imss", args=[stay.person_id]),
        "clinical": "Apendicitis",
    }
    seen = {datum for datum, mark in marks.items() if mark in page} | {"enrolment"}
    return seen | ({"dues"} if "Saldo a favor" in home else set())


def by_api(house: SimpleNamespace, viewer: str, stay: Member) -> set[str]:
    program = house.programs[viewer]
    answer = program.get(f"membresias/personas/{stay.person_id}/")
    if answer.status_code == 404:
        return set()
    told, money = answer.json(), program.get(f"membresias/{house.family.pk}/").json()
    (row,) = [one for one in money["people"] if one["id"] == str(stay.person_id)]
    assert (row["card"] is not None) is bool(told["card"]), "list and detail say the same"
    kinds = {"card": told["card"], "imss": told["constancias"], "clinical": told["conditions"], "dues": money["owed"]}
    return {"enrolment"} | {datum for datum, value in kinds.items() if value}


def by_paper(house: SimpleNamespace, viewer: str, stay: Member) -> set[str]:
    browser, file = house.browsers[viewer], ImssConstancia.objects.get(person=stay.person).file_id
    addresses = {
        "card": reverse("papers:document", args=[stay.card_id]),
        "imss": reverse("papers:download", args=[file]),
    }
    return {datum for datum, path in addresses.items() if browser.get(path).status_code == 200}


def by_notice(house: SimpleNamespace, viewer: str, stay: Member) -> set[str]:
    user, seen = house.users[viewer], set()
    for datum in (Datum.CARD, Datum.IMSS):
        telling.tell_papers(member=stay, key=f"{stay.pk}", what=datum, documents=[stay.card_id], at=clock.now())
        kind = "imss_constancia" if datum is Datum.IMSS else "member_papers"
        if Notice.objects.filter(user=user, key=f"{kind}:{stay.pk}").exists():
            seen.add(str(datum))
    return seen


def in_list_and_file(house: SimpleNamespace, viewer: str) -> set[str]:
    """The family's months in their list, in its file and by the API."""
    path, folio = reverse("memberships:charges"), house.family.folio
    page = house.browsers[viewer].get(path).content.decode()
    file = b"".join(house.browsers[viewer].get(f"{path}?formato=csv").streaming_content).decode()
    told = house.programs[viewer].get("membresias/cargos/").content.decode()
    found = [folio in text for text in (page, file, told)]
    assert len({*found}) == 1, "page, file and API say the same"
    return {"dues"} if found[0] else set()


def test_each_viewer_sees_of_each_person_what_the_table_says_in_every_place_AC_05(house: SimpleNamespace) -> None:
    wrong: list[Any] = []
    for (viewer, name), seen in TABLE.items():
        stay = house.stays[name]
        found = {
            "page": (on_page(house, viewer, stay), seen),
            "API": (by_api(house, viewer, stay), seen),
            "paper": (by_paper(house, viewer, stay), seen & {"card", "imss"}),
            "notice": (by_notice(house, viewer, stay), seen & {"card", "imss"}),
        }
        wrong += [(viewer, name, where, got, right) for where, (got, right) in found.items() if got != right]
    assert wrong == []
    for viewer, seen in (("Fernanda", {"dues"}), ("Elena", set()), ("stranger", set())):
        assert in_list_and_file(house, viewer) == seen, viewer


def test_what_an_adult_shares_is_seen_by_the_titular_that_day_and_not_after_it_was_taken_back(
    house: SimpleNamespace,
) -> None:
    elena, user, before = house.stays["Elena"], house.users["Elena"], list[str]()
    for chosen in (["card"], ["imss"], ["clinical"], []):
        services.set_shares(chosen={elena.pk: chosen}, shown={elena.pk: before}, by=user, at=clock.now())
        seen, before = {"enrolment", "dues", *chosen}, chosen
        assert on_page(house, "Fernanda", elena) == by_api(house, "Fernanda", elena) == seen
        assert by_paper(house, "Fernanda", elena) == seen & {"card", "imss"}

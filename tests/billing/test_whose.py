"""Who acts for several physicians sees whose each thing is, and may narrow to one (D15)."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from billing.selectors.whose import OwnFilters, at_home
from portal.access import Role, Workspace
from tests.factories import billing as a
from tests.factories import people
from tests.factories.people import signed_in
from tests.pages import heads_of_rows

pytestmark = pytest.mark.django_db
LISTS = ("billing:orders", "billing:invoices")


@pytest.fixture
def world() -> SimpleNamespace:
    a.trust()
    one, other = a.doctor(), a.doctor()
    for who in (one, other):
        a.submitted(who, of=a.orders(who, 1))
    other.party.name = "IVÁN LUNA VEGA"
    other.party.save()
    helper = people.assistant_of(one.user)
    people.Grant.objects.create(user=helper, party=other.party, role=Role.PHYSICIAN_ASSISTANT, since=people.LONG_AGO)
    helper.__dict__.pop("live_grants", None)
    return SimpleNamespace(one=one, other=other, helper=helper)


@pytest.mark.parametrize("name", ["billing:home", "start"])
def test_the_panels_of_a_home_narrow_to_one_physician_and_so_do_the_lists_they_lead_to(world, name) -> None:
    client, page = signed_in(world.helper), reverse(name)

    def figures(address: str) -> dict[str, tuple[str, str]]:
        shown = client.get(address).context["home"].panels
        return {label.split(" · ")[0]: (label, href) for one in shown for label, _, href in one.figures}

    everybody, *each = client.get(page).context["whose"]
    assert everybody == ("Todos", page, True) and len(each) == 2
    address = {label: href for label, href, _ in each}[world.other.party.name]
    whole, narrowed = figures(page), figures(address)
    in_review = next(one for one in whole if "revisión" in one.lower())
    assert "2" in whole[in_review][0] and "1" in narrowed[in_review][0]
    listed = client.get(narrowed[in_review][1]).content.decode()
    assert len(heads_of_rows(listed)) == 1 and world.other.party.name in listed
    assert figures(f"{page}?persona={a.doctor().party.pk}") == whole, "nobody narrows to a stranger"
    assert signed_in(world.one.user).get(page).context["whose"] == []


def test_who_reviews_too_is_offered_nothing_of_whom_they_bill_for_in_a_home_of_one_physician_MO_05(world) -> None:
    helper = people.User.objects.get(pk=world.helper.pk)
    people.Grant.objects.create(user=helper, party=people.the_operator(), role=Role.REVIEWER, since=people.LONG_AGO)
    nothing = "Facturas por revisar: nada."
    told: dict[str, Any] = {"at": a.NOW, "places": (Workspace.PHYSICIAN, Workspace.DESK), "path": "/"}
    for party in ("", *(str(one.party.pk) for one in (world.one, world.other))):
        assert nothing in at_home(helper, asked=party, **told)["home"].empty, party
    assert nothing not in at_home(people.reviewer(), asked="", **told)["home"].empty


@pytest.mark.parametrize("name", LISTS)
def test_an_assistant_of_two_sees_whose_each_thing_is_and_narrows_to_one(world, name) -> None:
    assert OwnFilters.base_filters["persona"].field.choices is not None, "as the schema of the API asks it first"
    client, page = signed_in(world.helper), reverse(name)
    shown = client.get(page)
    assert [column.label for column in shown.context["page"].columns].count("Médico") == 1
    text = shown.content.decode()
    assert world.one.party.name in text and world.other.party.name in text and len(heads_of_rows(text)) == 2
    (everybody, *each) = shown.context["page"].whose
    assert everybody == ("Todos", "?", True) and sorted(label for label, _, _ in each) == sorted(
        (world.one.party.name, world.other.party.name)
    )
    for who in (world.one, world.other):
        (address,) = [href for label, href, _ in each if label == who.party.name]
        narrowed = client.get(page + address)
        assert len(heads_of_rows(narrowed.content.decode())) == 1
        assert [chip.text for chip in narrowed.context["page"].chips] == [who.party.name]
        file = client.get(f"{page}{address}&formato=csv")
        rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
        assert [row["Médico"] for row in rows] == [who.party.name]
        called = client.get(narrowed.context["page"].call).json()
        assert [row["physician"] for row in called["rows"]] == [who.party.name]


@pytest.mark.parametrize("name", LISTS)
def test_who_acts_for_one_is_told_nothing_they_know_and_nobody_narrows_to_a_stranger(world, name) -> None:
    client, page = signed_in(world.one.user), reverse(name)
    shown = client.get(page)
    assert shown.context["page"].whose == [] and "Médico" not in [one.label for one in shown.context["page"].columns]
    stranger: Any = client.get(page, {"persona": world.other.party.pk})
    assert world.other.party.name not in stranger.content.decode()
    assert client.get(shown.context["page"].call, {"persona": world.other.party.pk}).status_code == 422
    saved = client.get(
        reverse("listing:views", args=[name.partition(":")[2]]),
        {"en": page, "vista": f"persona={world.other.party.pk}"},
    )
    assert world.other.party.name not in saved.content.decode()

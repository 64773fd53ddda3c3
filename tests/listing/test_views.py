"""Saved views: a name for how one narrows a list, one's own alone, one of them how the list opens (house)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.errors import Conflict
from portal.history.models import AuditEvent
from portal.listing import services
from portal.listing.models import SavedView
from portal.listing.registry import listings
from portal.listing.selectors import MOST_VIEWS
from portal.once.rules import FIELD
from tests.factories import people
from tests.factories.threads import at_once
from tests.factories.treasury import NOW
from tests.pages import once

pytestmark = pytest.mark.django_db
LIST, PAGE = "reviews", "/mesa/facturas/"


@pytest.fixture
def who() -> tuple[Any, Client]:
    by = people.reviewer()
    return by, people.signed_in(by)


def save(client: Client, key: str = "a" * 32, **typed: Any) -> Any:
    sent = {"name": "Devueltas", "path": PAGE, "query": "estado=returned&despues=x&formato=csv&buscar="} | typed
    return client.post(reverse("listing:views", args=[LIST]), {**sent, FIELD: key})


def test_a_list_opens_as_its_person_chose_and_everything_is_one_press_away(who: tuple[Any, Client]) -> None:
    by, client = who
    assert b"Guardar vista" in client.get(PAGE).content
    asked = client.get(reverse("listing:views", args=[LIST]), {"en": PAGE, "vista": "estado=returned"})
    assert b"Devuelta" in asked.content and b"Guardar esta vista" in asked.content
    for _twice in range(2):
        answer = save(client)
    view = SavedView.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, view.href)
    assert (view.query, view.is_default) == ("estado=returned", False)  # no place in the list, no file
    assert client.get(PAGE).status_code == 200
    assert client.get(view.href).context["page"].views == [
        ("Todo", f"{PAGE}?vista=todo", False),
        ("Devueltas", view.href, True),
    ]
    for key in "bc":
        client.post(reverse("listing:open_with", args=[view.pk]), {FIELD: key * 32})
        assert client.get(PAGE).status_code == (302 if key == "b" else 200)
    services.open_with(view=view, is_default=True, by=by, at=NOW)
    assert client.get(PAGE)["Location"] == view.href
    assert client.get(f"{PAGE}?vista=todo").status_code == 200
    assert client.get(f"{PAGE}?formato=csv").status_code != 404
    gone = client.post(reverse("listing:forget_view", args=[view.pk]), {FIELD: "d" * 32})
    assert gone.status_code == 302 and not SavedView.objects.exists() and client.get(PAGE).status_code == 200
    told = set(AuditEvent.objects.filter(action__startswith="listing.").values_list("action", flat=True))
    assert told == {"listing.view_saved", "listing.view_chosen", "listing.view_forgotten"}


def test_the_same_name_means_the_newer_filter_and_one_alone_is_how_it_opens(who: tuple[Any, Client]) -> None:
    _, client = who
    save(client, is_default="on")
    save(client, "b" * 32, name="Otra", is_default="on", query="orden=-total")
    save(client, "c" * 32, query="estado=accepted")
    kept = {view.name: (view.query, view.is_default) for view in SavedView.objects.order_by("name")}
    assert kept == {"Devueltas": ("estado=accepted", False), "Otra": ("orden=-total", True)}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Falta «Nombre de la vista»."),
        ({"path": "/no/hay/"}, "Esa página no existe."),
        ({"path": "//mal.example/mesa/"}, "Esa página no existe."),
        ({"path": "//["}, "Esa página no existe."),
        ({"query": "buscar=" + "%E2%82%AC" * 120}, "La vista es demasiado larga."),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(who: tuple[Any, Client], typed: Any, said: str) -> None:
    answer = save(who[1], **typed)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_list_has_so_many_views_of_one_person(who: tuple[Any, Client]) -> None:
    by, client = who
    for number in range(MOST_VIEWS):
        SavedView.objects.create(user=by, listing=LIST, name=f"Vista {number}", path=PAGE, created_at=NOW)
    assert save(client).status_code == 422
    assert save(client, "b" * 32, name="Vista 3").status_code == 302


def test_a_view_taken_away_on_another_page_is_told_and_not_taken_away_twice(who: tuple[Any, Client]) -> None:
    by, client = who
    save(client)
    view = SavedView.objects.get()
    services.forget_view(view=SavedView.objects.get(), by=by, at=NOW)
    services.forget_view(view=view, by=by, at=NOW)
    assert AuditEvent.objects.filter(action="listing.view_forgotten").count() == 1
    with pytest.raises(Conflict, match="ya no está"):
        services.open_with(view=view, is_default=True, by=by, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_pages_that_save_at_once_leave_one_view_how_the_list_opens() -> None:
    by, listing = people.reviewer(), listings()[LIST]
    typed: dict[str, Any] = {"listing": listing, "path": PAGE, "query": "", "by": by, "at": NOW}
    acts = [lambda name=name: services.save_view(name=name, is_default=True, **typed) for name in "abcd"]
    saved = at_once(acts)
    assert [type(one) for one in saved] == [SavedView] * 4, saved
    both = at_once([lambda one=one: services.open_with(view=one, is_default=True, by=by, at=NOW) for one in saved])
    assert [type(one) for one in both] == [SavedView] * 4, both
    assert SavedView.objects.filter(is_default=True).count() == 1


def test_nobody_elses_view_and_no_list_that_one_may_not_see(who: tuple[Any, Client]) -> None:
    by, _ = who
    mine = SavedView.objects.create(user=by, listing=LIST, name="Mía", path=PAGE, created_at=NOW)
    colleague, stranger = people.signed_in(people.reviewer()), people.signed_in(people.physician())
    for client in (colleague, stranger):
        for name in ("open_with", "forget_view"):
            assert client.post(reverse(f"listing:{name}", args=[mine.pk]), once()).status_code == 404
    assert colleague.get(PAGE).context["page"].views == []
    assert stranger.get(reverse("listing:views", args=[LIST])).status_code == 404
    assert save(stranger).status_code == 404
    assert stranger.get(reverse("listing:views", args=["nothing"])).status_code == 404
    assert Client().get(reverse("listing:views", args=[LIST])).status_code == 302
    assert SavedView.objects.get() == mine


def test_the_api_keeps_tells_and_forgets_a_view_as_the_page_does(who: tuple[Any, Client]) -> None:
    _, client = who

    def call(address: str, body: Any, key: str) -> Any:
        return client.post(address, body, "application/json", headers={"Idempotency-Key": key * 32})

    address = f"/api/v1/listas/{LIST}/vistas/"
    made = call(address, {"name": "Mías", "path": PAGE, "query": "estado=returned"}, "a")
    assert made.status_code == 201
    one = f"/api/v1/listas/vistas/{made.json()['id']}"
    assert call(f"{one}/abrir/", {"is_default": True}, "b").json()["is_default"] is True
    assert [view["query"] for view in client.get(address).json()["views"]] == ["estado=returned"]
    assert client.get("/api/v1/listas/desk_orders/vistas/").status_code == 200
    assert client.get("/api/v1/listas/people/vistas/").status_code == 404
    assert call(f"{one}/quitar/", {}, "c").status_code < 300
    assert call(f"{one}/quitar/", {}, "d").status_code == 404


def test_nothing_found_is_said_of_the_filters_and_nothing_there_of_the_list(who: tuple[Any, Client]) -> None:
    """UX 5.9: «todavía no hay» is what a list says of itself, never what a filter leaves of it."""
    shown = [who[1].get(address).content.decode() for address in (f"{PAGE}?vista=todo", f"{PAGE}?buscar=zzqqxx")]
    assert ["aparece aquí" in one for one in shown] == [True, False]
    assert ["No hay facturas con estos filtros" in one for one in shown] == [False, True]

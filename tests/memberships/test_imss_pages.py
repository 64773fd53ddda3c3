"""The guide of the IMSS, a page a person, and the desk's links (S1.6-S1.17, issue 11 C)."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from memberships import services
from memberships.models import ImssCheck, ImssSource, Share
from memberships.rules import imss
from memberships.rules.imss import Path
from portal import clock
from portal.calendars.rules import Schedule
from portal.errors import RuleBroken
from portal.once.rules import FIELD
from tests.factories import people
from tests.memberships.test_views import a_family, account, of

KEYS = itertools.count(1)
COUNTER = Schedule(
    "imss-counter", "Ventanilla", "America/Mexico_City", {day: ((480, 840), (870, 1200)) for day in range(5)}
)


def post(browser: Any, path: str, **sent: Any) -> Any:
    return browser.post(path, {FIELD: f"imss-key-{next(KEYS):05d}", **sent})


@pytest.mark.parametrize(
    ("wall", "told"),
    [
        ("2026-11-27 07:59", "Cerrada ahora: abre hoy a las 8:00."),
        ("2026-11-27 08:00", "Abierta ahora: cierra a las 14:00."),
        ("2026-11-27 14:00", "Cerrada ahora: abre hoy a las 14:30."),
        ("2026-11-27 14:30", "Abierta ahora: cierra a las 20:00."),
        ("2026-11-27 20:00", "Cerrada ahora: abre el lunes a las 8:00."),
        ("2026-11-29 12:00", "Cerrada ahora: abre mañana a las 8:00."),
    ],
)
def test_s1_8_the_window_says_when_it_opens_next(wall: str, told: str) -> None:
    assert imss.counter_told(COUNTER, datetime.fromisoformat(wall)) == told


def test_a_window_that_does_not_open_says_nothing_and_one_closed_for_weeks_says_the_day() -> None:
    never = Schedule("x", "X", COUNTER.zone, {})
    at = datetime.fromisoformat("2026-11-27 20:00")
    assert (imss.counter_told(never, at), imss.hours_told(never)) == ("", "")
    assert imss.hours_told(COUNTER).endswith("de 8:00 a 14:00 y de 14:30 a 20:00.")
    shut = Schedule("x", "X", COUNTER.zone, COUNTER.weekly, closings=((at.date(), at.date() + timedelta(days=9)),))
    assert imss.counter_told(shut, at) == "Cerrada ahora: abre el lunes 7 a las 8:00."


def test_answers_lead_nowhere_while_one_that_counts_is_missing() -> None:
    assert imss.path_of(rights=None, clinic="", has_card=None) is None
    assert imss.path_of(rights=True, clinic="", has_card=True) is None
    assert imss.path_of(rights=True, clinic="right", has_card=None) is None
    assert imss.path_of(rights=True, clinic="none", has_card=None) is Path.REGISTER
    assert imss.path_of(rights=False, clinic="", has_card=None) is Path.ASK_US
    assert (
        imss.step_told(None, ticked=[]) == "Sin empezar" and imss.step_told(None, ticked=["curp"]) == "1 de 6 papeles"
    )
    assert imss.step_told(Path.NOTHING_TO_DO, ticked=[]) == "Ya está todo"
    assert imss.step_told(Path.WINDOW, ticked=["curp"]) == "Ir a la ventanilla, faltan 5 papeles"


@pytest.mark.django_db
def test_three_answers_give_a_path_and_six_papers_are_ticked_for_each_person_S1_7_S1_9_S1_10() -> None:
    family = a_family()
    browser = people.signed_in(account(family, "Fernanda"))
    mother, son = of(family, "Elena"), of(family, "Leo")
    page = reverse("memberships:imss", args=[mother.pk])
    assert "Tres preguntas" in browser.get(page).content.decode()
    yes = {"rights": "yes"}
    for wrong in ({}, yes, yes | {"clinic": "right"}, {"rights": "x"}, yes | {"clinic": "x"}):
        assert post(browser, page, **wrong).status_code == 422, wrong
    assert not ImssCheck.objects.exists()
    led = {
        ("yes", "right", "yes"): "Ya está todo",
        ("yes", "right", "no"): "Ir a la ventanilla",
        ("yes", "none", ""): "Darte de alta en tu clínica",
        ("yes", "former", ""): "Cambiar de clínica",
        ("no", "", ""): "Escribirnos",
    }
    for (rights, clinic, card), told in led.items():
        assert post(browser, page, rights=rights, clinic=clinic, has_card=card).url == page
        assert told in browser.get(page).content.decode(), told
    papers = reverse("memberships:imss_papers", args=[son.pk])
    assert post(browser, papers, ticked=["photos", "curp"]).url == reverse("memberships:imss", args=[son.pk])
    assert ImssCheck.objects.get(person=son).ticked == ["photos", "curp"]
    assert post(browser, papers, ticked=["passport"]).status_code == 422
    shown = browser.get(reverse("memberships:imss", args=[son.pk])).content.decode()
    assert "Faltan 4" in shown and "de 8:00 a 14:00 y de 14:30 a 20:00" in shown and "Va solo quien es titular" in shown
    assert "2 de 6 papeles" in browser.get("/membresia/").content.decode()
    assert page in browser.get(reverse("memberships:person", args=[mother.pk])).content.decode()


@pytest.mark.django_db
def test_an_adult_with_a_profile_shares_their_steps_or_nobody_sees_them_AC_05() -> None:
    family = a_family()
    titular, elena = account(family, "Fernanda"), account(family, "Elena")
    mother = of(family, "Elena")
    page = reverse("memberships:imss", args=[mother.pk])
    services.keep_imss_answers(person=mother, rights=False, clinic="right", has_card=True, by=elena, at=clock.now())
    check = ImssCheck.objects.get()
    assert (check.clinic, check.has_card) == ("", None), "without rights nothing else counts"
    assert [people.signed_in(one).get(page).status_code for one in (titular, elena)] == [404, 200]
    home = " ".join(people.signed_in(titular).get("/membresia/").content.decode().split())
    assert "IMSS: Escríbenos" not in home
    assert post(people.signed_in(titular), page, rights="yes", clinic="none").status_code == 404
    Share.objects.create(member=mother.stays.get(), what="imss", by=elena, since=clock.now())
    assert people.signed_in(titular).get(page).status_code == 200
    assert people.signed_in(people.member()).get(page).status_code == 404
    assert people.signed_in(people.affiliator()).get(page).status_code == 403


@pytest.mark.django_db
def test_the_desk_keeps_the_links_with_the_day_they_were_tried() -> None:
    clerk, at = people.affiliator(), clock.now()
    browser, source = people.signed_in(clerk), ImssSource.objects.get(code="rights")
    edit, listed = reverse("memberships:imss_source", args=[source.pk]), reverse("memberships:imss_sources")
    assert "Nadie la ha" in browser.get(listed).content.decode()
    today = clock.today()
    for value, day in (("http://imss.gob.mx", today), ("https://imss.gob.mx", today + timedelta(days=1)), ("", today)):
        assert post(browser, edit, value=value, checked_on=day.isoformat()).status_code == 422
    assert post(browser, edit, value="https://www.imss.gob.mx/x", checked_on=today.isoformat()).url == listed
    source.refresh_from_db()
    assert (source.value, source.checked_on, source.updated_by) == ("https://www.imss.gob.mx/x", today, clerk)
    phone = ImssSource.objects.get(code="phone")
    services.set_imss_source(source=phone, value="800 000 0000", checked_on=today, by=clerk, at=at)
    with pytest.raises(RuleBroken, match="https"):
        services.set_imss_source(source=source, value="imss.gob.mx", checked_on=today, by=clerk, at=at)
    assert people.signed_in(people.member()).get(listed).status_code == 403

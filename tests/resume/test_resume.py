"""Nothing typed is lost when a session ends in the middle of a form, and nobody else finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from config.matrix import entry_of, routes
from portal import clock
from portal.people.models import Consent, User
from portal.resume import keeping, services
from portal.resume.models import KeptForm
from portal.resume.tasks import sweep
from tests.factories import people

pytestmark = pytest.mark.django_db
DETAILS, TEAM = "/cuenta/datos/", "/cuenta/equipo/"
CONSENTS = "/consentimientos/"
TYPED = {"name": "Lo Que Escribí <b>", "zip_code": "44100"}


def real(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def ended(client: Client) -> None:
    """The session is gone on the server: closed from another device, or swept."""
    Session.objects.filter(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value).delete()


def rested(client: Client) -> None:
    """Nobody touched it for longer than it may rest."""
    store, before = client.session, clock.real_now().timestamp() - 3600
    store.update({"seen_at": before, "began_at": before})
    store.save()


def enter(client: Client, user: User, target: str) -> Any:
    return client.post("/entrar/", {"identifier": user.email, "password": people.PASSWORD, "next": target})


def asked_to_come_in(answer: Any) -> str:
    """The page that the way through the door leads back to."""
    assert answer.status_code == 302 and answer.url.startswith("/entrar/?"), answer
    return parse_qs(urlsplit(answer.url).query)["next"][0]


@pytest.mark.parametrize("end", [ended, rested])
def test_what_was_typed_waits_in_its_form_after_coming_in_again(end: Any) -> None:
    doctor = people.physician()
    client = people.signed_in(doctor)
    assert client.get(DETAILS).status_code == 200
    end(client)
    back = asked_to_come_in(client.post(DETAILS, TYPED, headers={"referer": real(DETAILS)}))
    assert back == DETAILS
    row = KeptForm.objects.get()
    with_sql = KeptForm.objects.raw("SELECT id, fields::text AS sealed FROM resume_keptform")[0]
    assert row.user == doctor and "Escrib" not in with_sql.sealed, "it rests sealed"
    assert enter(client, doctor, back).url == back
    page = client.get(back).content.decode()
    assert 'value="Lo Que Escribí &lt;b&gt;"' in page and "Aquí está lo que habías escrito" in page
    doctor.refresh_from_db()
    assert doctor.name != TYPED["name"], "nothing was sent by itself"
    assert client.post(DETAILS, TYPED).status_code == 302
    assert not KeptForm.objects.exists(), "sent, so forgotten"
    assert "Aquí está" not in client.get(DETAILS).content.decode()


def test_it_is_nobody_elses_on_the_same_browser() -> None:
    doctor, other = people.physician(), people.physician()
    client = people.signed_in(doctor)
    client.get(DETAILS)
    ended(client)
    back = asked_to_come_in(client.post(DETAILS, TYPED))
    enter(client, other, back)
    page = client.get(back).content.decode()
    assert "Lo Que Escrib" not in page and "Aquí está" not in page
    client.post("/salir/")
    enter(client, doctor, back)
    assert "Lo Que Escrib" in client.get(back).content.decode()


def test_a_stranger_without_a_page_of_ours_leaves_nothing() -> None:
    client = Client()
    assert asked_to_come_in(client.post(DETAILS, TYPED)) == DETAILS
    client.cookies[keeping.COOKIE] = "forjada"
    client.post(DETAILS, TYPED)
    assert not KeptForm.objects.exists()


def test_after_an_hour_it_is_gone() -> None:
    doctor = people.physician()
    with time_machine.travel(clock.real_now(), tick=False) as moved:
        client = people.signed_in(doctor)
        client.get(DETAILS)
        ended(client)
        back = asked_to_come_in(client.post(DETAILS, TYPED))
        moved.shift(timedelta(minutes=59))
        enter(client, doctor, back)
        assert "Lo Que Escrib" in client.get(back).content.decode()
        assert sweep() == 0
        moved.shift(timedelta(minutes=1))
        assert "Lo Que Escrib" not in client.get(back).content.decode()
        assert (sweep(), sweep(), KeptForm.objects.count()) == (1, 0, 0)


def test_no_password_and_no_file_is_kept() -> None:
    doctor = people.physician()
    client = people.signed_in(doctor)
    client.get(DETAILS)
    ended(client)
    page = "/cuenta/contrasena/"
    assert asked_to_come_in(client.post(page, {"current": "una-secreta-1", "password": "otra-secreta-1"})) == page
    assert not KeptForm.objects.exists()
    assert {"password", "current", "code"} <= keeping.secret_names()


def test_a_proof_that_grew_old_keeps_what_was_typed_AU_08() -> None:
    """An act that asks for a fresh proof and takes nothing but a form: back to the page its form stands on."""
    boss, person = people.administrator(), people.a_person()
    client = people.signed_in(boss, fresh_at=0)
    page = f"/mesa/personas/{person.pk}/"
    with_reason = rf'action="({page}[^"]*)"[^>]*>(?:(?!</form>).)*?name="reason"'
    action = re.search(with_reason, client.get(page).content.decode(), re.DOTALL)
    assert action is not None
    answer = client.post(action[1], {"reason": "Porque se fue a otra clínica"}, headers={"referer": real(page)})
    assert answer.status_code == 302 and answer.url.startswith("/cuenta/seguridad/confirmar/?")
    assert parse_qs(urlsplit(answer.url).query)["next"] == [page]
    store = client.session
    store["fresh_at"] = clock.real_now().timestamp()
    store.save()
    assert "Porque se fue a otra clínica" in client.get(page).content.decode()


def test_a_consent_that_is_missing_keeps_it_too_PR_01() -> None:
    doctor = people.physician()
    client = people.signed_in(doctor)
    client.get(DETAILS)
    Consent.objects.filter(user=doctor).delete()
    assert client.post(DETAILS, TYPED, headers={"referer": real(DETAILS)}).url == CONSENTS
    text = re.search(r'name="text" value="([^"]+)"', client.get(CONSENTS).content.decode())
    assert text is not None
    agreed = client.post(CONSENTS, {"consent": "on", "text": text[1]})
    assert agreed.url == DETAILS
    assert "Lo Que Escrib" in client.get(DETAILS).content.decode()


def token(answer: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def strict_browser(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/entrar/")
    form = {"identifier": user.email, "password": people.PASSWORD, "csrfmiddlewaretoken": token(page)}
    assert client.post("/entrar/", form).status_code == 302
    return client


def again(client: Client, user: User, target: str) -> str:
    page = client.get("/entrar/", {"next": target})
    form = {"identifier": user.email, "password": people.PASSWORD, "csrfmiddlewaretoken": token(page), "next": target}
    return str(client.post("/entrar/", form)["Location"])


@pytest.mark.parametrize("end", [ended, rested])
def test_a_browser_that_checks_its_forms_gets_it_back_too(end: Any) -> None:
    doctor = people.physician()
    client = strict_browser(doctor)
    old = token(client.get(DETAILS))
    end(client)
    back = asked_to_come_in(client.post(DETAILS, TYPED | {"csrfmiddlewaretoken": old}))
    assert again(client, doctor, back) == DETAILS
    assert "Lo Que Escrib" in client.get(DETAILS).content.decode()


def test_a_page_from_before_a_new_session_is_kept_for_its_person_alone() -> None:
    """The form's protection changed with the new session: the page says so, and what was typed is not lost."""
    doctor, other = people.physician(), people.physician()
    client = strict_browser(doctor)
    old = token(client.get(DETAILS))
    ended(client)
    again(client, doctor, "/")
    client.get(TEAM)
    answer = client.post(DETAILS, TYPED | {"csrfmiddlewaretoken": old}, headers={"referer": real(DETAILS)})
    assert answer.status_code == 403 and f'href="{DETAILS}"' in answer.content.decode()
    assert "está guardado una hora" in answer.content.decode()
    assert "Lo Que Escrib" in client.get(DETAILS).content.decode()
    KeptForm.objects.all().delete()
    ended(client)
    again(client, other, "/")
    client.get(TEAM)
    theirs = client.post(DETAILS, TYPED | {"csrfmiddlewaretoken": old})
    assert theirs.status_code == 403 and "no guardamos" in theirs.content.decode()
    assert not KeptForm.objects.exists(), "the page was the first person's"


def test_what_another_site_sends_is_not_kept() -> None:
    client = strict_browser(people.physician())
    client.get(DETAILS)
    for forged in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": "ñ" * 64}):
        ended_before = client.post(DETAILS, TYPED | forged)
        assert ended_before.status_code == 403
    assert not KeptForm.objects.exists()


def _acts() -> Iterator[tuple[str, str]]:
    """Every address of the house that takes a form from somebody signed in, with something in its blanks."""
    blanks = {"uuid": "01890000-0000-7000-8000-000000000000", "int": "7", "str": "x", "slug": "x", "path": "x"}
    for name, path, view in routes():
        entry = entry_of(view)
        if entry is None or entry.kind == "public" or path.startswith(("admin", "api")):
            continue
        yield name, "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda blank: blanks.get(blank[1] or "str", "x"), path)


def test_no_form_of_the_house_leads_to_an_address_that_only_takes_forms() -> None:
    """One browser whose session is gone sends them all: each is kept under the address it was sent to."""
    doctor = people.physician()
    client, tried = people.signed_in(doctor), 0
    client.get(DETAILS)
    ended(client)
    for name, path in _acts():
        try:
            resolve(path)
        except Resolver404:
            continue
        for came in ({}, {"referer": real(path)}):
            KeptForm.objects.all().delete()
            answer = client.post(path, {"reason": "Lo que escribí"}, headers=came)
            if answer.status_code == 405:  # wherever it came from
                break
            tried += 1
            back = asked_to_come_in(answer)
            assert keeping.opens(urlsplit(back).path), (name, back)
            assert KeptForm.objects.get().action == path, name
    assert tried > 60, tried


def test_sizes_and_numbers_are_bounded_and_old_ones_give_way() -> None:
    doctor, now = people.physician(), clock.real_now()
    for number in range(7):
        services.keep(
            user_id=doctor.pk, action=f"/a/{number}/", page="/", fields={"a": ["b"]}, at=now + timedelta(seconds=number)
        )
    assert list(KeptForm.objects.order_by("action").values_list("action", flat=True)) == [
        f"/a/{n}/" for n in range(2, 7)
    ]
    services.keep(user_id=doctor.pk, action="/a/6/", page="/", fields={"a": ["c"]}, at=now + timedelta(seconds=9))
    assert KeptForm.objects.count() == 5
    client = people.signed_in(doctor)
    client.get(DETAILS)
    ended(client)
    KeptForm.objects.all().delete()
    client.post(DETAILS, {"name": "ñ" * 200_000})
    assert not KeptForm.objects.exists()


def test_the_database_keeps_one_form_of_an_address_and_lets_it_expire() -> None:
    doctor, now = people.physician(), clock.real_now()
    row = services.keep(user_id=doctor.pk, action="/a/", page="/", fields={"a": ["b"]}, at=now)
    same = {"user": doctor, "page": "/", "fields": "{}", "kept_at": now}
    with pytest.raises(IntegrityError, match="one_kept_form_per_action"), transaction.atomic():
        KeptForm.objects.create(action="/a/", expires_at=now + timedelta(hours=1), **same)
    with pytest.raises(IntegrityError, match="kept_form_expires"), transaction.atomic():
        KeptForm.objects.create(action="/b/", expires_at=now, **same)
    assert str(row) == "/a/"

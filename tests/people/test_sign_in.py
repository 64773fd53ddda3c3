"""Coming in: identifiers, secrets, throttles, sessions (AU-01…AU-14)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import rules, services, sessions
from portal.people.hashers import PortalArgon2
from portal.people.models import OneTimeSecret, RememberedName, User
from portal.people.services.profile import end_sessions_of
from portal.people.session_store import SessionStore
from tests.factories import people

pytestmark = pytest.mark.django_db
SIGN_IN = "/entrar/"


def enter(client: Client, identifier: str, password: str = people.PASSWORD, **extra: str):
    return client.post(SIGN_IN, {"identifier": identifier, "password": password, **extra})


def secret_of_newest_mail() -> str:
    notice = Notice.objects.order_by("-pk").first()
    assert notice is not None
    return mail.opened(notice)["secret"]


def test_a_physician_signs_in_with_mail_or_rfc() -> None:
    doctor = people.physician()
    for typed in (doctor.email, doctor.email.upper(), people.own_party(doctor).rfc.lower()):
        client = Client()
        assert enter(client, typed).status_code == 302
        assert client.get("/cuenta/").status_code == 200
        assert client.session["_auth_user_id"] == str(doctor.pk)


def hourless(page) -> str:
    """The page without the demo's clock, which may strike between two requests."""
    return re.sub(r"<time.*?</time>", "", page.content.decode())


def test_unknown_and_wrong_get_the_same_page_AU_03(still_clock: None) -> None:
    doctor = people.physician()
    pages = []
    for typed in (doctor.email, "nadie-lo-usa@ejemplo.mx"):
        page = enter(Client(), typed, "no-es-la-mia-7")
        assert page.status_code == 422
        pages.append(re.sub(r'value="[^"]*"', "", hourless(page)))
    assert pages[0] == pages[1]
    assert rules.WRONG in pages[0].replace("&quot;", '"')


def test_every_path_calls_the_hasher_once_AU_03(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PASSWORD_HASHERS = ["portal.people.hashers.PortalArgon2"]
    hashers.get_hashers.cache_clear()
    hashers.get_hashers_by_algorithm.cache_clear()
    doctor = people.physician()
    invited = people.a_person()
    doctor.set_password(people.PASSWORD)
    doctor.save()
    invited.set_unusable_password()
    invited.save()
    calls: list[str] = []
    real_encode, real_verify = PortalArgon2.encode, PortalArgon2.verify
    monkeypatch.setattr(PortalArgon2, "encode", lambda *a, **k: calls.append("encode") or real_encode(*a, **k))
    monkeypatch.setattr(PortalArgon2, "verify", lambda *a, **k: calls.append("verify") or real_verify(*a, **k))
    counts = []
    for typed, password in (
        (doctor.email, people.PASSWORD),
        (doctor.email, "equivocada-9"),
        ("nadie@ejemplo.mx", "equivocada-9"),
        (invited.email, "equivocada-9"),
    ):
        calls.clear()
        enter(Client(), typed, password)
        counts.append(len(calls))
    assert counts == [1, 1, 1, 1]


def test_argon2id_carries_the_parameters_of_the_house() -> None:
    encoded = PortalArgon2().encode("ventana-azul", "unasaldeprueba")
    assert "argon2id" in encoded
    assert "m=19456,t=2,p=1" in encoded


def test_a_long_password_never_reaches_the_hasher_AU_04(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = people.physician()
    monkeypatch.setattr("portal.people.backends.check_password", lambda *a, **k: pytest.fail("hashed"))
    monkeypatch.setattr("portal.people.backends.make_password", lambda *a, **k: pytest.fail("hashed"))
    assert enter(Client(), doctor.email, "x" * 5000).status_code == 422
    with pytest.raises(ValueError, match="hasher"):
        PortalArgon2().encode("x" * 129, "sal")


def test_five_wrong_tries_slow_the_account_but_not_its_known_device_AU_10(still_clock: None) -> None:
    doctor = people.physician()
    home = Client()
    assert enter(home, doctor.email).status_code == 302
    home.post("/salir/")
    for number in range(5):
        assert enter(Client(REMOTE_ADDR=f"127.0.0.{number + 2}"), doctor.email, "mala-mala-1").status_code == 422
    slowed = enter(Client(REMOTE_ADDR="127.0.0.40"), doctor.email)
    assert slowed.status_code == 429
    assert int(slowed["Retry-After"]) > 0
    assert enter(home, doctor.email).status_code == 302


def test_ten_wrong_tries_a_minute_slow_an_address_AU_10(still_clock: None) -> None:
    for number in range(10):
        assert enter(Client(), f"nadie{number}@ejemplo.mx", "mala-mala-1").status_code == 422
    doctor = people.physician()
    assert enter(Client(HTTP_X_FORWARDED_FOR="9.9.9.9"), doctor.email).status_code == 429
    assert enter(Client(REMOTE_ADDR="127.0.0.9"), doctor.email).status_code == 302


def test_the_secret_opens_only_choose_your_password_AU_01() -> None:
    doctor = people.physician()
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    secret, client = secret_of_newest_mail(), Client()
    assert enter(client, doctor.email, secret.lower().replace("-", " ")).url == "/entrar/elegir-contrasena/"
    for path in ("/cuenta/", "/", "/avisos/", "/registro/"):
        assert client.get(path).url == "/entrar/elegir-contrasena/"
    assert "_auth_user_id" not in client.session
    assert client.post("/entrar/elegir-contrasena/", {"password": secret}).status_code == 422
    assert client.post("/entrar/elegir-contrasena/", {"password": "corta"}).status_code == 422
    assert client.post("/entrar/elegir-contrasena/", {"password": "lluvia-en-la-sierra"}).url == SIGN_IN
    assert enter(Client(), doctor.email, "lluvia-en-la-sierra").status_code == 302
    assert enter(Client(), doctor.email, secret).status_code == 422


def test_asking_for_a_secret_leaves_the_password_alone_AU_02(still_clock: None) -> None:
    doctor = people.physician()
    page = Client().post("/recuperar/", {"identifier": doctor.email})
    unknown = Client().post("/recuperar/", {"identifier": "nadie@ejemplo.mx"})
    assert hourless(page) == hourless(unknown)
    assert enter(Client(), doctor.email).status_code == 302


def test_only_the_newest_secret_works_and_it_expires_AU_01_AU_02() -> None:
    doctor = people.physician()
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    first = secret_of_newest_mail()
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    second = secret_of_newest_mail()
    assert enter(Client(), doctor.email, first).status_code == 422
    live = OneTimeSecret.objects.get(user=doctor, used_at=None)
    past = clock.real_now() - rules.SECRET_LIFE
    OneTimeSecret.objects.filter(pk=live.pk).update(created_at=past, expires_at=clock.real_now())
    assert enter(Client(), doctor.email, second).status_code == 422


def test_three_mails_an_hour_a_person_AU_02(still_clock: None) -> None:
    doctor = people.physician()
    for _ in range(5):
        assert Client().post("/recuperar/", {"identifier": doctor.email}).status_code == 200
    assert Notice.objects.filter(user=doctor, kind="recover").count() == 3


def test_the_session_key_changes_at_sign_in_and_the_old_cookie_is_dead_after_sign_out_AU_12() -> None:
    doctor, client, thief = people.physician(), Client(), Client()
    client.post("/entrar/llave/opciones/")
    before = client.session.session_key
    enter(client, doctor.email)
    key = client.session.session_key
    assert key != before
    assert not Session.objects.filter(session_key=before).exists()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert thief.get("/cuenta/").status_code == 200
    goodbye = client.post("/salir/")
    assert goodbye["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    assert thief.get("/cuenta/").url.startswith(SIGN_IN)


@pytest.mark.parametrize(
    ("staff", "minutes", "alive"), [(False, 29, True), (False, 31, False), (True, 14, True), (True, 16, False)]
)
def test_idle_sessions_end_AU_12(staff: bool, minutes: int, alive: bool) -> None:
    client = people.signed_in(people.reviewer() if staff else people.physician())
    store = client.session
    now = clock.real_now().timestamp()
    store.update({"seen_at": now - minutes * 60, "began_at": now - minutes * 60, "consents_at": now})
    store.save()
    answer = client.get("/cuenta/")
    assert (answer.status_code == 200) is alive


def test_a_session_ends_after_twelve_hours_AU_12() -> None:
    client = people.signed_in(people.physician())
    store, now = client.session, clock.real_now().timestamp()
    store.update({"seen_at": now, "began_at": now - 12 * 3600 - 1})
    store.save()
    assert client.get("/cuenta/").url.startswith(SIGN_IN)


def test_a_disabled_account_loses_all_at_once_AU_12() -> None:
    doctor = people.physician()
    client = people.signed_in(doctor, consents_at=clock.real_now().timestamp())
    assert client.get("/cuenta/").status_code == 200
    services.disable_person(user=doctor, by=people.administrator(), at=clock.now(), reason="prueba")
    assert client.get("/cuenta/").url.startswith(SIGN_IN)
    assert enter(Client(), doctor.email).status_code == 422


@pytest.mark.parametrize("target", ["/avisos/?antes=1", "/ /malo.example/..//x", "/cuenta/#llave"])
def test_next_inside_the_portal_is_kept(target: str) -> None:
    answer = enter(Client(), people.physician().email, next=target)
    assert urlsplit(urljoin("http://localhost:8000/entrar/", answer.url)).netloc == "localhost:8000"
    assert unquote(answer.url) == target


def test_no_account_exists_after_migrating_AU_14(django_user_model) -> None:
    assert not django_user_model.objects.exists()


def test_staff_with_a_password_alone_reaches_only_enrolment_AU_08() -> None:
    client = Client()
    assert enter(client, people.reviewer().email).status_code == 302
    for path in ("/", "/cuenta/", "/avisos/", "/cuenta/datos/"):
        assert client.get(path).url == reverse("people:security")
    assert client.get(reverse("people:security")).status_code == 200
    assert client.get(reverse("people:totp")).status_code == 200


def test_finance_with_codes_alone_reaches_only_enrolment_AU_08() -> None:
    client = people.signed_in(people.approver(), factor="totp")
    assert client.get("/cuenta/").url == reverse("people:security")
    assert people.signed_in(people.approver(), factor="passkey").get("/cuenta/").status_code == 200


def test_a_demo_session_counts_as_proved_only_while_the_demo_is_on_AU_08(settings) -> None:
    client = people.signed_in(people.approver(), factor="password", demo=True)
    settings.DEMO = True
    assert client.get("/cuenta/").status_code == 200
    settings.DEMO = False
    assert client.get("/cuenta/").url == reverse("people:security")


def remembered(client: Client) -> str:
    morsel = client.cookies.get(sessions.REMEMBER_COOKIE)
    return morsel.value if morsel else ""


def test_remember_me_is_off_and_keeps_only_a_random_handle_AU_11(settings) -> None:
    doctor, client = people.physician(), Client()
    assert "checked" not in client.get(SIGN_IN).content.decode()
    enter(client, doctor.email)
    assert not remembered(client)
    client.post("/salir/")
    enter(client, people.own_party(doctor).rfc, remember="on")
    cookie = client.cookies[sessions.REMEMBER_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert cookie["max-age"] == 90 * 86400
    assert doctor.email not in str(client.cookies) and people.own_party(doctor).rfc not in str(client.cookies)
    assert RememberedName.objects.get().digest == rules.digest(cookie.value) != cookie.value
    client.post("/salir/")
    page = client.get(SIGN_IN).content.decode()
    assert people.own_party(doctor).rfc not in page and people.own_party(doctor).rfc[:4] + "•" in page
    assert "checked" in page


def test_a_remembered_browser_asks_for_the_password_alone_and_unticking_forgets_AU_11() -> None:
    doctor, client = people.physician(), Client()
    enter(client, doctor.email, remember="on")
    first = remembered(client)
    client.post("/salir/")
    assert enter(client, "", "no-es-la-mia-7", remember="on").status_code == 422
    assert enter(client, "", remember="on").status_code == 302
    assert client.session["_auth_user_id"] == str(doctor.pk)
    assert remembered(client) not in {"", first}
    client.post("/salir/")
    assert enter(client, "").status_code == 302
    assert not remembered(client)
    assert not RememberedName.objects.exists()
    client.post("/salir/")
    assert enter(client, "").status_code == 422


def test_a_handle_dies_after_ninety_days_and_never_lengthens_a_session_AU_11() -> None:
    doctor, client = people.physician(), Client()
    enter(client, doctor.email, remember="on")
    assert client.session.get_expiry_age() <= 12 * 3600
    RememberedName.objects.update(
        created_at=clock.real_now() - timedelta(days=91), expires_at=clock.real_now() - timedelta(days=1)
    )
    client.post("/salir/")
    assert "•" not in client.get(SIGN_IN).content.decode()
    assert enter(client, "").status_code == 422
    with pytest.raises(IntegrityError, match="remembered_name_expires"), transaction.atomic():
        RememberedName.objects.update(expires_at=clock.real_now() - timedelta(days=99))


def test_the_cookies_are_host_bound_where_there_is_https_AU_11() -> None:
    code = "from config import settings; from portal.people.sessions import REMEMBER_COOKIE as c, DEVICE_COOKIE as d"
    told = "import django; django.setup(); " + code + "; print(c, d, settings.SESSION_COOKIE_SECURE)"
    made = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "BASE_URL": "https://portal.ejemplo.mx"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.split() == ["__Host-cauce_user", "__Host-cauce_device", "True"]


def test_a_hundred_failures_a_minute_tell_the_desk_once_AU_10(
    still_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (rules.ALERT_LIMIT, rules.ALERT_WINDOW) == (100, 60)
    monkeypatch.setattr(rules, "ALERT_LIMIT", 12)
    watcher, other = people.administrator(), people.reviewer()
    for number in range(14):
        enter(Client(REMOTE_ADDR=f"127.0.1.{number + 1}"), f"nadie{number}@ejemplo.mx", "mala-mala-1")
    assert list(Notice.objects.values_list("user", "kind")) == [(watcher.pk, "sign_in_alert")]
    assert not Notice.objects.filter(user=other).exists()


def test_tries_that_were_slowed_down_count_as_failures_too_AU_10(
    still_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "ALERT_LIMIT", 12)
    people.administrator()
    for _number in range(12):
        enter(Client(), "nadie@ejemplo.mx", "mala-mala-1")
    assert Notice.objects.filter(kind="sign_in_alert").count() == 1


@pytest.mark.parametrize(
    "target",
    [
        "https://malo.example/",
        "//malo.example/",
        "///malo.example",
        "/\\malo.example",
        "\\\\malo.example",
        "http:malo.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " //malo.example",
        "/\t/malo.example",
        "/\n/malo.example",
        "%2f%2fmalo.example",
        "http://localhost:8000@malo.example/",
        "//localhost:8000.malo.example",
        "\x00/cuenta/",
        "",
        "/" + "/" * 50,
        "https:///malo.example",
        "///x",
        "\t//malo",
    ],
)
def test_next_leads_only_inside_the_portal_AU_13(target: str) -> None:
    doctor = people.physician()
    for answer in (
        enter(Client(), doctor.email, next=target),
        people.signed_in(doctor).get(SIGN_IN, {"next": target}),
    ):
        assert (answer.status_code, answer.url) == (302, "/")


def test_the_host_header_changes_no_link_AU_06(settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    doctor = people.physician()
    for headers in (
        {"HTTP_HOST": "malo.example"},
        {"HTTP_X_FORWARDED_HOST": "malo.example"},
        {"HTTP_HOST": "localhost:8000@malo.example"},
        {"HTTP_FORWARDED": "host=malo.example", "HTTP_X_ORIGINAL_URL": "//malo.example/"},
    ):
        Client(**headers).post("/recuperar/", {"identifier": doctor.email})
    assert Notice.objects.exists()
    for notice in Notice.objects.all():
        body = str(mail.compose(notice, doctor.email).message())
        assert "malo" not in body
        assert mail.recipients(notice) == [doctor.email]
        assert settings.BASE_URL in notice.action_url


def test_an_unknown_host_gets_a_400_without_echo_AU_06() -> None:
    answer = Client(raise_request_exception=False).get("/entrar/", headers={"host": "malo.example"})
    assert answer.status_code == 400
    assert "malo.example" not in answer.content.decode()


def test_a_look_alike_address_reaches_nobody_AU_06() -> None:
    doctor = people.physician(email="mike@ejemplo.mx")
    for typed in ("mıke@ejemplo.mx", "mike@ejempło.mx", "ｍike@ejemplo.mx", "MIKE@ejemplo.mx\n.malo.example"):
        Client().post("/recuperar/", {"identifier": typed})
    assert not Notice.objects.filter(user=doctor).exists()


def test_a_session_that_is_ended_while_its_sign_in_is_still_answered_stays_ended_AU_12(rf) -> None:
    doctor = people.physician()
    for listed in (lambda one: sessions.begin(one, doctor, factor="password"), _new_key(doctor)):
        request = rf.post("/")
        request.session, request.user = SessionStore(), doctor
        listed(request)
        key = request.session.session_key
        assert Session.objects.filter(session_key=key).exists(), "it is written before it is listed"
        assert end_sessions_of(doctor) == 1
        with pytest.raises(UpdateError):
            request.session.save()
        assert not Session.objects.exists()


def _new_key(doctor: User) -> Any:
    return lambda one: sessions.keep_after_password_change(one, doctor)

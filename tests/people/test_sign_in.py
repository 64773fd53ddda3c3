"""Coming in: identifiers, secrets, throttles, sessions (AU-01…AU-14)."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import rules, services
from portal.people.hashers import PortalArgon2
from portal.people.models import OneTimeSecret
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
        assert client.get("/cuenta/").status_code in {200, 302}
        assert client.session["_auth_user_id"] == str(doctor.pk)


def test_unknown_and_wrong_get_the_same_page_AU_03() -> None:
    doctor = people.physician()
    pages = []
    for typed in (doctor.email, "nadie-lo-usa@ejemplo.mx"):
        page = enter(Client(), typed, "no-es-la-mia-7")
        assert page.status_code == 422
        pages.append(re.sub(r'value="[^"]*"', "", page.content.decode()))
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


def test_five_wrong_tries_slow_the_account_but_not_its_known_device_AU_10() -> None:
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


def test_ten_wrong_tries_a_minute_slow_an_address_AU_10() -> None:
    for number in range(10):
        enter(Client(), f"nadie{number}@ejemplo.mx", "mala-mala-1")
    assert enter(Client(HTTP_X_FORWARDED_FOR="9.9.9.9"), people.physician().email).status_code == 429


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


def test_asking_for_a_secret_leaves_the_password_alone_AU_02() -> None:
    doctor = people.physician()
    page = Client().post("/recuperar/", {"identifier": doctor.email})
    unknown = Client().post("/recuperar/", {"identifier": "nadie@ejemplo.mx"})
    assert page.content == unknown.content
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


def test_three_mails_an_hour_a_person_AU_02() -> None:
    doctor = people.physician()
    for _ in range(5):
        assert Client().post("/recuperar/", {"identifier": doctor.email}).status_code == 200
    assert Notice.objects.filter(user=doctor, kind="recover").count() == 3


def test_the_session_key_changes_at_sign_in_and_the_old_cookie_is_dead_after_sign_out_AU_12() -> None:
    doctor, client = people.physician(), Client()
    client.get(SIGN_IN)
    enter(client, doctor.email)
    key = client.session.session_key
    goodbye = client.post("/salir/")
    assert goodbye["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    assert client.post("/salir/").status_code == 302


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


@pytest.mark.parametrize(
    "target", ["https://malo.example/", "//malo.example", "/\\malo.example", "javascript:alert(1)", "///x", "\t//malo"]
)
def test_next_stays_inside_AU_13(target: str) -> None:
    answer = enter(Client(), people.physician().email, next=target)
    assert answer.url == "/"


def test_next_inside_the_portal_is_kept() -> None:
    assert enter(Client(), people.physician().email, next="/avisos/?antes=1").url == "/avisos/?antes=1"


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

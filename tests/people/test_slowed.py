"""Slowed down, never kept out: whoever owns the mailbox gets in while others guess (AU-01, AU-03, AU-10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import clock
from portal.errors import RuleBroken, TooMany
from portal.history.models import AuditEvent
from portal.notices import mail
from portal.notices.models import Notice
from portal.once.models import Throttle
from portal.people import rules, services
from portal.people.hashers import PortalArgon2
from portal.people.models import User
from tests.factories import people
from tests.factories.threads import at_once
from tests.people.proofs import shown_by_telephone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
WRONG = "mala-mala-1"
NEW = "lluvia-en-la-sierra"


def enter(client: Client, typed: str, password: str = people.PASSWORD) -> Any:
    return client.post("/entrar/", {"identifier": typed, "password": password})


def attacked(user: User, tries: int = 5) -> None:
    """Somebody elsewhere guesses until the account is slowed down."""
    for number in range(tries):
        enter(Client(REMOTE_ADDR=f"127.0.3.{number + 1}"), user.email, WRONG)


def mailed_secret(user: User, browser: Client) -> str:
    """The secret that the owner asks for on the page, as the page of a slowed account tells them to."""
    assert browser.post("/recuperar/", {"identifier": user.email}).status_code == 200
    newest = Notice.objects.filter(user=user, kind="recover").latest("pk")
    return str(mail.opened(newest)["secret"])


def test_the_way_out_that_the_page_names_is_open_AU_10() -> None:
    """The whole path of the sentence: slowed down, mail asked for, secret typed, password chosen, inside."""
    doctor, browser = people.physician(), Client()
    attacked(doctor)
    slowed = enter(browser, doctor.email)
    assert slowed.status_code == 429 and "recupera tu acceso por correo" in slowed.content.decode()
    secret = mailed_secret(doctor, browser)
    attacked(doctor, 7)
    assert enter(browser, doctor.email, secret).url == "/entrar/elegir-contrasena/"
    assert browser.post("/entrar/elegir-contrasena/", {"password": NEW}).url == "/entrar/"
    assert enter(Client(REMOTE_ADDR="127.0.3.99"), doctor.email, NEW).status_code == 429, "elsewhere it is still slow"
    assert enter(browser, doctor.email, NEW).url == "/", "this browser is its owner's now"
    assert browser.get("/cuenta/").status_code == 200


def test_the_secret_of_an_invited_person_opens_too_while_others_guess_AU_01() -> None:
    doctor = people.physician()
    party = people.own_party(doctor)
    services.invite_assistant(
        party=party,
        role=people.Role.PHYSICIAN_ASSISTANT,
        email="nueva@ejemplo.mx",
        name="Ayuda",
        by=doctor,
        at=clock.now(),
    )
    invited = User.objects.get(email="nueva@ejemplo.mx")
    attacked(invited)
    secret = mail.opened(Notice.objects.get(user=invited, kind="invited"))["secret"]
    assert enter(Client(), invited.email, secret).url == "/entrar/elegir-contrasena/"


def test_guesses_at_secrets_stay_limited_AU_10() -> None:
    """They are judged while the account is slowed down, ten a minute from one address, and only a live one opens."""
    doctor, thief = people.physician(), Client(REMOTE_ADDR="127.0.3.50")
    secret = mailed_secret(doctor, Client())
    attacked(doctor)
    said = [enter(thief, doctor.email, f"AAAA-AAAA-AAAA-AA{number:02}").status_code for number in range(11)]
    assert said == [429] * 11
    assert Throttle.objects.get(scope="sign_in.ip", key="127.0.3.50").count == rules.IP_LIMIT
    refused = enter(thief, doctor.email, secret)
    assert refused.status_code == 429, "the address is used up even for a right one"
    assert "recupera tu acceso" not in refused.content.decode(), "no mail helps an address"
    assert enter(Client(), doctor.email, secret).url == "/entrar/elegir-contrasena/"


def test_a_closed_account_opens_by_no_secret_AU_12() -> None:
    doctor = people.physician()
    secret = mailed_secret(doctor, Client())
    services.disable_person(user=doctor, by=people.administrator(), at=clock.now(), reason="prueba")
    assert enter(Client(), doctor.email, secret).status_code == 422


def test_right_ones_count_against_nothing_AU_10() -> None:
    doctor = people.physician()
    for _ in range(14):
        assert enter(Client(), doctor.email).status_code == 302
    secret = mailed_secret(doctor, Client())
    for _ in range(14):
        assert enter(Client(), doctor.email, secret).status_code == 302
    assert set(Throttle.objects.filter(scope__startswith="sign_in").values_list("count", flat=True)) == {0}


def judged(answers: list[Any]) -> int:
    assert all(isinstance(answer, RuleBroken) for answer in answers), answers
    return sum(not isinstance(answer, TooMany) for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_five_are_judged_AU_10() -> None:
    doctor = people.physician()

    def guess(number: int) -> services.Proof:
        asked = {"identifier": doctor.email, "password": WRONG, "device_cookie": "", "ip": f"127.0.4.{number}"}
        return services.check_credentials(**asked, at=clock.now())

    assert judged(at_once([lambda number=number: guess(number) for number in range(20)])) == 5  # type: ignore[misc]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_from_one_address_ten_are_judged_AU_10() -> None:
    def guess(number: int) -> services.Proof:
        asked = {"identifier": f"nadie{number}@ejemplo.mx", "password": WRONG, "device_cookie": "", "ip": "127.0.4.9"}
        return services.check_credentials(**asked, at=clock.now())

    assert judged(at_once([lambda number=number: guess(number) for number in range(20)])) == 10  # type: ignore[misc]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_codes_and_twenty_changes_at_once_ten_are_judged_AU_10() -> None:
    doctor, secret = people.physician(), generate_totp_secret()
    services.enable_totp(by=doctor, secret=secret, code=shown_by_telephone(secret), at=clock.now())
    assert judged(at_once([lambda: services.use_code(user=doctor, code="nada", at=clock.now())] * 20)) == 10
    change = {"by": doctor, "current": WRONG, "password": NEW, "keep_session": ""}
    assert judged(at_once([lambda: services.change_password(**change, at=clock.now())] * 20)) == 10


def test_who_learned_the_password_does_not_keep_its_owner_from_the_second_step_AU_10() -> None:
    doctor, secret, home = people.physician(), generate_totp_secret(), Client()
    assert enter(home, doctor.email).url == "/"
    home.post("/salir/")
    codes = services.enable_totp(by=doctor, secret=secret, code=shown_by_telephone(secret), at=clock.now())
    thief = Client()
    enter(thief, doctor.email)
    tried = [thief.post("/entrar/segundo-paso/", {"code": "nada"}).status_code for _ in range(11)]
    assert tried == [422] * 10 + [429]
    enter(home, doctor.email)
    assert home.post("/entrar/segundo-paso/", {"code": codes[0]}).url == "/"


def test_a_known_account_costs_what_an_unknown_one_costs_to_refuse_AU_03(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements in the same order and one call of the hasher, with and without the browser's cookie."""
    settings.PASSWORD_HASHERS = ["portal.people.hashers.PortalArgon2"]
    hashers.get_hashers.cache_clear()
    hashers.get_hashers_by_algorithm.cache_clear()
    doctor, closed, invited = people.physician(), people.physician(), people.a_person()
    for user in (doctor, closed):
        user.set_password(people.PASSWORD)
        user.save()
    invited.set_unusable_password()
    invited.save()
    services.disable_person(user=closed, by=people.administrator(), at=clock.now(), reason="prueba")
    calls: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(PortalArgon2, name)
        monkeypatch.setattr(PortalArgon2, name, lambda *a, _real=real, **k: calls.append("hash") or _real(*a, **k))
    for cookie in ("", "una-galleta-cualquiera"):
        seen = []
        for place, typed in enumerate((doctor.email, closed.email, invited.email, "nadie@ejemplo.mx")):
            calls.clear()
            asked = {"identifier": typed, "password": WRONG, "ip": f"127.0.5.{place}", "device_cookie": cookie}
            now = clock.now()
            with CaptureQueriesContext(connection) as ran, pytest.raises(RuleBroken, match="no coinciden"):
                services.check_credentials(**asked, at=now)
            statements = [re.split(' VALUES | WHERE | "s|unnest', query["sql"])[0] for query in ran.captured_queries]
            seen.append((len(calls), statements))
        assert seen[0] == seen[1] == seen[2] == seen[3]
        assert seen[0][0] == 1
    assert AuditEvent.objects.filter(action="people.sign_in_failed").count() == 8

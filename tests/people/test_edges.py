"""Where secrets, closed accounts, credentials and codes end: the second before and the moment itself (real time)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client

from portal import clock
from portal.access import Role
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import rules, selectors, services
from portal.people.models import Consent, Grant, OneTimeSecret, RememberedName, User
from tests.factories import people
from tests.people.proofs import shown_by_telephone, token_in_mail

pytestmark = pytest.mark.django_db
PASSWORD = "lluvia-en-la-sierra"
SECOND, MEXICO = timedelta(seconds=1), ZoneInfo("America/Mexico_City")


def mailed_secret(user: User) -> str:
    services.ask_secret(identifier=user.email, ip="127.0.0.1", at=clock.now())
    return mail.opened(Notice.objects.filter(user=user, kind="recover").latest("created_at"))["secret"]


def enter(client: Client, user: User, password: str = people.PASSWORD, **more: str) -> int:
    return client.post("/entrar/", {"identifier": user.email, "password": password, **more}).status_code


# --- one-time secrets --------------------------------------------------------------------------------------------


def test_a_secret_lives_an_hour_also_for_whoever_typed_it_in_time_AU_01() -> None:
    doctor = people.physician()
    digest = rules.digest(rules.plain_secret(mailed_secret(doctor)))
    ends = OneTimeSecret.objects.get().expires_at
    said = {"by": doctor, "digest": digest, "password": PASSWORD, "browser": "Chrome", "at": clock.now()}
    with time_machine.travel(ends, tick=False), pytest.raises(RuleBroken) as refused:
        services.choose_password(**said)
    assert refused.value.code == "secret_gone"
    with time_machine.travel(ends - SECOND, tick=False):
        services.choose_password(**said)
    doctor.refresh_from_db()
    assert doctor.check_password(PASSWORD)


def test_asking_for_a_secret_leaves_the_link_of_the_second_address_alive_AU_07() -> None:
    doctor = people.physician()
    services.add_secondary_email(by=doctor, address="otro@ejemplo.mx", at=clock.now())
    mailed_secret(doctor)
    services.confirm_secondary_email(token=token_in_mail("secondary_confirm"), at=clock.now())
    assert selectors.addresses_of(doctor.pk) == [doctor.email, "otro@ejemplo.mx"]
    assert OneTimeSecret.objects.filter(purpose="choose-password", used_at=None).count() == 1


def test_the_link_of_a_second_address_dies_after_a_day_AU_07() -> None:
    doctor = people.physician()
    services.add_secondary_email(by=doctor, address="otro@ejemplo.mx", at=clock.now())
    token, made = token_in_mail("secondary_confirm"), OneTimeSecret.objects.get()
    assert made.expires_at - made.created_at == timedelta(hours=24)
    with time_machine.travel(made.expires_at, tick=False), pytest.raises(RuleBroken):
        services.confirm_secondary_email(token=token, at=clock.now())
    assert selectors.addresses_of(doctor.pk) == [doctor.email]
    with time_machine.travel(made.expires_at - SECOND, tick=False):
        services.confirm_secondary_email(token=token, at=clock.now())
    assert selectors.addresses_of(doctor.pk) == [doctor.email, "otro@ejemplo.mx"]


@pytest.mark.parametrize("way", ["changed", "chosen"])
def test_a_new_password_makes_every_known_browser_a_stranger_AU_05(way: str) -> None:
    doctor = people.physician()
    assert enter(Client(), doctor) == 302
    assert doctor.known_devices.count() == 1
    said = {"by": doctor, "password": PASSWORD, "at": clock.now()}
    if way == "changed":
        services.change_password(current=people.PASSWORD, keep_session="", **said)
    else:
        digest = rules.digest(rules.plain_secret(mailed_secret(doctor)))
        services.choose_password(digest=digest, browser="Safari en Mac", **said)
    known = {"changed": [], "chosen": ["Safari en Mac"]}  # the one that chose it came with a secret of the mail
    assert [one.label for one in doctor.known_devices.all()] == known[way]


# --- closed accounts ---------------------------------------------------------------------------------------------


def test_a_closed_account_gets_no_secret_and_an_older_one_opens_nothing_AU_12() -> None:
    doctor, client = people.physician(), Client()
    secret = mailed_secret(doctor)
    services.disable_person(user=doctor, by=people.administrator(), at=clock.now(), reason="prueba")
    assert enter(client, doctor, secret) == 422
    assert "choosing" not in client.session
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    assert Notice.objects.filter(user=doctor, kind="recover").count() == 1


def test_what_ended_with_an_account_does_not_live_again_when_it_opens_AU_12() -> None:
    person, admin, browser = people.a_person(), people.administrator(), Client()
    assert enter(browser, person) == 302
    assert person.known_devices.count() == 1
    ends = clock.real_now() + timedelta(days=30)
    said = {"scopes": ["orders:write"], "expires_at": ends, "by": admin, "at": clock.now()}
    _row, secret = services.issue_token(name="Sistema", user=person, party=people.an_insurer(), **said)
    assert selectors.live_token(secret, at=clock.real_now()) is not None
    services.disable_person(user=person, by=admin, at=clock.now(), reason="prueba")
    services.enable_person(user=person, by=admin, at=clock.now(), reason="prueba")
    assert selectors.live_token(secret, at=clock.real_now()) is None
    assert not person.known_devices.exists()
    assert browser.get("/cuenta/").url.startswith("/entrar/")
    assert enter(Client(), person) == 302


# --- roles and credentials ---------------------------------------------------------------------------------------


def test_whoever_receives_a_desk_role_does_not_confirm_it_AC_07() -> None:
    admin, person = people.administrator(), people.a_person()
    said = {"user": person, "party": people.the_operator(), "role": Role.REVIEWER, "by": admin, "at": clock.now()}
    for confirms in (None, admin, person):
        with pytest.raises(RuleBroken) as refused:
            services.grant_role(**said, confirmed_by=confirms)
        assert refused.value.code == "second_administrator"
    assert not Grant.objects.filter(user=person).exists()


def test_a_role_just_given_is_seen_on_the_same_person() -> None:
    person, doctor = people.a_person(), people.physician()
    assert person.roles == frozenset()
    party, role = people.own_party(doctor), Role.PHYSICIAN_ASSISTANT
    services.grant_role(user=person, party=party, role=role, by=doctor, at=clock.now())
    assert person.roles == {role}
    with pytest.raises(RuleBroken) as refused:
        services.grant_role(user=person, party=party, role=role, by=doctor, at=clock.now())
    assert refused.value.code == "grant_known" and "ya tiene el permiso" in refused.value.message


def test_a_credential_lives_to_the_end_of_its_last_local_day() -> None:
    until = clock.date_in(clock.real_now()) + timedelta(days=30)
    token, _secret = services.give_credential(
        party=people.an_insurer(),
        name="Altas",
        email="sistemas@aseguradora.mx",
        person="Eva Sol",
        scopes=["orders:write"],
        until=until,
        by=people.administrator(),
        at=clock.now(),
    )
    assert token.expires_at == datetime.combine(until + timedelta(days=1), datetime.min.time(), MEXICO)
    assert clock.date_in(token.expires_at - SECOND) == until


# --- codes, names, consents --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_off_either_way_AU_08(steps: int, opens: bool) -> None:
    seed, at = generate_totp_secret(), datetime.combine(date(2026, 11, 22), datetime.min.time(), MEXICO)
    with time_machine.travel(at, tick=False):
        code = shown_by_telephone(seed, steps=steps)
        if opens:
            assert services.enable_totp(by=people.physician(), secret=seed, code=code, at=clock.now())
            return
        with pytest.raises(RuleBroken, match="no coincide"):
            services.enable_totp(by=people.physician(), secret=seed, code=code, at=clock.now())


def test_two_browsers_remember_the_same_person_apart_AU_11() -> None:
    doctor, home, office = people.physician(), Client(), Client()
    for browser in (home, office):
        assert enter(browser, doctor, remember="on") == 302
    assert RememberedName.objects.count() == 2
    home.post("/salir/")
    assert "•••••@" in home.get("/entrar/").content.decode()


def test_a_consent_given_again_after_it_was_taken_back_is_another_one_PR_01() -> None:
    doctor = people.physician()
    first = Consent.objects.get(user=doctor)
    services.withdraw_consent(by=doctor, consent=first, at=clock.now())
    said = {"by": doctor, "text": first.text, "purposes": ["necessary"], "proof": "session", "at": clock.now()}
    again = services.accept_consent(**said)
    assert again != first
    assert selectors.missing_consents(doctor) == []
    assert set(selectors.consents_of(doctor)) == {again, first}
    assert AuditEvent.objects.filter(action="people.consent_given").count() == 1

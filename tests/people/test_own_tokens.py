"""A person's own credentials for the API: made after a fresh proof, shown once, ended by their word or by events."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.people import rules, selectors, services
from portal.people.models import ApiToken
from tests.factories import people

pytestmark = pytest.mark.django_db
NEW = "/cuenta/credenciales/nueva/"


def make(user, *scopes, name="Mi contabilidad", days=30):
    return services.give_own_token(
        name=name,
        scopes=scopes or ["billing:read"],
        until=clock.today() + timedelta(days=days),
        factor="password",
        by=user,
        at=clock.now(),
    )


def test_it_is_made_on_a_page_that_asks_who_one_is_shown_once_and_its_person_is_told() -> None:
    doctor = people.physician()
    stale = people.signed_in(doctor, fresh_at=0)
    assert stale.get(NEW)["Location"].startswith("/cuenta/seguridad/confirmar/")
    browser = people.signed_in(doctor, factor="password")
    sent = {"name": "Mi contabilidad", "scopes": ["billing:read"], "until": f"{clock.today():%d/%m/%Y}"}
    page = browser.post(NEW, sent).content.decode()
    secret = re.search(r"cauce_[\w-]{40,}", page)[0]
    token = ApiToken.objects.get()
    assert (token.user, token.party, token.factor, token.scopes) == (doctor, None, "password", ["billing:read"])
    assert token.digest == rules.digest(secret) and secret not in browser.get("/cuenta/credenciales/").content.decode()
    assert selectors.live_token(secret, at=clock.real_now()) == token
    assert "Mi contabilidad" in Notice.objects.get(user=doctor).body
    again = browser.post(NEW, sent)
    assert again.status_code in {409, 422} and "Ya hay una credencial con ese nombre" in again.content.decode()
    assert browser.post(NEW, sent | {"scopes": []}).status_code == 422
    assert people.signed_in(people.administrator()).get("/mesa/credenciales/").content.decode().count("contab") == 0


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        ([""], 30, "unknown_scope"),
        (["orders:write"], 30, "unknown_scope"),
        (["billing:read"], 400, "token_life"),
        (["billing:read"], -2, "token_life"),
        (["payments:act", "billing:read"], 30, "acting_alone"),
    ],
)
def test_it_carries_known_scopes_and_lives_a_year_at_most(scopes, days, code) -> None:
    with pytest.raises(RuleBroken) as broken:
        make(people.physician(), *scopes, days=days)
    assert broken.value.code == code


def test_one_that_acts_on_payments_lives_15_minutes_whatever_the_day_AU_08() -> None:
    token, _ = make(people.approver(), "payments:act")
    assert token.expires_at - token.created_at <= timedelta(minutes=15)


def test_a_name_lives_once_and_may_be_used_again_after_its_end() -> None:
    doctor = people.physician()
    first, _ = make(doctor)
    with pytest.raises(Conflict):
        make(doctor)
    make(people.stranger())  # names are each person's own
    browser, other = people.signed_in(doctor), people.signed_in(people.stranger())
    end = f"/cuenta/credenciales/{first.pk}/terminar/"
    assert other.post(end).status_code == 404
    assert people.signed_in(people.administrator()).post(f"/mesa/credenciales/{first.pk}/terminar/").status_code == 404
    assert browser.post(end)["Location"] == "/cuenta/credenciales/"
    assert "¿Terminar «" in browser.get(end).content.decode() and other.get(end).status_code == 404
    assert make(doctor)[0].name == first.name
    page = browser.get("/cuenta/credenciales/").context["page"]
    ended = [(row[-2].text, row[-1].text, bool(row[-1].href)) for row in page.rows]
    assert ended == [("Vigente", "Terminar", True), ("Terminada", "", False)]


def test_one_that_expired_frees_its_name_MO_04() -> None:
    doctor = people.physician()
    old, _ = make(doctor)
    past = clock.real_now() - timedelta(seconds=1)
    ApiToken.objects.filter(pk=old.pk).update(created_at=past - timedelta(days=1), expires_at=past)
    new, secret = make(doctor)
    old.refresh_from_db()
    assert (new.name, old.ended_at, selectors.live_token(secret, at=clock.real_now())) == (old.name, past, new)
    page = people.signed_in(doctor).get("/cuenta/credenciales/").context["page"]
    assert [(row[-2].text, row[-1].text) for row in page.rows] == [("Vigente", "Terminar"), ("Venció", "")]
    with pytest.raises(Conflict):
        make(doctor)


def test_a_way_of_signing_in_that_is_removed_ends_ones_own_tokens_AU_08() -> None:
    doctor = people.physician()
    factor = Authenticator.objects.create(user=doctor, type=Authenticator.Type.WEBAUTHN, data={})
    token, secret = make(doctor)
    services.remove_factor(by=doctor, factor=factor, at=clock.now())
    token.refresh_from_db()
    assert token.ended_at and selectors.live_token(secret, at=clock.real_now()) is None


def test_what_the_demo_proved_proves_nothing_elsewhere_AU_08(settings) -> None:
    token, secret = make(people.physician())
    ApiToken.objects.update(factor="demo")
    for demo, found in ((True, token), (False, None)):
        settings.DEMO = demo
        assert selectors.live_token(secret, at=clock.real_now()) == found


def test_a_new_password_ends_ones_own_tokens_not_those_of_systems_one_answers_for_AU_05() -> None:
    user, insurer = people.a_person(), people.an_insurer()
    make(user)
    services.issue_token(
        name="Sistema",
        user=user,
        party=insurer,
        scopes=["orders:write"],
        by=people.administrator(),
        at=clock.now(),
        expires_at=clock.real_now() + timedelta(days=1),
    )
    services.change_password(
        by=user, current=people.PASSWORD, password="otra-ventana-de-marzo-9", keep_session="", at=clock.now()
    )
    assert [(row.name, row.ended_at is None) for row in ApiToken.objects.order_by("name")] == [
        ("Mi contabilidad", False),
        ("Sistema", True),
    ]

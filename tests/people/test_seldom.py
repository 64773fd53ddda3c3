"""What seldom happens to an account: late clicks, second tries, things that are no longer there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client
from django.urls import reverse
from lxml import html

from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import passkeys, selectors, services, sessions
from portal.people.models import (
    ApiToken,
    Consent,
    ConsentText,
    Grant,
    OneTimeSecret,
    Registration,
    RememberedName,
    SignInIdentifier,
    User,
)
from tests.factories import people
from tests.people.proofs import shown_by_telephone, token_in_mail
from tests.people.test_passkeys import SoftKey, plain

pytestmark = pytest.mark.django_db
PASSWORD = "lluvia-en-la-sierra"
CHOOSE = "/entrar/elegir-contrasena/"


def privacy() -> ConsentText:
    text = selectors.latest_text("portal-privacy")
    assert text is not None
    return text


def sign_up(email: str, number: int, ip: str = "127.0.0.1") -> None:
    rfc = people.rfc_number(number)
    services.register_person(
        role="physician", identifier=rfc, email=email, password=PASSWORD, text=privacy(), ip=ip, at=clock.now()
    )


# --- sign-up -----------------------------------------------------------------------------------------------------


def test_the_fourth_sign_up_in_an_hour_gets_the_same_answer_and_no_mail_AU_02_AU_03(still_clock: None) -> None:
    pages = [
        Client().post(
            "/registro/?tipo=physician",
            {"rfc": people.rfc_number(number), "email": "dra@ejemplo.mx", "password": PASSWORD, "consent": "on"},
        )
        for number in range(500, 504)
    ]
    assert [page.status_code for page in pages] == [200] * 4
    assert {page.content for page in pages} == {pages[0].content}
    assert Registration.objects.count() == Notice.objects.filter(address="dra@ejemplo.mx").count() == 3


def test_a_closed_account_is_told_nothing_and_nothing_is_opened_for_it_AU_03_AU_12() -> None:
    doctor = people.physician()
    services.disable_person(user=doctor, by=people.administrator(), at=clock.now(), reason="prueba")
    sign_up(doctor.email, 510)
    assert not Registration.objects.exists()
    assert not Notice.objects.filter(kind="sign_up_known").exists()


def test_a_confirmation_link_dies_after_a_day_and_nobody_is_made_S0_3() -> None:
    sign_up("tarde@ejemplo.mx", 511)
    token, made = token_in_mail("sign_up_confirm"), Registration.objects.get()
    assert made.expires_at - made.created_at == timedelta(hours=24)
    with time_machine.travel(made.expires_at, tick=False):
        assert Client().get(f"/confirmar/{token}/").status_code == 404
        with pytest.raises(RuleBroken, match="ya venció"):
            services.confirm_email(token=token, at=clock.now())
    assert not User.objects.exists()
    with time_machine.travel(made.expires_at - timedelta(seconds=1), tick=False):
        assert services.confirm_email(token=token, at=clock.now()).email == "tarde@ejemplo.mx"


# --- consents ----------------------------------------------------------------------------------------------------


def test_the_same_text_published_again_asks_nobody_again_PR_01() -> None:
    doctor, text = people.physician(), privacy()
    with pytest.raises(Conflict) as refused:
        services.publish_consent_text(kind=text.kind, body=text.body, by=people.administrator(), at=clock.now())
    assert refused.value.code == "same_text"
    assert privacy() == text
    assert selectors.missing_consents(doctor) == []


def test_a_consent_is_taken_back_once_and_only_by_its_owner_PR_01() -> None:
    doctor, stranger = people.physician(), people.stranger()
    consent = Consent.objects.get(user=doctor)
    with pytest.raises(Conflict):
        services.withdraw_consent(by=stranger, consent=consent, at=clock.now())
    assert selectors.missing_consents(doctor) == []
    services.withdraw_consent(by=doctor, consent=consent, at=clock.now())
    assert selectors.missing_consents(doctor) == [privacy()]
    with pytest.raises(Conflict):
        services.withdraw_consent(by=doctor, consent=consent, at=clock.now())
    assert AuditEvent.objects.filter(action="people.consent_withdrawn").count() == 1


# --- second factors ----------------------------------------------------------------------------------------------


def codes_on(user: User) -> list[str]:
    """Turn on the codes of a telephone; the recovery codes that came with it."""
    seed = generate_totp_secret()
    return services.enable_totp(by=user, secret=seed, code=shown_by_telephone(seed), at=clock.now())


def with_passkey(user: User) -> list[str]:
    """Add a passkey; the recovery codes that came with it."""
    options, state = passkeys.begin_registration(user)
    made = SoftKey(user).create(plain(options))
    return services.add_passkey(by=user, state=state, response=made, name="", at=clock.now())


def kept() -> set[str]:
    return set(Authenticator.objects.values_list("type", flat=True))


def test_recovery_codes_stay_as_long_as_another_way_to_prove_it_AU_08(still_clock: None) -> None:
    doctor = people.physician()
    rescue = with_passkey(doctor)
    codes_on(doctor)
    for factor, left in (("totp", {"webauthn", "recovery_codes"}), ("webauthn", set())):
        services.remove_factor(by=doctor, factor=Authenticator.objects.get(type=factor), at=clock.now())
        assert kept() == left
    assert len(rescue) == 10


def test_a_recovery_code_opens_once_for_whoever_holds_only_a_passkey_AU_08() -> None:
    doctor = people.physician()
    code = with_passkey(doctor)[0]
    assert services.use_code(user=doctor, code=code, at=clock.now()) == "recovery"
    assert AuditEvent.objects.get(action="people.recovery_code_spent").by == doctor
    for spent_or_wrong in (code, "000000"):
        with pytest.raises(RuleBroken, match="no coincide o ya se usó"):
            services.use_code(user=doctor, code=spent_or_wrong, at=clock.now())


# --- passwords ---------------------------------------------------------------------------------------------------


def test_a_secret_opened_in_two_browsers_chooses_one_password_AU_01() -> None:
    doctor, first, second = people.physician(), Client(), Client()
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    secret = mail.opened(Notice.objects.get(kind="recover"))["secret"]
    for browser in (first, second):
        assert browser.post("/entrar/", {"identifier": doctor.email, "password": secret}).url == CHOOSE
    assert first.post(CHOOSE, {"password": PASSWORD}).url == "/entrar/"
    late = second.post(CHOOSE, {"password": "otra-frase-distinta"})
    assert (late.status_code, "ya venció o ya se usó" in late.content.decode()) == (422, True)
    assert second.get(CHOOSE).url == "/entrar/"
    doctor.refresh_from_db()
    assert doctor.check_password(PASSWORD)
    assert not OneTimeSecret.objects.filter(used_at=None).exists()


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("no-es-la-mia-7", PASSWORD, "current"),
        (people.PASSWORD, people.PASSWORD, "password"),
        ("x" * 129, "y", "current"),
    ],
)
def test_a_refused_change_leaves_password_sessions_and_devices_alone_AU_05(current: str, new: str, field: str) -> None:
    doctor, client = people.physician(), Client()
    client.post("/entrar/", {"identifier": doctor.email, "password": people.PASSWORD})
    with pytest.raises(RuleBroken) as refused:
        services.change_password(by=doctor, current=current, password=new, keep_session="", at=clock.now())
    assert refused.value.field == field
    doctor.refresh_from_db()
    assert doctor.check_password(people.PASSWORD)
    assert client.get("/cuenta/").status_code == 200
    assert doctor.known_devices.count() == 1
    assert not Notice.objects.filter(kind="password_changed").exists()


# --- details, sessions, browsers ---------------------------------------------------------------------------------


def test_a_helper_changes_the_own_name_and_never_that_of_the_physicians_party() -> None:
    doctor = people.physician()
    party, helper = people.own_party(doctor), people.assistant_of(doctor)
    services.set_own_details(by=helper, name="Ana Sol", zip_code="99999", at=clock.now())
    before = (party.name, party.zip_code)
    party.refresh_from_db()
    assert (User.objects.get(pk=helper.pk).name, party.name, party.zip_code) == ("Ana Sol", *before)
    services.set_own_details(by=doctor, name="Eva Ríos", zip_code="06600", at=clock.now())
    party.refresh_from_db()
    assert (party.name, party.zip_code) == ("EVA RÍOS", "06600")


def test_closing_the_other_sessions_leaves_this_one_and_nobody_elses_AU_12() -> None:
    doctor, stranger = people.physician(), people.stranger()
    here, there, third, elsewhere = (Client() for _ in range(4))
    for client, user in ((here, doctor), (there, doctor), (third, doctor), (elsewhere, stranger)):
        client.post("/entrar/", {"identifier": user.email, "password": people.PASSWORD})
    assert here.post("/cuenta/dispositivos/cerrar-otras/").url == "/cuenta/dispositivos/"
    assert [client.get("/cuenta/").status_code for client in (here, there, third, elsewhere)] == [200, 302, 302, 200]
    assert AuditEvent.objects.get(action="people.sessions_ended").details == {"count": 2}


def test_a_forgotten_browser_is_a_stranger_and_only_its_owner_forgets_it_AU_10() -> None:
    doctor, browser = people.physician(), Client()
    browser.post("/entrar/", {"identifier": doctor.email, "password": people.PASSWORD})
    path = f"/cuenta/dispositivos/{doctor.known_devices.get().pk}/olvidar/"
    assert people.signed_in(people.stranger()).post(path).status_code == 404
    assert doctor.known_devices.count() == 1
    assert browser.post(path).status_code == 302
    assert not doctor.known_devices.exists()


def test_a_handle_that_nobody_knows_forgets_nobody_AU_11() -> None:
    doctor, browser = people.physician(), Client()
    browser.post("/entrar/", {"identifier": doctor.email, "password": people.PASSWORD, "remember": "on"})
    services.forget_name(handle="inventado", at=clock.now())
    assert RememberedName.objects.count() == 1
    services.forget_name(handle=browser.cookies[sessions.REMEMBER_COOKIE].value, at=clock.now())
    assert not RememberedName.objects.exists()
    assert AuditEvent.objects.filter(action="people.name_forgotten").count() == 1


# --- credentials of machines -------------------------------------------------------------------------------------


def credential(party: Any, name: str, by: User) -> ApiToken:
    until = clock.date_in(clock.real_now()) + timedelta(days=30)
    said = {"email": "sistemas@aseguradora.mx", "person": "Eva Sol", "scopes": ["orders:write"], "until": until}
    return services.give_credential(party=party, name=name, **said, by=by, at=clock.now())[0]


def test_whoever_answers_for_an_insurers_system_gets_the_role_once_for_each_insurer() -> None:
    admin, one, other = people.administrator(), people.an_insurer(), people.an_insurer(name="OTRA")
    made = [credential(party, name, admin) for party, name in ((one, "Altas"), (one, "Bajas"), (other, "Altas"))]
    assert len({token.user_id for token in made}) == 1
    grants = Grant.objects.filter(user=made[0].user).order_by("pk").values_list("party", "role")
    assert list(grants) == [(one.pk, Role.INSURER_API), (other.pk, Role.INSURER_API)]
    assert SignInIdentifier.objects.filter(canonical="sistemas@aseguradora.mx").count() == 1


def test_whoever_leaves_the_team_is_asked_about_first_and_the_question_needs_no_javascript() -> None:
    doctor = people.physician()
    helper = people.assistant_of(doctor, email="ayuda@ejemplo.mx")
    browser, grant = people.signed_in(doctor), helper.grants.get()
    address = reverse("people:end_assistant", args=[grant.pk])
    page = html.fromstring(browser.get(reverse("people:team")).content)
    (form,) = page.xpath(f"//form[@action='{address}']")
    asking = form.xpath("ancestor::details[contains(@class, 'confirm')]")
    assert asking and asking[0].get("open") is None, "the button acts without asking"
    assert "¿Quitar a ayuda@ejemplo.mx de tu equipo?" in asking[0].text_content()
    assert browser.get(address).status_code == 405
    assert User.objects.get(pk=helper.pk).roles
    assert browser.post(address, dict(form.fields)).status_code == 302
    assert not User.objects.get(pk=helper.pk).roles

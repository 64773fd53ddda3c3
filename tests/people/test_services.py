"""What people's services promise: sign-up, consents, roles, tokens, second factors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from portal import clock
from portal.access import Permission, Role
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import rules, selectors, services
from portal.people.models import (
    ApiToken,
    Consent,
    ConsentText,
    Grant,
    GrantProposal,
    OneTimeSecret,
    Party,
    Registration,
    SecondaryEmail,
    User,
)
from tests.factories import people
from tests.people.proofs import shown_by_telephone, token_in_mail

pytestmark = pytest.mark.django_db
RFC = people.rfc_number(4711)
PASSWORD = "lluvia-en-la-sierra"


@pytest.fixture
def text() -> ConsentText:
    shipped = selectors.latest_text("portal-privacy")
    assert shipped is not None
    return shipped


def sign_up(text: ConsentText, *, rfc: str = RFC, email: str = "dra@ejemplo.mx", password: str = PASSWORD) -> None:
    services.register_person(
        role="physician", identifier=rfc, email=email, password=password, text=text, ip="127.0.0.1", at=clock.now()
    )


def test_nobody_exists_until_the_mail_is_confirmed_S0_3(text: ConsentText) -> None:
    sign_up(text)
    assert not User.objects.exists()
    user = services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    assert user.roles == {Role.PHYSICIAN}
    assert selectors.own_party(user).rfc == RFC
    assert selectors.person_of(RFC.lower()) == user
    assert Consent.objects.get(user=user).text == text
    assert services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now()) == user
    assert Registration.objects.get().password == "!"
    assert User.objects.count() == 1


def test_a_known_address_or_rfc_is_told_by_mail_only_AU_03(text: ConsentText) -> None:
    doctor = people.physician()
    sign_up(text, email=doctor.email)
    sign_up(text, rfc=people.own_party(doctor).rfc, email="otra@ejemplo.mx")
    assert not Registration.objects.exists()
    assert set(Notice.objects.values_list("kind", flat=True)) == {"sign_up_known", "sign_up_rfc_taken"}


def test_two_sign_ups_of_one_rfc_end_in_one_account(text: ConsentText) -> None:
    sign_up(text)
    first = token_in_mail("sign_up_confirm")
    Notice.objects.all().delete()
    sign_up(text, email="otra@ejemplo.mx")
    services.confirm_email(token=first, at=clock.now())
    with pytest.raises(Conflict):
        services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("corta", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("password", "password_too_common"),
        (RFC, "password_about_you"),
        ("dra@ejemplo.mx1", "password_about_you"),
        ("portalcauce1", "password_about_you"),
    ],
)
def test_passwords_are_refused_with_a_reason_AU_04(text: ConsentText, password: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        sign_up(text, password=password)
    assert refused.value.code == code
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", ["ñandú con paraguas", "  tres  espacios  ", "密码密码密码密码", "x" * 128])
def test_any_characters_make_a_password_AU_04(text: ConsentText, password: str) -> None:
    sign_up(text, password=password)
    assert check_password(password, Registration.objects.get().password)


def test_lookalike_letters_never_reach_anothers_mailbox_AU_06(text: ConsentText) -> None:
    with pytest.raises(RuleBroken, match="letra"):
        sign_up(text, email="dr\u0430@ejemplo.mx")


def test_staff_need_twelve_characters_AU_04() -> None:
    reviewer = people.reviewer()
    with pytest.raises(RuleBroken, match="12"):
        services.change_password(
            by=reviewer, current=people.PASSWORD, password="once-letras", keep_session="", at=clock.now()
        )


def test_a_change_tells_the_person_and_ends_other_sessions_AU_05() -> None:
    doctor, other, mine = people.physician(), Client(), Client()
    for client in (other, mine):
        client.post("/entrar/", {"identifier": doctor.email, "password": people.PASSWORD})
        assert client.get("/cuenta/").status_code == 200
    answer = mine.post("/cuenta/contrasena/", {"current": people.PASSWORD, "password": PASSWORD})
    assert answer.url == "/cuenta/"
    assert mine.get("/cuenta/").status_code == 200
    assert other.get("/cuenta/").url.startswith("/entrar/")
    notice = Notice.objects.get(user=doctor, kind="password_changed")
    assert PASSWORD not in notice.body


def test_the_secret_has_eighty_bits_and_never_repeats_AU_01() -> None:
    from portal import ids

    made = {rules.plain_secret(ids.short_code()) for _ in range(10_000)}
    assert len(made) == 10_000
    assert {len(secret) for secret in made} == {16}
    assert len(set("".join(made))) == 32


def test_one_live_secret_a_purpose_is_a_constraint() -> None:
    doctor, now = people.physician(), clock.real_now()
    make = lambda digest: OneTimeSecret.objects.create(  # noqa: E731
        user=doctor, purpose="choose-password", digest=digest, created_at=now, expires_at=now + timedelta(hours=1)
    )
    make("a")
    with pytest.raises(IntegrityError, match="one_live_secret"), transaction.atomic():
        make("b")


def test_old_consent_is_asked_again_and_old_text_is_shown_byte_for_byte_PR_01(text: ConsentText) -> None:
    doctor = people.physician()
    services.accept_consent(by=doctor, text=text, purposes=["necessary"], proof="session", at=clock.now())
    assert selectors.missing_consents(doctor) == []
    newer = services.publish_consent_text(kind=text.kind, body="Otro aviso", by=None, at=clock.now())
    assert selectors.missing_consents(doctor) == [newer]
    with pytest.raises(RuleBroken, match="cambió"):
        services.accept_consent(by=doctor, text=text, purposes=[], proof="session", at=clock.now())
    assert rules.text_hash(ConsentText.objects.get(pk=text.pk).body) == text.sha256
    consent = services.accept_consent(by=doctor, text=newer, purposes=[], proof="session", at=clock.now())
    assert services.accept_consent(by=doctor, text=newer, purposes=[], proof="session", at=clock.now()) == consent
    services.withdraw_consent(by=doctor, consent=consent, at=clock.now())
    assert selectors.missing_consents(doctor) == [newer]


def test_without_consent_a_physician_reaches_only_the_notice_PR_01(text: ConsentText) -> None:
    doctor = people.physician(agreed=False)
    client = people.signed_in(doctor, consents_at=0)
    assert client.get("/avisos/").url == "/consentimientos/"
    assert client.post("/consentimientos/", {"text": text.pk}).url == "/consentimientos/"
    assert client.post("/consentimientos/", {"text": text.pk, "consent": "on"}).url == "/"
    assert client.get("/avisos/").status_code == 200


def test_desk_roles_need_two_administrators_AC_07() -> None:
    first, second, person = people.administrator(), people.administrator(), people.a_person()
    operator = people.the_operator()
    with pytest.raises(RuleBroken, match="otra persona"):
        services.grant_role(user=person, party=operator, role=Role.REVIEWER, by=first, at=clock.now())
    with pytest.raises(RuleBroken, match="sí mismo"):
        services.propose_grant(user=first, party=operator, role=Role.REVIEWER, by=first, at=clock.now())
    proposal = services.propose_grant(user=person, party=operator, role=Role.REVIEWER, by=first, at=clock.now())
    with pytest.raises(Conflict):
        services.propose_grant(user=person, party=operator, role=Role.REVIEWER, by=first, at=clock.now())
    with pytest.raises(RuleBroken, match="Quien pidió"):
        services.decide_grant(proposal=proposal, accept=True, by=first, at=clock.now())
    grant = services.decide_grant(proposal=proposal, accept=True, by=second, at=clock.now())
    assert (grant.granted_by, grant.confirmed_by) == (first, second)
    with pytest.raises(Conflict):
        services.decide_grant(proposal=proposal, accept=True, by=second, at=clock.now())
    assert Permission.REVIEW_INVOICES in User.objects.get(pk=person.pk).permissions
    services.end_grant(grant=grant, by=second, at=clock.now())
    assert not User.objects.get(pk=person.pk).roles
    with pytest.raises(Conflict):
        services.end_grant(grant=grant, by=second, at=clock.now())


def test_a_refused_proposal_gives_nothing() -> None:
    first, second, person = people.administrator(), people.administrator(), people.a_person()
    proposal = services.propose_grant(
        user=person, party=people.the_operator(), role=Role.AUDITOR, by=first, at=clock.now()
    )
    assert services.decide_grant(proposal=proposal, accept=False, by=second, at=clock.now()) is None
    assert not person.grants.exists()
    assert selectors.open_proposals() == []


@pytest.mark.parametrize(
    ("by", "confirmed", "name"),
    [("self", None, "nobody_grants_himself"), ("a", "a", "desk_grant_needs_two"), ("a", None, "desk_grant_needs_two")],
)
def test_the_database_refuses_a_grant_by_one(by: str, confirmed: str | None, name: str) -> None:
    person, admin = people.a_person(), people.administrator()
    whom = {"self": person, "a": admin, None: None}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Grant.objects.create(
            user=person,
            party=people.the_operator(),
            role=Role.REVIEWER if by == "a" else Role.INSURER_API,
            since=people.LONG_AGO,
            granted_by=whom[by],
            confirmed_by=whom[confirmed],
        )


def test_who_proposed_cannot_decide_in_the_database_either() -> None:
    admin, person = people.administrator(), people.a_person()
    with pytest.raises(IntegrityError, match="proposal_decided_by_another"), transaction.atomic():
        GrantProposal.objects.create(
            user=person,
            party=people.the_operator(),
            role=Role.REVIEWER,
            proposed_by=admin,
            proposed_at=clock.now(),
            decided_by=admin,
            decided_at=clock.now(),
            state="accepted",
        )


def test_the_last_administrator_stays_AC_07() -> None:
    first, second = people.administrator(), people.administrator()
    services.end_grant(grant=second.grants.get(), by=first, at=clock.now())
    with pytest.raises(RuleBroken, match="última"):
        services.end_grant(grant=first.grants.get(), by=second, at=clock.now())
    with pytest.raises(RuleBroken, match="última"):
        services.disable_person(user=first, by=second, at=clock.now(), reason="x")


def test_the_command_makes_two_administrators_once_AU_14(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_admins", "una@ejemplo.mx", "dos@ejemplo.mx")
    secret = capsys.readouterr().out.split("\n")[0].split("\t")[1]
    client = Client()
    answer = client.post("/entrar/", {"identifier": "una@ejemplo.mx", "password": secret})
    assert answer.url == "/entrar/elegir-contrasena/"
    with pytest.raises(CommandError):
        call_command("create_admins", "tres@ejemplo.mx", "cuatro@ejemplo.mx")
    assert User.objects.count() == 2
    assert client.post("/entrar/elegir-contrasena/", {"password": "corta-de-12"}).status_code == 422
    assert client.post("/entrar/elegir-contrasena/", {"password": PASSWORD}).url == "/entrar/"
    assert User.objects.get(email="una@ejemplo.mx").email_confirmed_at


def test_one_address_cannot_be_both_administrators() -> None:
    with pytest.raises(RuleBroken, match="distintos"):
        services.bootstrap_administrators(people=[("a@x.mx", ""), ("A@x.mx", "")], at=clock.now())


def test_an_assistant_is_invited_by_mail_and_ended_at_once() -> None:
    doctor = people.physician()
    party = people.own_party(doctor)
    grant = services.invite_assistant(
        party=party,
        role=people.Role.PHYSICIAN_ASSISTANT,
        email="ayuda@ejemplo.mx",
        name="Ana",
        by=doctor,
        at=clock.now(),
    )
    assert grant.user.party_ids(Permission.BILL_ORDERS) == [party.pk]
    assert Notice.objects.get(user=grant.user, kind="invited").in_inbox is False
    again = services.invite_assistant(
        party=party,
        role=people.Role.PHYSICIAN_ASSISTANT,
        email="ayuda@ejemplo.mx",
        name="Ana",
        by=doctor,
        at=clock.now(),
    )
    assert again == grant
    with pytest.raises(RuleBroken, match="propio"):
        services.invite_assistant(
            party=party, role=people.Role.PHYSICIAN_ASSISTANT, email=doctor.email, name="Yo", by=doctor, at=clock.now()
        )
    services.end_assistant(grant=grant, by=doctor, at=clock.now())
    assert User.objects.get(pk=grant.user.pk).party_ids(Permission.BILL_ORDERS) == []


def test_the_second_address_gets_notices_only_once_confirmed_AU_07() -> None:
    doctor = people.physician()
    services.add_secondary_email(by=doctor, address="otro@ejemplo.mx", at=clock.now())
    assert selectors.addresses_of(doctor.pk) == [doctor.email]
    token = token_in_mail("secondary_confirm")
    services.confirm_secondary_email(token=token, at=clock.now())
    assert selectors.addresses_of(doctor.pk) == [doctor.email, "otro@ejemplo.mx"]
    with pytest.raises(RuleBroken):
        services.confirm_secondary_email(token=token, at=clock.now())
    services.ask_secret(identifier="otro@ejemplo.mx", ip="127.0.0.1", at=clock.now())
    assert not OneTimeSecret.objects.filter(purpose="choose-password").exists()
    services.ask_secret(identifier=doctor.email, ip="127.0.0.1", at=clock.now())
    assert mail.recipients(Notice.objects.get(kind="recover")) == [doctor.email]
    services.remove_secondary_email(by=doctor, at=clock.now())
    assert not SecondaryEmail.objects.exists()
    with pytest.raises(RuleBroken, match="principal"):
        services.add_secondary_email(by=doctor, address=doctor.email, at=clock.now())


def test_a_token_is_shown_once_and_stored_hashed() -> None:
    user, party, by = people.a_person(), people.an_insurer(), people.administrator()
    make = lambda **change: services.issue_token(  # noqa: E731
        **{
            "name": "Aseguradora",
            "user": user,
            "party": party,
            "scopes": ["orders:write"],
            "by": by,
            "at": clock.now(),
            "expires_at": clock.real_now() + timedelta(days=30),
            **change,
        }
    )
    token, secret = make()
    assert secret not in str(ApiToken.objects.values())
    assert selectors.live_token(secret, at=clock.real_now()) == token
    services.touch_token(token=token)
    assert ApiToken.objects.get().last_used_on == clock.real_now().date()
    services.end_token(token=token, by=by, at=clock.now())
    assert selectors.live_token(secret, at=clock.real_now()) is None
    for change in (
        {"scopes": []},
        {"scopes": ["todo"]},
        {"scopes": [rules.ACTING_SCOPE]},
        {"expires_at": clock.real_now() + timedelta(days=400)},
        {"expires_at": clock.real_now() - timedelta(days=1)},
    ):
        with pytest.raises(RuleBroken):
            make(**change)


def test_codes_of_a_telephone_work_once_each_AU_08(still_clock: None) -> None:
    reviewer, secret = people.reviewer(), generate_totp_secret()
    with pytest.raises(RuleBroken, match="no coincide"):
        services.enable_totp(by=reviewer, secret=secret, code="000000x", at=clock.now())
    codes = services.enable_totp(by=reviewer, secret=secret, code=shown_by_telephone(secret, steps=-1), at=clock.now())
    assert secret not in str(Authenticator.objects.values())
    assert services.use_code(user=reviewer, code=shown_by_telephone(secret), at=clock.now()) == "totp"
    with pytest.raises(RuleBroken, match="ya se usó"):
        services.use_code(user=reviewer, code=shown_by_telephone(secret), at=clock.now())
    assert services.use_code(user=reviewer, code=codes[0], at=clock.now()) == "recovery"
    with pytest.raises(RuleBroken):
        services.use_code(user=reviewer, code=codes[0], at=clock.now())
    fresh = services.new_recovery_codes(by=reviewer, at=clock.now())
    assert not set(fresh) & set(codes)
    with pytest.raises(RuleBroken, match="Ya tienes"):
        services.enable_totp(by=reviewer, secret=secret, code=shown_by_telephone(secret), at=clock.now())
    with pytest.raises(RuleBroken, match="única"):
        services.remove_factor(by=reviewer, factor=Authenticator.objects.get(type="totp"), at=clock.now())


def test_others_may_remove_their_codes(still_clock: None) -> None:
    doctor, secret = people.physician(), generate_totp_secret()
    services.enable_totp(by=doctor, secret=secret, code=shown_by_telephone(secret), at=clock.now())
    services.remove_factor(by=doctor, factor=Authenticator.objects.get(type="totp"), at=clock.now())
    assert not Authenticator.objects.exists()


def test_every_write_leaves_a_trace_without_addresses_AD_01_AD_05(text: ConsentText) -> None:
    sign_up(text)
    user = services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    services.ask_secret(identifier=user.email, ip="127.0.0.1", at=clock.now())
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"people.sign_up_asked", "people.registered", "people.secret_sent"} <= actions
    assert user.email not in str(list(AuditEvent.objects.values("details", "reason", "subject_id")))


def test_people_with_a_permission_are_the_active_ones_of_that_party() -> None:
    doctor, other = people.physician(), people.physician()
    helper = people.assistant_of(doctor)
    found = set(selectors.people_with(Permission.BILL_ORDERS, people.own_party(doctor), on=clock.today()))
    assert found == {doctor, helper}
    assert other in selectors.people_with(Permission.BILL_ORDERS, on=clock.today())
    assert list(selectors.all_people(doctor.email)) == [doctor]


def test_a_closed_account_opens_again() -> None:
    doctor, admin = people.physician(), people.administrator()
    services.disable_person(user=doctor, by=admin, at=clock.now(), reason="x")
    with pytest.raises(Conflict):
        services.disable_person(user=doctor, by=admin, at=clock.now(), reason="x")
    with pytest.raises(RuleBroken, match="propio"):
        services.disable_person(user=admin, by=admin, at=clock.now(), reason="x")
    services.enable_person(user=doctor, by=admin, at=clock.now(), reason="x")
    assert selectors.person_of(doctor.email).is_active


def test_somebody_with_a_known_address_is_not_entered_twice() -> None:
    doctor, admin = people.physician(), people.administrator()
    with pytest.raises(Conflict):
        services.enter_person(email=doctor.email, name="Otra", by=admin, at=clock.now())


def test_one_party_per_rfc_is_a_constraint() -> None:
    party = people.a_party()
    with pytest.raises(IntegrityError, match="one_party_per_rfc"), transaction.atomic():
        Party.objects.create(kind="person", rfc=party.rfc, created_at=clock.now())

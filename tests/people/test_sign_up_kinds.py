"""Who may sign up, by what, agreeing to what and where they begin is a table of the apps (S0.2, S0.3, PR-01)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.checks import Error
from django.test import Client
from django.urls import reverse

from billing.sign_up import ASSISTANT, SIGN_UP
from portal import clock
from portal.access import Permission, Role
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.people import registry, rules, selectors, services
from portal.people.models import Consent, Registration, SignInIdentifier
from portal.people.rules import Helper, SignUp
from tests.factories import people
from tests.people.proofs import token_in_mail

PASSWORD, RUT = "lluvia-en-la-sierra", "12345678-5"
MEMBER = SignUp(
    role=Role.MEMBER,
    label="Persona afiliada",
    lead="Para quien tiene un plan.",
    identifier="rut",
    consents=("portal-privacy", "planted-text"),
    purpose="tramitar mis reembolsos",
    first_page="people:account",
    withheld="tus siniestros",
    opened="ves tus siniestros",
)


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> SignUp:
    """A second way, as an app of members would declare it."""
    monkeypatch.setitem(rules.SIGN_UPS, MEMBER.role, MEMBER)
    monkeypatch.setitem(rules.CONSENTS, "planted-text", "Aviso de planta")
    return MEMBER


def ask(role: str = Role.MEMBER, identifier: str = RUT, kind: str = "portal-privacy") -> None:
    text = selectors.latest_text(kind)
    assert text is not None
    services.register_person(
        role=role,
        identifier=identifier,
        email="ana@ejemplo.mx",
        password=PASSWORD,
        text=text,
        ip="127.0.0.1",
        at=clock.now(),
    )


@pytest.mark.django_db
def test_another_way_gives_its_role_by_its_identifier_and_asks_its_other_consents_before_the_first_page(member) -> None:
    services.publish_consent_text(kind="planted-text", body="Para probar.", by=None, at=clock.now())
    ask()
    user = services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    assert user.roles == {Role.MEMBER} and user.live_grants[0].party.rut == RUT
    assert set(SignInIdentifier.objects.filter(user=user).values_list("kind", "canonical")) == {
        ("email", "ana@ejemplo.mx"),
        ("rut", RUT),
    }
    assert [one.text.kind for one in Consent.objects.filter(user=user)] == ["portal-privacy"]
    assert [text.label for text in selectors.missing_consents(user)] == ["Aviso de planta"]
    page = people.signed_in(user).get("/consentimientos/").content.decode()
    assert "acepto que traten mis datos para tramitar mis reembolsos" in page
    planted = selectors.missing_consents(user)[0]
    services.accept_consent(by=user, text=planted, purposes=["necessary"], proof="session", at=clock.now())
    assert people.signed_in(user).get("/").url == "/inicio/", "the home of the workspace that the role works in"
    Registration.objects.update(confirmed_at=None)
    with pytest.raises(Conflict, match="ese correo o ese RUT"):
        services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())


@pytest.mark.django_db
def test_with_several_ways_one_is_chosen_first_and_its_own_identifier_asked(member) -> None:
    page = Client().get("/registro/").content.decode()
    assert "?tipo=member" in page and "?tipo=physician" in page and MEMBER.lead in page
    asked = Client().get("/registro/?tipo=member").content.decode()
    assert 'name="rut"' in asked and 'name="rfc"' not in asked and "tramitar mis reembolsos" in asked
    sent = {"rut": RUT, "email": "ana@ejemplo.mx", "password": PASSWORD, "consent": "on"}
    assert "Revisa tu correo" in Client().post("/registro/?tipo=member", sent).content.decode()
    assert Registration.objects.get().role == Role.MEMBER
    refused = Client().post("/registro/?tipo=member", {**sent, "rut": "12345678-0"})
    assert 'id="rut_field"' in refused.content.decode() or "RUT" in refused.content.decode()


@pytest.mark.django_db
def test_nobody_signs_up_for_what_no_app_declares_nor_consents_to_it(member) -> None:
    services.publish_consent_text(kind="planted-text", body="Para probar.", by=None, at=clock.now())
    for role, kind in ((Role.AUDITOR, "portal-privacy"), (Role.MEMBER, "planted-text")):
        with pytest.raises(RuleBroken) as refused:
            ask(role=role, kind=kind)
        assert refused.value.code == "no_sign_up"
    with pytest.raises(RuleBroken) as refused:
        services.publish_consent_text(kind="rumour", body="x", by=None, at=clock.now())
    assert refused.value.code == "unknown_consent"
    assert not Registration.objects.exists()


def test_a_way_that_leads_nowhere_is_told_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.check_sign_ups() == []
    with pytest.raises(ValueError, match="two apps declare the sign-up 'physician'"):
        registry.register_sign_up(replace(MEMBER, role=Role.PHYSICIAN))
    for wrong, code in (
        ({"role": "ghost"}, "E001"),
        ({"consents": ()}, "E002"),
        ({"identifier": "curp", "consents": ("portal-privacy",)}, "E003"),
        ({"first_page": "nowhere:page", "consents": ("portal-privacy",)}, "E004"),
    ):
        monkeypatch.setitem(rules.SIGN_UPS, Role.MEMBER, replace(MEMBER, **wrong))
        found = registry.check_sign_ups()
        assert f"people.{code}" in {one.id for one in found} and all(isinstance(one, Error) for one in found)


def test_a_scope_says_what_whoever_answers_for_a_system_has_to_be() -> None:
    assert rules.roles_of(["orders:write", "orders:read", rules.ACTING_SCOPE, "ghost"]) == [Role.INSURER_API]
    with pytest.raises(ValueError, match="two apps declare the scope 'orders:write'"):
        registry.register_scope("orders:write", "Otra cosa")


def test_the_words_of_an_app_make_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HOUSE_WORDS", {*rules.HOUSE_WORDS})
    monkeypatch.setattr(registry, "HOUSE_WORDS", rules.HOUSE_WORDS)
    assert not rules.about_you("salicornia1", [])
    registry.register_house_words("salicornia")
    assert rules.about_you("salicornia1", [])


COMPANION = Helper(
    role=Role.PROVIDER_CASHIER,
    of=Role.MEMBER,
    permission=Permission.BILL_ORDERS,
    lead="Tus enlaces te acompañan.",
    does="acompañarte",
    ends="Desde ese momento no te acompaña.",
    subject="Te invitaron a acompañar",
    invited="Alguien te invitó a acompañarle.",
    barred="quien trabaja en la mesa no acompaña a nadie",
    already="ya le acompañas",
)


def test_who_helps_is_what_apps_declare_and_nobody_of_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "HELPERS", rules.HELPERS.copy())
    registry.register_helper(ASSISTANT)
    with pytest.raises(ValueError, match="two apps declare the helper"):
        registry.register_helper(replace(ASSISTANT, lead="Otra cosa."))
    for wrong in (
        COMPANION,
        *(replace(ASSISTANT, role=role) for role in (Role.REVIEWER, Role.VALIDATING_PHYSICIAN)),
        replace(COMPANION, of=Role.AUDITOR),
    ):
        with pytest.raises(ValueError, match="has no team"):
            registry.register_helper(wrong)


@pytest.mark.django_db
def test_the_team_page_invites_whom_the_app_declared_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor, team = people.physician(), reverse("people:team")
    party, browser = people.own_party(doctor), people.signed_in(doctor)
    asked = {"party": party, "email": "ana@ejemplo.mx", "name": "Ana", "by": doctor, "at": clock.now()}
    assert 'type="hidden" name="role"' in browser.get(team).content.decode(), "one role: nobody is asked which"
    for role, code in (("ghost", "no_helper"), (Role.PROVIDER_CASHIER, "no_helper")):
        with pytest.raises(RuleBroken) as refused:
            services.invite_assistant(role=role, **asked)
        assert refused.value.code == code
    monkeypatch.setitem(rules.HELPERS, Role.PROVIDER_CASHIER, COMPANION)  # of somebody else's
    with pytest.raises(RuleBroken) as refused:
        services.invite_assistant(role=Role.PROVIDER_CASHIER, **asked)
    assert refused.value.code == "not_yours"
    monkeypatch.setitem(rules.HELPERS, Role.PROVIDER_CASHIER, replace(COMPANION, of=Role.PHYSICIAN))
    page = browser.get(team).content.decode()
    assert COMPANION.lead in page and ASSISTANT.lead in page and "Caja del prestador" in page
    assert browser.post(team, {"name": "Ana", "email": "ana@ejemplo.mx"}).status_code == 422, "which one?"
    for role in (Role.PROVIDER_CASHIER, Role.PHYSICIAN_ASSISTANT):  # one person, two roles
        sent = {"role": role, "name": "Ana", "email": "ana@ejemplo.mx"}
        assert browser.post(team, sent).url == team
    rows = selectors.assistants_of(party, on=clock.today())
    assert [row.role for row in rows] == [Role.PROVIDER_CASHIER, Role.PHYSICIAN_ASSISTANT]
    page = browser.get(team).content.decode()
    assert COMPANION.ends in page and ASSISTANT.ends in page
    browser.post(reverse("people:end_assistant", args=[rows[0].pk]))
    assert "Ya no puede acompañarte." in browser.get(team).content.decode()
    desk = people.reviewer(email="mesa@ejemplo.mx")
    browser.post(team, {"role": Role.PROVIDER_CASHIER, "name": "R", "email": desk.email})
    told = Notice.objects.get(kind="invited_in_vain")
    assert (told.title, COMPANION.barred in told.body) == (COMPANION.subject, True)


@pytest.mark.django_db
def test_what_a_proved_rfc_opens_is_said_in_the_words_of_the_app(member) -> None:
    assert rules.words_of_claim([Role.PHYSICIAN_ASSISTANT], "rfc") == (SIGN_UP.withheld, SIGN_UP.opened)
    assert rules.words_of_claim([Role.MEMBER], "rut") == ("tus siniestros", "ves tus siniestros")
    assert rules.words_of_claim([Role.AUDITOR], "rfc") == (rules.WITHHELD, rules.OPENED)
    party = people.own_party(people.physician())
    assert selectors.words_of_rfc(party, on=clock.today()) == (SIGN_UP.withheld, SIGN_UP.opened)


def test_a_way_concerns_who_came_by_it_and_who_helps_them(member, monkeypatch) -> None:
    monkeypatch.setitem(rules.HELPERS, Role.PROVIDER_CASHIER, COMPANION)
    assert rules.sign_ups_of([Role.PROVIDER_CASHIER]) == [MEMBER] and rules.sign_ups_of([Role.AUDITOR]) == []
    assert [one.role for one in rules.sign_ups_of([Role.PHYSICIAN_ASSISTANT])] == [Role.PHYSICIAN]
    assert rules.claiming_roles("rut") == {Role.MEMBER} and rules.claiming_roles("rfc") == {Role.PHYSICIAN}


def take(user: Any, role: str, identifier: str = "") -> Any:
    text = selectors.latest_text(rules.SIGN_UPS[role].consents[0])
    assert text is not None
    return services.take_way(role=role, identifier=identifier, text=text, by=user, at=clock.now())


@pytest.mark.django_db
def test_s0_2_a_member_becomes_a_physician_too_with_the_same_profile_by_the_bars_of_any_sign_up() -> None:
    """Who joined first; the RFC is claimed as at the door: nobody's who signs in by it, acts or owes there."""
    user, other = people.member(), people.physician()
    taken = other.live_grants[0].party.rfc
    for wrong, code in ((taken, "already_registered"), ("XAXX010101000", "already_registered"), ("ANA", None)):
        with pytest.raises(RuleBroken) as refused:
            take(user, Role.PHYSICIAN, wrong)
        assert code is None or refused.value.code == code
    mine = take(user, Role.PHYSICIAN, "LUFE840307AB1")
    user = type(user).objects.get(pk=user.pk)
    assert mine.rfc == "LUFE840307AB1" and user.roles == {Role.MEMBER, Role.PHYSICIAN}
    assert take(user, Role.PHYSICIAN, "LUFE840307AB1") == mine, "twice"
    assert SignInIdentifier.objects.filter(user=user, kind="rfc", canonical="LUFE840307AB1").count() == 1
    with pytest.raises(RuleBroken) as refused:
        take(people.member(), Role.PHYSICIAN, "LUFE840307AB1")
    assert refused.value.code == "already_registered", "a second one of the same RFC"


@pytest.mark.django_db
def test_a_physician_becomes_a_member_too_whose_way_claims_nothing_and_only_ways_that_exist_are_taken() -> None:
    user = people.physician()
    text = selectors.latest_text("portal-privacy")
    assert text is not None
    for role, kind in ((Role.AUDITOR, text.kind), (Role.MEMBER, "another-text")):
        text.kind = kind
        with pytest.raises(RuleBroken) as refused:
            services.take_way(role=role, identifier="", text=text, by=user, at=clock.now())
        assert refused.value.code == "no_sign_up"
    party = take(user, Role.MEMBER)
    user = type(user).objects.get(pk=user.pk)
    assert user.roles == {Role.PHYSICIAN, Role.MEMBER}
    assert [one.party for one in user.live_grants if one.role == Role.MEMBER] == [party]


@pytest.mark.django_db
def test_another_way_is_taken_on_a_page_from_ones_profile_once_and_only_where_it_goes_with_the_rest() -> None:
    browser, page = people.signed_in(people.member()), reverse("people:take_way")
    assert page in browser.get(reverse("people:account")).content.decode()
    told = browser.get(page).content.decode()
    assert "?tipo=physician" in told and "?tipo=member" not in told
    address = f"{page}?tipo=physician"
    assert 'name="rfc"' in browser.get(address).content.decode()
    sent = {"rfc": "LUFE840307AB1", "consent": "on", FIELD: "take-way-00000001"}
    assert browser.post(address, {**sent, "consent": ""}).status_code == 422
    assert [browser.post(address, sent).status_code for _twice in range(2)] == [302, 302]
    assert "?tipo=physician" not in browser.get(page).content.decode()
    clerk = people.signed_in(people.collector())
    assert page not in clerk.get(reverse("people:account")).content.decode(), "who decides on such things has none"
    assert Client().get(page).status_code == 302

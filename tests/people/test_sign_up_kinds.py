"""Who may sign up, by what, agreeing to what and where they begin is a table of the apps (S0.2, S0.3, PR-01)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.checks import Error
from django.test import Client

from portal import clock
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.people import registry, rules, selectors, services
from portal.people.models import Consent, Registration, SignInIdentifier
from portal.people.rules import SignUp
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
    helpers=frozenset({Role.LIAISON}),
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
    services.accept_consent(user=user, text=planted, purposes=["necessary"], proof="session", at=clock.now())
    assert people.signed_in(user).get("/").url == "/cuenta/"
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
        ({"helpers": frozenset({"ghost"})}, "E001"),
        ({"consents": ()}, "E002"),
        ({"identifier": "curp", "consents": ("portal-privacy",)}, "E003"),
        ({"first_page": "nowhere:page", "consents": ("portal-privacy",)}, "E004"),
    ):
        monkeypatch.setitem(rules.SIGN_UPS, Role.MEMBER, replace(MEMBER, **wrong))
        found = registry.check_sign_ups()
        assert f"people.{code}" in {one.id for one in found} and all(isinstance(one, Error) for one in found)


def test_a_scope_says_what_whoever_answers_for_a_system_has_to_be() -> None:
    assert rules.roles_of(["orders:write", "orders:read", rules.ACTING_SCOPE, "ghost"]) == [Role.INSURER_API]
    assert rules.scope_label("orders:write") == "Enviar órdenes de atención" and rules.scope_label("ghost") == "ghost"
    with pytest.raises(ValueError, match="two apps declare the scope 'orders:write'"):
        registry.register_scope("orders:write", "Otra cosa")


def test_the_words_of_an_app_make_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HOUSE_WORDS", {*rules.HOUSE_WORDS})
    monkeypatch.setattr(registry, "HOUSE_WORDS", rules.HOUSE_WORDS)
    assert not rules.about_you("salicornia1", [])
    registry.register_house_words("salicornia")
    assert rules.about_you("salicornia1", [])


def test_a_way_concerns_who_came_by_it_and_who_helps_them(member) -> None:
    assert rules.sign_ups_of([Role.LIAISON]) == [MEMBER] and rules.sign_ups_of([Role.AUDITOR]) == []
    assert [one.role for one in rules.sign_ups_of([Role.PHYSICIAN_ASSISTANT])] == [Role.PHYSICIAN]
    assert rules.claiming_roles("rut") == {Role.MEMBER} and rules.claiming_roles("rfc") == {Role.PHYSICIAN}

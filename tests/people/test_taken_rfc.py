"""Which RFC a sign-up never gets, and that an organisation is nobody's own party (AU-15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portal import clock
from portal.access import PERSONAL_ROLES, Role
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.people import registry, rules, selectors, services
from portal.people.models import ApiToken, Grant, Party, Registration, SignInIdentifier, User
from tests.factories import billing as care
from tests.factories import people
from tests.factories.threads import at_once
from tests.people.proofs import token_in_mail

pytestmark = pytest.mark.django_db
PASSWORD = "lluvia-en-la-sierra"
MAIL = "quien-sea@ejemplo.mx"
TAKEN = "sign_up_rfc_taken"


def ask(rfc: str, *, email: str = MAIL) -> str:
    """Sign up on the page; what it answered, without the demo's clock and the token of the form."""
    asked = {"rfc": rfc, "email": email, "password": PASSWORD, "consent": "on"}
    answer = Client().post("/registro/?tipo=physician", asked)
    assert answer.status_code == 200
    return re.sub(r"<time.*?</time>", "", answer.content.decode())


def kinds() -> set[str]:
    return set(Notice.objects.values_list("kind", flat=True))


def an_insurer() -> Party:
    return people.an_insurer()


def a_provider() -> Party:
    return people.a_party(kind="organisation", name="CLINICA")


def an_organisation_with_the_rfc_of_a_person() -> Party:
    return people.a_party(kind="organisation", rfc=people.rfc_number(880))


def with_a_grant_that_ended() -> Party:
    party = people.a_party()
    Grant.objects.create(
        user=people.a_person(),
        party=party,
        role=Role.PHYSICIAN,
        since=people.LONG_AGO,
        until=people.LONG_AGO + timedelta(days=1),
    )
    return party


def with_a_token() -> Party:
    party, now = people.a_party(), clock.real_now()
    ApiToken.objects.create(
        name="viejo",
        user=people.a_person(),
        party=party,
        digest="d" * 64,
        scopes=["orders:write"],
        issued_by=people.administrator(),
        created_at=now,
        expires_at=now + timedelta(days=1),
        ended_at=now,
    )
    return party


def without_his_grant(party: Party) -> Party:
    """What is left of a party when nobody acts for it: only what a room holds of it."""
    Grant.objects.filter(party=party).delete()
    SignInIdentifier.objects.filter(canonical=party.rfc).delete()
    assert not party.grants.exists()
    return party


def with_a_regime() -> Party:
    return without_his_grant(care.doctor().party)


def with_an_invoice() -> Party:
    who = care.doctor()
    care.bare(who)
    who.party.scheme_assignments.all().delete()
    who.party.physician_profile.delete()
    return without_his_grant(who.party)


def with_a_delivery() -> Party:
    party = people.a_party()
    care.deliver([care.row(people.rfc_number(881), authorised_by=party.name)], payer=party)
    return party


TAKEN_BY: tuple[Callable[[], Party], ...] = (
    people.the_operator,
    an_insurer,
    a_provider,
    an_organisation_with_the_rfc_of_a_person,
    with_a_grant_that_ended,
    with_a_token,
    with_a_regime,
    with_an_invoice,
    with_a_delivery,
)


@pytest.mark.parametrize("party_of", TAKEN_BY, ids=lambda party_of: party_of.__name__)
def test_sign_up_never_attaches_to_what_is_bound_AU_15(party_of: Callable[[], Party], still_clock: None) -> None:
    party = party_of()
    before = Party.objects.values().get(pk=party.pk)
    Notice.objects.all().delete()
    honest = ask(people.rfc_number(882), email="otra@ejemplo.mx")
    assert ask(party.rfc) == honest, "the page tells what an RFC is"
    assert kinds() == {"sign_up_confirm", TAKEN}
    assert not Registration.objects.filter(identifier=party.rfc).exists()
    assert Party.objects.values().get(pk=party.pk) == before


@pytest.mark.parametrize("rfc", [people.rfc_number(883, person=False), "XAXX010101000", "xexx-010101-000"])
def test_an_rfc_of_twelve_and_those_of_anybody_count_as_taken_AU_15(rfc: str, still_clock: None) -> None:
    assert ask(rfc) == ask(people.rfc_number(884), email="otra@ejemplo.mx")
    assert kinds() == {"sign_up_confirm", TAKEN}
    assert Registration.objects.count() == 1 and not Party.objects.exists()


def test_a_link_sent_before_the_party_was_bound_opens_nothing_AU_15() -> None:
    rfc = people.rfc_number(885)
    ask(rfc)
    party = people.a_party(rfc=rfc)
    care.deliver([care.row(people.rfc_number(881), authorised_by=party.name)], payer=party)
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
        assert refused.value.code == "already_registered"
    assert not User.objects.filter(email=MAIL).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_links_for_one_rfc_at_once_the_second_learns_that_it_is_taken_AU_15() -> None:
    """The other is confirmed between the look and the insert of the first: no error page, and one party."""
    rfc, other = people.rfc_number(885), "otra@ejemplo.mx"
    ask(rfc)
    first = token_in_mail("sign_up_confirm")
    ask(rfc, email=other)
    (second,) = {token_in_mail("sign_up_confirm")} - {first}
    met: list[int] = []

    def other_first(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "people_user"') and not met:
            met.append(1)
            at_once([lambda: services.confirm_email(token=second, at=clock.now())])
        return execute(sql, *rest)

    with connection.execute_wrapper(other_first), pytest.raises(Conflict) as refused:
        services.confirm_email(token=first, at=clock.now())
    assert (refused.value.code, met) == ("already_registered", [1])
    assert Party.objects.filter(rfc=rfc).count() == 1
    assert [email for email in (MAIL, other) if User.objects.filter(email=email).exists()] == [other]


def test_orders_that_wait_for_an_rfc_without_party_are_no_bar_S0_2() -> None:
    rfc = people.rfc_number(886)
    care.deliver([care.row(rfc)])
    ask(rfc)
    user = services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    party = selectors.own_party(user)
    assert party is not None and (party.rfc, party.kind) == (rfc, "person")


def test_a_party_that_nothing_binds_is_given_to_its_owner_S0_2() -> None:
    party = people.a_party()
    ask(party.rfc)
    assert selectors.own_party(services.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())) == party


def test_every_room_names_what_binds_a_party_AU_15() -> None:
    """A foreign key to a party that nobody named would let a sign-up take what it stands for."""
    named = {*registry.bindings(), "people.Grant.party", "people.ApiToken.party"}
    named.add("people.RfcCode.issuer")  # announced with a delivery, which is named
    # Asked for and not decided: nothing was ever held there, and the desk's roles stand in the operator alone.
    named.add("people.GrantProposal.party")
    named |= {"people.Grant.scope", "people.GrantProposal.scope"}  # an insurer whose things a role of ours reaches
    named |= {"people.ConsentText.owner", "people.Consent.owner"}  # an insurer whose text it is, which signs up nowhere
    found = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.many_to_one or field.one_to_one and field.concrete
        if field.related_model is Party
    }
    assert found == named


# --- organisations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(PERSONAL_ROLES))
def test_a_role_of_a_person_never_points_at_an_organisation_AU_15(role: Role) -> None:
    company, person = people.an_insurer(), people.a_party()
    user, granter = people.a_person(), people.administrator()
    with pytest.raises(IntegrityError, match="personal_role_in_a_person|organisation is no physician"):
        with transaction.atomic():
            Grant.objects.create(user=user, party=company, role=role, since=people.LONG_AGO)
    grant = Grant.objects.create(user=user, party=person, role=role, since=people.LONG_AGO)
    for change in (
        lambda: Grant.objects.filter(pk=grant.pk).update(party=company),
        lambda: Party.objects.filter(pk=person.pk).update(kind="organisation"),
    ):
        with pytest.raises(IntegrityError, match="organisation is no physician"), transaction.atomic():
            change()
    with pytest.raises(RuleBroken) as refused:
        services.grant_role(user=user, party=company, role=role, by=granter, at=clock.now())
    assert refused.value.code == "role_of_a_person"


def test_the_roles_of_a_provider_may_stand_in_an_organisation() -> None:
    clinic = people.a_party(kind="organisation")
    for role in (Role.PROVIDER, Role.PROVIDER_CASHIER, Role.INSURER_API):
        Grant.objects.create(user=people.a_person(), party=clinic, role=role, since=people.LONG_AGO)
    assert clinic.grants.count() == 3


def test_the_operator_is_an_organisation() -> None:
    with pytest.raises(IntegrityError, match="operator_is_an_organisation"), transaction.atomic():
        people.a_party(kind="person", is_operator=True)


def test_the_database_and_the_code_name_the_same_roles() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'people_personal_roles'")
        said = cursor.fetchone()[0]
    named = set(re.findall(r"'([a-z-]+)'", said)) - {"organisation"}
    assert named == {str(role) for role in PERSONAL_ROLES}


def test_own_details_of_an_organisation_change_at_the_desk_only_AU_15() -> None:
    company = people.a_party(kind="organisation")
    before = Party.objects.values().get(pk=company.pk)
    cashier = people.user_with_role(Role.PROVIDER, company)
    people.signed_in(cashier).post("/cuenta/datos/", {"name": "Otra Razón", "zip_code": "99999"})
    services.set_own_details(by=cashier, name="Otra Razón", zip_code="99999", at=clock.now())
    assert Party.objects.values().get(pk=company.pk) == before
    doctor = people.physician()
    page = f"/mesa/organizaciones/{company.pk}/"
    changed = {"name": "Clínica del Sol", "zip_code": "06600", "fiscal_regime": "603"}
    for actor, status in (
        (None, 302),
        (cashier, 403),
        (doctor, 403),
        (people.reviewer(), 403),
        (people.support(), 403),
    ):
        assert people.signed_in(actor).get(page).status_code == status
        assert people.signed_in(actor).post(page, changed).status_code == status
    assert Party.objects.values().get(pk=company.pk) == before
    desk = people.signed_in(people.administrator())
    assert desk.get(page).status_code == 200
    assert desk.post(page, changed | {"zip_code": "6"}).status_code == 422
    for _ in range(2):
        assert desk.post(page, changed).url == "/mesa/credenciales/"
    company.refresh_from_db()
    assert (company.name, company.zip_code, company.fiscal_regime) == ("CLÍNICA DEL SOL", "06600", "603")
    assert company.rfc == before["rfc"]
    assert "CLÍNICA DEL SOL" in desk.get("/mesa/credenciales/").content.decode()
    person = people.own_party(doctor)
    assert desk.get(f"/mesa/organizaciones/{person.pk}/").status_code == 404
    with pytest.raises(RuleBroken) as refused:
        services.change_organisation(party=person, **changed, by=people.administrator(), at=clock.now())
    assert refused.value.code == "not_organisation"


def test_what_one_person_can_own() -> None:
    assert rules.is_rfc_of_a_person(people.rfc_number(887))
    for other in (people.rfc_number(887, person=False), "XAXX010101000", "XEXX010101000", ""):
        assert not rules.is_rfc_of_a_person(other)

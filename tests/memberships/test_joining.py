"""A family joins by itself: sign-up by RFC or CURP, four steps that are kept, the first payment (issue 11 C; 2.12)."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from memberships import selectors, services
from memberships.models import CoveredPerson, Member, Membership, Plan
from memberships.rules import Kinship
from memberships.rules.joining import Contact, NewPerson
from memberships.sign_up import PRIVACY, SIGN_UP
from portal import clock
from portal.access import Permission, Role
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.people import selectors as accounts
from portal.people import services as entrance
from portal.people.models import Consent, Party, Registration, SignInIdentifier, User
from tests.factories import memberships as a
from tests.factories import people
from tests.people.proofs import token_in_mail

pytestmark = pytest.mark.django_db
CURP, RFC = "LURF850505MJCNBR01", "LURF850505AB1"
YOU = {
    "given_name": "Fernanda",
    "first_surname": "Luna",
    "second_surname": "Robles",
    "born_on": "1985-05-05",
    "sex": "female",
    "curp": CURP,
    "rfc": "",
    "nss": "",
    "phone": "3312345678",
    "street": "Morelos 12",
    "neighbourhood": "Centro",
    "zip_code": "44100",
    "municipality": "Guadalajara",
    "region": "Jalisco",
}
SON = {"kinship": "child", "given_name": "Leo", "first_surname": "Luna", "born_on": "2012-01-02", "sex": "male"}
KEYS = itertools.count(1)
STEPS = {name: reverse(f"memberships:{name}") for name in ("join", "join_you", "join_family", "join_check")}


def joiner(**changed: Any) -> NewPerson:
    told = {name: YOU[name] for name in ("given_name", "first_surname", "second_surname", "sex", "curp", "rfc", "nss")}
    return NewPerson(**{"kinship": Kinship.TITULAR, "born_on": date(1985, 5, 5), **told, **changed})


def post(browser: Client, path: str, sent: dict[str, Any] | None = None) -> Any:
    """One POST with a key of its own, unless one is given."""
    return browser.post(path, {FIELD: f"joining-key-{next(KEYS):04d}", **(sent or {})})


def newcomer(**fields: Any) -> User:
    """Somebody who has an account and agreed to the portal's notice, without a role."""
    user, text = people.a_person(**fields), accounts.latest_text("portal-privacy")
    assert text is not None
    Consent.objects.create(user=user, text=text, purposes=["necessary"], proof="session", at=clock.now())
    return user


def agreed() -> Any:
    text = accounts.latest_text(PRIVACY)
    assert text is not None
    return text


@pytest.mark.parametrize(("typed", "kind"), [(CURP.lower(), "curp"), (RFC, "rfc")])
def test_who_signs_up_by_rfc_or_curp_gets_a_party_without_rfc_and_signs_in_by_it(typed: str, kind: str) -> None:
    door = Client().get("/registro/?tipo=member").content.decode()
    assert "RFC o CURP" in door
    sent = {"rfc": typed, "email": "fer@ejemplo.mx", "password": "lluvia-en-la-sierra", "consent": "on"}
    wrong = Client().post("/registro/?tipo=member", {**sent, "rfc": typed[:-1]})
    assert wrong.status_code == 422 and 'href="#id_rfc"' in wrong.content.decode(), wrong.content.decode()[3000:6000]
    assert "Revisa tu correo" in Client().post("/registro/?tipo=member", sent).content.decode()
    user = entrance.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    party = user.live_grants[0].party
    assert (user.roles, party.rfc, party.kind) == ({Role.MEMBER}, "", "person")
    named = SignInIdentifier.objects.get(user=user, kind=kind)
    assert named.typed == typed.upper() and (kind == "rfc") == (named.canonical == typed.upper())
    assert accounts.person_of(typed) == user and accounts.masked(named) != typed.upper()
    page = people.signed_in(user).get("/cuenta/").content.decode()
    assert kind.upper() in page and typed.upper() not in page
    Client().post("/registro/?tipo=member", {**sent, "email": "otra@ejemplo.mx"})
    assert Registration.objects.count() == 1, "whoever has it already is told by mail"
    assert not accounts.all_people(named.canonical[:12]).exists() or kind == "rfc"


def test_an_rfc_that_a_member_typed_bars_no_claim_and_a_claimed_one_bars_a_member_AC_11() -> None:
    """Both orders: whoever claims takes it over, the member keeps their address; what is claimed is taken."""
    sent = {"rfc": RFC, "email": "fer@ejemplo.mx", "password": "lluvia-en-la-sierra", "consent": "on"}
    Client().post("/registro/?tipo=member", sent)
    member = entrance.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    assert accounts.person_of(RFC) == member
    Client().post("/registro/?tipo=physician", {**sent, "email": "dra@ejemplo.mx"})
    waiting = Registration.objects.get(email="dra@ejemplo.mx")
    doctor = entrance.confirm_email(token=token_in_mail("sign_up_confirm"), at=clock.now())
    assert accounts.person_of(RFC) == doctor and waiting.role == "physician"
    assert [one.kind for one in member.identifiers.all()] == ["email"]
    told = Notice.objects.get(kind="security_changed", user=member)
    assert "Si el RFC es tuyo, escríbenos." in told.body and told.action_url.endswith("/contacto/")
    Client().post("/registro/?tipo=member", {**sent, "email": "otra@ejemplo.mx"})
    assert not Registration.objects.filter(email="otra@ejemplo.mx").exists()
    Client().post("/registro/?tipo=physician", {**sent, "email": "tercera@ejemplo.mx"})
    assert not Registration.objects.filter(email="tercera@ejemplo.mx").exists()


def test_the_physicians_way_claims_its_party_and_the_members_does_not() -> None:
    from portal.people import rules

    assert rules.claiming_roles("rfc") == {Role.PHYSICIAN} and SIGN_UP.asked == "RFC o CURP"


def test_a_family_joins_in_four_steps_each_kept_and_ends_at_its_payment() -> None:
    plan, browser = a.a_plan(), people.signed_in(user := newcomer(email="fer@ejemplo.mx"))
    assert "Registrarme" in Client().get(STEPS["join"]).content.decode()
    assert browser.get(STEPS["join_you"]).status_code == 403, "not a member before the first step"
    assert post(browser, STEPS["join"], {"plan": ""}).status_code == 422
    assert post(browser, STEPS["join"], {"plan": plan.pk}).url == STEPS["join_you"]
    assert browser.get(STEPS["join_family"]).url == STEPS["join_you"] == browser.get(STEPS["join_check"]).url
    missing = post(browser, STEPS["join_you"], {**YOU, "curp": ""})
    assert (missing.status_code, "con uno de los dos basta" in missing.content.decode()) == (422, True)
    minor = post(browser, STEPS["join_you"], {**YOU, "born_on": "2015-01-01"})
    assert (minor.status_code, CoveredPerson.objects.count()) == (422, 0)
    assert post(browser, STEPS["join_you"], {**YOU, "phone": ""}).status_code == 422
    assert post(browser, STEPS["join_you"], YOU).url == STEPS["join_family"]
    assert post(browser, STEPS["join_family"], {**SON, "kinship": "", "born_on": "x"}).status_code == 422
    for _twice in range(2):
        post(browser, STEPS["join_family"], {**SON, FIELD: "the-same-son-once"})
    assert post(browser, STEPS["join_family"], SON).status_code == 422, "nobody twice"
    # She leaves here and comes back: what she typed is there.
    browser = people.signed_in(User.objects.get(pk=user.pk))
    assert "Seguir con la afiliación" in browser.get("/membresia/").content.decode()
    assert "Morelos 12" in browser.get(STEPS["join_you"]).content.decode()
    assert post(browser, STEPS["join_you"], {**YOU, "second_surname": ""}).url == STEPS["join_family"]
    page = browser.get(STEPS["join_check"]).content.decode()
    assert "Fernanda Luna" in page and "Leo Luna" in page and CURP not in page
    text = agreed()
    assert post(browser, STEPS["join_check"], {"text": text.pk}).status_code == 422
    assert post(browser, STEPS["join_check"], {"text": text.pk + 1, "consent": "on"}).status_code == 422
    done = post(browser, STEPS["join_check"], {"text": text.pk, "consent": "on"})
    made = Membership.objects.get()
    assert done.url == reverse("memberships:make_slip", args=[made.pk])
    assert (made.state, made.folio[:3], made.joined_on) == ("awaiting_payment", "ME-", clock.today())
    assert made.charges.count() == 1 and made.members.count() == 2
    assert Consent.objects.filter(user=user, text=text).exists() and browser.get(done.url).status_code == 200
    party = made.titular.party if made.titular else Party()
    assert (party.name, party.rfc, made.titular and made.titular.curp) == ("FERNANDA LUNA ROBLES", "", CURP)
    again = post(browser, STEPS["join"], {"plan": plan.pk})
    assert (again.status_code, Membership.objects.count()) == (409, 1)


def test_somebody_is_taken_out_again_and_nothing_of_them_stays() -> None:
    user, plan = newcomer(), a.a_plan()
    at = clock.now()
    draft = services.begin_joining(plan=plan, by=user, at=at)
    with pytest.raises(RuleBroken, match="Faltan tus datos"):
        services.add_to_draft(draft=draft, person=joiner(kinship=Kinship.PARENT), by=user, at=at)
    for given, code in ((None, "titular_missing"), (joiner(curp=""), "identifier_missing")):
        with pytest.raises(RuleBroken) as refused:
            services.keep_titular(draft=draft, person=given, contact=Contact(user.email), by=user, at=at)
        assert refused.value.code == code
    with pytest.raises(RuleBroken, match="Faltan tus datos"):
        services.finish_joining(draft=draft, text=agreed(), by=user, at=at)
    services.keep_titular(draft=draft, person=joiner(), contact=Contact(user.email), by=user, at=at)
    mother = joiner(kinship=Kinship.PARENT, given_name="Elena", curp="")
    member = services.add_to_draft(draft=draft, person=mother, by=user, at=at)
    stranger = people.signed_in(people.member())
    address = reverse("memberships:join_drop", args=[member.pk])
    assert post(stranger, address).status_code == 404 and post(Client(), address).status_code == 302
    assert post(people.signed_in(User.objects.get(pk=user.pk)), address).url == STEPS["join_family"]
    assert not Party.objects.filter(name__startswith="ELENA").exists()
    assert not CoveredPerson.objects.filter(given_name="Elena").exists()
    with pytest.raises(Conflict, match="Quien es titular no se quita"):
        services.drop_from_draft(member=Member.objects.get(), by=user, at=at)


def test_a_plan_that_is_not_offered_any_more_takes_nobody() -> None:
    user, plan, at = people.a_person(), a.a_plan(), clock.now()
    draft = services.begin_joining(plan=plan, by=user, at=at)
    assert services.begin_joining(plan=plan, by=user, at=at) == draft, "who has begun goes on"
    services.keep_titular(draft=draft, person=joiner(), contact=Contact(user.email), by=user, at=at)
    Plan.objects.update(is_offered=False)
    plan.refresh_from_db()
    with pytest.raises(RuleBroken, match="ya no se ofrece"):
        services.finish_joining(draft=draft, text=agreed(), by=user, at=at)
    with pytest.raises(RuleBroken, match="no se ofrece ahora"):
        services.begin_joining(plan=plan, by=user, at=at)
    with pytest.raises(RuleBroken, match="Esa forma de registrarse no existe"):
        entrance.begin_role(role=Role.AUDITOR, by=user, at=at)
    complete = {"state": "awaiting_payment", "folio": "ME-2026-000001", "joined_on": clock.today()}
    Membership.objects.update(**complete, draft_falls_on=None, draft_rule="")
    with pytest.raises(Conflict, match="ya está completa"):
        services.finish_joining(draft=draft, text=agreed(), by=user, at=at)


def test_a_physician_and_a_daughter_join_in_the_party_that_is_theirs() -> None:
    doctor, plan, at = people.physician(), a.a_plan(), clock.now()
    draft = services.begin_joining(plan=plan, by=doctor, at=at)
    services.keep_titular(draft=draft, person=joiner(), contact=Contact(doctor.email), by=doctor, at=at)
    assert people.own_party(doctor) == CoveredPerson.objects.get().party
    # Of another family already: who she is is known there, and is not asked again.
    known = a.a_covered_person(curp=CURP)
    Member.objects.create(membership=a.bare(plan=plan), person=known, kinship="child", since=a.SINCE)
    daughter = people.member(party=known.party)
    services.begin_joining(plan=plan, by=daughter, at=at)
    browser = people.signed_in(daughter)
    page = browser.get(STEPS["join_you"]).content.decode()
    assert known.as_printed in page and 'name="born_on"' not in page
    contact = {name: YOU[name] for name in ("phone", "street", "neighbourhood", "zip_code", "municipality", "region")}
    assert post(browser, STEPS["join_you"], contact).url == STEPS["join_family"]
    own = selectors.draft_of(daughter)
    assert own is not None and own.titular == known and Permission.PAY_DUES in daughter.permissions


def test_what_was_typed_and_not_finished_falls_after_it_was_told_and_each_step_keeps_it_longer() -> None:
    user, plan, on = newcomer(), a.a_plan(), clock.today()

    def passes(days: int) -> bool:
        day = on + timedelta(days=days)
        return services.pass_days(membership=draft, on=day, at=datetime.combine(day, time(18), UTC))

    draft = services.begin_joining(plan=plan, by=user, at=clock.now())
    services.keep_titular(
        draft=draft, person=joiner(), contact=Contact(user.email), by=user, at=datetime.combine(on, time(18), UTC)
    )
    child = NewPerson(Kinship.CHILD, "Leo", "Luna", "", date(2012, 1, 2), "male")
    services.add_to_draft(
        draft=draft, person=child, by=user, at=datetime.combine(on + timedelta(days=2), time(18), UTC)
    )
    draft.refresh_from_db()
    assert draft.draft_falls_on == on + timedelta(days=32) and "operador" in draft.draft_rule
    assert not passes(26) and passes(27) and not passes(28), "told once, five days before"
    (told,) = Notice.objects.filter(user=user, kind="memberships/draft_falls")
    assert "falta terminar" in told.body and CoveredPerson.objects.count() == 2
    assert passes(32) and not Membership.objects.exists() and not CoveredPerson.objects.exists()
    assert user.party_ids(Permission.SEE_OWN_MEMBERSHIP), "who began keeps their own party"
    draft = services.begin_joining(plan=plan, by=user, at=clock.now())
    assert passes(60) and Membership.objects.exists(), "after a pause it is told first"
    assert not passes(64) and passes(65) and not Membership.objects.exists()

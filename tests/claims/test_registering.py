"""An insured person registers by their certificate: one answer, a mail says the rest (S3.2-S3.8, C6, C19, AU-03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from claims import services
from claims.models import PolicyRegistration
from memberships.models import CoveredPerson
from memberships.rules.certificates import Named
from portal import clock
from portal.errors import Conflict, RuleBroken, TooMany
from portal.notices import mail
from portal.notices.models import Notice
from portal.people.models import Consent, OneTimeSecret, SecondaryEmail, User
from portal.people.rules import REGISTRATION_LIFE
from portal.people.selectors import latest_text
from portal.people.services import publish_consent_text
from tests.factories import claims as a
from tests.factories import people
from tests.fixtures_clock import at_noon  # noqa: F401 - the fixture
from tests.people.proofs import token_in_mail
from tests.people.test_same_work import work  # noqa: F401 - the fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PASSWORD = "lluvia-en-la-sierra"
PAGE = "/registro/asegurado/"


@pytest.fixture
def family() -> Any:
    return a.a_family()


def asked(family: Any, person: CoveredPerson, **changes: Any) -> services.Asked:
    texts = [text for kind in ("portal-privacy", "insurer-privacy") if (text := latest_text(kind)) is not None]
    typed = Named(family.plan.policy_number, person.as_printed, person.born_on)
    told: dict[str, Any] = {"email": "nueva@ejemplo.mx", "second_email": "", "texts": texts}
    return replace(services.Asked(family.plan.party, typed, **told), **changes)


def ask(what: services.Asked, *, by: User | None = None, ip: str = "127.0.7.1") -> None:
    services.ask_registration(asked=what, by=by, ip=ip, at=clock.now())


def form(family: Any, person: CoveredPerson, **changes: str) -> dict[str, str]:
    texts = [text for kind in ("portal-privacy", "insurer-privacy") if (text := latest_text(kind)) is not None]
    born = person.born_on
    told = {
        "policy": f" {family.plan.policy_number.lower()} ",
        "name": " ".join(reversed(person.as_printed.upper().split())),
        "born_on_0": str(born.day),
        "born_on_1": str(born.month),
        "born_on_2": str(born.year),
        "email": "nueva@ejemplo.mx",
        "second_email": "otra@ejemplo.mx",
    }
    return {**told, **{f"text_{one.pk}": "on" for one in texts}, **changes}


def mails() -> dict[str, str]:
    """Who got which mail of a registration: kind → address."""
    rows = Notice.objects.filter(kind__startswith="claims/").select_related("user")
    return {one.kind.removeprefix("claims/"): one.address or (one.user.email if one.user else "") for one in rows}


def born(on: date) -> dict[str, str]:
    return {"born_on_0": str(on.day), "born_on_1": str(on.month), "born_on_2": str(on.year)}


def test_from_the_door_to_ones_own_claims_s3_2_s3_5_c6(family: Any) -> None:
    guest, person = Client(), family.adult
    assert "Persona asegurada" in guest.get("/registro/").content.decode()
    assert guest.get("/registro/?tipo=asegurado")["Location"] == PAGE
    shown = guest.get(PAGE).content.decode()
    assert "todos conocen el número y los nombres" in shown, "why the birth date"
    ticks = {name: "" for name in form(family, person) if name.startswith("text_")}
    assert guest.post(PAGE, form(family, person) | ticks).status_code == 422, "both notices, never ticked beforehand"
    assert guest.post(PAGE, form(family, person))["Location"] == f"{PAGE}listo/"
    assert "en minutos te llega un correo" in guest.get(f"{PAGE}listo/").content.decode()
    assert mails() == {"registered": "nueva@ejemplo.mx"}
    secret = mail.opened(Notice.objects.get(kind="claims/registered"))["secret"]
    came = guest.post("/entrar/", {"identifier": "nueva@ejemplo.mx", "password": secret})
    assert came["Location"] == "/entrar/elegir-contrasena/"
    assert "Tu fecha de nacimiento" in guest.get(came["Location"]).content.decode()
    wrong = guest.post(came["Location"], {"password": PASSWORD, **born(date(1999, 1, 1))})
    assert (wrong.status_code, "no es la fecha" in wrong.content.decode()) == (422, True), (
        "a mistyped address opens nothing"
    )
    user = User.objects.get(email="nueva@ejemplo.mx")
    assert not user.has_usable_password() and not user.grants.exists()
    done = guest.post(came["Location"], {"password": PASSWORD, **born(person.born_on)})
    assert done["Location"] == "/entrar/"
    kept = {(one.text.kind, one.owner) for one in Consent.objects.filter(user=user)}
    assert kept == {("portal-privacy", None), ("insurer-privacy", family.plan.party)}, "both notices (S3.4)"
    assert SecondaryEmail.objects.get(user=user).address == "otra@ejemplo.mx"
    own = people.signed_in(User.objects.get(pk=user.pk))
    assert "Aquí verás tus trámites en curso" in own.get("/tramites/").content.decode()
    assert family.adult.as_printed in own.get("/membresia/compartir/").content.decode() or user.grants.exists()


def nobody_named_so(family: Any) -> services.Asked:
    return asked(family, family.adult, typed=Named(family.plan.policy_number, "Nadie de Aquí", family.adult.born_on))


def another_day(family: Any) -> services.Asked:
    return asked(
        family, family.adult, typed=Named(family.plan.policy_number, family.adult.as_printed, date(1999, 1, 1))
    )


def another_policy(family: Any) -> services.Asked:
    return asked(family, family.adult, typed=Named("OTRA-1", family.adult.as_printed, family.adult.born_on))


def another_insurer(family: Any) -> services.Asked:
    return asked(family, family.adult, insurer=a.a_family(plan=a.p.a_whole_policy()).plan.party)


def a_minor(family: Any) -> services.Asked:
    return asked(family, family.child)


def who_has_an_account(family: Any) -> services.Asked:
    return asked(family, family.titular)


def a_known_address(family: Any) -> services.Asked:
    return asked(family, family.adult, email=people.a_person(email="conocida@ejemplo.mx").email)


def a_known_address_and_nobody(family: Any) -> services.Asked:
    return replace(nobody_named_so(family), email=people.a_person(email="conocida@ejemplo.mx").email)


def a_closed_account(family: Any) -> services.Asked:
    return asked(family, family.adult, email=people.a_person(email="cerrada@ejemplo.mx", disabled_at=clock.now()).email)


NO_MATCH = {"registration_unmatched": "nueva@ejemplo.mx"}
KNOWN = {"registration_known": "conocida@ejemplo.mx"}
CASES: list[tuple[Callable[[Any], services.Asked], dict[str, str]]] = [
    (nobody_named_so, NO_MATCH),
    (another_day, NO_MATCH),
    (another_policy, NO_MATCH),
    (another_insurer, NO_MATCH),
    (a_minor, NO_MATCH),
    (who_has_an_account, NO_MATCH | {"registration_known": "titular"}),
    (a_known_address, KNOWN),
    (a_known_address_and_nobody, KNOWN),
    (a_closed_account, {}),
]


@pytest.mark.parametrize(("case", "expected"), CASES, ids=[case.__name__ for case, _told in CASES])
def test_nothing_opens_and_the_mail_alone_says_why_with_the_same_work_au_03(
    case: Callable[[Any], services.Asked],
    expected: dict[str, str],
    family: Any,
    work: Any,  # noqa: F811
) -> None:
    right, what = asked(family, family.adult), case(family)
    assert work(lambda: ask(what, ip="127.0.7.2")) == work(lambda: ask(right, ip="127.0.7.3")), "time tells nothing"
    users = User.objects.count()
    ask(what)
    told = {kind: family.user.email if to == "titular" else to for kind, to in expected.items()}
    assert mails() == told
    assert (User.objects.count(), PolicyRegistration.objects.count()) == (users, 0)
    assert not OneTimeSecret.objects.exists()


def test_who_is_signed_in_adds_a_policy_by_the_same_form(family: Any) -> None:
    user = people.a_person(email="conocida@ejemplo.mx")
    client, person = people.signed_in(user), family.adult
    assert f'href="{PAGE}"' in people.signed_in(people.member()).get("/tramites/nuevo/").content.decode()
    shown = client.get(PAGE).content.decode()
    assert ("Agrega tu póliza" in shown, 'name="email"' in shown) == (True, False)
    assert client.post(PAGE, form(family, person))["Location"] == f"{PAGE}listo/"
    assert mails() == {"policy_link": "conocida@ejemplo.mx"}
    link = f"/tramites/polizas/{token_in_mail('claims/policy_link')}/"
    stranger = people.signed_in(people.a_person())
    assert {stranger.get(link).status_code, Client().get(link).status_code} == {404, 302}
    assert client.post(link, born(date(1999, 1, 1))).status_code == 422
    assert client.post(link, born(person.born_on))["Location"] == "/tramites/"
    assert client.get(link).status_code == 404, "once"
    held = User.objects.get(pk=user.pk)
    assert person.party_id in {one.party_id for one in held.live_grants}


def test_tries_are_counted_and_what_waits_ends_after_a_day(family: Any) -> None:
    what = asked(family, family.adult)
    for number in range(services.registering.TRIES):
        ask(replace(another_day(family), email=f"p{number}@ejemplo.mx"), ip=f"127.0.8.{number}")
    with pytest.raises(TooMany):
        ask(what, ip="127.0.9.1")
    PolicyRegistration.objects.all().delete()
    with pytest.raises(RuleBroken, match="mismo"):
        ask(replace(what, second_email=what.email))
    user = people.a_person()
    now = clock.real_now() - REGISTRATION_LIFE
    told = {"person": family.adult, "insurer": family.plan.party, "user": user}
    old = PolicyRegistration.objects.create(**told, created_at=now - REGISTRATION_LIFE, expires_at=now)
    with pytest.raises(RuleBroken, match="venció"):
        services.confirm_registration(registration=old, born_on=family.adult.born_on, by=user, at=clock.now())
    services.registering.tell_birth(user=user, born_on=None, at=clock.now())
    assert not user.grants.exists(), "what is over asks for no birth date and opens nothing"


def test_whoever_lost_the_first_mail_gets_another_secret_and_no_second_account_s3_8(family: Any) -> None:
    ask(asked(family, family.adult))
    ask(asked(family, family.adult), ip="127.0.7.9")
    assert User.objects.filter(email="nueva@ejemplo.mx").count() == 1
    assert OneTimeSecret.objects.filter(used_at=None).count() == 1
    assert PolicyRegistration.objects.count() == 2


def test_a_fourth_mail_of_one_hour_is_withheld_and_the_answer_is_the_same_au_03(family: Any) -> None:
    for number in range(4):
        ask(asked(family, family.adult), ip=f"127.0.10.{number}")
    assert PolicyRegistration.objects.count() == 3


def confirm(family: Any, email: str) -> User:
    user = User.objects.get(email=email)
    told = {"born_on": family.adult.born_on, "by": user, "at": clock.now()}
    services.confirm_registration(registration=PolicyRegistration.objects.get(user=user), **told)
    return user


def test_of_two_who_registered_for_one_person_the_first_to_say_the_date_has_the_account(family: Any) -> None:
    for email in ("una@ejemplo.mx", "otra@ejemplo.mx"):
        ask(asked(family, family.adult, email=email))
    assert confirm(family, "una@ejemplo.mx").grants.get().party == family.adult.party
    with pytest.raises(Conflict) as refused:
        confirm(family, "otra@ejemplo.mx")
    assert refused.value.code == "has_account"


def test_a_notice_that_changed_meanwhile_is_not_taken_for_accepted_s3_4(family: Any) -> None:
    ask(asked(family, family.adult))
    publish_consent_text(kind="insurer-privacy", body="Otro aviso.", by=None, at=clock.now())
    kept = Consent.objects.filter(user=confirm(family, "nueva@ejemplo.mx"))
    assert [one.text.kind for one in kept] == ["portal-privacy"]

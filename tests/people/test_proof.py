"""That an RFC is a claim until proved, and goes to its owner by two people (AC-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from portal import clock
from portal.access import Permission, Role
from portal.errors import Conflict, RuleBroken, TooMany
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people import rules, selectors, services
from portal.people.models import ApiToken, Grant, Party, RfcCode, SignInIdentifier, User
from tests.factories import people

pytestmark = pytest.mark.django_db
CODE = "AB12-CD34"


def unproved() -> tuple[User, Party]:
    doctor = people.physician(party=people.a_party(proved=False))
    return doctor, people.own_party(doctor)


def acts(party: Party) -> list[str]:
    return list(AuditEvent.objects.filter(party_id=party.pk).order_by("pk").values_list("action", flat=True))


def announce(party: Party, code: str = CODE, *, issuer: Party | None = None) -> int:
    plain = rules.plain_code(code)
    assert plain is not None
    return services.keep_rfc_codes(
        issuer=issuer or people.an_insurer(), codes=[(party.rfc, plain)], by=people.a_person(), at=clock.now()
    )


def guess(party: Party, code: str) -> None:
    services.use_rfc_code(party=Party.objects.get(pk=party.pk), code=code, by=people.a_person(), at=clock.now())


def test_the_first_proof_stays_with_its_kind_instant_and_who_accepted() -> None:
    doctor, party = unproved()
    reviewer, at = people.reviewer(), clock.now()
    assert doctor.proved_party_ids(Permission.SEE_OWN_BILLING) == []
    assert selectors.unproved_parties(doctor, Permission.SEE_OWN_BILLING) == [party]
    assert services.prove_rfc(party=party, kind="constancia", by=reviewer, at=at)
    assert not services.prove_rfc(party=party, kind="statement", by=people.reviewer(), at=clock.now())
    party.refresh_from_db()
    assert (party.rfc_proof, party.rfc_proved_by, party.rfc_proved_at) == ("constancia", reviewer, at)
    again = User.objects.get(pk=doctor.pk)
    assert again.proved_party_ids(Permission.SEE_OWN_BILLING) == [party.pk]
    assert selectors.is_proved(party.rfc) and selectors.unproved_parties(again, Permission.SEE_OWN_BILLING) == []
    assert acts(party) == ["people.rfc_proved"]
    assert Notice.objects.filter(user=doctor, kind="rfc_proved").count() == 1


def test_nobody_proves_their_own_rfc_and_a_party_without_one_proves_nothing() -> None:
    doctor, party = unproved()
    with pytest.raises(RuleBroken) as refused:
        services.prove_rfc(party=party, kind="constancia", by=doctor, at=clock.now())
    assert refused.value.code == "own_rfc"
    nameless = Party.objects.create(kind="person", created_at=clock.now())
    assert not services.prove_rfc(party=nameless, kind="constancia", by=people.reviewer(), at=clock.now())
    assert not Party.objects.filter(pk__in=[party.pk, nameless.pk], rfc_proved_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rfc_proof_is_whole", {"rfc_proof": "code"}),
        ("rfc_proof_is_whole", {"rfc_proof": "code", "rfc_proved_at": clock.real_now(), "rfc": ""}),
        ("rfc_proof_is_whole", {"rfc_proved_at": clock.real_now()}),
        ("rfc_proof_accepted_by_somebody", {"rfc_proof": "constancia", "rfc_proved_at": clock.real_now()}),
    ],
)
def test_the_database_keeps_a_proof_whole(name: str, values: dict[str, Any]) -> None:
    _, party = unproved()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Party.objects.filter(pk=party.pk).update(**values)


# --- the insurer's code ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [CODE, "ab12cd34", " ab12 – cd34 ", "AB.12.CD.34"])
def test_the_code_of_the_insurer_proves_the_rfc_however_it_is_typed(typed: str) -> None:
    _, party = unproved()
    assert announce(party) == 1
    assert CODE not in str(RfcCode.objects.values()) and "AB12CD34" not in str(RfcCode.objects.values())
    guess(party, typed)
    party.refresh_from_db()
    assert (party.rfc_proof, party.rfc_proved_by) == ("code", None)
    assert not RfcCode.objects.exists()
    with pytest.raises(Conflict) as known:
        guess(party, typed)
    assert known.value.code == "rfc_proved"


def test_codes_are_kept_once_and_not_for_a_proved_rfc() -> None:
    _, party = unproved()
    issuer = people.an_insurer()
    assert announce(party, issuer=issuer) == 1
    assert announce(party, issuer=issuer) == 0
    assert announce(party, "OTRO-99", issuer=issuer) == 1
    assert announce(people.a_party(), issuer=issuer) == 0
    assert RfcCode.objects.count() == 2
    assert acts(issuer) == ["people.rfc_codes_kept"] * 2
    row = RfcCode.objects.order_by("pk")[0]
    with pytest.raises(IntegrityError, match="one_code_per_issuer_and_rfc"), transaction.atomic():
        RfcCode.objects.create(issuer=issuer, rfc=row.rfc, digest=row.digest, created_at=row.created_at)
    with pytest.raises(IntegrityError, match="rfc_code_is_hashed"), transaction.atomic():
        RfcCode.objects.create(issuer=issuer, rfc=row.rfc, digest="AB12CD34", created_at=row.created_at)


def test_guesses_are_slowed_down_even_for_the_right_code(still_clock: None) -> None:
    _, party = unproved()
    _, other = unproved()
    announce(party)
    announce(other, "ZZ99ZZ99")
    for wrong in ("000000", "AB12CD3", "x", "ZZ99ZZ99", "¿?"):
        with pytest.raises(RuleBroken) as refused:
            guess(party, wrong)
        assert refused.value.code == "rfc_code_wrong"
    with pytest.raises(TooMany):
        guess(party, CODE)
    assert acts(party) == ["people.rfc_code_wrong"] * 5
    guess(other, "zz99zz99")  # another physician's guesses are their own
    with time_machine.travel(clock.real_now() + timedelta(hours=2), tick=False):
        guess(party, CODE)
    assert selectors.is_proved(party.rfc)


def test_ten_guesses_a_day_are_the_most(still_clock: None) -> None:
    _, party = unproved()
    announce(party)
    start = clock.real_now().replace(hour=1, minute=0)
    for hour in (0, 2):
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            for number in range(5):
                with pytest.raises(RuleBroken, match="no es el que mandó"):
                    guess(party, f"99999{number}")
    with time_machine.travel(start + timedelta(hours=4), tick=False), pytest.raises(TooMany):
        guess(party, CODE)


# --- to its owner ------------------------------------------------------------------------------------------------


def hand_over(party: Party, **changes: Any) -> User:
    told = {
        "email": "duena@ejemplo.mx",
        "name": "Nora Luna",
        "asked_by": people.administrator(),
        "confirmed_by": people.administrator(),
        "at": clock.now(),
    }
    return services.hand_over(party=party, **told | changes)


def test_an_rfc_goes_to_its_owner_and_what_the_other_had_there_ends() -> None:
    doctor, party = unproved()
    assistant = people.assistant_of(doctor)
    browsers = [Client(), Client()]
    for browser, one in zip(browsers, (doctor, assistant), strict=True):
        browser.post("/entrar/", {"identifier": one.email, "password": people.PASSWORD})
        assert browser.get("/avisos/").status_code == 200
    now = clock.real_now()
    token = ApiToken.objects.create(
        name="t",
        user=doctor,
        party=party,
        digest="f" * 64,
        scopes=["orders:read"],
        issued_by=people.administrator(),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    announce(party)
    first, second = people.administrator(), people.administrator()
    owner = hand_over(party, asked_by=first, confirmed_by=second)
    party.refresh_from_db()
    token.refresh_from_db()
    assert (party.name, party.zip_code, party.rfc_proof, party.rfc_proved_by) == ("NORA LUNA", "", "moved", second)
    assert party.rfc_moved_at is not None and token.ended_at is not None
    assert not RfcCode.objects.exists()
    assert selectors.users_of_party(party.pk, on=clock.today()) == [owner.pk]
    assert selectors.person_of(party.rfc) == owner and owner.email == "duena@ejemplo.mx"
    grant = Grant.objects.get(user=owner)
    assert (grant.role, grant.granted_by, grant.confirmed_by) == (Role.PHYSICIAN, first, second)
    for gone in (doctor, assistant):
        again = User.objects.get(pk=gone.pk)
        assert again.live_grants == [] and Notice.objects.filter(user=gone, kind="security_changed").exists()
    keys = [browser.cookies[settings.SESSION_COOKIE_NAME].value for browser in browsers]
    assert not Session.objects.filter(pk__in=keys).exists()
    assert [browser.get("/avisos/").url[:8] for browser in browsers] == ["/entrar/", "/entrar/"]
    assert Notice.objects.filter(user=owner, kind="invited").exists()
    event = AuditEvent.objects.get(action="people.rfc_moved")
    assert event.by == second and event.details["asked_by"] == str(first.pk)
    assert set(event.details["from"]) == {str(doctor.pk), str(assistant.pk)}


def test_the_owner_may_have_an_account_without_a_role() -> None:
    _, party = unproved()
    person = people.a_person()
    assert hand_over(party, email=person.email.upper()) == person
    assert SignInIdentifier.objects.get(canonical=party.rfc).user == person


def test_a_party_that_nobody_holds_is_handed_over_too() -> None:
    party = people.a_party(proved=False)
    assert selectors.users_of_party(party.pk, on=clock.today()) == []
    assert selectors.users_of_party(party.pk, on=clock.today()) != [hand_over(party).pk]
    assert len(selectors.users_of_party(party.pk, on=clock.today())) == 1


def test_who_cannot_own_an_rfc() -> None:
    _, party = unproved()
    other, _ = unproved()
    closed = people.a_person(disabled_at=clock.now())
    for email in (other.email, closed.email, people.reviewer().email):
        with pytest.raises(RuleBroken) as refused:
            services.check_owner(party=party, email=email, at=clock.now())
        assert refused.value.code == "owner_has_a_role"
    with pytest.raises(RuleBroken) as refused:
        services.check_owner(party=people.an_insurer(), email="a@ejemplo.mx", at=clock.now())
    assert refused.value.code == "not_a_person"


def test_one_person_alone_or_one_with_a_stake_hands_nothing_over() -> None:
    doctor, party = unproved()
    admin = people.administrator()
    for asker, confirmer in ((admin, admin), (admin, doctor), (doctor, admin)):
        with pytest.raises(RuleBroken) as refused:
            hand_over(party, asked_by=asker, confirmed_by=confirmer)
        assert refused.value.code == "second_administrator"
    assert selectors.users_of_party(party.pk, on=clock.today()) == [doctor.pk]

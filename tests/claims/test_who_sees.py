"""Who sees a claim whole, in part, or not at all, by every way of reading it, on the day of the question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from claims.models import Assent, Claim
from claims.services.sending import _issue_receipt
from claims.services.telling import tell_family
from memberships.models import CoveredPerson, Member, MemberCoverage, Share
from portal import clock
from portal.notices.models import Notice
from portal.people.models import Consent, User
from tests.factories import claims as a
from tests.factories import people

pytestmark = pytest.mark.django_db
WHOLE, PART, NOTHING = "whole", "folio, state, amounts", "not there"


class Home:
    """A titular, an adult and a child of one certificate, and who of them has an own account by now."""

    def __init__(self) -> None:
        self.family: SimpleNamespace = a.a_family()
        self.users: dict[str, User] = {"titular": self.family.user, "stranger": a.a_family().user}

    def account(self, who: str) -> User:
        """One of them opens an account."""
        self.users[who] = people.member(party=getattr(self.family, who).party)
        return self.users[who]

    def born(self, who: str, years: int, days: int) -> None:
        """Their 18th (or other) birthday was so many days ago."""
        on = clock.today() - timedelta(days=days)
        day = date(on.year - years, on.month, min(on.day, 28))
        CoveredPerson.objects.filter(pk=getattr(self.family, who).pk).update(born_on=day)

    def claim(self, of: str, by: str = "titular") -> Claim:
        """Sent a month ago, with its receipt."""
        family, at = self.family, clock.now() - timedelta(days=30)
        told = {"filed_by": self.users[by], "payee": getattr(family, by).party, "submitted_at": at, "created_at": at}
        made = a.bare(family, affected=getattr(family, of), **told)
        _issue_receipt(made, by=self.users[by], at=at)
        return made


def of_a_child(home: Home) -> Claim:
    home.account("adult")
    return home.claim("child")


def of_a_child_now_of_age(home: Home) -> Claim:
    home.born("child", 18, 2)
    return home.claim("child")


def of_a_child_now_of_age_with_account(home: Home) -> Claim:
    home.born("child", 18, 2)
    home.account("child")
    return home.claim("child")


def of_an_adult_without_account(home: Home) -> Claim:
    return home.claim("adult")


def of_an_adult_who_opened_one(home: Home) -> Claim:
    made = home.claim("adult")
    home.account("adult")
    return made


def with_their_yes(home: Home) -> Claim:
    made = home.claim("adult")
    a.an_assent(made, by=home.account("adult"))
    return made


def whose_yes_was_taken_back(home: Home) -> Claim:
    made = with_their_yes(home)
    Assent.objects.update(ended_at=clock.now())
    return made


def whose_consent_was_withdrawn(home: Home) -> Claim:
    made = with_their_yes(home)
    Consent.objects.filter(proof="assent").update(withdrawn_at=clock.now())
    return made


def asked_only(home: Home) -> Claim:
    made = home.claim("adult")
    home.account("adult")
    a.an_assent(made)
    return made


def filed_by_the_adult(home: Home) -> Claim:
    home.account("adult")
    return home.claim("adult", by="adult")


def filed_by_the_adult_and_shared(home: Home) -> Claim:
    made = filed_by_the_adult(home)
    stay = home.family.adult.stays.get()
    Share.objects.create(member=stay, what="clinical", by=home.users["adult"], since=a.AT)
    return made


def shared_no_more(home: Home) -> Claim:
    made = filed_by_the_adult_and_shared(home)
    Share.objects.update(ended_at=clock.now())
    return made


def of_a_child_by_who_left_the_policy(home: Home) -> Claim:
    made, left = home.claim("child"), clock.today() - timedelta(days=3)
    MemberCoverage.objects.filter(member__membership=home.family.certificate).update(until=left)
    Member.objects.filter(membership=home.family.certificate).update(until=left)
    return made


def of_the_titular(home: Home) -> Claim:
    home.account("adult")
    return home.claim("titular")


CASES: list[tuple[Callable[[Home], Claim], dict[str, str]]] = [
    (of_a_child, {"titular": WHOLE, "adult": NOTHING}),
    (of_a_child_now_of_age, {"titular": PART}),
    (of_a_child_now_of_age_with_account, {"titular": PART, "child": WHOLE}),
    (of_an_adult_without_account, {"titular": WHOLE}),
    (of_an_adult_who_opened_one, {"titular": PART, "adult": WHOLE}),
    (with_their_yes, {"titular": WHOLE, "adult": WHOLE}),
    (whose_yes_was_taken_back, {"titular": PART, "adult": WHOLE}),
    (whose_consent_was_withdrawn, {"titular": PART, "adult": WHOLE}),
    (asked_only, {"titular": PART, "adult": WHOLE}),
    (filed_by_the_adult, {"titular": NOTHING, "adult": WHOLE}),
    (filed_by_the_adult_and_shared, {"titular": WHOLE, "adult": WHOLE}),
    (shared_no_more, {"titular": NOTHING, "adult": WHOLE}),
    (of_a_child_by_who_left_the_policy, {"titular": WHOLE}),
    (of_the_titular, {"titular": WHOLE, "adult": NOTHING}),
]


def seen_by(client: Client, user: User, claim: Claim) -> dict[str, str]:
    """What each way of reading shows of one claim."""
    name, folio = claim.affected.as_printed, claim.folio

    def amount(answer: Any, whole: str) -> str:
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        if answer.status_code == 404 or folio not in text:
            assert name not in text
            return NOTHING
        return WHOLE if whole in text else PART

    found = {
        "page": amount(client.get(f"/tramites/{folio}/"), "Lo que ha pasado"),
        "list": amount(client.get("/tramites/"), name),
        "export": amount(client.get("/tramites/?formato=csv"), name),
        "API": amount(client.get("/api/v1/tramites/"), name),
        "API of one": amount(client.get(f"/api/v1/tramites/{folio}/"), name),
        "search by name": amount(
            client.get("/tramites/", {"buscar": name.split(maxsplit=1)[1], "formato": "csv"}), name
        ),
        "paper": WHOLE if client.get(f"/documentos/{claim.receipt_id}/").status_code == 200 else "",
    }
    told = Notice.objects.filter(user=user, kind="claims/claim_taken")
    assert not any(name in f"{one.title} {one.body}" for one in told), "a notice says the folio and the way in"
    return found


@pytest.mark.parametrize(("case", "expected"), CASES, ids=[case.__name__ for case, _expected in CASES])
def test_who_sees_what_of_a_claim_ac_02_ac_05(case: Callable[[Home], Claim], expected: dict[str, str]) -> None:
    home = Home()
    claim = case(home)
    tell_family(claim=claim, kind="claim_taken", context={}, at=clock.now())
    for who, amount in {**expected, "stranger": NOTHING}.items():
        user = User.objects.get(pk=home.users[who].pk)
        found = seen_by(people.signed_in(user), user, claim)
        assert found.pop("paper") == (WHOLE if amount == WHOLE else ""), who
        assert found.pop("search by name") == (WHOLE if amount == WHOLE else NOTHING), who
        assert found == dict.fromkeys(found, amount), who
    assert Client().get(f"/tramites/{claim.folio}/").status_code == 302

"""A family that has joined: its titular adds people, ends a stay, invites an adult; an account is linked (2.12)."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from memberships import services
from memberships.models import CoveredPerson, Member, Membership
from memberships.rules import Kinship
from memberships.rules.joining import Contact, NewPerson
from memberships.selectors import has_account, links
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.papers.registry import standing_of
from portal.papers.rules import Standing
from portal.people.models import Party, User
from tests.factories import memberships as a
from tests.factories import people
from tests.memberships.test_views import a_family, account, of

pytestmark = pytest.mark.django_db
KEYS = itertools.count(1)
BABY = {"kinship": "child", "given_name": "Ana", "first_surname": "Luna", "born_on": "2026-01-05", "sex": "female"}


def post(browser: Any, path: str, **sent: Any) -> Any:
    return browser.post(path, {FIELD: f"members-key-{next(KEYS):04d}", **sent})


def stay(family: Membership, name: str) -> Member:
    return Member.objects.get(membership=family, person__given_name=name)


def test_a_titular_adds_a_person_who_has_a_card_at_once_and_ends_their_stay() -> None:
    family = a_family()
    titular, elena = account(family, "Fernanda"), account(family, "Elena")
    browser, add = people.signed_in(titular), reverse("memberships:add_member", args=[family.pk])
    assert add in browser.get("/membresia/").content.decode()
    assert post(browser, add, **{**BABY, "born_on": "x"}).status_code == 422
    for _twice in range(2):
        browser.post(add, {FIELD: "one-baby-only", **BABY})
    baby = stay(family, "Ana")
    assert (baby.since, baby.card is not None) == (clock.today(), True)
    assert post(browser, add, **BABY).status_code == 422, "nobody twice"
    page = browser.get(reverse("memberships:person", args=[baby.person_id])).content.decode()
    end = reverse("memberships:end_member", args=[baby.pk])
    assert end in page and "Invitar a su propio perfil" not in page, "a child is not invited"
    for other in (elena, people.member(), people.affiliator()):
        assert post(people.signed_in(other), end).status_code in {403, 404}
        assert people.signed_in(other).get(add).status_code in {403, 404}
    assert post(Client(), end).status_code == 302 and standing_of(baby.card) is Standing.IN_FORCE
    assert post(browser, end).url == "/membresia/"
    assert Member.objects.get(pk=baby.pk).until == clock.today() and standing_of(baby.card) is Standing.CANCELLED
    for gone in (baby, stay(family, "Fernanda")):
        with pytest.raises(Conflict, match="ya no es de la familia"):
            services.end_member(member=gone, by=titular, at=clock.now())
    Membership.objects.filter(pk=family.pk).update(state="suspended")
    assert post(browser, add, **{**BABY, "given_name": "Luz"}).status_code == 302
    assert stay(family, "Luz").card is None, "a card follows when the family is in force"
    Membership.objects.filter(pk=family.pk).update(state="cancelled")
    assert post(browser, add, **{**BABY, "given_name": "Eva"}).status_code == 409


def test_a_titular_invites_an_adult_and_the_answer_tells_no_account_AU_03() -> None:
    family = a_family()
    titular, clerk = account(family, "Fernanda"), people.affiliator()
    browser, invite = people.signed_in(titular), reverse("memberships:invite_adult", args=[stay(family, "Elena").pk])
    page = browser.get(reverse("memberships:person", args=[of(family, "Elena").pk])).content.decode()
    assert invite in page
    for wrong in ("", "x", titular.email):
        assert post(browser, invite, email=wrong).status_code == 422
    known, partner = people.physician(), reverse("memberships:invite_adult", args=[stay(family, "Óscar").pk])
    told = [post(browser, invite, email="elena@ejemplo.mx"), post(browser, partner, email=known.email)]
    assert [one.status_code for one in told] == [302, 302]
    pages = [browser.get(reverse("memberships:person", args=[of(family, name).pk])) for name in ("Elena", "Óscar")]
    assert all("Invitar a su propio perfil" in page.content.decode() for page in pages), "the same picture of both"
    on = clock.today()
    assert not has_account(of(family, "Elena"), on=on) and not has_account(of(family, "Óscar"), on=on)
    assert Notice.objects.filter(kind="memberships/account_named", user=clerk).count() == 2
    assert User.objects.filter(email="elena@ejemplo.mx").count() == 1
    assert Notice.objects.filter(kind="memberships/account_link").count() == 2
    child = reverse("memberships:invite_adult", args=[stay(family, "Leo").pk])
    assert post(browser, child, email="leo@ejemplo.mx").status_code == 422
    account(family, "Elena")
    assert post(browser, invite, email="otra@ejemplo.mx").status_code == 409
    for _each in range(8):
        last = post(browser, partner, email="x")
        last = post(browser, partner, email="oscar@ejemplo.mx")
    assert last.status_code == 429, "ten an hour, whatever comes of them"


def test_the_people_of_a_draft_are_only_typed() -> None:
    user, at = people.physician(), clock.now()
    draft = services.begin_joining(plan=a.a_plan(), by=user, at=at)
    you = NewPerson(Kinship.TITULAR, "Nadia", "Ríos", "", date(1990, 2, 3), "female", rfc="RIXN900203AB1")
    services.keep_titular(draft=draft, person=you, contact=Contact(user.email), by=user, at=at)
    mother = NewPerson(Kinship.PARENT, "Elena", "Ríos", "", date(1960, 2, 3), "female")
    member, browser = services.add_to_draft(draft=draft, person=mother, by=user, at=at), people.signed_in(user)
    for name, of_what in (("imss", member.person_id), ("end_member", member.pk), ("invite_adult", member.pk)):
        path = reverse(f"memberships:{name}", args=[of_what])
        assert post(browser, path, rights="no", email="e@ejemplo.mx").status_code == 404, name
    page = browser.get(reverse("memberships:person", args=[member.person_id])).content.decode()
    assert "Quitar de la membresía" not in page and "guía del IMSS" not in page
    with pytest.raises(Conflict, match="todavía no termina"):
        services.invite_member(member=member, email="e@ejemplo.mx", by=people.affiliator(), at=at)
    services.drop_from_draft(member=member, by=user, at=at)


def token_for(member: Member, user: User) -> str:
    """What the mail of such an invitation carries."""
    return links.link_token(member, user)


def test_who_has_an_account_takes_what_is_theirs_and_nobody_else_can(monkeypatch: pytest.MonkeyPatch) -> None:
    family, doctor, other = a_family(), people.physician(), people.physician()
    token = token_for(stay(family, "Óscar"), doctor)
    path = reverse("memberships:link", args=[token])
    assert "Óscar" in people.signed_in(doctor).get(path).content.decode()
    assert people.signed_in(other).get(path).status_code == 404 and Client().get(path).status_code == 302
    assert people.signed_in(doctor).get(path[:-2] + "x/").status_code == 404
    assert post(people.signed_in(doctor), path).url == reverse("memberships:person", args=[of(family, "Óscar").pk])
    assert has_account(of(family, "Óscar"), on=clock.today())
    assert post(people.signed_in(doctor), path).status_code == 409, "once"
    monkeypatch.setattr(links, "LINK_DAYS", -1)
    with pytest.raises(RuleBroken, match="ya venció"):
        links.offered_by(token, doctor)


def test_an_own_party_takes_the_place_of_one_that_owns_nothing_and_not_of_one_with_papers() -> None:
    at, doctor, another = clock.now(), people.physician(), people.physician()
    bare = a.a_covered_person()
    before = bare.party_id
    linked = services.link_account(person=bare, user=doctor, by=doctor, at=at)
    assert linked.party == people.own_party(doctor) and not Party.objects.filter(pk=before).exists()
    partner = of(a_family(), "Óscar")  # he has a card
    kept = services.link_account(person=partner, user=another, by=another, at=at)
    assert kept.party_id == partner.party_id != people.own_party(another).pk
    assert has_account(kept, on=clock.today())
    assert services.link_account(person=kept, user=another, by=another, at=at).party_id == partner.party_id, "twice"
    nobody = people.a_person()
    assert services.link_account(person=a.a_covered_person(), user=nobody, by=nobody, at=at).party.grants.count() == 1
    assert CoveredPerson.objects.filter(party=people.own_party(doctor)).count() == 1

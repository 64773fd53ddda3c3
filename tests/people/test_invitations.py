"""An invitation to the team tells its inviter nothing about an address: what follows goes by mail (AU-03, MO-05)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from portal import clock
from portal.access import Permission, Role
from portal.history.models import AuditEvent
from portal.notices import mail
from portal.notices.models import Notice
from portal.people import selectors, services
from portal.people.models import Grant, OneTimeSecret, User
from tests.factories import people
from tests.factories.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
TEAM = "/cuenta/equipo/"
ADDRESS = "alguien@ejemplo.mx"


def nobody_yet(_doctor: User) -> None:
    """Unknown here."""


def another_physician(_doctor: User) -> None:
    people.physician(email=ADDRESS)


def anothers_assistant(_doctor: User) -> None:
    people.assistant_of(people.physician(), email=ADDRESS)


def with_no_role(_doctor: User) -> None:
    people.a_person(email=ADDRESS)


def entered_and_never_came(_doctor: User) -> None:
    services.enter_person(email=ADDRESS, name="Ana", by=people.administrator(), at=clock.now())


def a_reviewer(_doctor: User) -> None:
    people.reviewer(email=ADDRESS)


def an_approver(_doctor: User) -> None:
    people.approver(email=ADDRESS)


def an_administrator(_doctor: User) -> None:
    people.administrator(email=ADDRESS)


def a_super_user(_doctor: User) -> None:
    people.a_person(email=ADDRESS, is_superuser=True)


def closed(_doctor: User) -> None:
    user = people.physician(email=ADDRESS)
    services.disable_person(user=user, by=people.administrator(), at=clock.now(), reason="prueba")


def closed_at_the_desk(_doctor: User) -> None:
    user = people.reviewer(email=ADDRESS)
    services.disable_person(user=user, by=people.administrator(), at=clock.now(), reason="prueba")


def already_in_the_team(doctor: User) -> None:
    people.assistant_of(doctor, email=ADDRESS).grants.update(since=clock.today())


def once_in_the_team(doctor: User) -> None:
    grant = people.assistant_of(doctor, email=ADDRESS).grants.get()
    services.end_assistant(grant=grant, by=doctor, at=clock.now())


BARRED: tuple[Callable[[User], None], ...] = (
    a_reviewer,
    an_approver,
    an_administrator,
    a_super_user,
    closed,
    closed_at_the_desk,
)
KINDS: tuple[Callable[[User], None], ...] = (
    nobody_yet,
    another_physician,
    anothers_assistant,
    with_no_role,
    entered_and_never_came,
    already_in_the_team,
    once_in_the_team,
    *BARRED,
)


def plain(content: bytes) -> str:
    """The page without what differs on every answer: tokens, nonces, numbers of rows."""
    bare = re.sub(r'value="[^"]{20,}"|nonce="[^"]*"|content="[^"]{40,}"', "", content.decode())
    return re.sub(r"quitar_\d+|equipo/\d+/", "N", re.sub(r"\s+", " ", bare))


def invited(browser: Client, email: str = ADDRESS) -> tuple[object, ...]:
    """What the inviter gets: status, where it leads, the page with its message and rows, the page once more."""
    answer = browser.post(TEAM, {"name": "Ana", "email": email})
    pages = [browser.get(TEAM).content for _ in range(2)]
    rows = pages[0].decode().count("/terminar/")
    return answer.status_code, answer.get("Location"), answer.content, rows, *map(plain, pages)


def seen_by_inviter(kind: Callable[[User], None]) -> tuple[object, ...]:
    """Invited, invited again, and taken off the team."""
    doctor = people.physician(name="Dra. Prueba", email="dra@ejemplo.mx")
    kind(doctor)
    Notice.objects.all().delete()
    browser = people.signed_in(doctor)
    first, again = invited(browser), invited(browser)
    (number,) = {row.pk for row in selectors.assistants_of(people.own_party(doctor), on=clock.today())}
    gone = browser.post(f"{TEAM}{number}/terminar/")
    twice = browser.post(f"{TEAM}{number}/terminar/")
    left = browser.get(TEAM).content.decode().count("/terminar/")
    return *first, *again, gone.status_code, gone["Location"], twice.status_code, left


def test_an_invitation_answers_the_same_whoever_the_address_is_AU_03(still_clock: None) -> None:
    seen = {}
    for kind in KINDS:
        with transaction.atomic():
            seen[kind.__name__] = seen_by_inviter(kind)
            transaction.set_rollback(True)
    first = seen["nobody_yet"]
    assert first[:2] == (302, TEAM) and first[3] == 1 and first[-1] == 0
    assert ADDRESS in str(first[4]) and "Le escribimos a ese correo" in str(first[4])
    for name, got in seen.items():
        assert got == first, name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_invitation_sends_one_mail_whoever_the_address_is_AU_03(kind: Callable[[User], None]) -> None:
    doctor = people.physician()
    kind(doctor)
    Notice.objects.all().delete()
    browser = people.signed_in(doctor)
    invited(browser)
    assert [to for row in Notice.objects.order_by("pk") for to in mail.recipients(row)] == [ADDRESS]
    assert not Notice.objects.filter(user=doctor).exists(), "nothing in the inviter's inbox"
    assert AuditEvent.objects.filter(action="people.assistant_invited").count() == 1


@pytest.mark.parametrize("kind", BARRED, ids=lambda kind: kind.__name__)
def test_who_may_not_bill_for_a_physician_never_does_MO_05(kind: Callable[[User], None]) -> None:
    doctor = people.physician()
    kind(doctor)
    before = set(User.objects.get(email=ADDRESS).permissions)
    invited(people.signed_in(doctor))
    user, party = User.objects.get(email=ADDRESS), people.own_party(doctor)
    assert user.permissions == before and party.pk not in user.party_ids(Permission.BILL_ORDERS)
    assert user.pk not in selectors.users_of_party(party.pk, on=clock.today())
    told = Notice.objects.get(kind="invited_in_vain").body
    assert "No cambió nada" in told and ("cerrado" in told) == kind.__name__.startswith("closed")
    if user.disabled_at:  # an account that is opened again got nothing meanwhile
        services.enable_person(user=user, by=people.administrator(), at=clock.now(), reason="prueba")
        assert party.pk not in User.objects.get(pk=user.pk).party_ids(Permission.BILL_ORDERS)


def test_who_left_the_desk_bills_once_invited_again_MO_05() -> None:
    doctor, desk = people.physician(), people.reviewer(email=ADDRESS)
    browser = people.signed_in(doctor)
    invited(browser)
    services.end_grant(grant=desk.grants.get(role=Role.REVIEWER), by=people.administrator(), at=clock.now())
    assert not User.objects.get(pk=desk.pk).permissions
    assert invited(browser)[3] == 1
    assert User.objects.get(pk=desk.pk).party_ids(Permission.BILL_ORDERS) == [people.own_party(doctor).pk]
    assert not Grant.objects.filter(is_withheld=True).exists()


def test_who_never_came_in_gets_a_new_secret_with_each_invitation_AU_01() -> None:
    doctor, other = people.physician(), people.physician()
    for inviter in (doctor, other, other):
        Notice.objects.all().delete()
        invited(people.signed_in(inviter))
        secret = mail.opened(Notice.objects.get(kind="invited"))["secret"]
    assert Client().post("/entrar/", {"identifier": ADDRESS, "password": secret}).url == "/entrar/elegir-contrasena/"
    assert OneTimeSecret.objects.filter(user__email=ADDRESS, used_at=None).count() == 1


def test_ones_own_address_is_refused_and_sends_nothing() -> None:
    doctor = people.physician()
    answer = people.signed_in(doctor).post(TEAM, {"name": "Yo", "email": doctor.email.upper()})
    assert answer.status_code == 422 and "tu propio correo" in answer.content.decode()
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [nobody_yet, another_physician, a_reviewer], ids=lambda kind: kind.__name__)
def test_two_invitations_at_once_make_one_row(kind: Callable[[User], None]) -> None:
    doctor = people.physician()
    kind(doctor)
    party = people.own_party(doctor)
    asked = {"party": party, "role": Role.PHYSICIAN_ASSISTANT, "email": ADDRESS, "name": "Ana", "by": doctor}
    answers = at_once([lambda: services.invite_assistant(**asked, at=clock.now())] * 3)
    assert len({row.pk for row in answers}) == 1
    assert len(selectors.assistants_of(party, on=clock.today())) == 1

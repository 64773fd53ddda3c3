"""Support reads one person's whole story with a reason, and sends the way in again without seeing it (AD-02, AU-02)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from config.desk import services as desk
from config.desk import story
from portal import clock, queue
from portal.access import Role
from portal.errors import RuleBroken, TooMany
from portal.help.models import ContactMessage
from portal.history.models import AccessEvent, AuditEvent
from portal.history.services import record
from portal.notices.models import Notice
from portal.notices.services import notify
from portal.people import services as accounts
from portal.people.models import OneTimeSecret, User
from portal.people.services.passwords import mail_secret
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


def at(name: str, user: User) -> str:
    return reverse(f"desk:{name}", args=[user.pk])


def post(browser: Any, name: str, user: User, **data: str) -> Any:
    return browser.post(at(name, user), {"idempotency_key": uuid.uuid4().hex, **data})


def wrote(user: User) -> ContactMessage:
    today = clock.today()
    return ContactMessage.objects.create(
        folio="QS-2026-000009",
        user=user,
        name="Lucía",
        email=user.email,
        kind="question",
        body="No puedo entrar",
        created_at=clock.now(),
        anchor=today,
        due_on=today,
        rolled_on=today,
        due_rule="contact_days v1 · casa",
    )


def test_a_story_is_opened_with_a_reason_for_half_an_hour_and_shows_nothing_clinical() -> None:
    who = a.doctor()
    order, support = a.orders(who)[0], people.support()
    a.bare(who)
    browser = people.signed_in(support)
    message = wrote(who.user)
    record(action="people.signed_in", subject=who.user, by=who.user, at=clock.now(), details={"factor": "password"})
    asked = browser.get(at("story", who.user)).content.decode()
    assert "Para qué la abres" in asked and order.account not in asked
    assert post(browser, "story", who.user, reason="").status_code == 422
    opened = post(browser, "story", who.user, reason="QS-2026-000009")
    assert opened["Location"] == at("story", who.user)
    reading = AccessEvent.objects.get(by=support, subject_id=str(who.user.pk))
    assert reading.reason == "Historia: QS-2026-000009"
    told = " ".join(browser.get(at("story", who.user)).content.decode().split())
    assert "Contraseña" in told and ">password<" not in told
    for said in ("¿Puede entrar?", order.account, "FA-2020-", message.folio, "Entrada", "Le toca a esta persona"):
        assert said in told, said
    assert order.patient not in told and reverse("help:message", args=[message.folio]) in told
    other = people.signed_in(people.support())
    assert "Para qué la abres" in other.get(at("story", who.user)).content.decode(), "each opens it for themselves"
    assert not story.is_open(who.user, by=support, at=clock.now() + timedelta(minutes=31))
    answer = browser.post(
        reverse("desk_api:story", args=[who.user.pk]),
        {"reason": "Llamó"},
        headers={"Idempotency-Key": uuid.uuid4().hex},
    )
    assert answer.status_code == 200 and answer.json()["things"] and order.patient not in answer.content.decode()
    assert "Todavía no tiene nada" in _whole(browser, people.a_person())
    for nosy in (people.reviewer(), people.physician()):
        assert people.signed_in(nosy).get(at("story", who.user)).status_code == 403


def _whole(browser: Any, user: User) -> str:
    desk.open_story(
        user=user, reason="Prueba", by=User.objects.get(pk=browser.session["_auth_user_id"]), at=clock.now()
    )
    return browser.get(at("story", user)).content.decode()


def test_the_mails_say_whether_they_left() -> None:
    user = people.physician()
    for key in "abcd":
        notify(user_ids=[user.pk], kind="security_changed", key=key, context={"what": "x."}, url="/", at=clock.now())
    rows = list(Notice.objects.filter(user=user).order_by("pk"))
    queue.park(rows[0], error="prueba")
    Notice.objects.filter(pk=rows[1].pk).update(by_mail=False)
    Notice.objects.filter(pk=rows[2].pk).update(by_mail=False, in_digest=True)
    Notice.objects.filter(pk=rows[3].pk).update(mailed_to=["a@ejemplo.mx"])
    assert {line.more for line in story.tell(user, at=clock.now()).mails} == {
        "No salió: está en Salud",
        "Solo en sus avisos",
        "Va en el resumen del día",
        "Salió",
    }


def failed(user: User) -> None:
    record(action="people.sign_in_failed", subject=user, by=None, at=clock.now())


def without_password(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])


def invited(user: User) -> None:
    without_password(user)
    mail_secret(user=user, kind="invited", by=None, at=clock.now())


def expired(user: User) -> None:
    invited(user)
    gone = clock.real_now() - timedelta(minutes=1)
    OneTimeSecret.objects.filter(user=user).update(created_at=gone - timedelta(hours=1), expires_at=gone)


def closed(user: User) -> None:
    user.disabled_at = clock.now()
    user.save(update_fields=["disabled_at"])


def was_in(user: User) -> None:
    record(action="people.signed_in", subject=user, by=user, at=clock.now())


WHY: list[tuple[Any, Role | None, str, bool]] = [
    (closed, Role.PHYSICIAN, "Su perfil está cerrado desde el", False),
    (without_password, Role.PHYSICIAN, "no tiene una clave de un solo uso", True),
    (invited, Role.PHYSICIAN, "la clave que le mandamos vale hasta", True),
    (expired, Role.PHYSICIAN, "la clave que le mandamos venció", True),
    (failed, Role.PHYSICIAN, "Escribió mal su contraseña una vez", True),
    (lambda user: [failed(user), failed(user)], Role.PHYSICIAN, "Escribió mal su contraseña 2 veces", True),
    (lambda user: None, Role.PAYMENT_PREPARER, "pide una llave de acceso y no tiene ninguna", False),
    (lambda user: None, Role.REVIEWER, "pide un segundo paso y no tiene ninguno", False),
    (lambda user: None, None, "no tiene permisos", False),
    (lambda user: None, Role.PHYSICIAN, "tiene contraseña y todavía no la usa", True),
    (was_in, Role.PHYSICIAN, "Nada le impide entrar: lo hizo por última vez", True),
]


@pytest.mark.parametrize(("situation", "role", "why", "by_mail"), WHY)
def test_why_somebody_cannot_get_in_is_one_sentence_with_its_cure(
    situation: Any, role: Role | None, why: str, by_mail: bool
) -> None:
    user = people.user_with_role(role) if role else people.a_person()
    user.set_password("una contraseña larga y suya")
    user.save(update_fields=["password"])
    situation(user)
    told = accounts.way_in(user=User.objects.get(pk=user.pk))
    assert why in told.why and told.why.count(".") == 1 and told.by_mail is by_mail


def test_the_mail_is_sent_again_unseen_at_most_three_times_an_hour() -> None:
    support, user = people.support(), people.a_person()
    without_password(user)
    browser, key = people.signed_in(support), uuid.uuid4().hex
    answers = [browser.post(at("send_way_in", user), {"idempotency_key": key}) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {at("story", user)}
    mail = Notice.objects.get(user=user)
    assert mail.kind.endswith("invited") and OneTimeSecret.objects.filter(user=user).count() == 1
    assert mail.sealed and mail.sealed not in browser.get(at("story", user)).content.decode()
    event = AuditEvent.objects.get(action="people.secret_sent")
    assert event.by == support
    user.set_password("una contraseña larga y suya")
    user.save(update_fields=["password"])
    accounts.send_way_in(user=user, by=support, at=clock.now())
    assert Notice.objects.filter(user=user, kind__endswith="recover").exists()
    called = browser.post(
        reverse("desk_api:send_way_in", args=[user.pk]), headers={"Idempotency-Key": uuid.uuid4().hex}
    )
    assert called.status_code == 200
    with pytest.raises(TooMany):
        accounts.send_way_in(user=user, by=support, at=clock.now())
    closed(user)
    with pytest.raises(RuleBroken, match="está cerrado"):
        accounts.send_way_in(user=user, by=support, at=clock.now())

"""One-time secrets, choosing and changing passwords (AU-01, AU-02, AU-04, AU-05, C6)."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from portal import clock, ids, queue
from portal.errors import RuleBroken
from portal.history.services import record
from portal.notices.services import notify, send_secret
from portal.once.services import throttle
from portal.people import registry, rules, selectors
from portal.people.models import OneTimeSecret, SignInIdentifier, User
from portal.people.services import throttles
from portal.people.services.one_time import NOBODY, kept_if, replace_secret
from portal.people.services.profile import end_sessions_of, end_tokens_of, remember_device


def ask_secret(*, identifier: str, ip: str, at: datetime) -> None:
    """Mail a one-time secret to the stored primary address of this person, if there is one. Says nothing either way.

    The current password keeps working until the secret is used; at most 3 mails an hour. Raises TooMany per address.
    Known, closed and unknown cost the same (AU-03).
    """
    if throttles.limit_mail(scope="recover", target=selectors.canonical_identifier(identifier), ip=ip):
        _answer_person(selectors.person_of(identifier), at=at)


@transaction.atomic
def _answer_person(person: User | None, *, at: datetime) -> None:
    """Mail the secret, or make one that nobody ever gets."""
    known, somebody = person is not None and person.is_active, person or User(pk=NOBODY, created_at=at)
    with kept_if(known):
        made = _send_secret(somebody, "recover", at=at)
    queue.kick("notices")
    action = "people.secret_sent" if known else "people.secret_refused"
    record(action=action, subject=somebody, by=None, at=at, details={"purpose": made.purpose})


def enter_by_mail(*, email: str, name: str, kind: str, keep: bool, again: User | None, at: datetime) -> User:
    """An account without password whose owner is mailed a one-time secret by the text `kind` (`again`: who has such an
    account since before); the same work where it may not be kept (`keep`), and then nothing stays (AU-03).

    Inside a transaction; who calls records it.
    """
    new = keep and again is None
    user = User(email=email if new else f"{ids.uuid7()}@nadie.invalid", name=name, created_at=at)
    user.set_unusable_password()
    with kept_if(new):
        user.save(force_insert=True)
        SignInIdentifier.objects.create(user=user, kind=SignInIdentifier.Kind.EMAIL, canonical=user.email)
    told = again or (user if new else User(pk=NOBODY, created_at=at))
    with kept_if(keep):
        _send_secret(told, kind, at=at)
    return told


@transaction.atomic
def mail_secret(*, user: User, kind: str, by: User | None, at: datetime) -> OneTimeSecret:
    """Replace the person's live secret by a new one and mail it. `kind` names the mail (recover, invited…)."""
    made = _send_secret(user, kind, at=at)
    record(action="people.secret_sent", subject=user, by=by, at=at, details={"purpose": made.purpose})
    return made


def _send_secret(user: User, kind: str, *, at: datetime) -> OneTimeSecret:
    secret, made = new_secret(user=user, purpose=OneTimeSecret.Purpose.CHOOSE_PASSWORD)
    send_secret(
        user_id=user.pk,
        kind=kind,
        key=f"{kind}:{made.pk}",
        context={"minutes": 60},
        secret=secret,
        url=reverse("people:sign_in"),
        at=at,
    )
    return made


def new_secret(*, user: User, purpose: str) -> tuple[str, OneTimeSecret]:
    """(a secret of 80 bits that people can type, its row); only the newest per purpose lives. In a transaction."""
    secret = ids.short_code()
    digest = rules.digest(rules.plain_secret(secret))
    return secret, replace_secret(user=user, purpose=purpose, digest=digest, life=rules.SECRET_LIFE)


def check_new_password(password: str, user: User) -> None:
    """Raises RuleBroken with the first thing that is wrong; length comes first, so nothing long is worked on."""
    rules.check_password_shape(password, staff=not user._state.adding and user.is_back_office)
    try:
        validate_password(password, user)
    except ValidationError as wrong:
        raise RuleBroken(
            " ".join(wrong.messages), code=wrong.error_list[0].code or "password", field="password"
        ) from wrong


def choose_password(
    *, by: User, digest: str, password: str, browser: str, at: datetime, born_on: date | None = None
) -> str:
    """Use up the one-time secret of this digest and set the lasting password; every session ends. Raises RuleBroken.

    Gives the cookie's value of this `browser` (its label), which is known from now on: nobody elsewhere keeps it out.

    The secret itself is refused as a password (AU-01), and whoever read the mail has confirmed the address. `born_on`
    is asked of whom an app waits for so. Not atomic on purpose: its tries stay counted, 5 a day.
    """
    if registry.asks_birth(by):
        throttle(scope="first_password", key=str(by.pk), limit=5, window=86_400, instead="escríbenos desde «Contacto»")
    return _choose_password(by=by, digest=digest, password=password, browser=browser, born_on=born_on, at=at)


@transaction.atomic
def _choose_password(*, by: User, digest: str, password: str, browser: str, born_on: date | None, at: datetime) -> str:
    live = (
        OneTimeSecret.objects.select_for_update()
        .filter(
            user=by,
            purpose=OneTimeSecret.Purpose.CHOOSE_PASSWORD,
            digest=digest,
            used_at=None,
            expires_at__gt=clock.real_now(),
        )
        .first()
    )
    if live is None:
        raise RuleBroken(
            "Tu clave de un solo uso ya venció o ya se usó. Pide otra en «Recuperar acceso».", code="secret_gone"
        )
    if rules.digest(rules.plain_secret(password)) == digest:
        raise RuleBroken(
            "Esa es la clave de un solo uso. Elige una contraseña tuya.", code="secret_as_password", field="password"
        )
    check_new_password(password, by)
    live.used_at = clock.real_now()
    live.save(update_fields=["used_at"])
    by.email_confirmed_at = by.email_confirmed_at or at
    registry.tell_birth(user=by, born_on=born_on, at=at)
    _set_password(user=by, password=password, keep_session="", at=at, action="people.password_chosen")
    return remember_device(by=by, label=browser, at=at)


def change_password(*, by: User, current: str, password: str, keep_session: str, at: datetime) -> None:
    """Change the password knowing the current one; a mail says so and all other sessions end (AU-05, S3.10).

    Not atomic on purpose: tries stay counted, 10 in 5 minutes, so that a borrowed session guesses nothing (AU-10).
    """
    throttle(scope="change_password", key=str(by.pk), limit=10, window=300, instead=throttles.INSTEAD)
    if len(current) > rules.MAX_PASSWORD or not check_password(current, by.password):
        raise RuleBroken("Esa no es tu contraseña actual. Escríbela otra vez.", code="wrong_current", field="current")
    check_new_password(password, by)
    if current == password:
        raise RuleBroken(
            "La nueva contraseña es igual a la actual. Elige otra.", code="same_password", field="password"
        )
    _set_password(user=by, password=password, keep_session=keep_session, at=at, action="people.password_changed")


@transaction.atomic
def _set_password(*, user: User, password: str, keep_session: str, at: datetime, action: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password", "email_confirmed_at"])
    user.known_devices.all().delete()
    end_sessions_of(user, keep=keep_session)
    end_tokens_of(user=user, by=user, at=at, reason="Cambió la contraseña", only_own=True)
    event = record(action=action, subject=user, by=user, at=at)
    notify(
        user_ids=[user.pk],
        kind="password_changed",
        key=f"password:{event.pk}",
        context={},
        url=reverse("people:recover"),
        at=at,
        action_label="No fui yo",
    )

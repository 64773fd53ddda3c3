"""Proving who one is with a password, or with the one-time secret typed in the same box (AU-01, AU-03, AU-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from portal.errors import RuleBroken
from portal.history import rules as history
from portal.history.services import record, record_access
from portal.people import rules, selectors
from portal.people.models import OneTimeSecret, User
from portal.people.services import throttles
from portal.people.services.one_time import NOBODY
from portal.people.services.profile import remember_device
from portal.people.services.remembering import forget_name, remember_name
from portal.prepared import prepared

SECRET_IS_NO_PROOF = (
    "Esa es una clave de un solo uso y solo sirve para elegir contraseña. Escribe tu contraseña de siempre."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who typed the right thing, and what it was: the password, or a one-time secret that only opens one page.

    `from_known` says whether it was typed in a browser that the person came in with before.
    """

    user: User
    with_secret: bool
    from_known: bool


def check_credentials(*, identifier: str, password: str, ip: str, device_cookie: str, at: datetime) -> Proof:
    """Who this is. Raises RuleBroken (the same sentence whatever is wrong) or TooMany.

    A live one-time secret comes before the account's slowdown: whoever is kept out by somebody else's tries gets in by
    mail (AU-10). Not atomic on purpose: wrong tries stay counted. Known and unknown cost the same (AU-03): one call of
    the hasher and the same queries on every path that is not slowed down.
    """
    person = selectors.person_of(identifier)
    somebody = person or User(pk=NOBODY, created_at=at)
    device = selectors.known_device(somebody, device_cookie, at=clock.real_now())
    canonical, mark = selectors.canonical_identifier(identifier), device.digest if device else ""
    tried = throttles.Try(identifier=canonical, ip=ip, device=mark, at=at)
    if _is_live_secret(somebody, password):
        tried.at_address()
        tried.was_right()
        return Proof(somebody, with_secret=True, from_known=device is not None)
    tried.at_account()
    user = authenticate(None, person=person, password=password)
    if isinstance(user, User):
        tried.was_right()
        return Proof(user, with_secret=False, from_known=device is not None)
    throttles.count_failure(at=at)
    record(action="people.sign_in_failed", subject=somebody, by=None, at=at)
    raise RuleBroken(rules.WRONG, code="wrong_credentials")


def prove_password(
    *, identifier: str, password: str, ip: str, device_cookie: str, handle: str, remembers: bool, at: datetime
) -> tuple[Proof, str]:
    """The same at the door, and «Recordar usuario» as it was ticked there (AU-11).

    `handle` is what this browser remembers somebody by; the second value is its new one, "" where it was unticked.
    Raises what `check_credentials` raises: then the browser remembers as before.
    """
    proof = check_credentials(identifier=identifier, password=password, ip=ip, device_cookie=device_cookie, at=at)
    with transaction.atomic():
        if handle:
            forget_name(handle=handle, at=at)
        return proof, remember_name(by=proof.user, typed=identifier, at=at) if remembers else ""


def confirm_password(*, by: User, password: str, ip: str, device_cookie: str, at: datetime) -> User:
    """Who is signed in proves to be there by their password (AU-08); gives them as they are kept now.

    Raises what `check_credentials` raises, RuleBroken for a one-time secret, which opens one page only (AU-01).
    """
    proof = check_credentials(identifier=by.email, password=password, ip=ip, device_cookie=device_cookie, at=at)
    if proof.with_secret:
        raise RuleBroken(SECRET_IS_NO_PROOF, code="secret_is_no_proof", field="password")
    return proof.user


def _is_live_secret(person: User, typed: str) -> bool:
    return bool(_live_secret(person.pk, rules.digest(rules.plain_secret(typed)), clock.real_now()))


@prepared
def _live_secret(user_id: UUID, digest: str, at: datetime) -> QuerySet[OneTimeSecret, Any]:
    live = OneTimeSecret.objects.filter(user__disabled_at=None, used_at=None, expires_at__gt=at)
    mine = live.filter(user=user_id, purpose=OneTimeSecret.Purpose.CHOOSE_PASSWORD, digest=digest)
    return mine.order_by().values_list("pk")[:1]


@transaction.atomic(savepoint=False)
def sign_in(*, by: User, factor: str, new_browser: str, at: datetime) -> str:
    """Note that a person came in, and how; the cookie's value for a browser they never came with ("" for another).

    `new_browser` is its label: from now on its wrong tries are counted by themselves, and nobody elsewhere keeps it
    out (AU-10).
    """
    record(action="people.signed_in", subject=by, by=by, at=at, details={"factor": factor})
    return remember_device(by=by, label=new_browser, at=at) if new_browser else ""


@transaction.atomic
def record_sign_out(*, by: User, at: datetime) -> None:
    """Note that a person left."""
    record(action="people.signed_out", subject=by, by=by, at=at)


def record_refusal(*, by: User, view: str, at: datetime) -> None:
    """Note that somebody asked for a page that their roles do not open, once in ten minutes for each page (AD-01).

    Works in a GET: a reading that did not come about, kept beside the readings.
    """
    if throttles.times(scope="refused", key=f"{by.pk}:{view}", window=600) == 1:
        record_access(subject=by, by=by, at=at, reason=f"{history.REFUSED} {view}")

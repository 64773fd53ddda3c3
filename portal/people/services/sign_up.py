"""Sign-up of physicians: RFC, e-mail, password, consent; no account before the mail is confirmed (S0.2, S0.3)."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock, identifiers, queue
from portal.access import Role
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import write_to
from portal.people import rules, selectors
from portal.people.models import Consent, ConsentText, Grant, Party, Registration, SignInIdentifier, User
from portal.people.services import throttles
from portal.people.services.one_time import NOBODY, kept_if
from portal.people.services.passwords import check_new_password

KNOWN = "Ya hay una cuenta con ese correo o ese RFC. Entra, o recupera tu acceso."


def check_rfc(typed: str) -> str:
    """The canonical RFC. Raises RuleBroken with its cause and cure."""
    checked = identifiers.check("rfc", typed)
    if checked.error is not None:
        text = " ".join(part for part in (checked.error.message, checked.error.cure) if part)
        raise RuleBroken(text, code=checked.error.code, field="rfc")
    return checked.canonical or ""


def register_physician(*, rfc: str, email: str, password: str, text: ConsentText, ip: str, at: datetime) -> None:
    """Take a sign-up; the mail tells what follows. The answer is the same for known and unknown (AU-03).

    Raises RuleBroken for a malformed RFC, address or password, TooMany above 20 an hour from one address.
    """
    rfc, email = check_rfc(rfc), rules.clean_email(email)
    candidate = User(email=email)
    candidate.typed_identifiers = [rfc]  # type: ignore[attr-defined]
    check_new_password(password, candidate)
    hashed = make_password(password)
    if throttles.limit_mail(scope="sign_up", target=email, ip=ip):
        _answer(rfc=rfc, email=email, hashed=hashed, text=text, at=at)


def _is_taken(rfc: str) -> bool:
    """Whether a sign-up must not get this RFC: somebody signs in with it, no person can own it, or it is bound (AU-15).

    Orders that wait for an RFC are no bar: they bind no party (S0.2). All of it is asked whatever the first answer
    says: what is asked tells nothing either (AU-03).
    """
    party = Party.objects.filter(rfc=rfc).first() or Party(pk=NOBODY)
    signs_in, bound = SignInIdentifier.objects.filter(canonical=rfc).exists(), selectors.is_bound(party)
    return not rules.is_rfc_of_a_person(rfc) or signs_in or bound


@transaction.atomic
def _answer(*, rfc: str, email: str, hashed: str, text: ConsentText, at: datetime) -> None:
    """Open the sign-up, or do the same work and keep nothing but the mail that says why; a closed account gets none."""
    known, taken, token = selectors.person_by_email(email), _is_taken(rfc), secrets.token_urlsafe(24)
    opens = known is None and not taken
    with kept_if(opens):
        made = _registration(rfc=rfc, email=email, hashed=hashed, text=text, digest=rules.digest(token))
    with kept_if(known is None or known.is_active):
        _write(known, taken, email=email, token=token, key=f"sign_up:{made.pk}", at=at)
    queue.kick("notices")
    action = "people.sign_up_asked" if opens else "people.sign_up_refused"
    record(action=action, subject=made, by=None, at=at)


def _registration(*, rfc: str, email: str, hashed: str, text: ConsentText, digest: str) -> Registration:
    now = clock.real_now()
    ends = now + rules.REGISTRATION_LIFE
    return Registration.objects.create(
        rfc=rfc, email=email, password=hashed, text=text, digest=digest, created_at=now, expires_at=ends
    )


def _write(known: User | None, taken: bool, *, email: str, token: str, key: str, at: datetime) -> None:
    """The one mail that follows: to whoever has an account, has it under another address, or may confirm."""
    context = {"hours": 24}
    if known is not None:
        url, label = reverse("people:recover"), "Recuperar acceso"
        write_to(address=email, kind="sign_up_known", key=key, context=context, url=url, at=at, action_label=label)
    elif taken:
        write_to(address=email, kind="sign_up_rfc_taken", key=key, context=context, url=reverse("help:contact"), at=at)
    else:
        link, url, label = reverse("people:confirm", args=[token]), reverse("people:sign_up"), "Confirmar mi correo"
        write_to(
            address=email,
            kind="sign_up_confirm",
            key=key,
            context=context,
            secret_url=link,
            url=url,
            at=at,
            action_label=label,
        )


@transaction.atomic
def confirm_email(*, token: str, at: datetime) -> User:
    """Turn a sign-up into person, party and physician's role; a second click changes nothing. Raises RuleBroken."""
    waiting = (
        Registration.objects.select_for_update()
        .filter(digest=rules.digest(token), expires_at__gt=clock.real_now())
        .first()
    )
    if waiting is None:
        raise RuleBroken("Este enlace ya venció. Regístrate otra vez y te mandamos otro.", code="confirmation_gone")
    if waiting.confirmed_at is not None:
        return User.objects.get(email=waiting.email)
    # Whoever binds this party at this moment is waited for, and seen.
    Party.objects.select_for_update().filter(rfc=waiting.rfc).first()
    if selectors.person_by_email(waiting.email) is not None or _is_taken(waiting.rfc):
        raise Conflict(KNOWN, code="already_registered")
    try:
        with transaction.atomic():
            user = _make_physician(waiting, at=at)
    except IntegrityError as error:  # two links of one RFC or address at once: the second one learns it here
        raise Conflict(KNOWN, code="already_registered") from error
    waiting.confirmed_at, waiting.password = clock.real_now(), "!"
    waiting.save(update_fields=["confirmed_at", "password"])
    record(action="people.registered", subject=user, by=user, at=at, details={"role": Role.PHYSICIAN})
    return user


def _make_physician(waiting: Registration, *, at: datetime) -> User:
    user = User.objects.create(email=waiting.email, password=waiting.password, email_confirmed_at=at, created_at=at)
    party, _made = Party.objects.get_or_create(rfc=waiting.rfc, defaults={"kind": Party.Kind.PERSON, "created_at": at})
    kinds = SignInIdentifier.Kind
    SignInIdentifier.objects.bulk_create(
        [
            SignInIdentifier(user=user, kind=kinds.EMAIL, canonical=waiting.email),
            SignInIdentifier(user=user, kind=kinds.RFC, canonical=waiting.rfc),
        ]
    )
    Grant.objects.create(user=user, party=party, role=Role.PHYSICIAN, since=clock.date_in(at))
    Consent.objects.create(user=user, text=waiting.text, purposes=["necessary"], proof="sign-up", at=at)
    return user

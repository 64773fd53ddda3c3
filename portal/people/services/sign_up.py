"""Sign-up by the ways that apps declare: identifier, e-mail, password, consent; no account before the mail is confirmed
(S0.2, S0.3).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock, identifiers, queue
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.notices.services import write_to
from portal.people import rules, selectors
from portal.people.models import Consent, ConsentText, Grant, Party, Registration, SignInIdentifier, User
from portal.people.services import throttles
from portal.people.services.one_time import NOBODY, kept_if
from portal.people.services.passwords import check_new_password

KNOWN = "Ya hay una cuenta con ese correo o ese {identifier}. Entra, o recupera tu acceso."


def check_identifier(kind: str, typed: str) -> str:
    """The canonical RFC or RUT. Raises RuleBroken with its cause and cure."""
    checked = identifiers.check(kind, typed)
    if checked.error is not None:
        text = " ".join(part for part in (checked.error.message, checked.error.cure) if part)
        raise RuleBroken(text, code=checked.error.code, field=kind)
    return checked.canonical or ""


def check_rfc(typed: str) -> str:
    """The canonical RFC. Raises RuleBroken with its cause and cure."""
    return check_identifier("rfc", typed)


def register_person(
    *, role: str, identifier: str, email: str, password: str, text: ConsentText, ip: str, at: datetime
) -> None:
    """Take a sign-up of a declared way; the mail tells what follows, the answer is the same for everybody (AU-03).

    Raises RuleBroken for a role that nobody signs up for, a malformed identifier, address or password, or a text that
    it does not ask for; TooMany above 20 an hour from one address.
    """
    way = rules.SIGN_UPS.get(role)
    if way is None or text.kind != way.consents[0]:
        raise RuleBroken("Esa forma de registrarse no existe. Elige una de la página de registro.", code="no_sign_up")
    identifier, email = check_identifier(way.identifier, identifier), rules.clean_email(email)
    candidate = User(email=email)
    candidate.typed_identifiers = [identifier]  # type: ignore[attr-defined]
    check_new_password(password, candidate)
    waiting = Registration(role=role, identifier=identifier, email=email, password=make_password(password), text=text)
    if throttles.limit_mail(scope="sign_up", target=email, ip=ip):
        _answer_waiting(waiting, at=at)


def _is_taken(waiting: Registration) -> bool:
    """Whether a sign-up must not get this party: somebody signs in with its identifier, no person can own it, or it is
    bound (AU-15).

    Rows that wait for an RFC are no bar: they bind no party (S0.2). All of it is asked whatever the first answer says:
    what is asked tells nothing either (AU-03).
    """
    way = rules.SIGN_UPS[waiting.role]
    party = Party.objects.filter(**{way.identifier: waiting.identifier}).first() or Party(pk=NOBODY)
    signs_in = SignInIdentifier.objects.filter(canonical=waiting.identifier).exists()
    bound = selectors.is_bound(party)
    return (way.identifier == "rfc" and not rules.is_rfc_of_a_person(waiting.identifier)) or signs_in or bound


@transaction.atomic
def _answer_waiting(waiting: Registration, *, at: datetime) -> None:
    """Open the sign-up, or do the same work and keep nothing but the mail that says why; a closed account gets none."""
    email, token = waiting.email, secrets.token_urlsafe(24)
    known, taken = selectors.person_by_email(email), _is_taken(waiting)
    opens, now = known is None and not taken, clock.real_now()
    waiting.digest, waiting.created_at, waiting.expires_at = rules.digest(token), now, now + rules.REGISTRATION_LIFE
    with kept_if(opens):
        waiting.save(force_insert=True)
    with kept_if(known is None or known.is_active):
        _write_mail(known, taken, email=email, token=token, key=f"sign_up:{waiting.pk}", at=at)
    queue.kick("notices")
    action = "people.sign_up_asked" if opens else "people.sign_up_refused"
    record(action=action, subject=waiting, by=None, at=at)


def _write_mail(known: User | None, taken: bool, *, email: str, token: str, key: str, at: datetime) -> None:
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
    """Turn a sign-up into person, party and role; a second click changes nothing. Raises RuleBroken."""
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
    way = rules.SIGN_UPS[waiting.role]
    Party.objects.select_for_update().filter(**{way.identifier: waiting.identifier}).first()
    if selectors.person_by_email(waiting.email) is not None or _is_taken(waiting):
        raise Conflict(KNOWN.format(identifier=way.identifier.upper()), code="already_registered")
    try:
        with transaction.atomic():
            user = _make_person(waiting, way, at=at)
    except IntegrityError as error:  # two links of one RFC or address at once: the second one learns it here
        raise Conflict(KNOWN.format(identifier=way.identifier.upper()), code="already_registered") from error
    waiting.confirmed_at, waiting.password = clock.real_now(), "!"
    waiting.save(update_fields=["confirmed_at", "password"])
    record(action="people.registered", subject=user, by=user, at=at, details={"role": way.role})
    return user


def _make_person(waiting: Registration, way: rules.SignUp, *, at: datetime) -> User:
    user = User.objects.create(email=waiting.email, password=waiting.password, email_confirmed_at=at, created_at=at)
    party, _made = Party.objects.get_or_create(
        **{way.identifier: waiting.identifier}, defaults={"kind": Party.Kind.PERSON, "created_at": at}
    )
    names = ((SignInIdentifier.Kind.EMAIL, waiting.email), (way.identifier, waiting.identifier))
    SignInIdentifier.objects.bulk_create(SignInIdentifier(user=user, kind=kind, canonical=one) for kind, one in names)
    Grant.objects.create(user=user, party=party, role=way.role, since=clock.date_in(at))
    Consent.objects.create(user=user, text=waiting.text, purposes=["necessary"], proof="sign-up", at=at)
    return user

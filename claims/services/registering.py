"""An insured person gets an account by their certificate, or adds the policy to theirs (S3.2-S3.6, C6, C19, AU-03)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from claims.models import PolicyRegistration
from claims.selectors import registering as selectors
from memberships import services as memberships
from memberships.models import CoveredPerson
from memberships.rules.certificates import policy_key
from portal import clock, queue
from portal.errors import Conflict, RuleBroken
from portal.history import services as history
from portal.names import word_key
from portal.notices.services import write_to
from portal.once.services import throttle
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import ConsentText, Party, User
from portal.people.rules import REGISTRATION_LIFE, clean_email, digest

if TYPE_CHECKING:
    from memberships.rules.certificates import Named

DAY, TRIES = 86_400, 10
NOBODY = UUID(int=0)
OTHER_DAY = "Esa no es la fecha de nacimiento del certificado. Escríbela como viene ahí."


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed to register: by which certificate, at which addresses, and the notices they accepted."""

    insurer: Party
    typed: Named
    email: str
    second_email: str
    texts: Sequence[ConsentText]


def ask_registration(*, asked: Asked, by: User | None, ip: str, at: datetime) -> None:
    """Take a registration: the answer is one for everybody, the mail tells what follows (AU-03).

    `by`: who is signed in and adds a policy. Raises RuleBroken for a malformed address, TooMany above 20 an hour from
    one network address or 10 a day for one certificate as it was typed.
    """
    email = by.email if by else clean_email(asked.email)
    second = clean_email(asked.second_email) if asked.second_email else ""
    if second == email:
        raise RuleBroken(
            "El segundo correo es el mismo. Escribe otro, o déjalo vacío.", code="same_address", field="second_email"
        )
    key = digest(f"{asked.insurer.pk}:{policy_key(asked.typed.policy)}:{word_key(asked.typed.name)}")
    throttle(scope="claims.certificate", key=key, limit=TRIES, window=DAY, instead="escríbenos desde «Contacto»")
    if accounts.limit_mail(scope="claims.register", target=email, ip=ip):
        _answer_registration(asked, email=email, second=second, by=by, at=at)


@transaction.atomic
def _answer_registration(asked: Asked, *, email: str, second: str, by: User | None, at: datetime) -> None:
    """Open it, or do the same work and keep nothing but the mail that says what to check and whom to ask."""
    person = selectors.adult_named(asked.insurer, asked.typed, on=clock.date_in(at))
    owner = selectors.account_of(person, on=clock.date_in(at))
    known = people.person_by_email(email)
    matched, again = person is not None and owner is None, selectors.never_came_in(known)
    opens, links = matched and by is None and (known is None or again), matched and known is not None and known == by
    name = person.as_printed if person else asked.typed.name[:200]
    token, now = secrets.token_urlsafe(24), clock.real_now()
    user = accounts.enter_by_mail(
        email=email,
        name=name,
        kind="claims/registered",
        keep=opens,
        again=known if again else None,
        at=at,
    )
    row = PolicyRegistration(
        person_id=person.pk if person else NOBODY,
        insurer=asked.insurer,
        user=by or user,
        digest=digest(token) if by else "",
        texts=[one.pk for one in asked.texts],
        second_email=second,
        created_at=now,
        expires_at=now + REGISTRATION_LIFE,
    )
    with accounts.kept_if(opens or links):
        row.save(force_insert=True)
    told_here = not opens and (known is None or known.is_active)
    with accounts.kept_if(told_here):
        _write_typed(email, known, token=token if links else "", signed_in=by is not None, key=str(row.pk), at=at)
    with accounts.kept_if(owner is not None and owner != known):
        address = owner.email if owner else email
        _write_known(address, key=f"owner:{row.pk}", at=at)
    queue.kick("notices")
    action = "claims.registration_opened" if opens or links else "claims.registration_refused"
    history.record(action=action, subject=row, by=by, at=at)


def _write_typed(email: str, known: User | None, *, token: str, signed_in: bool, key: str, at: datetime) -> None:
    """To the address that was typed: the link of who is signed in, the way in of who has an account, or no match."""
    if token:
        link, url = reverse("claims:confirm_policy", args=[token]), reverse("claims:register")
        write_to(
            address=email,
            kind="claims/policy_link",
            key=f"register:{key}",
            context={"hours": 24},
            url=url,
            secret_url=link,
            at=at,
            action_label="Agregar mi póliza",
        )
    elif known is not None and not signed_in:
        _write_known(email, key=f"register:{key}", at=at)
    else:
        write_to(
            address=email,
            kind="claims/registration_unmatched",
            key=f"register:{key}",
            context={},
            url=reverse("help:contact"),
            at=at,
            action_label="Escribir a la mesa",
        )


def _write_known(address: str, *, key: str, at: datetime) -> None:
    write_to(
        address=address,
        kind="claims/registration_known",
        key=key,
        context={},
        url=reverse("people:sign_in"),
        at=at,
        action_label="Entrar",
    )


@transaction.atomic
def confirm_registration(
    *, registration: PolicyRegistration, born_on: date | None, by: User, at: datetime
) -> CoveredPerson:
    """The owner of the address says the birth date again: the account is the covered person's from now on (2.12).

    Raises RuleBroken for another day, Conflict where it is over or the person has an account by now.
    """
    rows = PolicyRegistration.objects.select_for_update(of=("self",)).select_related("person", "insurer")
    row = rows.get(pk=registration.pk)
    if row.done_at is not None or row.expires_at <= clock.real_now() or row.user_id != by.pk:
        raise Conflict("Este registro ya venció o ya se usó. Regístrate otra vez.", code="registration_gone")
    if row.person.born_on != born_on:
        raise RuleBroken(OTHER_DAY, code="other_birth_date", field="born_on")
    if selectors.account_of(row.person, on=clock.date_in(at)) is not None:
        raise Conflict("Esa persona ya tiene su perfil. Entra con él.", code="has_account")
    person = memberships.link_account(person=row.person, user=by, by=by, at=at)
    _keep_consents(row, by=by, at=at)
    row.done_at = clock.real_now()
    row.save(update_fields=["done_at"])
    if row.second_email:
        accounts.add_secondary_email(by=by, address=row.second_email, at=at)
    history.record(action="claims.registered", subject=row, by=by, at=at, party_id=person.party_id)
    return person


def confirm_by_token(*, registration: PolicyRegistration, born_on: date, by: User, at: datetime) -> CoveredPerson:
    """The same of who has an account already; tries are counted outside its transaction, 5 a day."""
    throttle(
        scope="claims.confirm", key=str(registration.pk), limit=5, window=DAY, instead="escríbenos desde «Contacto»"
    )
    return confirm_registration(registration=registration, born_on=born_on, by=by, at=at)


def tell_birth(*, user: User, born_on: date | None, at: datetime) -> None:
    """Who chooses their first password says when they were born: people asks it where one of theirs waits."""
    waiting = selectors.waiting_of(user)
    if waiting is not None:
        confirm_registration(registration=waiting, born_on=born_on, by=user, at=at)


def _keep_consents(row: PolicyRegistration, *, by: User, at: datetime) -> None:
    """Those that they accepted when they registered; one that has another version by now is asked again by itself."""
    for text in ConsentText.objects.filter(pk__in=row.texts).order_by("pk"):
        text.to = row.insurer if text.kind != "portal-privacy" else None
        latest = people.latest_text(text.kind, text.to)
        if latest is not None and latest.pk == text.pk:
            accounts.accept_consent(by=by, text=text, purposes=["necessary"], proof="register", at=at)

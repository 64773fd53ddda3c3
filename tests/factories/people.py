"""People for tests, by the situation they are in. Every builder writes real rows."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import QuerySet
from django.test import Client

from portal import clock
from portal.access import STAFF_ROLES, Role
from portal.people import selectors
from portal.people.models import Consent, Grant, Party, RfcProof, SignInIdentifier, User
from portal.prepared import insert, prepared

PASSWORD = "ventana-azul-de-otoño-7"  # of invented people
# One hash for everybody: a test suite must not pay argon2 a thousand times.
_hash = ""
_numbers = itertools.count(1)
LONG_AGO = date(2020, 1, 1)


def _password_hash() -> str:
    global _hash  # noqa: PLW0603 - computed once a process
    if not _hash:
        from django.contrib.auth.hashers import make_password  # needs the settings

        _hash = make_password(PASSWORD)
    return _hash


def a_person(*, email: str = "", name: str = "", confirmed: bool = True, **fields: Any) -> User:
    """Somebody with an account, an address as identifier, and no role."""
    number = next(_numbers)
    user = User(
        email=email or f"persona{number}@ejemplo.mx",
        name=name or f"Persona {number}",
        email_confirmed_at=clock.now() if confirmed else None,
        created_at=clock.now(),
        password=_password_hash(),
        **fields,
    )
    insert(user)
    insert(SignInIdentifier(user=user, kind=SignInIdentifier.Kind.EMAIL, canonical=user.email))
    return user


def rfc_number(number: int, *, person: bool = True) -> str:
    """A well-formed RFC whose check digit is right; the same number gives the same RFC."""
    letters = "".join(chr(65 + number // 26**place % 26) for place in range(3))
    body = f"{'X' if person else ''}{letters}800101A{number % 9 + 1}"
    alphabet = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    total = sum(alphabet.index(letter) * (13 - place) for place, letter in enumerate(body.rjust(12)))
    return body + "0123456789A"[(11 - total % 11) % 11]


def a_party(*, kind: str = "person", rfc: str = "", name: str = "", **fields: Any) -> Party:
    """Who bills or pays; with an own RFC, that a person has proved (`proved=False`: signed up and nothing more)."""
    number = next(_numbers)
    if fields.pop("proved", kind == "person"):
        fields |= {"rfc_proof": RfcProof.CODE, "rfc_proved_at": clock.now()}
    party = Party(
        kind=kind,
        name=name or f"PARTE {number}",
        rfc=rfc or rfc_number(number, person=kind == "person"),
        zip_code=fields.pop("zip_code", "44100"),
        fiscal_regime=fields.pop("fiscal_regime", "612" if kind == "person" else "601"),
        created_at=clock.now(),
        **fields,
    )
    insert(party)
    return party


@prepared
def _operator() -> QuerySet[Party]:
    return Party.objects.filter(is_operator=True).order_by("pk")[:1]


@prepared
def _grants_with_party(user_id: UUID) -> QuerySet[Grant]:
    return Grant.objects.filter(user=user_id).select_related("party").order_by("pk")[:1]


def the_operator() -> Party:
    """The organisation that runs this installation; desk roles are held in it."""
    return _operator.first() or a_party(kind="organisation", name="OPERADORA CAUCE", is_operator=True)


def an_insurer(*, name: str = "SEGUROS DE PRUEBA", **fields: Any) -> Party:
    """An organisation that pays orders."""
    return a_party(kind="organisation", name=name, **fields)


def user_with_role(role: Role, party: Party | None = None, **fields: Any) -> User:
    """A person who holds one role: desk roles in the operator, the others in an own new party.

    They agreed to the texts in force unless `agreed=False`.
    """
    if party is None:
        party = the_operator() if role in STAFF_ROLES else a_party()
    agreed = fields.pop("agreed", True)
    user = a_person(**fields)
    insert(Grant(user=user, party=party, role=role, since=LONG_AGO))
    for text in selectors.missing_consents(user) if agreed else []:
        insert(Consent(user=user, text=text, purposes=["necessary"], proof="session", at=clock.now()))
    user.__dict__.pop("live_grants", None)
    return user


def physician(*, party: Party | None = None, **fields: Any) -> User:
    """A physician with an own party, who signs in with mail or RFC. `own_party(user)` gives the party."""
    party = party or a_party()
    user = user_with_role(Role.PHYSICIAN, party, **fields)
    insert(SignInIdentifier(user=user, kind=SignInIdentifier.Kind.RFC, canonical=party.rfc))
    return user


def own_party(user: User) -> Party:
    """The party of a person's first grant."""
    return _grants_with_party(user.pk)[0].party


def assistant_of(doctor: User, **fields: Any) -> User:
    """Somebody who bills for this physician."""
    return user_with_role(Role.PHYSICIAN_ASSISTANT, own_party(doctor), **fields)


def reviewer(**fields: Any) -> User:
    """Reviews invoices and bank accounts."""
    return user_with_role(Role.REVIEWER, **fields)


def preparer(**fields: Any) -> User:
    """Prepares payment batches."""
    return user_with_role(Role.PAYMENT_PREPARER, **fields)


def approver(**fields: Any) -> User:
    """Approves payment batches."""
    return user_with_role(Role.PAYMENT_APPROVER, **fields)


def affiliator(**fields: Any) -> User:
    """Affiliates families, cares for plans."""
    return user_with_role(Role.AFFILIATION_DESK, **fields)


def analyst(**fields: Any) -> User:
    """Decides on claims, reads conditions."""
    return user_with_role(Role.CLAIMS_ANALYST, **fields)


def adviser(**fields: Any) -> User:
    """Says which hospitals are under agreement."""
    return user_with_role(Role.SERVICE_ADVISER, **fields)


def collector(**fields: Any) -> User:
    """Assigns the deposits that arrive."""
    return user_with_role(Role.COLLECTIONS_DESK, **fields)


def member(*, party: Party | None = None, **fields: Any) -> User:
    """Somebody of a family, who acts for their own party."""
    return user_with_role(Role.MEMBER, party, **fields)


def support(**fields: Any) -> User:
    """Answers people."""
    return user_with_role(Role.SUPPORT, **fields)


def auditor(**fields: Any) -> User:
    """Reads the trail."""
    return user_with_role(Role.AUDITOR, **fields)


def administrator(**fields: Any) -> User:
    """Gives roles, publishes rules."""
    return user_with_role(Role.ADMINISTRATOR, **fields)


def stranger(**fields: Any) -> User:
    """Another physician, with nothing to do with the first."""
    return physician(**fields)


def signed_in(user: User | None, **session: Any) -> Client:
    """A browser with this person inside: second factor proved and just confirmed (as a demo session is).

    Its session is written as signing in and the first visit leave it, by one statement instead of ten.
    """
    from django.contrib.sessions.backends.db import SessionStore  # needs the settings

    client = Client()
    if user is not None:
        store, now = SessionStore(), clock.real_now().timestamp()
        store.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0]})
        store.update({HASH_SESSION_KEY: user.get_session_auth_hash(), "factor": "passkey", "fresh_at": now})
        store.update({"began_at": now, "seen_at": now, **session})
        store.create()
        client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client

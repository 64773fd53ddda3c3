"""Whom a certificate names, whether they have an account, and what waits for their birth date (S3.3, C19)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from claims.models import PolicyRegistration
from claims.texts import INSURER_PRIVACY
from memberships import selectors as memberships
from memberships.models import CoveredPerson
from memberships.rules.family import of_age_on
from portal import clock
from portal.access import Role
from portal.people import selectors as people
from portal.people.models import ConsentText, Grant, Party, User
from portal.people.rules import digest

if TYPE_CHECKING:
    from memberships.rules.certificates import Named

_NOBODY = UUID(int=0)
PORTAL = "portal-privacy"


def adult_named(insurer: Party, typed: Named, *, on: date) -> CoveredPerson | None:
    """The adult of a certificate in force that day that says what was typed; None where none does, or several."""
    found = memberships.match_certificate(insurer, typed.policy, typed.name, typed.born_on, on)
    return found[0] if len(found) == 1 and of_age_on(typed.born_on) <= on else None


def account_of(person: CoveredPerson | None, *, on: date) -> User | None:
    """Who acts as a member for a person's party that day; asked of nobody too, which costs the same."""
    rows = Grant.objects.in_force(on=on).filter(role=Role.MEMBER, user__disabled_at=None)
    grant = rows.filter(party=person.party_id if person else _NOBODY).select_related("user").order_by("pk").first()
    return grant.user if grant else None


def never_came_in(known: User | None) -> bool:
    """Whether an address has an account that nobody used yet: registered before, its mail lost or late."""
    held = Grant.objects.filter(user=known.pk if known else _NOBODY).exists()
    return known is not None and not held and not known.has_usable_password() and known.is_active


def texts_to_register(insurer: Party, user: User | None) -> list[ConsentText]:
    """Both privacy notices (S3.4), the operator's and the insurer's; whoever is signed in those that lack."""
    asked: list[tuple[str, Party | None]] = [(PORTAL, None), (INSURER_PRIVACY, insurer)]
    if user is not None:
        return people.texts_lacking(user, asked)
    found = []
    for kind, owner in asked:
        if (text := people.latest_text(kind, owner)) is not None:
            text.to = owner
            found.append(text)
    return found


def waiting_of(user: User) -> PolicyRegistration | None:
    """What waits for a new account's birth date: the newest registration that stands (real time)."""
    rows = PolicyRegistration.objects.filter(user=user, digest="", done_at=None, expires_at__gt=clock.real_now())
    return rows.order_by("-created_at", "-pk").first()


def asks_birth(user: User) -> bool:
    """Whether somebody who chooses a first password says their birth date with it."""
    return waiting_of(user) is not None


def by_token(user: User, token: str) -> PolicyRegistration | None:
    """A registration by the token of its mail, of this very person, that stands (real time)."""
    rows = PolicyRegistration.objects.filter(user=user, done_at=None, expires_at__gt=clock.real_now())
    return rows.select_related("person", "insurer").filter(digest=digest(token)).first()

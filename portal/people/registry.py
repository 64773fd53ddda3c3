"""What other rooms tell people at start (their `apps.ready()`): who may sign up and what is asked of them, what binds
a party, what ends when its RFC moves.

People knows none of their names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from portal.access import ROLES, STAFF_ROLES, Permission, Role, conflicts_with
from portal.declared import Declared, hear
from portal.people.rules import (
    CONSENTS,
    DOORS,
    HELPERS,
    HOUSE_WORDS,
    SCOPE_LABELS,
    SCOPES,
    SIGN_UPS,
    Door,
    Helper,
    Scope,
    SignUp,
)

if TYPE_CHECKING:
    from portal.people.models import Party, User

OnMoved = Callable[..., None]
Reach = Callable[[Collection[UUID]], Any]
UnderWay = Callable[..., list[tuple[UUID, str]]]
_moved: Declared[OnMoved] = Declared("who hears that an RFC moves by")
_under_way: Declared[UnderWay] = Declared("what a move cannot end by")
_reaches: Declared[Reach] = Declared("what an insurer reaches by")
_births: Declared[Callable[[User], bool]] = Declared("who is asked their birth date by")
_told_of_births: dict[Callable[[User], bool], Callable[..., None]] = {}
_bindings: Declared[str] = Declared("the key to a party")


def register_bindings(*fields: str) -> None:
    """Foreign keys to a party, as `room.Model.field`: sign-up never gets a party that any of them names (AU-15)."""
    for one in fields:
        _bindings.declare(one, one)


def bindings() -> list[str]:
    """Everything that rooms named."""
    return sorted(_bindings)


def is_bound(party: Party) -> bool:
    """Whether any row of any room is this party's: a delivery, an account, a paper… All are asked (AU-03)."""
    return any([_names(binding, party) for binding in bindings()])


def _names(binding: str, party: Party) -> bool:
    room, model, field = binding.split(".")
    return apps.get_model(room, model)._default_manager.filter(**{field: party}).exists()


def on_moved(handler: OnMoved) -> None:
    """`handler(*, party, by, at)` runs in the transaction that gives an RFC to its owner: what the other had ends."""
    hear(_moved, handler)


def tell_moved(*, party: Party, by: User | None, at: datetime) -> None:
    """Call everybody who asked."""
    for handler in _moved.values():
        handler(party=party, by=by, at=at)


def register_reach(parties: Reach) -> None:
    """`parties(insurers)` gives the keys of the parties that work for any of these, as a subquery: whose accounts and
    papers a desk role that names an insurer sees (`scopes.within_party`).
    """
    hear(_reaches, parties)


def reached_by(insurers: Collection[UUID]) -> list[Any]:
    """Whom these insurers reach, as each app says."""
    return [parties(insurers) for parties in _reaches.values()]


def register_sign_up(sign_up: SignUp) -> None:
    """Declare a way to get an account by oneself; one a role. What it names is looked for at start."""
    SIGN_UPS.declare(str(sign_up.role), sign_up)


def register_door(door: Door) -> None:
    """Declare a way to get an account that has a page of its own; `/registro/` leads there."""
    DOORS.declare(door.slug, door)


def register_first_password(asked: Callable[[User], bool], told: Callable[..., None]) -> None:
    """Who chooses a first password says their birth date again where `asked(user)`: a mistyped address opens nothing.

    `told(*, user, born_on, at)` runs in the transaction that sets the password and raises RuleBroken for another day.
    """
    hear(_births, asked)
    _told_of_births[asked] = told


def asks_birth(user: User) -> bool:
    """Whether somebody's birth date is asked with the password that they choose."""
    return any([asked(user) for asked in _births.values()])


def tell_birth(*, user: User, born_on: date | None, at: datetime) -> None:
    """Tell it to whoever asked. Raises RuleBroken where it is another."""
    for asked in _births.values():
        if asked(user):
            _told_of_births[asked](user=user, born_on=born_on, at=at)


def ways_left(held: Collection[Role]) -> list[SignUp]:
    """The ways that somebody with these roles has not, and that go with every one of them."""
    rows = ((Role(one.role), one) for one in SIGN_UPS.values())
    return [one for role, one in rows if role not in held and not conflicts_with(role, held)]


def register_helper(one: Helper) -> None:
    """Declare a role that may act for a party's owner, and by what words the owner invites them; one a role.

    Raises ValueError, which stops the start, for a role of staff (MO-05) or one whose owner has no team.
    """
    if one.role in STAFF_ROLES or not {Permission.MANAGE_OWN_TEAM, one.permission} <= ROLES[Role(one.of)]:
        raise ValueError(f"people: {one.of} has no team that «{one.role}» could be of")
    HELPERS.declare(str(one.role), one)


def register_consent(kind: str, label: str) -> None:
    """Declare a kind of text that people consent to."""
    CONSENTS.declare(kind, label)


def register_scope(slug: str, label: str, *, role: str = "", own: bool = False) -> None:
    """Declare what a credential of the API may be for; `role`: what whoever answers for such a system becomes; `own`:
    it is for a person's own credential, not for an organisation's.
    """
    SCOPES.declare(slug, Scope(label, role, own))
    SCOPE_LABELS.declare(slug, label)


def register_house_words(*words: str) -> None:
    """Words that no password is made of, because whoever knows the app would try them (AU-04)."""
    HOUSE_WORDS.update(words)


def check_sign_ups(app_configs: Any = None, **_given: Any) -> list[CheckMessage]:
    """Django's check at start: each sign-up gives a role, asks for declared consents and leads to a page."""
    faults: list[CheckMessage] = []
    for one in SIGN_UPS.values():
        if one.role not in set(Role):
            faults.append(Error(f"the sign-up {one.role} names a role that does not exist", id="people.E001"))
        if not one.consents or not set(one.consents) <= set(CONSENTS):
            faults.append(Error(f"the sign-up {one.role} asks for consents that no app declares", id="people.E002"))
        if one.identifier not in {"rfc", "rut"} or not set(one.others) <= {"curp"}:
            typed = (one.identifier, *one.others)
            faults.append(Error(f"the sign-up {one.role} is claimed by {typed!r}", id="people.E003"))
        try:
            reverse(one.first_page)
        except NoReverseMatch:
            faults.append(Error(f"the sign-up {one.role} leads to no page: {one.first_page}", id="people.E004"))
    for door in DOORS.values():
        try:
            reverse(door.page)
        except NoReverseMatch:
            faults.append(Error(f"the door {door.slug} leads to no page: {door.page}", id="people.E005"))
    return faults


def register_under_way(handler: UnderWay) -> None:
    """`handler(*, parties, ended) -> [(party's id, sentence)]`: what a move of the parties' RFCs cannot end by itself.

    Somebody has to. `ended`: the moves are done, and only what is of before counts.
    """
    hear(_under_way, handler)


def under_way(*, parties: Collection[Party], ended: bool) -> list[tuple[UUID, str]]:
    """Everything that rooms say, with whose it is; asked of all at once."""
    return [said for handler in _under_way.values() for said in handler(parties=parties, ended=ended)]

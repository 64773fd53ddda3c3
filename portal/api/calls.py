"""What an app says of its API: resources at an address, each with its calls. Data only; `door` answers them.

    RESOURCES = (
        at("facturas/", "api_invoices",
           lists(INVOICES, "Tus facturas", scope="billing:read"),
           acts(start, "Empezar una factura", takes=StartForm, permission=P.BILL_ORDERS, scope="billing:write", …)),
    )

Every function of it takes keywords: `find(asked, **address)` gives the thing or raises Http404, an act is called as
services are, `run(thing=…, **typed, by=, at=)`, with what the form read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.forms import BaseForm
from django.http import QueryDict

from portal.access import Entry, Permission
from portal.api.answers import Answer
from portal.declared import Declared
from portal.listing.columns import Link, Listing
from portal.people.models import ApiToken, User

PREFIX = "api/v1/"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and when. `by` is the person, of a token whoever answers for it; `token` is None in a session.

    `is_fresh`: they proved that they are there. Of a token that was its making.
    """

    by: User
    token: ApiToken | None
    at: datetime
    query: QueryDict
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body that is no form: `read` gives what the act is called with, or raises; `schema` tells it."""

    read: Callable[[Any], Mapping[str, Any]]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. `permissions`: any of them; none: whoever is signed in. `scope`: what a token has to carry.

    `answers` is an `Answer`, a `Listing`, or the media type of bytes; `later` is what a 202 says while those are made,
    `waits` whether what an act gave is such: answered 202.
    `takes` is a form's class or a `Body`, made with what `given(asked, thing)` says; `thing` is the act's name for what
    was found. `fresh` asks for a proof that the person is there (AU-08). `systems`: an organisation's token may;
    `people`: a person may. `repeats`: an act that needs no key, because each time counts. `keeps`: what the act stored
    before it broke a rule stays, as its answer says; no other leaves anything. `leads` is where what was made, or is
    still being made, is asked for; `after` makes of the act's result what is answered. `example` is what is sent.
    `parts` of a list are read from the address, `within` narrows its rows to what this caller's token opens.
    """

    method: str
    title: str
    scope: str
    permissions: frozenset[Permission] = frozenset()
    answers: type[Answer] | Listing | str | None = None
    later: type[Answer] | None = None
    waits: Callable[[Any], bool] | None = None
    find: Callable[..., Any] | None = None
    run: Callable[..., Any] | None = None
    takes: type[BaseForm] | Body | None = None
    given: Callable[[Asked, Any], Mapping[str, Any]] | None = None
    thing: str = ""
    status: int = 200
    leads: Link | Callable[[Any], str] | None = None
    after: Callable[[Asked, Any], Any] | None = None
    fresh: bool = False
    systems: bool = False
    people: bool = True
    repeats: bool = False
    keeps: bool = False
    parts: Mapping[str, tuple[str, Mapping[str, str], str]] = field(default_factory=dict)
    within: Callable[[Asked], Mapping[str, Any]] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> Entry:
        """What the matrix says of it."""
        return Entry("permission" if self.permissions else "signed_in", self.permissions, self.fresh)


# The call that gives each list, by the list's name: whoever makes its file asks the same rows, under the same scope.
LISTED: Declared[Call] = Declared("the call that gives the list")
ADDRESSES: Declared[str] = Declared("the address of the list")


@dataclass(frozen=True, slots=True)
class Resource:
    """An address below `/api/v1/`, its URL's name, and its calls by method."""

    path: str
    name: str
    calls: Mapping[str, Call]


def at(path: str, name: str, *calls: Call) -> Resource:
    """A resource of these calls, one a method."""
    return Resource(path, name, {call.method: call for call in calls})


def _any_of(permission: Permission | tuple[Permission, ...] | None) -> frozenset[Permission]:
    if permission is None:
        return frozenset()
    return frozenset(permission if isinstance(permission, tuple) else (permission,))


def lists(listing: Listing, title: str, *, scope: str, **more: Any) -> Call:
    """GET of a list: its filters, its order and its places are the page's.

    `parts` names what the page reads of its address: {argument of `rows`: (parameter, choices, default)}.
    """
    return Call(
        method="GET", title=title, scope=scope, permissions=_any_of(listing.permission), answers=listing, **more
    )


def shows(
    find: Callable[..., Any],
    title: str,
    *,
    scope: str,
    answers: type[Answer],
    permission: Permission | tuple[Permission, ...] | None = None,
    **more: Any,
) -> Call:
    """GET of one thing; `query` names parameters beside the address: {parameter: what it is}."""
    return Call(
        method="GET", title=title, scope=scope, permissions=_any_of(permission), answers=answers, find=find, **more
    )


def gives(
    find: Callable[..., Any],
    title: str,
    *,
    scope: str,
    media: str,
    permission: Permission | tuple[Permission, ...] | None = None,
    method: str = "GET",
    **more: Any,
) -> Call:
    """The bytes of a file: `find` answers with the response that streams them."""
    return Call(
        method=method, title=title, scope=scope, permissions=_any_of(permission), answers=media, find=find, **more
    )


def acts(
    run: Callable[..., Any],
    title: str,
    *,
    scope: str,
    permission: Permission | tuple[Permission, ...] | None = None,
    **more: Any,
) -> Call:
    """POST of an act, once for each Idempotency-Key: the screen's form, then the very service of the screen."""
    return Call(method="POST", title=title, scope=scope, permissions=_any_of(permission), run=run, **more)

"""The one way in which the API answers: who asks, whether they may, what they sent, once a key, what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import URLResolver, include, path, reverse
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from portal import clock
from portal.access import is_fresh
from portal.api.answers import AGAIN, Answer
from portal.api.authentication import admit
from portal.api.bodies import body_sha256, key_of, typed
from portal.api.calls import ADDRESSES, LISTED, PREFIX, Asked, Call, Resource
from portal.api.problems import FormRefused, Refused
from portal.errors import RuleBroken
from portal.history.services import record_export
from portal.listing import as_json, strict
from portal.listing.answering import count_search
from portal.listing.columns import Link, Listing
from portal.listing.paging import AFTER, BEFORE
from portal.listing.selection import Selection
from portal.once.rules import Answer as Kept
from portal.once.services import once, throttle

# Calls in a minute of one person, by whatever session and tokens of their own, or of one organisation's token.
LIMIT, WINDOW = 600, 60


def addresses(resources: Iterable[Resource]) -> list[URLResolver]:
    """The URL patterns of an app's resources, for its `urls.py`: as one, a page passes them all at once."""
    return [path(PREFIX, include([path(one.path, view_of(one), name=one.name) for one in resources]))]


def view_of(resource: Resource) -> Any:
    """The view of one address."""

    @api_view(list(resource.calls))
    def door(request: Request, **address: Any) -> HttpResponseBase:
        return answer(request, resource, address)

    view: Any = door
    view.cls.permission_classes, view.cls.resource = [], resource  # `admit` asks more than DRF's permissions could
    view.calls = resource.calls
    for call in resource.calls.values():
        if isinstance(call.answers, Listing):
            LISTED.declare(call.answers.name, call)
            ADDRESSES.declare(call.answers.name, PREFIX + resource.path)
    view.entry = (resource.calls.get("GET") or next(iter(resource.calls.values()))).entry
    return view


def answer(request: Request, resource: Resource, address: Mapping[str, Any]) -> HttpResponseBase:
    """Admit, find, act, answer. Raises RuleBroken, Http404 and DRF's exceptions: `problems` says them."""
    call = resource.calls["GET" if request.method == "HEAD" else str(request.method)]
    admit(request, call)
    counted = request.user if request.auth is None or request.auth.is_personal else request.auth
    throttle(scope="api", key=str(counted.pk), limit=LIMIT, window=WINDOW)
    fresh = request.auth is not None or is_fresh(request._request)
    asked = Asked(request.user, request.auth, clock.now(), request.query_params, fresh)
    if call.method == "GET":
        return _told(call, _read(call, asked, address))
    sent = request._request
    if call.repeats:
        return _told(call, _act(call, asked, address, sent)[0])
    made: list[HttpResponseBase] = []
    refused: list[RuleBroken] = []

    def act() -> Kept:
        try:
            result, location = _act(call, asked, address, sent)
        except RuleBroken as refusal:
            if not call.keeps:
                raise
            refused.append(refusal)  # raised once what the act kept is committed, as the screen answers it
            return Kept(refusal.status)
        made.append(_told(call, result, location))
        return Kept(made[0].status_code, body=getattr(made[0], "data", None), location=location)

    key = key_of(sent)
    kept = once(user_id=request.user.pk, scope=_act_of(resource), key=key, body_sha256=body_sha256(sent), act=act)
    if refused:
        raise refused[0]
    return made[0] if made else _answered(kept.body, kept.status, kept.location)


def _act_of(resource: Resource) -> str:
    """The name under which answers are kept, whatever the address names: that stands in the body's hash."""
    return f"api:{resource.name}:{resource.path}"[:64]


def _read(call: Call, asked: Asked, address: Mapping[str, Any]) -> Any:
    if isinstance(call.answers, Listing):
        return _listed(call, call.answers, asked)
    refuse_unknown(asked.query, set(call.query))
    return call.find(asked, **address) if call.find else None


def _listed(call: Call, listing: Listing, asked: Asked) -> dict[str, Any]:
    """A page of a list. One of other people's things leaves with a record (AD-01), and to a session, as its file does,
    only right after a proof that the person is there (AU-08); a narrowed one counts as a search (OP-08).
    """
    if not (listing.own or asked.is_fresh):
        raise Refused("fresh_proof")
    selection = selection_of(call, listing, asked, asked.query)
    if selection.is_narrowed:
        count_search(asked.by)
    told = as_json(selection)
    if not listing.own and not {AFTER, BEFORE} & set(asked.query):  # the first page: a list is taken away once (AD-01)
        record_export(name=listing.name, model=selection.rows.model, file="json", by=asked.by, at=asked.at)
    return told


def selection_of(call: Call, listing: Listing, asked: Asked, query: QueryDict) -> Selection:
    """What is asked of a call's list; what a page would ignore (an unknown filter, a place of another list) is refused.

    Raises FormRefused.
    """
    parts: dict[str, Any] = {**call.within(asked)} if call.within else {}
    for argument, (parameter, choices, default) in call.parts.items():
        parts[argument] = query.get(parameter, default)
        if parts[argument] not in choices:
            raise FormRefused({parameter: ["No está en la lista de la documentación."]})
    named = frozenset(parameter for parameter, _, _ in call.parts.values())
    selection, errors = strict.ask(listing, asked.by, query, parts, beside=named)
    if errors:
        raise FormRefused(errors)
    return selection


def refuse_unknown(query: Mapping[str, Any], known: set[str]) -> None:
    """A parameter that means nothing here is a mistake worth telling. Raises FormRefused."""
    if stray := sorted(set(query) - known):
        raise FormRefused({name: ["Ese parámetro no existe aquí."] for name in stray})


def _act(call: Call, asked: Asked, address: Mapping[str, Any], request: HttpRequest) -> tuple[Any, str]:
    """(what the act answers, where what it made is asked for)."""
    thing = call.find(asked, **address) if call.find else None
    refuse_unknown(asked.query, set(call.query))
    if call.run is None:
        return thing, ""
    given = {call.thing: thing} if call.thing else {}
    result = call.run(**given, **typed(call, asked, thing, request), by=asked.by, at=asked.at)
    location = ""
    if isinstance(call.leads, Link):
        location = reverse(call.leads.name, args=[getattr(result, call.leads.path)])
    elif call.leads is not None:
        location = call.leads(result)
    return (call.after(asked, result) if call.after else result), location


def _told(call: Call, result: Any, location: str = "") -> HttpResponseBase:
    """What a call gave, as its declaration says it."""
    if isinstance(result, HttpResponseBase):
        return result
    told, status = call.answers, 202 if call.waits and call.waits(result) else call.status
    if isinstance(told, type) and issubclass(told, Answer):
        result = told(result).data
    elif told is None:
        result = None
    return _answered(result, status, location)


def _answered(body: Any, status: int, location: str) -> Response:
    headers = {"Location": location} if location else {}
    if status == 202:
        headers["Retry-After"] = str(AGAIN)
    return Response(body, status=status if body is not None else 204, headers=headers)

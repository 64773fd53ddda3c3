"""Calls on what one may find, and on who one is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from rest_framework import serializers as s

from portal.api.answers import Answer, Instant, With
from portal.api.calls import Asked, at, lists, shows
from portal.identifiers import BANKS, Bank
from portal.listing import search
from portal.people import selectors as people
from portal.people.listings import OWN_TOKENS

READ, WRITE = "portal:read", "portal:write"


class FoundRow(Answer):
    """One thing that was found, and its page."""

    title = s.CharField()
    detail = s.CharField()
    href = s.CharField()


class FoundGroup(Answer):
    """What was found of one kind, at most five, and whether there is more."""

    label = s.CharField()
    rows = FoundRow(many=True)
    more = s.BooleanField()


class SearchTold(Answer):
    """What you may open and is called so, by kind."""

    typed = s.CharField()
    groups = FoundGroup(many=True)


class Page(Answer):
    """Where you see what bears a folio."""

    href = s.CharField()


class OwnToken(Answer):
    """A credential of yours; its secret is never told again."""

    id = s.UUIDField()
    name = s.CharField()
    scopes = s.ListField(child=s.CharField())
    expires_at = Instant()
    ended_at = Instant(allow_null=True)
    last_used_on = s.DateField(allow_null=True)


class Me(Answer):
    """Who calls: the person, their roles and permissions today, and their credentials."""

    name = s.CharField()
    email = s.CharField()
    roles = s.ListField(child=s.CharField())
    permissions = s.ListField(child=s.CharField())
    tokens = OwnToken(many=True)

    def view(self, found: Any) -> With:
        """With the permissions of this moment."""
        told = {"roles": sorted(found.roles), "permissions": sorted(found.permissions)}
        return With(found, tokens=people.own_tokens(found), **told)


class BankTold(Answer):
    """A bank by the first three digits of its CLABEs; `active`: it still operates under this name."""

    code = s.CharField()
    name = s.CharField()
    active = s.BooleanField()


def _bank(asked: Asked, code: str) -> Bank:
    found = BANKS.get(code)
    if found is None:
        raise Http404
    return found


def _search(asked: Asked) -> dict[str, Any]:
    typed = search.as_typed(asked.query.get("buscar", ""))
    return {"typed": typed, "groups": search.search(asked.by, typed)}


def _by_folio(asked: Asked, folio: str) -> dict[str, str]:
    page = search.page_of(asked.by, folio)
    if page is None:
        raise Http404
    return {"href": settings.BASE_URL + page}


RESOURCES = (
    at(
        "buscar/",
        "search",
        shows(
            _search,
            "Buscar por folio, RFC, folio fiscal o nombre",
            scope=READ,
            answers=SearchTold,
            query={"buscar": "Tres letras o más de lo que buscas."},
        ),
    ),
    at("bancos/<slug:code>/", "bank", shows(_bank, "De qué banco es una CLABE", scope=READ, answers=BankTold)),
    at("folios/<str:folio>/", "folio", shows(_by_folio, "Dónde ves un folio", scope=READ, answers=Page)),
    at("yo/", "me", shows(lambda asked: asked.by, "Quién llama, y qué puede hoy", scope=READ, answers=Me)),
    at("yo/credenciales/", "own_tokens", lists(OWN_TOKENS, "Tus credenciales para la API", scope=READ)),
)

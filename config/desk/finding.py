"""People, found at the desk by their address, their name or what they sign in with."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from portal.access import Permission as P
from portal.folios.models import IssuedFolio
from portal.listing.search import Findable, Found, How, Name, as_email, as_rfc, as_rut, as_words
from portal.people.models import User
from portal.prepared import Asked
from portal.text import is_like_folio

_people = Asked(User.objects.all, lambda user: () if P.SEE_PEOPLE in user.permissions else None)


def _as_whole_folio(typed: str) -> str | None:
    return typed.upper() if is_like_folio(typed) else None


def _folios(user: Any) -> QuerySet[IssuedFolio] | None:
    return IssuedFolio.objects.all() if P.SEE_AUDIT in user.permissions else None


FINDABLES = (
    Findable(
        "people.user",
        "Personas",
        (
            Name("email", How.START, as_email),
            Name("name", How.WORDS, as_words),
            Name("identifiers__canonical", How.START, as_rfc),
            Name("identifiers__canonical", How.WHOLE, as_rut),
        ),
        _people,
        lambda row: Found(str(row), row.email, reverse("desk:person", args=[row.pk])),
    ),
    Findable(
        "folios.issuedfolio",
        "Actos sobre un folio",
        (Name("folio", How.WHOLE, _as_whole_folio),),
        _folios,
        lambda row: Found(row.folio, "Quién hizo qué y cuándo", f"{reverse('desk:audit')}?buscar={row.folio}"),
        folio="folio",
        beside=True,
    ),
)

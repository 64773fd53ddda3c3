"""People, found at the desk by their address, their name or what they sign in with."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from portal.access import Permission as P
from portal.listing.search import Findable, Found, How, Name, as_email, as_rfc, as_rut, as_words
from portal.people.models import User


def _people(user: Any) -> QuerySet[User] | None:
    return User.objects.all() if P.SEE_PEOPLE in user.permissions else None


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
)

"""Lists of credentials for the API: those of organisations' systems, and a person's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import BooleanField, Case, CharField, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from portal import clock
from portal.access import Permission
from portal.listing import Column, Filters, Kind, Listing
from portal.people.models import ApiToken
from portal.people.rules import SCOPE_LABELS, STANDING_LABELS, STANDING_TONES, Standing

if TYPE_CHECKING:
    from portal.people.models import User


class TokenFilter(Filters):
    """By how it stands, and by name."""

    estado = django_filters.ChoiceFilter(
        field_name="standing", label="Estado", choices=list(STANDING_LABELS.items()), empty_label="Todas"
    )
    buscar = django_filters.CharFilter(method="search", label="Nombre", max_length=120)

    def search(self, rows: QuerySet[ApiToken], name: str, value: str) -> QuerySet[ApiToken]:
        """A part of its name."""
        return rows.filter(name__icontains=value)


class CredentialFilter(TokenFilter):
    """Of a system, by its organisation too."""

    buscar = django_filters.CharFilter(method="search", label="Organización o nombre", max_length=120)

    def search(self, rows: QuerySet[ApiToken], name: str, value: str) -> QuerySet[ApiToken]:
        """A part of the organisation's name or of the credential's."""
        return rows.filter(Q(party__name__icontains=value) | Q(name__icontains=value))


def _standing(rows: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    """How each stands in real time; one that a process closed at its own date ran out."""
    ended = Q(ended_at__isnull=False) & ~Q(ended_at=F("expires_at"))
    over = Q(ended_at__isnull=False) | Q(expires_at__lte=clock.real_now())
    how = Case(
        When(ended, then=Value(Standing.ENDED.value)),
        When(over, then=Value(Standing.EXPIRED.value)),
        default=Value(Standing.LIVE.value),
        output_field=CharField(),
    )
    ran_out = Case(When(over, then=Value(True)), default=Value(False), output_field=BooleanField())
    return rows.annotate(standing=how, is_over=ran_out)


def _of_systems(user: User) -> QuerySet[ApiToken]:
    return _standing(ApiToken.objects.exclude(party=None))


def _own(user: User) -> QuerySet[ApiToken]:
    return _standing(user.api_tokens.filter(party=None))


def _ends(page: str) -> Column:
    """The act of each row that still opens something; a file and the API have none."""

    def address(row: Mapping[str, Any]) -> str:
        return reverse(page, args=[row["pk"]]) if row["standing"] == Standing.LIVE else ""

    said = Case(When(standing=Standing.LIVE, then=Value("Terminar")), default=Value(""), output_field=CharField())
    return Column("end", "", expression=said, href=address, nothing="", export=False)


_SCOPES = Column(
    "scopes",
    "Para qué",
    expression=Func(F("scopes"), Value(" "), function="array_to_string", output_field=CharField()),
    labels=SCOPE_LABELS,
    many=True,
)
_LIFE = (
    Column("expires_at", "Hasta", kind=Kind.INSTANT, sort=True),
    Column("last_used_on", "Último uso", kind=Kind.DATE, sort=True),
    Column("standing", "Estado", kind=Kind.STATE, labels=STANDING_LABELS, tones=STANDING_TONES),
)
_ORDER = ("is_over", "-created_at", "-pk")  # the living first, then the newest

CREDENTIALS = Listing(
    permission=Permission.MANAGE_PEOPLE,
    name="credentials",
    title="Credenciales de sistemas",
    rows=_of_systems,
    order=_ORDER,
    nouns=("credencial", "credenciales"),
    filters=CredentialFilter,
    file_name="credenciales-de-sistemas",
    columns=(
        Column("party__name", "Organización"),
        Column("name", "Nombre"),
        _SCOPES,
        Column(
            "answers",
            "Responde",
            expression=Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField()),
        ),
        *_LIFE,
        _ends("people:end_credential"),
    ),
)

OWN_TOKENS = Listing(
    permission=None,
    name="own_tokens",
    title="Credenciales para la API",
    rows=_own,
    order=_ORDER,
    nouns=("credencial", "credenciales"),
    filters=TokenFilter,
    file_name="mis-credenciales",
    own=True,
    columns=(Column("name", "Nombre"), _SCOPES, *_LIFE, _ends("people:end_own_token")),
)

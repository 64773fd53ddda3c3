"""Claims' lists: one column spec for the page, its files and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, CharField, DecimalField, F, Q, QuerySet, Value, When

from claims.models import Accumulator, Claim, Hospital
from claims.rules.kinds import KIND_LABELS
from claims.rules.kinds import Kind as ClaimKind
from claims.rules.states import BEFORE_SENDING, CLAIM, PAYMENT, UNDER_WAY, ClaimState, PaymentState
from claims.selectors import scheduled
from claims.selectors.comparing import that_differ
from claims.selectors.family import seen_whole
from memberships.models import CoveredPerson
from portal import clock
from portal.access import Permission
from portal.help import rules as help_rules
from portal.listing import Column, Filters, Kind, Link, Listing, from_day, to_day
from portal.listing.search import Words, as_words
from portal.states import choices
from portal.work.columns import holder_column

if TYPE_CHECKING:
    from portal.people.models import User

_TO_COME = [PaymentState.PAYABLE, PaymentState.SCHEDULED]
# What is claimed; an event asks for no amount, which is not the same as nothing.
_ASKED = Case(When(kind=ClaimKind.SCHEDULED, then=None), default=F("claimed"), output_field=DecimalField())
_OPEN = Q(state__in=UNDER_WAY) | Q(payment_state__in=_TO_COME)


def _of_family(user: User) -> QuerySet[Claim]:
    """A member's own; of those that they do not see whole neither the person nor what was asked (AC-05)."""
    whole = Q(pk__in=seen_whole(user, on=clock.today()))
    told = {
        name: Case(When(whole, then=F(path)), default=Value(""), output_field=CharField())
        for name, path in (("seen_person", "affected__as_printed"), ("seen_kind", "kind"))
    }
    return Claim.objects.of_member(user).sent().annotate(**told, asked=_ASKED)


def under_way(user: User) -> QuerySet[Claim]:
    """What a family waits for: an answer, or its money."""
    return _of_family(user).filter(_OPEN)


def over(user: User) -> QuerySet[Claim]:
    """What is answered and paid, or was withdrawn."""
    return _of_family(user).exclude(_OPEN)


def _named(value: str) -> Q:
    """Folio by its start, the affected person by the beginnings of their names."""
    found = Q(folio__istartswith=value)
    if words := as_words(value):
        asked = SearchQuery(words, search_type="raw", config="simple")
        people = CoveredPerson.objects.alias(words=Words(F("as_printed"))).filter(words=asked)
        found |= Q(affected__in=people.values("pk"))
    return found


def _named_where_seen(value: str) -> Q:
    return Q(folio__istartswith=value) | (_named(value) & ~Q(seen_person=""))


class UnderWayFilter(Filters):
    """By kind, by state, and by the affected person (S3.30)."""

    tipo = django_filters.ChoiceFilter(
        field_name="seen_kind", label="Tipo de trámite", choices=choices(KIND_LABELS), empty_label="Todos"
    )
    estado = django_filters.ChoiceFilter(
        field_name="state",
        label="Estado",
        choices=[(one.value, CLAIM.label(one)) for one in CLAIM.states if one in UNDER_WAY or one == "decided"],
        empty_label="Todos",
    )
    buscar = django_filters.CharFilter(method="search", label="Folio o persona afectada")

    def search(self, rows: QuerySet[Claim], name: str, value: str) -> QuerySet[Claim]:
        """By folio or person."""
        return rows.filter(_named_where_seen(value))


class HistoryFilter(Filters):
    """By folio or the affected person (S3.31)."""

    buscar = django_filters.CharFilter(method="search", label="Folio o persona afectada")

    def search(self, rows: QuerySet[Claim], name: str, value: str) -> QuerySet[Claim]:
        """By folio or person."""
        return rows.filter(_named_where_seen(value))


_COLUMNS = (
    Column("folio", "Folio", href=Link("claims:claim", "folio")),
    Column("kind", "Tipo", path="seen_kind", labels=KIND_LABELS),
    Column("affected__as_printed", "Persona afectada", path="seen_person"),
    Column("state", "Estado", kind=Kind.STATE, labels=CLAIM.labels, tones=CLAIM.tones),
    Column("payment_state", "Pago", kind=Kind.STATE, labels=PAYMENT.labels, tones=PAYMENT.tones),
    Column("claimed", "Reclamado", path="asked", kind=Kind.MONEY, sort=True),
    Column("submitted_at", "Enviado", kind=Kind.INSTANT, sort=True),
)
UNDER_WAY_LIST = Listing(
    permission=Permission.SEE_OWN_CLAIMS,
    own=True,
    name="claims",
    title="Trámites",
    rows=under_way,
    order=("-submitted_at", "-pk"),
    nouns=("trámite", "trámites"),
    filters=UnderWayFilter,
    file_name="tramites",
    columns=(*_COLUMNS, Column("promised_at", "Respondemos a más tardar", kind=Kind.INSTANT)),
)
HISTORY = Listing(
    permission=Permission.SEE_OWN_CLAIMS,
    own=True,
    name="claims_history",
    title="Historial de trámites",
    rows=over,
    order=("-submitted_at", "-pk"),
    nouns=("trámite", "trámites"),
    filters=HistoryFilter,
    file_name="historial-de-tramites",
    columns=(*_COLUMNS, Column("paid_on", "Pagado", kind=Kind.DATE)),
)


TO_DECIDE = "por-dictaminar"
TO_WITHDRAW = "por-retirar"
_TO_DECIDE = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW)


class DeskFilter(Filters):
    """By state, kind, the day of sending, folio or person."""

    estado = django_filters.ChoiceFilter(
        method="standing",
        label="Estado",
        choices=[
            (TO_DECIDE, "Por dictaminar"),
            (TO_WITHDRAW, "Retiro por confirmar"),
            *((one.value, CLAIM.desk_label(one)) for one in CLAIM.states if one not in BEFORE_SENDING),
        ],
        empty_label="Todos",
    )
    tipo = django_filters.ChoiceFilter(
        field_name="kind", label="Tipo de trámite", choices=choices(KIND_LABELS), empty_label="Todos"
    )
    desde = from_day("submitted_at__date", "Enviado desde")
    hasta = to_day("submitted_at__date", "Enviado hasta")
    buscar = django_filters.CharFilter(method="search", label="Folio o persona afectada")

    def search(self, rows: QuerySet[Claim], name: str, value: str) -> QuerySet[Claim]:
        """By folio or person."""
        return rows.filter(_named(value))

    def standing(self, rows: QuerySet[Claim], name: str, value: str) -> QuerySet[Claim]:
        """One state, both of those that wait for a decision, or those whose decision is asked back."""
        if value == TO_WITHDRAW:
            return rows.filter(decisions__withdrawals__agreed=None, decisions__withdrawals__isnull=False).distinct()
        return rows.filter(state__in=_TO_DECIDE if value == TO_DECIDE else [value])


def at_desk(user: User) -> QuerySet[Claim]:
    """Whatever was sent, for whoever decides."""
    return Claim.objects.for_desk(user).annotate(asked=_ASKED)


DESK = Listing(
    permission=Permission.DECIDE_CLAIMS,
    name="desk_claims",
    title="Trámites",
    rows=at_desk,
    order=("promised_at", "pk"),
    nouns=("trámite", "trámites"),
    filters=DeskFilter,
    file_name="tramites-de-la-mesa",
    columns=(
        Column("folio", "Folio", href=Link("claims:review", "folio", carries=True)),
        holder_column("claims.claim"),
        Column("kind", "Tipo", labels=KIND_LABELS),
        Column("affected__as_printed", "Persona afectada"),
        Column("coverage__plan__party__name", "Aseguradora"),
        Column("state", "Estado", kind=Kind.STATE, labels=CLAIM.desk_labels, tones=CLAIM.tones),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=PAYMENT.desk_labels, tones=PAYMENT.tones),
        Column("claimed", "Reclamado", path="asked", kind=Kind.MONEY, sort=True),
        Column("submitted_at", "Enviado", kind=Kind.INSTANT, sort=True),
        Column("promised_at", "Se responde a más tardar", kind=Kind.INSTANT, sort=True),
    ),
)


# --- the adviser -----------------------------------------------------------------------------------------------------


class AdviceFilter(Filters):
    """By folio and state."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=help_rules.MESSAGE.choices, empty_label="Todos"
    )
    buscar = django_filters.CharFilter(field_name="folio", label="Folio", lookup_expr="icontains", max_length=24)


ADVICE = Listing(
    permission=Permission.ADVISE_CLAIMS,
    name="advice",
    title="Asesoría de servicio",
    rows=scheduled.requests_of_adviser,
    order=("due_on", "pk"),
    nouns=("hospital por contestar", "hospitales por contestar"),
    filters=AdviceFilter,
    file_name="asesoria",
    columns=(
        Column("folio", "Folio", href=Link("claims:advise", "folio", carries=True)),
        holder_column("help.contactmessage"),
        Column("subject_folio", "Aseguradora"),
        Column("name", "De"),
        Column("created_at", "Llegó", kind=Kind.INSTANT, sort=True),
        Column("due_on", "Responder a más tardar", kind=Kind.DATE, sort=True),
        Column("state", "Estado", kind=Kind.STATE, labels=help_rules.MESSAGE.labels, tones=help_rules.MESSAGE.tones),
    ),
)


class HospitalFilter(Filters):
    """By name."""

    buscar = django_filters.CharFilter(field_name="name", label="Nombre", lookup_expr="icontains", max_length=80)


def _hospitals(user: User) -> QuerySet[Hospital]:
    return Hospital.objects.select_related("insurer")


HOSPITALS = Listing(
    permission=Permission.ADVISE_CLAIMS,
    name="hospitals",
    title="Hospitales con convenio",
    rows=_hospitals,
    order=("name", "city", "pk"),
    nouns=("hospital con convenio", "hospitales con convenio"),
    filters=HospitalFilter,
    file_name="hospitales",
    columns=(
        Column("name", "Hospital", href=Link("claims:hospital", "pk")),
        Column("key", "Clave"),
        Column("city", "Ciudad"),
        Column("state", "Estado"),
        Column("insurer__name", "Aseguradora"),
        Column("since", "Desde", kind=Kind.DATE, sort=True),
        Column("until", "Primer día sin convenio", kind=Kind.DATE, sort=True),
    ),
)


# --- the auditor -----------------------------------------------------------------------------------------------------


class DifferingFilter(Filters):
    """By person."""

    buscar = django_filters.CharFilter(method="search", label="Persona")

    def search(self, rows: QuerySet[Accumulator], name: str, value: str) -> QuerySet[Accumulator]:
        """By the beginnings of their names."""
        return rows.filter(person__as_printed__icontains=value)


def _differing(user: User) -> QuerySet[Accumulator]:
    return that_differ().select_related("person", "coverage__plan__party")


DIFFERING = Listing(
    permission=Permission.SEE_AUDIT,
    name="differing_accumulators",
    title="Acumulados que no cuadran",
    rows=_differing,
    order=("pk",),
    nouns=("acumulado", "acumulados"),
    filters=DifferingFilter,
    file_name="acumulados-que-no-cuadran",
    columns=(
        Column("coverage__plan__party__name", "Aseguradora"),
        Column("person__as_printed", "Persona"),
        Column("year", "Año desde", kind=Kind.DATE),
        Column("covered", "Cubierto", kind=Kind.MONEY),
        Column("booked_covered", "Cubierto según movimientos", kind=Kind.MONEY),
        Column("paid", "A cargo de la aseguradora", kind=Kind.MONEY),
        Column("booked_paid", "A su cargo según movimientos", kind=Kind.MONEY),
    ),
)

"""The desk's lists that need several rooms at once: people, what was done, what was read."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from config.desk import auditing, words
from config.desk.subjects import named
from portal import clock
from portal.access import CLASH_LABELS, CONFLICTS, Clash, Permission
from portal.design.forms import Form
from portal.history import selectors
from portal.history.models import AccessEvent, AuditEvent
from portal.listing import Column, Filters, Kind, Link, Listing, from_day, to_day
from portal.people import selectors as people
from portal.people.models import Grant, User


class PeopleFilter(Filters):
    """One box over name, address and identifiers."""

    buscar = django_filters.CharFilter(label="Nombre, correo o RFC", method="search", max_length=100)

    def search(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Words in any order."""
        return queryset.filter(pk__in=people.all_people(value).values("pk"))


PEOPLE = Listing(
    permission=Permission.SEE_PEOPLE,
    name="people",
    rows=lambda user: User.objects.all(),
    title="Personas",
    order=("email",),
    nouns=("persona", "personas"),
    filters=PeopleFilter,
    file_name="personas",
    columns=(
        Column("email", "Correo", href=Link("desk:person")),
        Column("name", "Nombre", sort=True),
        Column("created_at", "Desde", kind=Kind.DATE, sort=True),
        Column("email_confirmed_at", "Confirmó su correo", kind=Kind.INSTANT),
        Column("disabled_at", "Perfil cerrado", kind=Kind.INSTANT),
    ),
)


class RecordFilter(Filters):
    """By person, thing and day (central Mexico), whatever was recorded."""

    persona = django_filters.CharFilter(
        label="Correo de la persona", field_name="by__email", lookup_expr="iexact", max_length=254
    )
    buscar = django_filters.CharFilter(method="about", label="Folio, cuenta de la orden o identificador", max_length=64)
    desde = from_day("at__date", "Desde")
    hasta = to_day("at__date", "Hasta")

    def about(self, rows: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        """By what a person has in hand: a folio, an order's account, a folio fiscal, a tracking key, or the id."""
        return rows.filter(named(value.strip()))


class AuditFilter(RecordFilter):
    """Acts: what was done, before anything else."""

    acto = django_filters.ChoiceFilter(
        field_name="action",
        label="Acto",
        choices=sorted(words.ACTS.items(), key=lambda item: item[1]),
        empty_label="Todos",
    )

    class Meta:
        model = AuditEvent
        fields = ("acto", *RecordFilter.base_filters)


class ReadingFilter(RecordFilter):
    """Readings: what happened, before anything else."""

    que = django_filters.ChoiceFilter(
        field_name="what", label="Qué pasó", choices=list(words.READINGS.items()), empty_label="Todo"
    )

    class Meta:
        model = AccessEvent
        fields = ("que", *RecordFilter.base_filters)


class _Drawn(Form):
    """A seed and how many are asked together: one alone draws nothing."""

    def clean(self) -> dict[str, Any]:
        """Say which of the two is missing."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("cuantos") and not given.get("semilla"):
            self.add_error("semilla", "Falta la semilla: sin ella no hay muestra. Escribe una o quita «Cuántos».")
        if given.get("semilla") and not given.get("cuantos"):
            self.add_error("cuantos", "Falta cuántos: sin eso no hay muestra. Escribe un número o quita la semilla.")
        return given


class SampleFilter(AuditFilter):
    """Acts as above, and of those a sample: the same seed draws the same ones."""

    semilla = django_filters.CharFilter(label="Semilla", method="kept", max_length=40)
    cuantos = django_filters.NumberFilter(
        label="Cuántos",
        method="kept",
        min_value=1,
        max_value=500,
        decimal_places=0,
        help_text="Hasta 500.",
    )
    ultimo = django_filters.NumberFilter(
        label="Hasta el acto número", field_name="pk", lookup_expr="lte", min_value=1, decimal_places=0
    )

    class Meta:
        model = AuditEvent
        fields = ("semilla", "cuantos", "ultimo", *AuditFilter.Meta.fields)

    def kept(self, rows: QuerySet[AuditEvent], name: str, value: object) -> QuerySet[AuditEvent]:
        """Both are asked together, of what the others leave."""
        return rows

    def get_form_class(self) -> type[Form]:
        """The form, which takes neither of the two without the other."""
        return type("SampleForm", (_Drawn, super().get_form_class()), {})

    def filter_queryset(self, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """What the other filters leave, and of it so many."""
        rows = super().filter_queryset(queryset)
        seed, count = self.form.cleaned_data.get("semilla"), self.form.cleaned_data.get("cuantos")
        if seed and count:
            return queryset.filter(pk__in=auditing.drawn(rows, seed=seed, count=int(count)))
        return queryset.none() if seed or count else rows


PERSON = Coalesce(NullIf("by__name", Value("")), "by__email", Value("El sistema"), output_field=CharField())
_WHO_AND_WHAT = (
    Column("person", "Quién", expression=PERSON),
    Column("acting_as", "Con qué permiso", labels=words.ROLES, many=True),
    Column("subject_type", "Qué", labels=words.THINGS),
    Column("subject_id", "Identificador"),
)
EVENTS = Listing(
    permission=Permission.SEE_AUDIT,
    name="audit",
    rows=lambda user: selectors.events(),
    title="Auditoría",
    order=("-id",),
    nouns=("registro", "registros"),
    filters=AuditFilter,
    file_name="auditoria",
    columns=(
        Column("at", "Cuándo", kind=Kind.INSTANT),
        Column("action", "Acto", labels=words.ACTS, href=Link("desk:act")),
        *_WHO_AND_WHAT,
        Column("reason", "Motivo"),
        Column("ip", "Dirección"),
    ),
)
SAMPLE = Listing(
    permission=Permission.SEE_AUDIT,
    name="audit_sample",
    rows=lambda user: selectors.events(),
    title="Muestra de actos",
    order=("-id",),
    nouns=("acto", "actos"),
    filters=SampleFilter,
    file_name="muestra",
    columns=(
        Column("at", "Cuándo", kind=Kind.INSTANT),
        Column("action", "Acto", labels=words.ACTS, href=Link("desk:act")),
        *_WHO_AND_WHAT,
        Column("reason", "Motivo"),
        Column("uid", "Identificador del acto"),
    ),
)
UNDONE = Listing(
    permission=Permission.SEE_AUDIT,
    name="audit_undone",
    rows=auditing.undone,
    title="Actos deshechos",
    order=("-id",),
    nouns=("acto deshecho", "actos deshechos"),
    filters=RecordFilter,
    file_name="actos-deshechos",
    columns=(
        Column("at", "Cuándo", kind=Kind.INSTANT),
        Column("action", "Acto", labels=words.ACTS, href=Link("desk:act")),
        *_WHO_AND_WHAT,
        Column("reason", "Motivo"),
    ),
)
UNTASKED = Listing(
    permission=Permission.SEE_AUDIT,
    name="audit_untasked",
    rows=auditing.untasked,
    title="Lecturas sin tarea",
    order=("-id",),
    nouns=("lectura sin tarea", "lecturas sin tarea"),
    filters=RecordFilter,
    file_name="lecturas-sin-tarea",
    columns=(Column("at", "Cuándo", kind=Kind.INSTANT), *_WHO_AND_WHAT, Column("ip", "Dirección")),
)


class ChangedFilter(Filters):
    """By the day of the deposit, and by whose it is."""

    desde = from_day("paid_on", "Pagado desde")
    hasta = to_day("paid_on", "Pagado hasta")
    buscar = django_filters.CharFilter(
        label="Clave de rastreo", field_name="tracking", lookup_expr="iexact", max_length=30
    )


CHANGED_AND_PAID = Listing(
    permission=Permission.SEE_AUDIT,
    name="audit_changed_and_paid",
    rows=auditing.changed_and_paid,
    title="Cuentas bancarias cambiadas y pagadas en 30 días",
    order=("-paid_on", "-pk"),
    nouns=("depósito", "depósitos"),
    filters=ChangedFilter,
    file_name="cuentas-cambiadas-y-pagadas",
    columns=(
        Column("holder", "A quién"),
        Column("bank_name", "Banco"),
        Column("last4", "Termina en"),
        Column("changed_on", "Cambió", kind=Kind.DATE),
        Column("paid_on", "Se pagó", kind=Kind.DATE, sort=True),
        Column("amount", "Importe", kind=Kind.MONEY, currency_path="currency", sort=True),
        Column("batch", "Lote", path="batch__folio", href=Link("treasury:batch", "batch_id")),
        Column("tracking", "Clave de rastreo"),
    ),
)
READINGS = Listing(
    permission=Permission.SEE_AUDIT,
    name="readings",
    rows=lambda user: selectors.accesses(),
    title="Lecturas",
    order=("-id",),
    nouns=("lectura", "lecturas"),
    filters=ReadingFilter,
    file_name="lecturas",
    columns=(
        Column("at", "Cuándo", kind=Kind.INSTANT),
        Column("what", "Qué pasó", labels=words.READINGS),
        *_WHO_AND_WHAT,
        Column("reason", "Detalle"),
        Column("ip", "Dirección"),
    ),
)


class ConflictFilter(Filters):
    """By what the table of conflicts says, and by who holds the roles."""

    tipo = django_filters.ChoiceFilter(
        field_name="kind",
        label="Tipo",
        choices=[(str(kind), label) for kind, label in CLASH_LABELS.items()],
        empty_label="Todos",
    )
    buscar = django_filters.CharFilter(method="search", label="Nombre o correo", max_length=100)

    def search(self, rows: QuerySet[Grant], name: str, value: str) -> QuerySet[Grant]:
        """Words in any order."""
        return rows.filter(user__in=people.all_people(value).values("pk"))


def _named(path: str) -> Coalesce:
    """Whom a column of people names: the name, else the address, else nobody."""
    return Coalesce(NullIf(f"{path}__name", Value("")), f"{path}__email", output_field=CharField())


CONFLICTING = Listing(
    permission=Permission.SEE_AUDIT,
    name="conflicts",
    rows=lambda user: people.conflicting_grants(on=clock.today()),
    title="Permisos que chocan",
    order=("-since", "pair"),
    nouns=("par de permisos", "pares de permisos"),
    filters=ConflictFilter,
    file_name="permisos-que-chocan",
    columns=(
        Column("person", "Quién", expression=_named("user")),
        Column("email", "Correo", path="user__email"),
        Column(
            "kind",
            "Tipo",
            kind=Kind.STATE,
            labels={str(kind): label for kind, label in CLASH_LABELS.items()},
            tones={Clash.REFUSED: "error", Clash.COUNTERSIGNED: "warn", Clash.TOLD: "info"},
        ),
        Column("other_role", "Tenía", labels=words.ROLES),
        Column("role", "Se le dio", labels=words.ROLES),
        Column("since", "Juntos desde", kind=Kind.DATE, sort=True),
        Column("conflict", "Qué podría hacer", labels={line.code: line.could for line in CONFLICTS}),
        Column("reason", "Motivo"),
        Column("asked_by", "Lo pidió", expression=_named("granted_by")),
        Column("confirmed_by", "Lo confirmó", expression=_named("confirmed_by")),
    ),
)

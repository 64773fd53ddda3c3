"""Reports of memberships: dues by age, whom to call, plans, joins and cancellations, money by means; schemes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import Case, Count, DateField, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, TruncMonth

from memberships.models import Charge, DuesPayment, Membership, ReferenceScheme, StandingChange
from memberships.rules import MEANS_LABELS, MEMBERSHIP, ChargeState, MembershipState
from memberships.rules.schemes import ALGORITHMS
from memberships.rules.states import MEANS_CHOICES
from portal import clock
from portal.access import Permission
from portal.listing import Column, Drill, Filters, Kind, Link, Listing, from_day, in_month, to_day
from portal.states import choices

if TYPE_CHECKING:
    from portal.people.models import User

# How old a debt is, in days since the month was due: each column's last day, None: whatever is older.
AGES: tuple[tuple[str, str, int, int | None], ...] = (
    ("age_30", "0 a 30 días", 0, 30),
    ("age_60", "31 a 60 días", 31, 60),
    ("age_90", "61 a 90 días", 61, 90),
    ("age_more", "Más de 90 días", 91, None),
)
_STATES = {one: MEMBERSHIP.desk_labels[one] for one in MembershipState if one is not MembershipState.DRAFT}
_MONEY: Any = DecimalField(max_digits=16, decimal_places=2)


def _open_charges() -> QuerySet[Charge]:
    return Charge.objects.filter(membership=OuterRef("pk"), state=ChargeState.OPEN, undone_at=None)


def _owed_between(on: date, first: int, last: int | None) -> Coalesce:
    """What is owed for months that were due so many days before a day."""
    found = _open_charges().filter(due_on__lte=on - timedelta(days=first))
    if last is not None:
        found = found.filter(due_on__gte=on - timedelta(days=last))
    told = found.order_by().values("membership").annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(told), Value(Decimal("0.00")), output_field=_MONEY)


def _owing(user: User) -> QuerySet[Membership]:
    """Families that owe, with the day of their oldest month and what they owe by age today."""
    on = clock.today()
    ages: dict[str, Any] = {name: _owed_between(on, first, last) for name, _label, first, last in AGES}
    oldest = Subquery(_open_charges().order_by("due_on", "pk").values("due_on")[:1])
    return Membership.objects.visible_to(user).dues().filter(owed__gt=0).annotate(oldest=oldest, **ages)


class OwingFilter(Filters):
    """By state, by the day since which they owe."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(_STATES), empty_label="Todos"
    )
    desde = from_day("oldest", "Debe desde")
    hasta = to_day("oldest", "Debe desde, hasta")
    buscar = django_filters.CharFilter(field_name="folio", lookup_expr="istartswith", label="Folio")


DUES_AGED = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="dues_aged",
    title="Adeudos",
    rows=_owing,
    order=("oldest", "pk"),
    nouns=("familia que debe", "familias que deben"),
    filters=OwingFilter,
    file_name="adeudos",
    columns=(
        Column("folio", "Folio", href=Link("memberships:affiliation", "pk")),
        Column("titular__as_printed", "A quién llamar"),
        Column("phone", "Teléfono", nothing="Sin teléfono"),
        Column("email", "Correo", nothing="Sin correo"),
        Column("state", "Estado", kind=Kind.STATE, labels=MEMBERSHIP.desk_labels, tones=MEMBERSHIP.tones),
        Column("oldest", "Debe desde", kind=Kind.DATE, sort=True),
        *(Column(name, label, kind=Kind.MONEY, total=True) for name, label, _first, _last in AGES),
        Column("owed", "Debe", kind=Kind.MONEY, sort=True, total=True),
    ),
)


def _suspended(user: User) -> QuerySet[Membership]:
    """Families that are not covered, with the day since when."""
    told = StandingChange.objects.filter(membership=OuterRef("pk"), standing=MembershipState.SUSPENDED, undone_at=None)
    since = Subquery(told.order_by("-on", "-pk").values("on")[:1])
    rows = Membership.objects.visible_to(user).dues().filter(state=MembershipState.SUSPENDED)
    return rows.annotate(since=Coalesce(since, F("joined_on")))


class SuspendedFilter(Filters):
    """By the day of the suspension."""

    desde = from_day("since", "Suspendida desde")
    hasta = to_day("since", "Suspendida hasta")


SUSPENDED = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="suspended",
    title="Suspendidas por llamar",
    rows=_suspended,
    order=("since", "pk"),
    nouns=("familia suspendida", "familias suspendidas"),
    filters=SuspendedFilter,
    file_name="suspendidas-por-llamar",
    columns=(
        Column("folio", "Folio", href=Link("memberships:affiliation", "pk")),
        Column("titular__as_printed", "A quién llamar"),
        Column("phone", "Teléfono", nothing="Sin teléfono"),
        Column("email", "Correo", nothing="Sin correo"),
        Column("plan__name", "Plan"),
        Column("since", "Suspendida desde", kind=Kind.DATE, sort=True),
        Column("owed", "Debe", kind=Kind.MONEY, sort=True, total=True),
    ),
)


def _active(user: User) -> QuerySet[Membership]:
    return Membership.objects.visible_to(user).dues().filter(state=MembershipState.ACTIVE)


class ActiveFilter(Filters):
    """By the day of joining."""

    desde = from_day("joined_on", "Afiliada desde")
    hasta = to_day("joined_on", "Afiliada hasta")


ACTIVE_BY_PLAN = Listing(
    permission=Permission.SEE_MEMBERSHIPS,
    name="active_by_plan",
    title="Vigentes por plan",
    rows=_active,
    order=("plan__name", "plan"),
    nouns=("plan", "planes"),
    filters=ActiveFilter,
    file_name="vigentes-por-plan",
    columns=(
        Column(
            "plan__name",
            "Plan",
            href=Drill("memberships:affiliations", {"plan": "plan"}, {"estado": MembershipState.ACTIVE}, carries=True),
        ),
        Column("families", "Familias vigentes", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column("owe", "Deben", kind=Kind.NUMBER, expression=Count("pk", filter=Q(owed__gt=0)), total=True),
        Column("debt", "Se debe", kind=Kind.MONEY, expression=Sum("owed"), total=True),
        Column("left", "Saldo a favor", kind=Kind.MONEY, expression=Sum("credit"), total=True),
    ),
    groups=("plan__name", "plan"),
)

_JOINED, _LEFT = MembershipState.AWAITING_PAYMENT, MembershipState.CANCELLED
_WHY = Case(
    When(~Q(membership__cancel_reason=""), standing=_LEFT, then=F("membership__cancel_reason")),
    When(standing=_LEFT, then=Value("No se pagó")),
    default=Value(""),
)


def _joins_and_ends(user: User) -> QuerySet[StandingChange]:
    """The day on which each family's affiliation was complete, and the day on which it ended."""
    families = Membership.objects.visible_to(user).dues()
    joined = Q(standing=_JOINED, on=F("membership__joined_on"))
    return StandingChange.objects.filter(joined | Q(standing=_LEFT), membership__in=families, undone_at=None)


class JoinsFilter(Filters):
    """Joins or cancellations, by day."""

    tipo = django_filters.ChoiceFilter(
        field_name="standing", label="Qué", choices=[(_JOINED, "Altas"), (_LEFT, "Bajas")], empty_label="Altas y bajas"
    )
    desde = from_day("on", "Desde")
    hasta = to_day("on", "Hasta")


JOINS_AND_ENDS = Listing(
    permission=Permission.SEE_MEMBERSHIPS,
    name="joins_and_ends",
    title="Altas y bajas",
    rows=_joins_and_ends,
    order=("-on", "-pk"),
    nouns=("alta o baja", "altas y bajas"),
    filters=JoinsFilter,
    file_name="altas-y-bajas",
    columns=(
        Column("on", "Día", kind=Kind.DATE, href=Link("memberships:affiliation", "membership")),
        Column("standing", "Qué", labels={_JOINED: "Alta", _LEFT: "Baja"}),
        Column("membership__folio", "Membresía"),
        Column("membership__plan__name", "Plan"),
        Column("why", "Motivo", expression=_WHY),
    ),
)


def _collected(user: User) -> QuerySet[DuesPayment]:
    """Payments that stand, by the month of their value date."""
    families = Membership.objects.visible_to(user).dues()
    rows = DuesPayment.objects.filter(membership__in=families, taken_back_on=None)
    return rows.annotate(month=Cast(TruncMonth("value_on"), DateField()))  # cut to its month, a day would be an instant


class CollectedFilter(Filters):
    """By means and value date."""

    tipo = django_filters.ChoiceFilter(
        field_name="means", label="Medio de pago", choices=MEANS_CHOICES, empty_label="Todos"
    )
    desde = from_day("value_on", "Desde")
    hasta = to_day("value_on", "Hasta")


COLLECTED = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="collected",
    title="Cobrado por medio de pago",
    rows=_collected,
    order=("-month", "means"),
    nouns=("renglón", "renglones"),
    filters=CollectedFilter,
    file_name="cobrado-por-medio",
    columns=(
        Column(
            "month",
            "Mes que empieza",
            kind=Kind.DATE,
            href=Drill("memberships:dues_payments", {"mes": "month", "tipo": "means"}, carries=True),
        ),
        Column("means", "Medio de pago", labels=MEANS_LABELS),
        Column("count", "Pagos", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column("sum", "Importe", kind=Kind.MONEY, expression=Sum("amount"), total=True),
    ),
    groups=("month", "means"),
    recent="value_on",
)


def _payments(user: User) -> QuerySet[DuesPayment]:
    """Payments that stand, each with its family."""
    families = Membership.objects.visible_to(user).dues()
    return DuesPayment.objects.filter(membership__in=families, taken_back_on=None)


class PaymentFilter(CollectedFilter):
    """By means, value date and its month, and by the family's folio."""

    mes = in_month("value_on", "Mes (AAAA-MM)")
    buscar = django_filters.CharFilter(field_name="membership__folio", lookup_expr="istartswith", label="Folio")


DUES_PAYMENTS = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="dues_payments",
    title="Pagos de mensualidades",
    rows=_payments,
    order=("-value_on", "-pk"),
    nouns=("pago", "pagos"),
    filters=PaymentFilter,
    file_name="pagos-de-mensualidades",
    columns=(
        Column("membership__folio", "Folio", href=Link("memberships:affiliation", "membership")),
        Column("membership__titular__as_printed", "Titular"),
        Column("value_on", "Fecha valor", kind=Kind.DATE, sort=True),
        Column("means", "Medio de pago", labels=MEANS_LABELS),
        Column("amount", "Importe", kind=Kind.MONEY, sort=True, total=True),
    ),
)


class SchemeFilter(Filters):
    """By whether slips are made by it."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Se usa", choices=[("used", "Sí"), ("off", "No")], empty_label="Todos"
    )

    def in_state(self, rows: QuerySet[ReferenceScheme], name: str, value: str) -> QuerySet[ReferenceScheme]:
        """Those that slips are made by now, or the others."""
        return rows.filter(in_use=value == "used")


def _schemes(user: User) -> QuerySet[ReferenceScheme]:
    return ReferenceScheme.objects.annotate(made=Count("slips"))


SCHEMES = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="schemes",
    title="Esquemas de referencia",
    rows=_schemes,
    order=("-in_use", "code"),
    nouns=("esquema", "esquemas"),
    filters=SchemeFilter,
    file_name="esquemas",
    columns=(
        Column("label", "Esquema", href=Link("memberships:scheme", "pk")),
        Column("code", "Clave"),
        Column("means", "Dónde se paga", labels=MEANS_LABELS),
        Column("algorithm", "Dígitos", labels=ALGORITHMS),
        Column("prefix", "Prefijo", nothing="Sin prefijo"),
        Column("agreement", "Convenio", nothing="Sin convenio"),
        Column("made", "Fichas hechas", kind=Kind.NUMBER),
        Column("in_use", "Se usa", labels={True: "Sí", False: "No"}),
    ),
)

"""The reports of claims: each a list of groups, the same as page, file and call (issue 12, 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import django_filters
from django.db.models import (
    Avg,
    Case,
    Count,
    DateField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, TruncMonth

from claims.models import Accumulator, Claim, Decision, DocumentRequest
from claims.rules.deciding import DESK_LABELS, SECOND_LOOK_LABELS, SecondLook
from claims.rules.kinds import KIND_LABELS
from claims.rules.states import UNDER_WAY, PaymentState
from memberships.rules.policies import COVERAGE_LABELS
from portal import clock
from portal.access import Permission
from portal.listing import Column, Filters, Kind, Listing, from_day, to_day
from portal.money import ZERO
from portal.states import choices

if TYPE_CHECKING:
    from portal.people.models import User

_SEES = Permission.SEE_CLAIM_REPORTS
# How many whole days a claim has waited: from which day on, and what the group is called.
AGES: dict[int, str] = {0: "0 a 5 días", 6: "6 a 10 días", 11: "11 a 15 días", 16: "16 a 30 días", 31: "31 días o más"}


class _OfKind(Filters):
    """By kind."""

    tipo = django_filters.ChoiceFilter(
        field_name="kind", label="Tipo de trámite", choices=choices(KIND_LABELS), empty_label="Todos"
    )


# --- open by age -----------------------------------------------------------------------------------------------------


def _open(user: User) -> QuerySet[Claim]:
    """Claims that wait for their answer, by how long."""
    now = clock.now()
    older = [When(submitted_at__lte=now - timedelta(days=days), then=Value(days)) for days in sorted(AGES)[::-1]]
    age = Case(*older, default=Value(0), output_field=IntegerField())
    late = Case(When(promised_at__lt=now, then=Value(1)), default=Value(0), output_field=IntegerField())
    return Claim.objects.for_reports(user).filter(state__in=UNDER_WAY).annotate(age=age, late=late)


OPEN_BY_AGE = Listing(
    permission=_SEES,
    name="claims_open_by_age",
    title="Trámites abiertos por antigüedad",
    rows=_open,
    order=("-age", "kind"),
    nouns=("renglón", "renglones"),
    filters=_OfKind,
    file_name="tramites-abiertos",
    columns=(
        Column("age", "Llevan", labels=AGES),
        Column("kind", "Tipo", labels=KIND_LABELS),
        Column("count", "Trámites", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column("overdue", "Pasó lo prometido", kind=Kind.NUMBER, expression=Sum("late"), total=True),
        Column("sum", "Reclamado", kind=Kind.MONEY, expression=Sum("claimed"), total=True),
    ),
    groups=("age", "kind"),
)


# --- how long decisions take -----------------------------------------------------------------------------------------


def _decided(user: User) -> QuerySet[Claim]:
    """Decided claims, by the month of their decision."""
    rows = Claim.objects.for_reports(user).exclude(decided_at=None).exclude(elapsed_minutes=None)
    month = Cast(TruncMonth("decided_at"), DateField())
    return rows.annotate(month=month)


class DecidedFilter(_OfKind):
    """By kind and the day of the decision."""

    desde = from_day("decided_at__date", "Decidido desde")
    hasta = to_day("decided_at__date", "Decidido hasta")


_ESTIMATED = Q(estimate__isnull=False)
DECISION_TIMES = Listing(
    permission=_SEES,
    name="claims_decision_times",
    title="Tiempo de decisión",
    rows=_decided,
    order=("-month", "kind"),
    nouns=("renglón", "renglones"),
    filters=DecidedFilter,
    file_name="tiempo-de-decision",
    columns=(
        Column("month", "Mes que empieza", kind=Kind.DATE),
        Column("kind", "Tipo", labels=KIND_LABELS),
        Column("count", "Decididos", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column(
            "hours",
            "Horas hábiles, en promedio",
            kind=Kind.NUMBER,
            expression=Cast(Avg("elapsed_minutes") / 60, IntegerField()),
        ),
        Column(
            "promised",
            "Dentro de lo prometido",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(decided_at__lte=F("promised_at"))),
            total=True,
        ),
        Column("estimated", "Con estimación", kind=Kind.NUMBER, expression=Count("pk", filter=_ESTIMATED), total=True),
        Column(
            "within",
            "Antes de lo estimado para 4 de cada 5",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(decided_at__lte=F("estimate__p80_due"))),
            total=True,
        ),
    ),
    groups=("month", "kind"),
    recent="decided_at__date",
)


# --- rounds of requests ----------------------------------------------------------------------------------------------


def _rounds(user: User) -> QuerySet[Claim]:
    """Decided claims by how many complete requests were sent to their family."""
    asked = DocumentRequest.objects.filter(claim=OuterRef("pk"), opened_at__isnull=False)
    counted = asked.order_by().values("claim").annotate(of=Count("pk"))
    return _decided(user).annotate(rounds=Coalesce(Subquery(counted.values("of")), 0, output_field=IntegerField()))


ROUNDS = Listing(
    permission=_SEES,
    name="claims_rounds",
    title="Vueltas de documentos",
    rows=_rounds,
    order=("rounds", "kind"),
    nouns=("renglón", "renglones"),
    filters=DecidedFilter,
    file_name="vueltas-de-documentos",
    columns=(
        Column("kind", "Tipo", labels=KIND_LABELS),
        Column("rounds", "Veces que se pidieron", kind=Kind.NUMBER),
        Column("count", "Trámites decididos", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column(
            "hours",
            "Horas hábiles, en promedio",
            kind=Kind.NUMBER,
            expression=Cast(Avg("elapsed_minutes") / 60, IntegerField()),
        ),
    ),
    groups=("rounds", "kind"),
    recent="decided_at__date",
)


# --- amounts, second looks -------------------------------------------------------------------------------------------


def _final(user: User) -> QuerySet[Decision]:
    """Decisions that stand."""
    rows = Decision.objects.filter(claim__in=Claim.objects.for_reports(user))
    return rows.filter(final_at__isnull=False, ended_at=None)


class FinalFilter(Filters):
    """By kind and the day on which a decision became final."""

    tipo = django_filters.ChoiceFilter(
        field_name="claim__kind", label="Tipo de trámite", choices=choices(KIND_LABELS), empty_label="Todos"
    )
    desde = from_day("final_at__date", "Definitivo desde")
    hasta = to_day("final_at__date", "Definitivo hasta")


def _money(name: str, label: str) -> Column:
    return Column(name, label, kind=Kind.MONEY, expression=Sum(name), total=True)


_SHARES = (
    _money("covered", "Cubierto"),
    _money("deductible", "Deducible"),
    _money("coaseguro", "Coaseguro"),
    _money("over_limit", "Arriba de la suma"),
    _money("paid", "A cargo de la aseguradora"),
)
# What the bank paid; of what is decided the rest waits, or is a hospital's, which its insurer pays.
_PAID_OUT = Coalesce(Sum("paid", filter=Q(of_bill=False, claim__payment_state=PaymentState.PAID)), ZERO)
AMOUNTS = Listing(
    permission=_SEES,
    name="claims_amounts",
    title="Importes por cobertura y resultado",
    rows=_final,
    order=("claim__coverage__plan__party__name", "claim__coverage__plan__party", "claim__coverage__kind", "outcome"),
    nouns=("renglón", "renglones"),
    filters=FinalFilter,
    file_name="importes-de-tramites",
    columns=(
        Column("insurer", "Aseguradora", path="claim__coverage__plan__party__name"),
        Column("coverage", "Cobertura", path="claim__coverage__kind", labels=COVERAGE_LABELS),
        Column("outcome", "Resultado", labels=DESK_LABELS),
        Column("count", "Decisiones", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        _money("claimed", "Reclamado"),
        _money("already", "Cubierto antes"),
        _money("not_covered", "No cubierto"),
        *_SHARES,
        Column("paid_out", "Pagado a la familia", kind=Kind.MONEY, expression=_PAID_OUT, total=True),
    ),
    groups=("claim__coverage__plan__party__name", "claim__coverage__plan__party", "claim__coverage__kind", "outcome"),
    recent="final_at__date",
)


def _looked(user: User) -> QuerySet[Decision]:
    """Every decision that was made, by the month in which it was; a hospital's bill is none."""
    rows = Decision.objects.filter(claim__in=Claim.objects.for_reports(user), of_bill=False)
    month = Cast(TruncMonth("at"), DateField())
    return rows.annotate(month=month)


class LookedFilter(Filters):
    """By why a second person looks, and the day of the decision."""

    tipo = django_filters.ChoiceFilter(
        field_name="second_look",
        label="Segunda vista",
        choices=[(one.value, SECOND_LOOK_LABELS[one]) for one in SecondLook if one],
        empty_label="Con ella y sin ella",
    )
    desde = from_day("at__date", "Dictaminado desde")
    hasta = to_day("at__date", "Dictaminado hasta")


LOOKS = Listing(
    permission=_SEES,
    name="claims_looks",
    title="Automáticos y segundas vistas",
    rows=_looked,
    order=("-month", "second_look"),
    nouns=("renglón", "renglones"),
    filters=LookedFilter,
    file_name="segundas-vistas",
    columns=(
        Column("month", "Mes que empieza", kind=Kind.DATE),
        Column("second_look", "Segunda vista", labels=SECOND_LOOK_LABELS, nothing="Sin segunda vista"),
        Column("count", "Dictámenes", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column(
            "automatic",
            "Aprobados solos",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(automatic_answer__isnull=False)),
            total=True,
        ),
        Column(
            "confirmed",
            "Confirmados",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(final_at__isnull=False) & ~Q(second_look="")),
            total=True,
        ),
        Column(
            "back",
            "Regresados",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(final_at=None, ended_at__isnull=False)),
            total=True,
        ),
        Column(
            "waiting",
            "Esperan",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(final_at=None, ended_at=None)),
            total=True,
        ),
    ),
    groups=("month", "second_look"),
    recent="at__date",
)


# --- accumulators ----------------------------------------------------------------------------------------------------


def _buckets(user: User) -> QuerySet[Accumulator]:
    """Buckets that covered something, of everybody: sums alone, nobody is named."""
    if _SEES not in user.permissions:
        return Accumulator.objects.none()
    began = Coalesce("year", Value("1900-01-01"), output_field=DateField())  # a key of the list holds no nulls
    return Accumulator.objects.filter(covered__gt=0).annotate(began=began)


class BucketsFilter(Filters):
    """By coverage."""

    tipo = django_filters.ChoiceFilter(
        field_name="coverage__kind", label="Cobertura", choices=choices(COVERAGE_LABELS), empty_label="Todas"
    )


_PLAN = ("coverage__plan__party__name", "coverage__plan__policy_number", "coverage", "began")
ACCUMULATORS = Listing(
    permission=_SEES,
    name="claims_accumulators",
    title="Acumulados por póliza",
    rows=_buckets,
    order=_PLAN,
    nouns=("renglón", "renglones"),
    filters=BucketsFilter,
    file_name="acumulados",
    columns=(
        Column("insurer", "Aseguradora", path="coverage__plan__party__name"),
        Column("policy", "Póliza", path="coverage__plan__policy_number"),
        Column("coverage", "Cobertura", path="coverage__kind", labels=COVERAGE_LABELS),
        Column("year", "Año desde", path="year", kind=Kind.DATE, nothing="Por padecimiento"),
        Column("count", "Acumulados", kind=Kind.NUMBER, expression=Count("pk"), total=True),
        Column(
            "met",
            "Con deducible completo",
            kind=Kind.NUMBER,
            expression=Count("pk", filter=Q(deductible__gte=F("of_deductible"))),
            total=True,
        ),
        *_SHARES,
    ),
    groups=(*_PLAN, "coverage__kind", "year"),
)

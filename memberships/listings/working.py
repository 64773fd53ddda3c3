"""Memberships' lists: one column spec for the page, its files and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import django_filters
from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from memberships.models import (
    CardAttempt,
    Charge,
    Condition,
    CoveredPerson,
    GatewayEvent,
    Member,
    Membership,
    Plan,
    Refund,
    titular_is,
)
from memberships.rules import CHARGE, MEMBERSHIP, PlanKind, card, ledger
from memberships.rules.card import CARD
from memberships.rules.refunds import MEANS_CHOICES, MEANS_LABELS, REFUND
from memberships.selectors.desk import with_price
from portal import clock
from portal.access import Permission
from portal.listing import Column, Filters, Kind, Link, Listing, Masked, from_day, to_day
from portal.listing.search import Words, as_words
from portal.states import choices
from portal.treasury.models import LedgerLine

if TYPE_CHECKING:
    from portal.people.models import User

STATEMENT_LABELS = {
    "dues_charged": "Mensualidad",
    "dues_written_off": "Mensualidad que ya no se cobra",
    "dues_reported": "Pago registrado por la mesa",
    "deposit_matched": "Depósito",
    "card_captured": "Pago con tarjeta",
    "card_kept": "Lo que quedó del pago con tarjeta",
    "refund_asked": "Devolución pedida",
    "refund_lost": "Devolución que ya tenías",
    "refund_regained": "Devolución que no llegó",
}


class AffiliationFilter(Filters):
    """By state and plan, by the day of joining, and by folio or a name of the family."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(MEMBERSHIP.desk_labels), empty_label="Todos"
    )
    desde = from_day("joined_on", "Afiliada desde")
    hasta = to_day("joined_on", "Afiliada hasta")
    plan = django_filters.ModelChoiceFilter(queryset=Plan.objects.dues(), label="Plan", empty_label="Todos")
    buscar = django_filters.CharFilter(method="search", label="Folio o nombre")

    def search(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        """Folio by its start, people of the family by the beginnings of their names."""
        found = Q(folio__istartswith=value)
        if words := as_words(value):
            asked = SearchQuery(words, search_type="raw", config="simple")
            named = Membership.objects.alias(words=Words(F("members__person__as_printed"))).filter(words=asked)
            found |= Q(pk__in=named.values("pk"))
        return rows.filter(found)


def _families(user: User) -> QuerySet[Membership]:
    return Membership.objects.visible_to(user).dues()


AFFILIATIONS = Listing(
    permission=Permission.SEE_MEMBERSHIPS,
    name="affiliations",
    title="Afiliaciones",
    rows=_families,
    order=("-created_at", "-pk"),
    nouns=("familia afiliada", "familias afiliadas"),
    filters=AffiliationFilter,
    file_name="afiliaciones",
    columns=(
        Column("folio", "Folio", href=Link("memberships:affiliation", "pk"), nothing="Sin folio"),
        Column("titular__as_printed", "Titular"),
        Column("plan__name", "Plan"),
        Column("state", "Estado", kind=Kind.STATE, labels=MEMBERSHIP.desk_labels, tones=MEMBERSHIP.tones),
        Column("joined_on", "Afiliada", kind=Kind.DATE),
        Column("next_due_on", "Vence", kind=Kind.DATE, sort=True),
        Column("owed", "Debe", kind=Kind.MONEY, sort=True),
        Column("credit", "Saldo a favor", kind=Kind.MONEY, sort=True),
    ),
)


class PlanFilter(Filters):
    """By whether people may join it."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Se ofrece", choices=[("offered", "Sí"), ("hidden", "No")], empty_label="Todos"
    )

    def in_state(self, rows: QuerySet[Plan], name: str, value: str) -> QuerySet[Plan]:
        """Those that people may join, or the others."""
        return rows.filter(is_offered=value == "offered")


def _plans(user: User) -> QuerySet[Plan]:
    return with_price(Plan.objects.visible_to(user).dues(), on=clock.today())


PLANS = Listing(
    permission=Permission.MANAGE_PLANS,
    name="plans",
    title="Planes",
    rows=_plans,
    order=("name", "pk"),
    nouns=("plan de membresía", "planes de membresía"),
    filters=PlanFilter,
    file_name="planes",
    columns=(
        Column("name", "Plan", href=Link("memberships:plan", "pk")),
        Column("price", "Al mes", kind=Kind.MONEY),
        Column("is_offered", "Se ofrece", labels={True: "Sí", False: "No"}),
        Column("living", "Familias vigentes", kind=Kind.NUMBER),
    ),
)


class PolicyFilter(Filters):
    """By number, by its start."""

    buscar = django_filters.CharFilter(method="search", label="Número de póliza")

    def search(self, rows: QuerySet[Plan], name: str, value: str) -> QuerySet[Plan]:
        """The policies whose number begins so."""
        return rows.filter(policy_number__istartswith=value)


def _policies(user: User) -> QuerySet[Plan]:
    living = Count("memberships", filter=Q(memberships__certificate_state="active"), distinct=True)
    return Plan.objects.visible_to(user).policies().annotate(living=living)


POLICIES = Listing(
    permission=Permission.MANAGE_PLANS,
    name="policies",
    title="Pólizas",
    rows=_policies,
    order=("policy_number", "pk"),
    nouns=("póliza", "pólizas"),
    filters=PolicyFilter,
    file_name="polizas",
    columns=(
        Column("policy_number", "Póliza", href=Link("memberships:policy", "pk")),
        Column("name", "Nombre"),
        Column("party__name", "Aseguradora"),
        Column("living", "Certificados vigentes", kind=Kind.NUMBER),
    ),
)


class ConditionFilter(Filters):
    """By policy, by a name, by the day it began."""

    poliza = django_filters.CharFilter(method="of_policy", label="Número de póliza")
    desde = from_day("began_on", "Empezó desde")
    hasta = to_day("began_on", "Empezó hasta")
    buscar = django_filters.CharFilter(method="search", label="Nombre")

    def of_policy(self, rows: QuerySet[Condition], name: str, value: str) -> QuerySet[Condition]:
        """Those of people who are or were of a policy whose number begins so."""
        policies = Plan.objects.policies().filter(policy_number__istartswith=value)
        return rows.filter(person__in=Member.objects.filter(membership__plan__in=policies).values("person"))

    def search(self, rows: QuerySet[Condition], name: str, value: str) -> QuerySet[Condition]:
        """Those of people whose name has words that begin so."""
        words = as_words(value)
        if not words:
            return rows.none()
        asked = SearchQuery(words, search_type="raw", config="simple")
        named = CoveredPerson.objects.alias(words=Words("as_printed")).filter(words=asked)
        return rows.filter(person__in=named.values("pk"))


def _conditions(user: User) -> QuerySet[Condition]:
    stays = Member.objects.filter(person=OuterRef("person"), membership__kind=PlanKind.POLICY.value)
    latest = stays.order_by("-since", "-pk").values("membership__plan__policy_number")[:1]
    return Condition.objects.visible_to(user).select_related("person").annotate(policy=Subquery(latest))


CONDITIONS = Listing(
    permission=Permission.SEE_CONDITIONS,
    name="conditions",
    title="Padecimientos",
    rows=_conditions,
    order=("person__as_printed", "began_on", "pk"),
    nouns=("padecimiento", "padecimientos"),
    filters=ConditionFilter,
    file_name="padecimientos",
    columns=(
        Column("person__as_printed", "Persona"),
        Column("policy", "Póliza", nothing="Sin póliza"),
        Column(
            "sealed",
            "Padecimiento",
            expression=Value("••••"),
            masked=Masked("told", Permission.SEE_CONDITIONS, "memberships:conditions"),
        ),
        Column("began_on", "Empezó", kind=Kind.DATE),
    ),
)


class CardAttemptFilter(Filters):
    """By state, by the day it began, by folio."""

    estado = django_filters.ChoiceFilter(field_name="state", label="Estado", choices=CARD.choices, empty_label="Todos")
    desde = from_day("started_at__date", "Desde")
    hasta = to_day("started_at__date", "Hasta")
    buscar = django_filters.CharFilter(field_name="folio", lookup_expr="istartswith", label="Folio")


def _card_attempts(user: User) -> QuerySet[CardAttempt]:
    return CardAttempt.objects.visible_to(user)


CARD_ATTEMPTS = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="card_attempts",
    title="Tarjetas",
    rows=_card_attempts,
    order=("-started_at", "-pk"),
    nouns=("intento de pago con tarjeta", "intentos de pago con tarjeta"),
    filters=CardAttemptFilter,
    file_name="tarjetas",
    columns=(
        Column("folio", "Folio", href=Link("memberships:card_attempt", "pk")),
        Column("membership__folio", "Membresía"),
        Column("amount", "Importe", kind=Kind.MONEY),
        Column("state", "Estado", kind=Kind.STATE, labels=CARD.labels, tones=CARD.tones),
        Column("reason", "Por qué", labels=dict(card.REFUSAL_CHOICES)),
        Column("started_at", "Empezó", kind=Kind.INSTANT),
        Column("answered_at", "Respuesta", kind=Kind.INSTANT),
    ),
)


class GatewayEventFilter(Filters):
    """By what became of it, by the day it came, by the attempt's folio."""

    estado = django_filters.ChoiceFilter(
        field_name="outcome", label="Resultado", choices=choices(card.OUTCOMES), empty_label="Todos"
    )
    desde = from_day("received_at__date", "Desde")
    hasta = to_day("received_at__date", "Hasta")
    buscar = django_filters.CharFilter(field_name="attempt__folio", lookup_expr="istartswith", label="Folio")


def _gateway_events(user: User) -> QuerySet[GatewayEvent]:
    return GatewayEvent.objects.filter(attempt__in=CardAttempt.objects.visible_to(user))


_DONE = Case(When(doubt__isnull=False, doubt__settled_at=None, then=Value(card.TO_SETTLE)), default=F("doubt__comment"))


def _doubt_href(row: Mapping[str, Any]) -> str:
    """The page of a doubtful event; the others have none."""
    return reverse("memberships:card_doubt", args=[row["pk"]]) if row["column_done"] else ""


GATEWAY_EVENTS = Listing(
    permission=Permission.SEE_COLLECTIONS,
    name="gateway_events",
    title="Avisos de la pasarela",
    rows=_gateway_events,
    order=("-received_at", "-pk"),
    nouns=("aviso de la pasarela", "avisos de la pasarela"),
    filters=GatewayEventFilter,
    file_name="avisos-de-la-pasarela",
    columns=(
        Column("attempt__folio", "Folio", href=Link("memberships:card_attempt", "attempt")),
        Column("kind", "Dice", kind=Kind.STATE, labels=card.WORD_LABELS, tones=card.WORD_TONES),
        Column("amount", "Importe", kind=Kind.MONEY),
        Column("outcome", "Resultado", kind=Kind.STATE, labels=card.OUTCOMES, tones=card.OUTCOME_TONES),
        Column("done", "Qué se hizo", expression=_DONE, href=_doubt_href),
        Column("said_at", "Lo dijo", kind=Kind.INSTANT),
        Column("received_at", "Llegó", kind=Kind.INSTANT),
        Column("event_id", "Aviso"),
    ),
)


class RefundFilter(Filters):
    """By state and means, by the day it was wanted or asked, by folio of the refund or its membership."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(REFUND.desk_labels), empty_label="Todos"
    )
    tipo = django_filters.ChoiceFilter(field_name="means", label="Cómo", choices=MEANS_CHOICES, empty_label="Todas")
    desde = from_day("since__date", "Desde")
    hasta = to_day("since__date", "Hasta")
    buscar = django_filters.CharFilter(field_name="folio", lookup_expr="istartswith", label="Folio")


def _refunds(user: User) -> QuerySet[Refund]:
    return Refund.objects.visible_to(user)


REFUNDS = Listing(
    permission=Permission.SEE_REFUNDS,
    name="refunds",
    title="Devoluciones",
    rows=_refunds,
    order=("-since", "-pk"),
    nouns=("devolución", "devoluciones"),
    filters=RefundFilter,
    file_name="devoluciones",
    columns=(
        Column("folio", "Folio", href=Link("memberships:refund", "pk"), nothing="Sin pedir"),
        Column("membership__folio", "Membresía"),
        Column("amount", "Importe", kind=Kind.MONEY, sort=True),
        Column("state", "Estado", kind=Kind.STATE, labels=REFUND.desk_labels, tones=REFUND.tones),
        Column("means", "Cómo", labels=MEANS_LABELS, nothing="Por decidir"),
        Column("since", "Desde", kind=Kind.INSTANT),
        Column("due_on", "A más tardar", kind=Kind.DATE, sort=True),
        Column("ended_on", "Terminó", kind=Kind.DATE),
    ),
)


def _own_charges(user: User) -> QuerySet[Charge]:
    return Charge.objects.filter(titular_is(user, "membership"), undone_at=None)


class ChargeFilter(Filters):
    """By state and by the day it was due."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=CHARGE.choices, empty_label="Todos"
    )
    desde = from_day("due_on", "Vence desde")
    hasta = to_day("due_on", "Vence hasta")


CHARGES = Listing(
    permission=Permission.SEE_OWN_MEMBERSHIP,
    name="own_charges",
    title="Mensualidades",
    rows=_own_charges,
    order=("-due_on", "-pk"),
    nouns=("mensualidad", "mensualidades"),
    filters=ChargeFilter,
    file_name="mensualidades",
    own=True,
    columns=(
        Column("due_on", "Vence", kind=Kind.DATE),
        Column("membership__folio", "Membresía"),
        Column("amount", "Importe", kind=Kind.MONEY),
        Column("state", "Estado", kind=Kind.STATE, labels=CHARGE.labels, tones=CHARGE.tones),
        Column("grace_ends_on", "Último día de gracia", kind=Kind.DATE),
        Column("settled_on", "Pagada", kind=Kind.DATE),
    ),
)


def _own_lines(user: User) -> QuerySet[LedgerLine]:
    """What was charged and paid; that a charge was settled from the credit moves nothing between us and the family."""
    parties = user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    told = [ledger.RECEIVABLE, ledger.CREDIT]  # what goes back has left the credit once it is asked
    of_party = LedgerLine.objects.filter(account__code__in=told, account__party__in=parties)
    settling = Q(transaction__kind=ledger.SETTLED) | Q(transaction__reverses__kind=ledger.SETTLED)
    return of_party.exclude(settling)


class StatementFilter(Filters):
    """By day."""

    desde = from_day("transaction__on", "Desde")
    hasta = to_day("transaction__on", "Hasta")


STATEMENT = Listing(
    permission=Permission.SEE_OWN_MEMBERSHIP,
    name="own_dues_statement",
    title="Mi estado de cuenta",
    rows=_own_lines,
    order=("-transaction__on", "-pk"),
    nouns=("cargo o pago", "cargos y pagos"),
    filters=StatementFilter,
    file_name="estado-de-cuenta",
    own=True,
    columns=(
        Column("on", "Día", path="transaction__on", kind=Kind.DATE),
        Column(
            "what",
            "Concepto",
            expression=Coalesce("transaction__reverses__kind", "transaction__kind"),
            labels=STATEMENT_LABELS,
        ),
        Column(
            "corrects",
            "Movimiento",
            expression=Case(When(transaction__reverses=None, then=Value("done")), default=Value("undone")),
            labels={"done": "Registrado", "undone": "Corrección"},
        ),
        Column("charged", "Cargo", kind=Kind.MONEY, expression=Case(When(amount__gt=0, then=F("amount")))),
        Column("paid", "Abono", kind=Kind.MONEY, expression=Case(When(amount__lt=0, then=-F("amount")))),
    ),
)

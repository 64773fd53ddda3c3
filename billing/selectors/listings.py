"""Billing's lists: one column spec for the page and its CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from billing import rules
from billing.models import (
    CareOrder,
    Complement,
    ComplementDecision,
    ComplementPayment,
    Invoice,
    InvoiceDecision,
    InvoiceLine,
)
from portal.design.undoing import DECIDING
from portal.listing import Column, Filters, Kind, Link, Listing, from_day, to_day
from portal.states import choices
from portal.text import name_pattern

DRAFTING = "drafting"
ORDER_STATE = Case(
    When(
        Exists(InvoiceLine.objects.filter(order=OuterRef("pk"), live=True)) & Q(state="available"), then=Value(DRAFTING)
    ),
    default=F("state"),
)
DRAFT_STATE = ("En borrador", "neutral")  # word and colour of an order that a draft holds
ORDER_CHOICES = [("available", "Por facturar"), (DRAFTING, DRAFT_STATE[0]), *choices(rules.ORDER_LABELS)[1:]]
_TONES: dict[Any, str] = {**rules.ORDER_TONES, DRAFTING: DRAFT_STATE[1]}


DECIDED = "deciding"  # decided, and its author may still undo it
REVIEW_STATE = Case(When(Exists(InvoiceDecision.open_about(OuterRef("pk"))), then=Value(DECIDED)), default=F("state"))
COMPLEMENT_STATE = Case(
    When(Exists(ComplementDecision.open_about(OuterRef("pk"))), then=Value(DECIDED)), default=F("state")
)
REVIEW_CHOICES = [*choices(rules.REVIEW_DESK_LABELS)[1:], (DECIDED, DECIDING[0])]
COMPLEMENT_CHOICES = [*choices(rules.COMPLEMENT_LABELS), (DECIDED, DECIDING[0])]


class OrderFilter(Filters):
    """By state, by day of service, and by account or patient."""

    estado = django_filters.ChoiceFilter(method="in_state", label="Estado", choices=ORDER_CHOICES, empty_label="Todos")
    desde = from_day("service_on", "Atención desde")
    hasta = to_day("service_on", "Atención hasta")
    buscar = django_filters.CharFilter(method="search", label="Cuenta o paciente")

    def in_state(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """As the list shows it: what a draft holds is no longer waiting to be invoiced."""
        return rows.annotate(shown=ORDER_STATE).filter(shown=value)

    def search(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """Account by its start, patient by any part, accents ignored."""
        return rows.filter(Q(account__istartswith=value) | Q(patient__regex=name_pattern(value)))


class DeskOrderFilter(OrderFilter):
    """The same at the desk, where drafts are nobody's business; also by the physician's RFC."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(rules.ORDER_LABELS), empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="Cuenta, paciente o RFC")

    def search(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """Account or RFC by its start, patient by any part, accents ignored."""
        found = Q(account__istartswith=value) | Q(physician_rfc__istartswith=value)
        return rows.filter(found | Q(patient__regex=name_pattern(value)))


def _bills(value: str) -> Exists:
    """Invoices that bill an account, by its start, or a patient, by any part of the name."""
    orders = Q(order__account__istartswith=value) | Q(order__patient__regex=name_pattern(value))
    return Exists(InvoiceLine.objects.filter(orders, invoice=OuterRef("pk")))


def _of_physician(value: str, path: str = "party") -> Q:
    return Q(**{f"{path}__name__regex": name_pattern(value)}) | Q(**{f"{path}__rfc__istartswith": value})


class InvoiceFilter(Filters):
    """By review state, by payment, by day, and by folio, fiscal folio, account or patient."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Revisión", choices=choices(rules.REVIEW_LABELS), empty_label="Todas"
    )
    pago = django_filters.ChoiceFilter(
        field_name="payment_state", label="Pago", choices=choices(rules.PAYMENT_LABELS), empty_label="Todos"
    )
    desde = from_day("created_at__date", "Desde")
    hasta = to_day("created_at__date", "Hasta")
    buscar = django_filters.CharFilter(method="search", label="Folio, cuenta o paciente")

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By the start of either folio or of an account, or by a patient it bills."""
        return rows.filter(Q(folio__istartswith=value) | Q(uuid__istartswith=value) | Q(_bills(value)))


class ReviewFilter(InvoiceFilter):
    """The same at the desk, in its words; also by physician, and by the day it was handed in."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Revisión", choices=REVIEW_CHOICES, empty_label="Todas"
    )
    desde = from_day("submitted_at__date", "Recibida desde")
    hasta = to_day("submitted_at__date", "Recibida hasta")
    buscar = django_filters.CharFilter(method="search", label="Folio, médico, cuenta o paciente")

    def in_state(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """As the list shows it: what a colleague has just decided waits for nobody."""
        return rows.annotate(shown=REVIEW_STATE).filter(shown=value)

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By what the physician may search too, or by the physician's name or RFC."""
        folios = Q(folio__istartswith=value) | Q(uuid__istartswith=value)
        return rows.filter(folios | Q(_bills(value)) | _of_physician(value))


class ComplementFilter(Filters):
    """By state, and by fiscal folio, invoice or physician."""

    estado = django_filters.ChoiceFilter(
        method="in_state", label="Estado", choices=COMPLEMENT_CHOICES, empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="Folio fiscal, factura o médico")

    def in_state(self, rows: QuerySet[Complement], name: str, value: str) -> QuerySet[Complement]:
        """As the list shows it: what a colleague has just decided waits for nobody."""
        return rows.annotate(shown=COMPLEMENT_STATE).filter(shown=value)

    def search(self, rows: QuerySet[Complement], name: str, value: str) -> QuerySet[Complement]:
        """By the start of the fiscal folio or of an invoice it pays, or by the physician's name or RFC."""
        pays = ComplementPayment.objects.filter(complement=OuterRef("pk"), invoice__folio__istartswith=value)
        return rows.filter(Q(uuid__istartswith=value) | Q(Exists(pays)) | _of_physician(value))


class OverdueFilter(Filters):
    """By invoice or physician."""

    buscar = django_filters.CharFilter(method="search", label="Factura o médico")

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By the start of the folio, or by the physician's name or RFC."""
        return rows.filter(Q(folio__istartswith=value) | _of_physician(value))


def _invoice_href(row: Mapping[str, Any]) -> str:
    if row["state"] in {"draft", "returned"}:
        return reverse("billing:draft", args=[row["pk"]])
    return reverse("billing:invoice", args=[row["folio"]])


_ORDER_COLUMNS = (
    Column("patient", "Paciente"),
    Column("service_on", "Atención", kind=Kind.DATE),
    Column("fee", "Honorario", kind=Kind.MONEY, total=True),
    Column("coaseguro", "Coaseguro cobrado", kind=Kind.MONEY, total=True),
    Column("payable", "Importe a pagar", kind=Kind.MONEY, total=True),
)
ORDERS = Listing(
    name="orders", title="Órdenes", nouns=("orden", "órdenes"), own=True, filters=OrderFilter,
    columns=(
        Column("account", "Cuenta", kind=Kind.LINK, href=Link("billing:order")),
        *_ORDER_COLUMNS,
        Column("state", "Estado", kind=Kind.STATE, labels=dict(ORDER_CHOICES), tones=_TONES, expression=ORDER_STATE),
    ),
)  # fmt: skip
DESK_ORDERS = Listing(
    name="desk_orders", title="Órdenes", nouns=("orden", "órdenes"), filters=DeskOrderFilter,
    columns=(
        Column("account", "Cuenta", kind=Kind.LINK, href=Link("billing:desk_order")),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("physician_rfc", "RFC del médico"),
        *_ORDER_COLUMNS,
        Column("state", "Estado", kind=Kind.STATE, labels=rules.ORDER_LABELS, tones=rules.ORDER_TONES),
    ),
)  # fmt: skip
INVOICES = Listing(
    name="invoices", title="Facturas", nouns=("factura", "facturas"), own=True, filters=InvoiceFilter, extra=("pk",),
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=_invoice_href, nothing="Borrador"),
        Column("created_at", "Empezada", kind=Kind.INSTANT),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("base", "Órdenes", kind=Kind.MONEY, total=True),
        Column("total", "Total", kind=Kind.MONEY, total=True),
        Column("state", "Revisión", kind=Kind.STATE, labels=rules.REVIEW_LABELS, tones=rules.REVIEW_TONES),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=rules.PAYMENT_LABELS, tones=rules.PAYMENT_TONES),
    ),
)  # fmt: skip
REVIEWS = Listing(
    name="reviews", title="Facturas", nouns=("factura", "facturas"), filters=ReviewFilter,
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=Link("billing:review", "folio")),
        Column("submitted_at", "Recibida", kind=Kind.INSTANT),
        Column("party", "Médico", path="party__name"),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("total", "Total", kind=Kind.MONEY, total=True),
        Column(
            "verdict", "Reglas", kind=Kind.STATE, labels={"accepted": "Pasa todas", "review": "Mirar", "": "—"},
            tones={"accepted": "ok", "review": "warn"},
        ),
        Column(
            "state", "Revisión", kind=Kind.STATE, labels={**rules.REVIEW_DESK_LABELS, DECIDED: DECIDING[0]},
            tones={**rules.REVIEW_TONES, DECIDED: DECIDING[1]}, expression=REVIEW_STATE,
        ),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=rules.PAYMENT_LABELS, tones=rules.PAYMENT_TONES),
    ),
    order=("submitted_at", "pk"),
)  # fmt: skip
COMPLEMENTS = Listing(
    name="complements", title="Complementos", nouns=("complemento", "complementos"),
    filters=ComplementFilter,
    columns=(
        Column("uuid", "Folio fiscal", kind=Kind.LINK, href=Link("billing:complement_review")),
        Column("handed_in_at", "Recibido", kind=Kind.INSTANT),
        Column("party", "Médico", path="party__name"),
        Column("amount", "Depósito", path="transfer__amount", kind=Kind.MONEY),
        Column(
            "state", "Estado", kind=Kind.STATE, labels=dict(COMPLEMENT_CHOICES),
            tones={**rules.COMPLEMENT_TONES, DECIDED: DECIDING[1]}, expression=COMPLEMENT_STATE,
        ),
    ),
    order=("-handed_in_at", "-pk"),
)  # fmt: skip
OVERDUE = Listing(
    name="overdue", title="Complementos vencidos", nouns=("factura", "facturas"), filters=OverdueFilter,
    columns=(
        Column("folio", "Factura", kind=Kind.LINK, href=Link("billing:review", "folio")),
        Column("party", "Médico", path="party__name"),
        Column("paid_on", "Pagada", kind=Kind.DATE),
        Column("complement_due_on", "Complemento a más tardar", kind=Kind.DATE),
        Column("next_reminder_on", "Le recordamos el", kind=Kind.DATE),
        Column("total", "Total", kind=Kind.MONEY, total=True),
    ),
    order=("complement_due_on", "pk"),
)  # fmt: skip

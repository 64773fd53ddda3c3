"""Billing's lists: one column spec for the page and its CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from billing import rules
from billing.models import CareOrder, Complement, Invoice
from billing.models.shared import choices
from portal.listing import Column, Kind, Listing
from portal.text import search_key

ORDER_TONES = {"available": "warn", "invoiced": "info", "settled": "ok", "withdrawn": "neutral"}
REVIEW_TONES = {"draft": "neutral", "submitted": "info", "returned": "warn", "accepted": "ok", "rejected": "error"}
PAYMENT_TONES = {
    "none": "neutral", "payable": "info", "scheduled": "info", "paid": "ok", "complement_due": "warn", "closed": "ok",
}  # fmt: skip
COMPLEMENT_TONES = {"in_review": "info", "accepted": "ok", "rejected": "error", "cancelled": "warn"}


ORDER_WORDS = dict(choices(rules.ORDER_LABELS))
REVIEW_WORDS = dict(choices(rules.REVIEW_LABELS))
DESK_WORDS = dict(choices(rules.REVIEW_DESK_LABELS))
PAYMENT_WORDS = dict(choices(rules.PAYMENT_LABELS))
COMPLEMENT_WORDS = dict(choices(rules.COMPLEMENT_LABELS))


class OrderFilter(django_filters.FilterSet):
    """By state, and by account or patient."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(rules.ORDER_LABELS), empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="Cuenta o paciente")

    class Meta:
        model = CareOrder
        fields: list[str] = []

    def search(self, rows: QuerySet[CareOrder], name: str, value: str) -> QuerySet[CareOrder]:
        """Account by its start, patient by any part, accents ignored."""
        return rows.filter(Q(account__istartswith=value) | Q(patient_key__contains=search_key(value)))


class InvoiceFilter(django_filters.FilterSet):
    """By review state, by payment, and by folio or fiscal folio."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Revisión", choices=choices(rules.REVIEW_LABELS), empty_label="Todas"
    )
    pago = django_filters.ChoiceFilter(
        field_name="payment_state", label="Pago", choices=choices(rules.PAYMENT_LABELS), empty_label="Todos"
    )
    buscar = django_filters.CharFilter(method="search", label="Folio o folio fiscal")

    class Meta:
        model = Invoice
        fields: list[str] = []

    def search(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        """By the start of either folio."""
        return rows.filter(Q(folio__istartswith=value) | Q(uuid__istartswith=value))


class ComplementFilter(django_filters.FilterSet):
    """By state."""

    estado = django_filters.ChoiceFilter(
        field_name="state", label="Estado", choices=choices(rules.COMPLEMENT_LABELS), empty_label="Todos"
    )

    class Meta:
        model = Complement
        fields: list[str] = []


def _order_href(row: Mapping[str, Any]) -> str:
    return reverse("billing:order", args=[row["pk"]])


def _desk_order_href(row: Mapping[str, Any]) -> str:
    return reverse("billing:desk_order", args=[row["pk"]])


def _review_href(row: Mapping[str, Any]) -> str:
    return reverse("billing:review", args=[row["folio"]])


def _complement_href(row: Mapping[str, Any]) -> str:
    return reverse("billing:complement_review", args=[row["pk"]])


def _invoice_href(row: Mapping[str, Any]) -> str:
    if row["state"] in {"draft", "returned"}:
        return reverse("billing:draft", args=[row["pk"]])
    return reverse("billing:invoice", args=[row["folio"]])


_ORDER_COLUMNS = (
    Column("patient", "Paciente"),
    Column("service_on", "Atención", kind=Kind.DATE),
    Column("fee", "Honorario", kind=Kind.MONEY),
    Column("coaseguro", "Coaseguro cobrado", kind=Kind.MONEY),
    Column("payable", "Importe a pagar", kind=Kind.MONEY),
    Column("state", "Estado", kind=Kind.STATE, labels=ORDER_WORDS, tones=ORDER_TONES),
)
ORDERS = Listing(
    name="orders", title="Órdenes", nouns=("orden", "órdenes"), filters=OrderFilter, extra=("pk",),
    columns=(Column("account", "Cuenta", kind=Kind.LINK, href=_order_href), *_ORDER_COLUMNS),
)  # fmt: skip
DESK_ORDERS = Listing(
    name="desk_orders", title="Órdenes", nouns=("orden", "órdenes"), filters=OrderFilter, extra=("pk",),
    columns=(
        Column("account", "Cuenta", kind=Kind.LINK, href=_desk_order_href),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("physician_rfc", "RFC del médico"),
        *_ORDER_COLUMNS,
    ),
)  # fmt: skip
INVOICES = Listing(
    name="invoices", title="Facturas", nouns=("factura", "facturas"), filters=InvoiceFilter, extra=("pk",),
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=_invoice_href, show=lambda value: value or "Borrador"),
        Column("created_at", "Empezada", kind=Kind.INSTANT),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("base", "Órdenes", kind=Kind.MONEY),
        Column("total", "Total", kind=Kind.MONEY),
        Column("state", "Revisión", kind=Kind.STATE, labels=REVIEW_WORDS, tones=REVIEW_TONES),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=PAYMENT_WORDS, tones=PAYMENT_TONES),
    ),
)  # fmt: skip
PAYMENTS = Listing(
    name="payments", title="Pagos", nouns=("factura pagada", "facturas pagadas"), extra=("pk", "transfer_id"),
    columns=(
        Column(
            "folio", "Factura", kind=Kind.LINK, href=lambda row: reverse("billing:payment", args=[row["transfer_id"]])
        ),
        Column("paid_on", "Depositado", kind=Kind.DATE),
        Column("base", "Órdenes", kind=Kind.MONEY),
        Column("withheld", "Retenciones", kind=Kind.MONEY, expression=F("withheld_isr") + F("withheld_local")),
        Column("total", "Pagado", kind=Kind.MONEY),
        Column("payment_state", "Complemento", kind=Kind.STATE, labels=PAYMENT_WORDS, tones=PAYMENT_TONES),
        Column("complement_due_on", "Complemento antes del", kind=Kind.DATE),
    ),
    order=("-paid_on", "-pk"),
)  # fmt: skip
REVIEWS = Listing(
    name="reviews", title="Facturas", nouns=("factura", "facturas"), filters=InvoiceFilter, extra=("pk",),
    columns=(
        Column("folio", "Folio", kind=Kind.LINK, href=_review_href),
        Column("submitted_at", "Recibida", kind=Kind.INSTANT),
        Column("party", "Médico", path="party__name"),
        Column("insurer", "Aseguradora", path="insurer__name"),
        Column("total", "Total", kind=Kind.MONEY),
        Column(
            "verdict", "Reglas", kind=Kind.STATE, labels={"accepted": "Pasa todas", "review": "Mirar", "": "—"},
            tones={"accepted": "ok", "review": "warn"},
        ),
        Column("state", "Revisión", kind=Kind.STATE, labels=DESK_WORDS, tones=REVIEW_TONES),
        Column("payment_state", "Pago", kind=Kind.STATE, labels=PAYMENT_WORDS, tones=PAYMENT_TONES),
    ),
    order=("submitted_at", "pk"),
)  # fmt: skip
COMPLEMENTS = Listing(
    name="complements", title="Complementos", nouns=("complemento", "complementos"),
    filters=ComplementFilter, extra=("pk",),
    columns=(
        Column("uuid", "Folio fiscal", kind=Kind.LINK, href=_complement_href),
        Column("handed_in_at", "Recibido", kind=Kind.INSTANT),
        Column("party", "Médico", path="party__name"),
        Column("amount", "Depósito", path="transfer__amount", kind=Kind.MONEY),
        Column("state", "Estado", kind=Kind.STATE, labels=COMPLEMENT_WORDS, tones=COMPLEMENT_TONES),
    ),
    order=("-handed_in_at", "-pk"),
)  # fmt: skip
OVERDUE = Listing(
    name="overdue", title="Complementos vencidos", nouns=("factura", "facturas"), extra=("pk",),
    columns=(
        Column("folio", "Factura", kind=Kind.LINK, href=_review_href),
        Column("party", "Médico", path="party__name"),
        Column("paid_on", "Pagada", kind=Kind.DATE),
        Column("complement_due_on", "Complemento antes del", kind=Kind.DATE),
        Column("total", "Total", kind=Kind.MONEY),
    ),
    order=("complement_due_on", "pk"),
)  # fmt: skip

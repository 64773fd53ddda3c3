"""«Pagos»: a physician's deposits, each with its invoices and how its complements stand. One row a deposit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from billing.models import Invoice
from portal.listing import Column, Filters, Kind, Link, Listing, from_day, to_day
from portal.treasury.models import Transfer, TransferItem

PARTIAL, RETURNED = "partial", "returned"
LABELS: dict[str, str] = {
    "complement_due": "Falta",
    PARTIAL: "Falta parte",
    "in_review": "En revisión",
    "closed": "Entregado",
    RETURNED: "El banco lo devolvió",
}
TONES = {"complement_due": "warn", PARTIAL: "warn", "in_review": "info", "closed": "ok", RETURNED: "error"}
_FOLIOS = ", "


def _paid() -> Any:
    """Invoices that a deposit pays; none once it came back."""
    return Invoice.objects.filter(transfer=OuterRef("pk")).order_by()


def _of_deposit(rows: Any, answer: Any) -> Subquery:
    """One figure over the rows of a deposit."""
    return Subquery(rows.values("transfer").annotate(answer=answer).values("answer"))


def _sum(name: str) -> Subquery:
    return _of_deposit(_paid(), Sum(name))


# What the deposit pays, or paid before it came back: then its items alone remember.
FOLIOS = Coalesce(
    _of_deposit(_paid(), StringAgg("folio", _FOLIOS, order_by="folio")),
    _of_deposit(
        TransferItem.objects.filter(transfer=OuterRef("pk")).order_by(),
        StringAgg("payable__reference", _FOLIOS, order_by="payable__reference"),
    ),
)
KEPT = Case(
    When(state=RETURNED, then=Value(Decimal("0.00"))),
    default=F("amount"),
    output_field=Transfer._meta.get_field("amount"),
)
STATE = Case(
    When(state=RETURNED, then=Value(RETURNED)),
    When(
        Exists(_paid().without_complement())
        & (Exists(_paid().filter(payment_state="closed")) | Exists(_paid().with_complement_in_review())),
        then=Value(PARTIAL),
    ),
    When(Exists(_paid().without_complement()), then=Value("complement_due")),
    When(Exists(_paid().with_complement_in_review()), then=Value("in_review")),
    default=Value("closed"),
)


class PaymentFilter(Filters):
    """Deposits by their complement, by day, and by invoice, batch or tracking key."""

    pago = django_filters.ChoiceFilter(
        method="in_state",
        label="Complemento",
        choices=[(state, label) for state, label in LABELS.items() if state != PARTIAL],
        empty_label="Todos",
    )
    desde = from_day("paid_on", "Depositado desde")
    hasta = to_day("paid_on", "Depositado hasta")
    buscar = django_filters.CharFilter(method="search", label="Factura, lote o clave de rastreo")

    def in_state(self, rows: QuerySet[Transfer], name: str, value: str) -> QuerySet[Transfer]:
        """As the list shows it; what is missing in part is missing."""
        wanted = [value, PARTIAL] if value == "complement_due" else [value]
        return rows.annotate(shown=STATE).filter(shown__in=wanted)

    def search(self, rows: QuerySet[Transfer], name: str, value: str) -> QuerySet[Transfer]:
        """By the start of an invoice's folio, of the batch's, or of the bank's tracking key."""
        carried = TransferItem.objects.filter(transfer=OuterRef("pk"), payable__reference__istartswith=value)
        invoices = Exists(_paid().filter(folio__istartswith=value)) | Exists(carried)
        return rows.filter(Q(tracking__istartswith=value) | Q(batch__folio__istartswith=value) | Q(invoices))


PAYMENTS = Listing(
    name="payments", title="Pagos", nouns=("depósito", "depósitos"), own=True, filters=PaymentFilter,
    columns=(
        Column(
            "deposit", "Depósito", path="batch__folio", kind=Kind.LINK,
            href=Link("billing:payment"),
        ),
        Column("paid_on", "Depositado", kind=Kind.DATE),
        Column("invoices", "Facturas", kind=Kind.FOLIOS, expression=FOLIOS),
        Column("base", "Órdenes", kind=Kind.MONEY, total=True, expression=_sum("base")),
        Column("withheld_isr", "ISR retenido", kind=Kind.MONEY, total=True, expression=_sum("withheld_isr")),
        Column("withheld_local", "Impuesto local", kind=Kind.MONEY, total=True, expression=_sum("withheld_local")),
        Column("total", "Pagado", kind=Kind.MONEY, total=True, expression=KEPT),
        Column("complement", "Complemento", kind=Kind.STATE, labels=LABELS, tones=TONES, expression=STATE),
        Column(
            "complement_due_on", "Complemento a más tardar", kind=Kind.DATE,
            expression=_of_deposit(_paid().without_complement(), Min("complement_due_on")),
        ),
    ),
    order=("-paid_on", "-pk"),
)  # fmt: skip

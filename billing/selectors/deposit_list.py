"""What the list of deposits tells of each: its invoices, their sums, and how its complements stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Exists, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from billing.models import Invoice
from billing.rules import PaymentState
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


def paid() -> Any:
    """Invoices that a deposit pays; none once it came back."""
    return Invoice.objects.filter(transfer=OuterRef("pk")).order_by()


def of_deposit(rows: Any, answer: Any) -> Subquery:
    """One figure over the rows of a deposit."""
    return Subquery(rows.values("transfer").annotate(answer=answer).values("answer"))


def sum_of(name: str) -> Subquery:
    """The sum of an amount of a deposit's invoices."""
    return of_deposit(paid(), Sum(name))


# What the deposit pays, or paid before it came back: then its items alone remember.
FOLIOS = Coalesce(
    of_deposit(paid(), StringAgg("folio", _FOLIOS, order_by="folio")),
    of_deposit(
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
        Exists(paid().without_complement())
        & (Exists(paid().filter(payment_state=PaymentState.CLOSED)) | Exists(paid().with_complement_in_review())),
        then=Value(PARTIAL),
    ),
    When(Exists(paid().without_complement()), then=Value("complement_due")),
    When(Exists(paid().with_complement_in_review()), then=Value("in_review")),
    default=Value("closed"),
)

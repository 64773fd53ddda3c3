"""Accumulators against what was booked on them: they are maintained, so somebody has to compare (domain 6)."""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from claims.models import Accumulator, AccumulatorEntry
from claims.models.shared import SHARES
from portal.money import ZERO

_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=16, decimal_places=2)


def _booked(name: str) -> Any:
    """What the entries of an accumulator come to, with what it began with."""
    rows = AccumulatorEntry.objects.filter(accumulator=OuterRef("pk")).order_by().values("accumulator")
    entries = Subquery(rows.annotate(total=Sum(name)).values("total"), output_field=_MONEY)
    nothing = Value(ZERO, output_field=_MONEY)
    return Coalesce(entries, nothing) + Coalesce(F(f"opening__{name}"), nothing)


def that_differ() -> QuerySet[Accumulator]:
    """Accumulators of which some figure is not what its entries add up to, with what those say (`booked_…`)."""
    rows = Accumulator.objects.annotate(**{f"booked_{name}": _booked(name) for name in SHARES})
    wrong = Q()
    for name in SHARES:
        wrong |= ~Q(**{name: F(f"booked_{name}")})
    return rows.filter(wrong)

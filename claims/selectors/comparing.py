"""Accumulators against what was booked on them: they are maintained, so somebody has to compare (domain 6)."""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import RawSQL
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


# All entries are added up once, before they are joined: Django would join first, or ask each accumulator for each sum.
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in SHARES)
_HELD = " OR ".join(
    f"held.{name} <> coalesce(booked.{name}, 0) + coalesce(opening.{name}, 0)"  # none of them is ever null
    for name in SHARES
)
_WRONG = f"""SELECT held.id FROM claims_accumulator held
LEFT JOIN (SELECT accumulator_id, {_SUMS} FROM claims_accumulatorentry GROUP BY 1) booked
ON booked.accumulator_id = held.id
LEFT JOIN claims_openingbalance opening ON opening.accumulator_id = held.id WHERE {_HELD}"""


def that_differ() -> QuerySet[Accumulator]:
    """Accumulators of which some figure is not what its entries add up to, with what those say (`booked_…`)."""
    rows = Accumulator.objects.filter(pk__in=RawSQL(_WRONG, ()))
    return rows.annotate(**{f"booked_{name}": _booked(name) for name in SHARES})

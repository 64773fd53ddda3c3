"""Constraints that every money column of the room shares."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q


def whole_clp(name: str, column: str = "amount") -> models.CheckConstraint:
    """Chilean pesos have no decimals (MO-01): currency other than CLP, or the amount equals its whole part."""
    whole = Func(F(column), function="TRUNC", output_field=models.DecimalField(max_digits=16, decimal_places=2))
    return models.CheckConstraint(condition=~Q(currency="CLP") | Q(**{column: whole}), name=name)


def money() -> models.DecimalField:
    """The one money type: NUMERIC(16,2), in the row's `currency`."""
    return models.DecimalField(max_digits=16, decimal_places=2)

"""The one rule of trips."""

from __future__ import annotations

from portal.rulebook.rules import WHOLE, Family, SourceKind, ship

FAMILIES = (Family("planted.pay_days", "Viáticos", WHOLE, 1, 30),)
RULES = (
    ship(
        "planted.pay_days",
        5,
        unit="días hábiles",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Plazo para pagar un viático",
    ),
)

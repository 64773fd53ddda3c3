"""The one rule of trips."""

from __future__ import annotations

from decimal import Decimal

from portal.rulebook.rules import AMOUNT, WHOLE, Family, SourceKind, ship

FAMILIES = (
    Family("planted.pay_days", "Viáticos", WHOLE, 1, 30),
    Family("planted.cap", "Viáticos", AMOUNT, Decimal(1), Decimal(100000)),
)
RULES = (
    ship(
        "planted.pay_days",
        5,
        unit="días hábiles",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Plazo para pagar un viático",
    ),
    ship(
        "planted.cap",
        "5000.00",
        unit="MXN",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Tope de un viático",
    ),
)

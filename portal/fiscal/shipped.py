"""The rules that ship with receipts (N9)."""

from __future__ import annotations

from portal.rulebook.rules import WHOLE, Family, SourceKind, ship

FAMILIES = (Family("look_alike.days", "Comprobantes fiscales", WHOLE, 0, 60),)
RULES = (
    ship(
        "look_alike.days",
        3,
        unit="días naturales",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Cercanía de dos comprobantes que se parecen",
        note="Mismo emisor, mismo total y mismo paciente con hasta estos días entre sus fechas: una persona los "
        "compara.",
    ),
)

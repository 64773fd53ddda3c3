"""The rules that ship with papers."""

from __future__ import annotations

from portal.rulebook.rules import WHOLE, Family, SourceKind, ship

FAMILIES = (Family("report.keep_days", "Atención", WHOLE, 1, 365),)
RULES = (
    ship(
        "report.keep_days",
        30,
        unit="días naturales",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Cuánto se guarda el archivo de una lista larga",
        note="Después se borra; se puede pedir otra vez.",
    ),
)

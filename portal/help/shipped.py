"""The rules that ship with the help desk."""

from __future__ import annotations

from portal.rulebook.rules import WHOLE, Family, SourceKind, ship

FAMILIES = (Family("contact.answer_days", "Atención", WHOLE, 1, 60),)
RULES = (
    ship(
        "contact.answer_days",
        10,
        unit="días hábiles",
        source="operador",
        source_kind=SourceKind.OPERATOR,
        title="Plazo para responder un mensaje de contacto",
        note="El día en que llega es el día 0.",
    ),
)

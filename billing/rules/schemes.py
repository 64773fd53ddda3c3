"""The value of a withholding rule: regime, state and the rate of each component, in one stored shape. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.errors import RuleBroken
from portal.money import format_rate
from portal.rulebook.rules import Family, ValueKind

REGIMES = {"612": "Persona física (612)", "626": "RESICO (626)"}
STATES = {"": "Todo el país", "JAL": "Jalisco"}
COMPONENT_LABELS = {"ISR": "ISR", "LOCAL": "Impuesto local"}


def _rate(text: object) -> str:
    try:
        rate = Decimal(str(text))
    except InvalidOperation as error:
        raise RuleBroken(
            "La tasa no se entiende. Escríbela con números, por ejemplo 10 para 10 %.", field="value"
        ) from error
    if not rate.is_finite() or not 0 < rate < 1 or rate != round(rate, 6):
        raise RuleBroken(
            "La tasa debe ser mayor que 0 % y menor que 100 %, con cuatro decimales a lo más.",
            code="rule_rate",
            field="value",
        )
    return f"{rate:.6f}"


def clean_scheme(value: object, family: Family) -> dict[str, Any]:
    """A scheme in its one stored shape, rates with six decimals as text. Raises RuleBroken with the cure."""
    if not isinstance(value, Mapping) or value.get("regime") not in REGIMES or value.get("state") not in STATES:
        raise RuleBroken("Faltan el régimen o el estado. Elige uno de la lista.", code="rule_scheme", field="value")
    components = value.get("components")
    names = (
        [c.get("component") for c in components if isinstance(c, Mapping)] if isinstance(components, Sequence) else []
    )
    if names not in (["ISR"], ["ISR", "LOCAL"]):
        raise RuleBroken(
            "Una retención lleva ISR y, si acaso, el impuesto local.", code="rule_components", field="value"
        )
    assert isinstance(components, Sequence)
    return {
        "regime": value["regime"],
        "state": value["state"],
        "components": [{"component": c["component"], "rate": _rate(c.get("rate"))} for c in components],
    }


def scheme_words(value: Any, unit: str) -> str:
    """«Persona física (612), Jalisco: ISR 10 % + Impuesto local 3 %»; a scheme has no unit."""
    rates = " + ".join(f"{COMPONENT_LABELS[c['component']]} {format_rate(c['rate'])}" for c in value["components"])
    said = f"{REGIMES[value['regime']]}, {STATES[value['state']]}: {rates}"
    return said.replace(" %", "\u00a0%")  # a narrow column must not leave the sign alone on a line


WITHHOLDING = ValueKind("withholding", clean_scheme, scheme_words)

"""Schemes of references at the desk: what of one may change, and a worked example of it (domain 2.8). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from memberships.rules import references
from memberships.rules.references import Algorithm, Scheme
from memberships.rules.slips import own_number, told
from memberships.rules.states import Means
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.money import format_money

# What a reference means: fixed from the first slip on.
MEANING = (
    *("means", "algorithm", "base_year", "amount_digit_sum", "constant", "letters"),
    *("prefix", "agreement", "number_length"),
)
DAYS_RULES = {Means.STORE: "slip.store_days", Means.BANK: "slip.bank_days"}
ALGORITHMS = {
    Algorithm.BASE10: "Base 10, un dígito",
    Algorithm.PAYNET: "Paynet, un dígito, con letras",
    Algorithm.BASE97: "Base 97, dos dígitos",
    Algorithm.BASE97_AMOUNT_DATE: "Base 97 con fecha e importe",
}
BY_CARD = "card"  # the place that is no scheme
_SIGNS = re.compile(r"[0-9A-Z]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Example:
    """A reference as a slip would carry it, part by part."""

    full: str
    check: str
    parts: list[tuple[str, str]]


def check_meaning(before: Mapping[str, Any], after: Mapping[str, Any], *, slips: int) -> None:
    """What slips were made by keeps what it means. Raises Conflict."""
    changed = [name for name in MEANING if before[name] != after[name]]
    if changed and slips:
        raise Conflict(
            f"Ya hay {slips:,} fichas con este esquema: sus referencias no cambian. Agrega otro esquema y apaga este.",
            code="scheme_in_use",
        )


def check_code(code: str) -> None:
    """A code names a scheme alone. Raises RuleBroken."""
    if code.lower() == BY_CARD:
        raise RuleBroken(f"«{BY_CARD}» es el pago con tarjeta. Escribe otra clave.", code="scheme_code", field="code")


def check_signs(prefix: str, agreement: str) -> None:
    """Prefix and agreement are what a network reads. Raises RuleBroken."""
    for name, label, value in (("prefix", "El prefijo", prefix), ("agreement", "El convenio", agreement)):
        if not _SIGNS.fullmatch(value):
            raise RuleBroken(
                f"{label} lleva solo números y letras mayúsculas, sin Ñ ni espacios. Corrígelo.",
                code="scheme_signs",
                field=name,
            )


def example_of(scheme: Scheme, *, prefix: str, length: int, year: int, amount: Decimal, until: date) -> Example:
    """The reference of the year's slip number 123 of an amount in MXN, to be paid by a day. Raises as `make` does."""
    number = own_number(f"FP-{year}-000123", length=length)
    made = references.make(scheme, number, pay_by=until, cents=int(amount * 100))
    full = f"{prefix}{made.full}"
    inside = made.full[len(number) : -len(made.check)]
    parts = [
        ("Prefijo", prefix),
        ("Nuestro número, de la ficha 123", number),
        (f"Fecha ({dates.short(until)}), importe ({format_money(amount, 'MXN')}) y constante", inside),
        ("Dígito verificador" if len(made.check) == 1 else "Dígitos verificadores", made.check),
    ]
    return Example(told(full), made.check, [one for one in parts if one[1]])

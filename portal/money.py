"""Money: `Decimal` only, half-up, one exponent a currency, read and written as people do in es-MX and es-CL (MO-01, MO-08)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from portal.errors import RuleBroken

# Decimals of each currency the house knows.
EXPONENT: dict[str, int] = {"MXN": 2, "CLP": 0}
MAX_AMOUNT = Decimal("999999999.99")


def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-EXPONENT[currency])


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Half-up (away from zero at the half) to the currency's decimals. KeyError for a currency we do not know."""
    return amount.quantize(_unit(currency), rounding=ROUND_HALF_UP)


def apply_rate(base: Decimal, rate: Decimal, currency: str) -> Decimal:
    """`base * rate`, rounded once (a rate is a fraction: 0.100000 is ten per cent)."""
    return round_money(base * rate, currency)


def split_money(total: Decimal, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """Parts in proportion to the weights that add up to the total exactly; leftover units go to the largest remainders.

    Ties go to the earlier part. Weights are not negative and not all zero; the total has the currency's decimals.
    """
    if round_money(total, currency) != total:
        raise ValueError(f"{total} has more decimals than {currency}")
    whole = sum((Decimal(weight) for weight in weights), Decimal(0))
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be zero or more, and not all zero")
    units, sign = int(abs(total) / _unit(currency)), (-1 if total < 0 else 1)
    exact = [Decimal(units) * Decimal(weight) / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [sign * part * _unit(currency) for part in parts]


def format_money(amount: Decimal, currency: str, *, code: bool = False) -> str:
    """`$1,305.00` (MXN), `$1.623.000` (CLP); a negative has the minus before the sign; `code` adds ` MXN`."""
    text = f"{abs(round_money(amount, currency)):,.{EXPONENT[currency]}f}"
    if currency == "CLP":
        text = text.replace(",", ".")
    minus = "-" if round_money(amount, currency) < 0 else ""
    return f"{minus}${text}{' ' + currency if code else ''}"


_MXN = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:([ ,])[0-9]{3})(?:\1[0-9]{3})*)(?:\.[0-9]{1,2})?", re.ASCII)
_CLP = re.compile(r"[0-9]+|[0-9]{1,3}(?:([ .])[0-9]{3})(?:\1[0-9]{3})*", re.ASCII)


def parse_money(text: str, currency: str) -> Decimal:
    """The amount a person typed, rounded to nothing: zero or more, at most 999,999,999.99. RuleBroken with a cure."""
    raw = text.replace("\u00a0", " ").strip().removeprefix("$").strip()
    if not (_CLP if currency == "CLP" else _MXN).fullmatch(raw):
        raise RuleBroken("Escribe el monto solo con números, por ejemplo 1,305.00.", code="money_unreadable")
    digits = re.sub(r"[ ,.]" if currency == "CLP" else r"[ ,]", "", raw)
    amount = Decimal(digits)
    if amount > MAX_AMOUNT:
        raise RuleBroken("El monto pasa de 999,999,999.99, que es lo máximo.", code="money_too_large")
    return round_money(amount, currency)

"""Money: `Decimal` only, half-up, read and written as people do in es-MX and es-CL (MO-01, MO-08)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from portal.errors import RuleBroken

# Decimals of each currency the house knows.
EXPONENT: dict[str, int] = {"MXN": 2, "CLP": 0}
MAX_AMOUNT = Decimal("999999999.99")
ZERO = Decimal("0.00")

_UNITS = {currency: Decimal(1).scaleb(-exponent) for currency, exponent in EXPONENT.items()}


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Half-up (away from zero at the half) to the currency's decimals. KeyError for a currency we do not know."""
    return amount.quantize(_UNITS[currency], rounding=ROUND_HALF_UP)


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
    units, sign = int(abs(total) / _UNITS[currency]), (-1 if total < 0 else 1)
    exact = [Decimal(units) * Decimal(weight) / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    return [sign * part * _UNITS[currency] for part in parts]


def format_money(amount: Decimal, currency: str, *, code: bool = False) -> str:
    """`$1,305.00` (MXN), `$1.623.000` (CLP); a negative has the minus before the sign; `code` adds ` MXN`."""
    rounded = round_money(amount, currency)
    text = f"{abs(rounded):,.{EXPONENT[currency]}f}"
    if currency == "CLP":
        text = text.replace(",", ".")
    minus = "-" if rounded < 0 else ""
    return f"{minus}${text}{' ' + currency if code else ''}"


def format_rate(rate: Decimal | str) -> str:
    """A fraction as people read it: 0.012500 is `1.25 %`."""
    return f"{(Decimal(rate) * 100).normalize():f} %"


_CODE = re.compile(r"^(MXN|CLP)\s*|\s*(MXN|CLP|pesos)$", re.IGNORECASE)
# Characters that could belong to an amount; anything else makes it unreadable rather than badly grouped.
_AMOUNT_CHARACTERS = re.compile(r"[0-9., ]*[0-9][0-9., ]*", re.ASCII)
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
_MXN = re.compile(r"([1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)|[0-9]*)(?:\.([0-9]*))?", re.ASCII)
_CLP = re.compile(r"([1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+)|[0-9]*)(?:,([0-9]*))?", re.ASCII)
_EXAMPLE = {"MXN": "1,305.00", "CLP": "1.623.000"}
_MINUS = ("-", "\u2212", "\u2013", "(")


def parse_money(text: str, currency: str) -> Decimal:
    """The amount a person typed, zero or more, at most 999,999,999.99, never rounded. RuleBroken with cause and cure.

    ASCII digits only; groups of three by comma (CLP: dot) or blank; whatever could be read in two ways is refused.
    """
    raw = _CODE.sub("", text.translate(_BLANKS).strip(" ")).strip(" ").removeprefix("$").strip(" ")
    example = _EXAMPLE[currency]
    if not raw:
        raise _refused("money_empty", f"Falta el monto. Escríbelo solo con números, por ejemplo {example}.")
    if raw.startswith(_MINUS) or text.strip().startswith(_MINUS):
        raise _refused("money_negative", f"El monto no puede ser negativo. Escríbelo sin signo, por ejemplo {example}.")
    if any(letter.isdigit() and not letter.isascii() for letter in raw):
        raise _refused("money_digits", f"El monto trae números de otro teclado. Usa los números del 0 al 9: {example}.")
    if not _AMOUNT_CHARACTERS.fullmatch(raw):
        raise _refused(
            "money_unreadable", f"Ese monto no se entiende. Escríbelo solo con números, por ejemplo {example}."
        )
    found = (_CLP if currency == "CLP" else _MXN).fullmatch(raw)
    if found is None:
        raise _refused(
            "money_grouping",
            f"No queda claro cuánto es «{raw[:24]}»: los puntos y comas no van así. Escríbelo como {example}.",
        )
    decimals = found[2] or ""
    if len(decimals) > EXPONENT[currency]:
        raise _refused("money_decimals", f"El monto lleva {_DECIMALS[currency]}. Escríbelo como {example}.")
    amount = Decimal(re.sub(r"[ ,.]", "", found[1]) + "." + decimals + "0")
    if amount > MAX_AMOUNT:
        raise _refused("money_too_large", f"El monto pasa del máximo de {_MAXIMUM[currency]}. Revisa los ceros.")
    return round_money(amount, currency)


_DECIMALS = {"MXN": "dos decimales como máximo", "CLP": "solo pesos enteros, sin decimales"}
_MAXIMUM = {"MXN": "999,999,999.99", "CLP": "999.999.999"}


def _refused(code: str, message: str) -> RuleBroken:
    return RuleBroken(message, code=code)

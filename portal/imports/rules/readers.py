"""Readers of one value, from a cell or from JSON: text, code, money, day, instant, flag, identifier, choice. Pure.

Each maker gives a function value → typed value that raises `cells.Unreadable` with cause and cure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portal.design import dates
from portal.errors import RuleBroken
from portal.identifiers import check
from portal.imports.rules.cells import FIRST_DAY, Number, Unreadable, quoted, read_day, read_flag
from portal.money import EXPONENT
from portal.text import clean_text, folded, listed

Reader = Callable[[Any], Any]
# What people of each country write for an amount; thousands marks only where they cannot be taken for decimals.
_AMOUNTS = {
    "MXN": (
        re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?"),
        "Escríbelo como 1500.00, sin comas ni signos.",
        'Manda los importes como texto con punto decimal, por ejemplo "1500.00".',
    ),
    "CLP": (
        re.compile(r"-?([0-9]{1,9}|[0-9]{1,3}(\.[0-9]{3}){1,2})"),
        "Escríbelo en pesos enteros, como 1500 o 1.500.",
        'Manda los importes como texto en pesos enteros, por ejemplo "1500".',
    ),
}
_TOO_MUCH = Decimal(10) ** 9
_INSTANT = re.compile(r"(\S+)[T ]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:?[0-9]{2})?")


def plain_text(value: Any) -> str:
    """A text as it came, trimmed; numbers count as text, flags, lists and objects do not. Raises Unreadable."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Unreadable("bad_text", "Manda este dato como texto.")
    return str(value).strip()


def text(max_length: int) -> Reader:
    """Words that a person reads, up to `max_length` characters, blanks put in order; may be empty."""

    def read(value: Any) -> str:
        found = plain_text(value)
        try:
            return clean_text(found, max_length=max_length) if found else ""
        except RuleBroken as error:
            raise Unreadable(error.code, error.message) from error

    return read


def optional(read: Reader) -> Reader:
    """What `read` reads, and None for a cell that is left empty."""

    def read_or_not(value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else read(value)

    return read_or_not


def code(value: Any) -> str:
    """A key of some system, in capitals."""
    return plain_text(value).upper()


def money(currency: str) -> Reader:
    """An amount of `currency` as its country writes it (MXN 1500.00, CLP 1500 or 1.500), never a float."""
    shape, cure, as_text = _AMOUNTS[currency]

    def read(value: Any) -> Decimal:
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise Unreadable("bad_amount", as_text)
        if isinstance(value, Number):
            return _amount_of_a_cell(value, currency, cure)
        found = str(value).strip()
        if not shape.fullmatch(found):
            raise Unreadable("bad_amount", f"«{quoted(found)}» no es un importe. {cure}")
        plain = found if EXPONENT[currency] else found.replace(".", "")
        return Decimal(plain).quantize(Decimal(1).scaleb(-EXPONENT[currency]))

    return read


def _amount_of_a_cell(cell: Number, currency: str, cure: str) -> Decimal:
    """A number of a spreadsheet: its point parts decimals in every country, and none of them is rounded away."""
    amount, unit = Decimal(cell), Decimal(1).scaleb(-EXPONENT[currency])
    if abs(amount) >= _TOO_MUCH or amount != amount.quantize(unit):
        raise Unreadable("bad_amount", f"«{quoted(cell)}» no es un importe. {cure}")
    return amount.quantize(unit)


def day(*, earliest: date = FIRST_DAY, latest: date | None = None) -> Reader:
    """A local date from `earliest` on (the first of 2000 unless people are older), up to and with `latest`."""

    def read(value: Any) -> date:
        found = read_day(value, first=earliest)
        if latest and found > latest:
            raise Unreadable("bad_date", f"La fecha {dates.short(found)} aún no llega. Corrige el día o el año.")
        return found

    return read


def instant(zone: str) -> Reader:
    """A day and an hour, `2026-11-22 10:30`, in `zone` unless it says its own (`…T10:30:00-06:00`); aware."""

    def read(value: Any) -> datetime:
        found = _INSTANT.fullmatch(str(value).strip())
        try:
            if found is None:
                raise ValueError(value)
            on, (hour, minutes), own = read_day(found[1]), found[2].split(":", 1), found[3]
            made = datetime.fromisoformat(f"{on.isoformat()}T{hour:0>2}:{minutes}{own or ''}")
        except ValueError as error:
            raise Unreadable(
                "bad_instant", f"«{quoted(value)}» no es fecha y hora. Escríbelas como 2026-11-22 10:30."
            ) from error
        return made if own else made.replace(tzinfo=ZoneInfo(zone))

    return read


def flag(cure: str) -> Reader:
    """Yes or no; `cure` says what the column asks."""

    def read(value: Any) -> bool:
        try:
            return read_flag(value)
        except Unreadable as error:
            raise Unreadable(error.code, cure) from error

    return read


def identifier(kind: str) -> Reader:
    """An identifier of `portal.identifiers` (rfc, curp, nss, rut, clabe), in its canonical form."""

    def read(value: Any) -> str:
        found = check(kind, plain_text(value))
        if found.error is not None:
            sentence = " ".join(part for part in (found.error.message, found.error.cure) if part)
            raise Unreadable(found.error.code, sentence)
        return str(found.canonical)

    return read


def choice(words: Mapping[str, Any]) -> Reader:
    """One of some words, without case and accents, and what each stands for."""
    known = {folded(word): meaning for word, meaning in words.items()}

    def read(value: Any) -> Any:
        found = folded(plain_text(value))
        if found not in known:
            raise Unreadable("bad_choice", f"«{quoted(value)}» no se conoce aquí. Escribe {listed(words)}.")
        return known[found]

    return read

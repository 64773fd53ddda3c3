"""References that shops and banks read from a slip: made and asked back by check digits (S1.21, S1.22, domain 2.9).

Letters count as digits by the one table of the networks; small letters become capitals. Only `base97-amount-date`
carries the last day and a digit of the amount inside; of the others the amount of the slip is the second check. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import cycle

from portal.errors import RuleBroken


class Algorithm(StrEnum):
    """How a scheme makes its check digits."""

    BASE10 = "base10"
    PAYNET = "paynet"
    BASE97 = "base97"
    BASE97_AMOUNT_DATE = "base97-amount-date"


# The letter map of the networks: which letters count as 1, as 2 and so on to 9.
LETTERS = "AJ BKS CLT DMU ENV FOW GPX HQY IRZ"
_LETTER_MAP = re.compile(r"[A-Z]+(?: [A-Z]+){0,8}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LONGEST_BASE10 = 19
_MONTH, _YEAR, _DAYS_THAT_FIT = 31, 372, 10_000
_FIRST_BASE, _LAST_BASE = 1950, 2200


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one network or bank wants its references; base year, digit sum and constant: `base97-amount-date` alone.

    `amount_digit_sum`: each product of the amount counts by the sum of its digits (BBVA); `constant`: digits of the
    bank's own between amount and check; `letters`: its letter map. Raises RuleBroken for what no bank could mean.
    """

    algorithm: Algorithm
    base_year: int = _FIRST_BASE
    amount_digit_sum: bool = False
    constant: str = ""
    letters: str = LETTERS

    def __post_init__(self) -> None:
        signs = self.letters.replace(" ", "")
        if not _LETTER_MAP.fullmatch(self.letters) or len(set(signs)) < len(signs):
            raise RuleBroken(
                "Cada letra vale lo de su grupo: escribe hasta nueve grupos con un espacio entre ellos, sin repetir "
                f"letras. Lo usual es {LETTERS}.",
                code="letters_unreadable",
                field="letters",
            )
        if not _FIRST_BASE <= self.base_year <= _LAST_BASE:
            raise RuleBroken(
                f"El año base queda fuera de {_FIRST_BASE} a {_LAST_BASE}. Usa el que dice el convenio del banco.",
                code="base_year_out_of_range",
            )
        if self.dated and not _DIGITS.fullmatch(self.constant):
            raise RuleBroken(
                "La constante son uno o más dígitos. Usa la que dice el convenio del banco.", code="constant_unreadable"
            )

    @property
    def dated(self) -> bool:
        """Whether its references carry the last day to pay and a digit of the amount."""
        return self.algorithm is Algorithm.BASE97_AMOUNT_DATE

    @property
    def worth(self) -> Mapping[str, int]:
        """What each sign counts."""
        return _worth(self.letters)

    @property
    def check_length(self) -> int:
        """How many check digits stand at the end."""
        return 1 if self.algorithm in {Algorithm.BASE10, Algorithm.PAYNET} else 2


@dataclass(frozen=True, slots=True)
class Reference:
    """A whole reference and its parts; `pay_by` and `amount_digit` only where the scheme carries them."""

    full: str
    ref: str
    check: str
    pay_by: date | None = None
    amount_digit: str | None = None


def make(scheme: Scheme, ref: str, *, pay_by: date | None = None, cents: int | None = None) -> Reference:
    """Adds the check digits to a number of ours; `pay_by` (last day) and `cents` where the scheme carries them.

    Raises RuleBroken: a letter or more than 19 digits in base10, a sign without value (Ñ, a blank), a day before the
    base year or later than four digits hold, fewer cents than one.
    """
    ref = ref.upper() if ref.isascii() else ref
    if scheme.algorithm is Algorithm.BASE10 and (wrong := _wrong_in_base10(ref)):
        raise wrong
    if not ref or not _has_worth(scheme, ref):
        raise RuleBroken(
            "La referencia trae un signo que las redes no leen. Usa solo números y letras de la A a la Z, sin Ñ.",
            code="reference_sign",
        )
    if not scheme.dated:
        check = _check(scheme, ref)
        return Reference(ref + check, ref, check)
    if pay_by is None or cents is None:
        raise RuleBroken(
            "Esta referencia lleva la fecha límite y el importe. Agrega los dos y vuelve a intentar.",
            code="datum_missing",
        )
    amount_digit = _amount_digit(cents, digit_sum=scheme.amount_digit_sum)
    body = ref + _condensed(pay_by, base_year=scheme.base_year) + amount_digit + scheme.constant
    check = _check(scheme, body)
    return Reference(body + check, ref, check, pay_by, amount_digit)


def read(scheme: Scheme, full: str) -> Reference | None:
    """Takes a whole reference apart; None when it is none of this scheme: a wrong digit, another constant, no real day.

    Whoever compares the amount makes the reference again with it: the one digit inside does not tell the amount.
    """
    full = full.upper() if full.isascii() else full
    body, check = full[: -scheme.check_length], full[-scheme.check_length :]
    if not body or not _has_worth(scheme, body) or (scheme.algorithm is Algorithm.BASE10 and _wrong_in_base10(body)):
        return None
    if _check(scheme, body) != check:
        return None
    return _read_dated(scheme, full, body, check) if scheme.dated else Reference(full, body, check)


def _read_dated(scheme: Scheme, full: str, body: str, check: str) -> Reference | None:
    length = 4 + 1 + len(scheme.constant)
    ref, carried = body[:-length], body[-length:]
    if not ref or not _DIGITS.fullmatch(carried) or carried[5:] != scheme.constant:
        return None
    pay_by = _day_of(int(carried[:4]), base_year=scheme.base_year)
    return Reference(full, ref, check, pay_by, carried[4]) if pay_by else None


# --- digits ----------------------------------------------------------------------------------------------------------


@cache
def _worth(letters: str) -> Mapping[str, int]:
    groups = enumerate(letters.split(), start=1)
    return {str(digit): digit for digit in range(10)} | {letter: worth for worth, group in groups for letter in group}


def _has_worth(scheme: Scheme, text: str) -> bool:
    return all(sign in scheme.worth for sign in text)


def _wrong_in_base10(ref: str) -> RuleBroken | None:
    if not _DIGITS.fullmatch(ref):
        return RuleBroken(
            "En base 10 la referencia lleva solo números. Quita letras y signos, o usa otro algoritmo.",
            code="reference_letters",
        )
    if len(ref) > _LONGEST_BASE10:
        return RuleBroken(
            f"La referencia tiene {len(ref)} dígitos y en base 10 caben {_LONGEST_BASE10}. Usa un número más corto.",
            code="reference_too_long",
        )
    return None


def _check(scheme: Scheme, text: str) -> str:
    worths = [scheme.worth[sign] for sign in text]
    if scheme.check_length == 1:
        return str(-_weighted(worths, (2, 1), digit_sum=True) % 10)
    return f"{_weighted(worths, (11, 13, 17, 19, 23)) % 97 + 1:02d}"


def _amount_digit(cents: int, *, digit_sum: bool) -> str:
    if cents < 1:
        raise RuleBroken(
            "El importe debe ser de un centavo o más. Escríbelo en centavos, por ejemplo 48000.",
            code="cents_below_one",
        )
    return str(_weighted([int(digit) for digit in str(cents)], (7, 3, 1), digit_sum=digit_sum) % 10)


def _weighted(worths: Sequence[int], weights: Sequence[int], *, digit_sum: bool = False) -> int:
    """The sum of digits times weights, which repeat from the right; each product may count by its digits."""
    products = (worth * weight for worth, weight in zip(reversed(worths), cycle(weights), strict=False))
    return sum(sum(divmod(product, 10)) if digit_sum else product for product in products)


# --- days in four digits ---------------------------------------------------------------------------------------------


def _condensed(day: date, *, base_year: int) -> str:
    number = (day.year - base_year) * _YEAR + (day.month - 1) * _MONTH + day.day - 1
    if not 0 <= number < _DAYS_THAT_FIT:
        last = _day_of(_DAYS_THAT_FIT - 1, base_year=base_year)
        raise RuleBroken(
            f"La fecha no cabe en cuatro dígitos con el año base {base_year}: van del {base_year}-01-01 al {last}. "
            "Usa una fecha de ese plazo o el año base del convenio.",
            code="date_does_not_fit",
        )
    return f"{number:04d}"


def _day_of(number: int, *, base_year: int) -> date | None:
    """The day of a condensed date, None where the calendar has none: every month has 31 there."""
    years, rest = divmod(number, _YEAR)
    month, day = divmod(rest, _MONTH)
    first = date(base_year + years, month + 1, 1)
    found = first + timedelta(days=day)
    return found if found.month == first.month else None

"""What all identifiers share: the result, the one way to put typed text in order, and how faults are worded."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from portal.errors import Finding, Level

# Hyphens and dashes of all keyboards, the minus sign, dots and slashes people separate groups with.
_SEPARATORS = frozenset("-.\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7")
_MAX_TYPED = 64
_PLURAL = {"dígito": "dígitos", "carácter": "caracteres"}


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer about one identifier: `canonical` is what may be stored, None when it is not valid."""

    kind: str
    value: str
    valid: bool
    canonical: str | None
    warnings: tuple[Finding, ...] = ()
    error: Finding | None = None


class Refused(Exception):
    """Inside a check: this is why it is not valid."""

    def __init__(self, code: str, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(code, Level.ERROR, message, cure)


def warning(code: str, message: str, cure: str = "") -> Finding:
    """A finding that lets the identifier pass."""
    return Finding(code, Level.WARNING, message, cure)


def tidy(kind: str, name: str, value: str, *, extra_letters: str = "", keep: str = "") -> str:
    """Upper case without blanks, dashes and dots. Refuses what is empty, far too long or not plain ASCII.

    `name` is how sentences call it ("la CLABE"); `extra_letters` may appear besides ASCII (Ñ); `keep` are separators
    that carry meaning (the RUT's hyphen).
    """
    if len(value) > _MAX_TYPED:
        raise Refused(f"{kind}_length", f"Ese texto es demasiado largo para {name}.", f"Escribe solo {name}.")
    composed = unicodedata.normalize("NFC", value)
    bare = "".join(_hyphen(letter) for letter in composed if letter in keep or not _is_separator(letter))
    if not bare.strip("-"):
        raise Refused(f"{kind}_empty", f"Falta {name}.", f"Escribe {name}.")
    strange = [letter for letter in bare if not letter.isascii() and letter.upper() not in extra_letters]
    if strange:
        raise _not_ascii(kind, name, strange)
    return bare.upper()


def _is_separator(letter: str) -> bool:
    return letter.isspace() or letter in _SEPARATORS


def _hyphen(letter: str) -> str:
    return "-" if letter in _SEPARATORS else letter


def _not_ascii(kind: str, name: str, strange: list[str]) -> Refused:
    if all(unicodedata.normalize("NFKC", letter).isascii() for letter in strange):
        return Refused(
            f"{kind}_full_width",
            f"{name[0].upper()}{name[1:]} trae letras o números de ancho completo («{strange[0]}»).",
            "Escribe con los números y letras normales del teclado.",
        )
    if any(letter.isdigit() for letter in strange):
        return Refused(
            f"{kind}_foreign_digits",
            f"{name[0].upper()}{name[1:]} trae números de otro alfabeto («{strange[0]}»).",
            "Escribe con números del 0 al 9.",
        )
    shown = strange[0] if strange[0].isprintable() else f"U+{ord(strange[0]):04X}"
    return Refused(
        f"{kind}_characters",
        f"{name[0].upper()}{name[1:]} trae un carácter que no le corresponde («{shown}»).",
        "Quita ese carácter y vuelve a intentar.",
    )


def count_fault(kind: str, name: str, expected: int, written: int, unit: str = "dígito") -> Refused:
    """Too short or too long: says by how much, and how many it takes."""
    gap = abs(expected - written)
    verb = ("falta" if written < expected else "sobra") + ("n" if gap > 1 else "")
    amount = f"un {unit}" if gap == 1 else f"{gap} {_PLURAL[unit]}"
    return Refused(
        f"{kind}_too_short" if written < expected else f"{kind}_too_long",
        f"A {name} le {verb} {amount}: lleva {expected} y escribiste {written}.",
        f"Revisa {unit} por {unit}.",
    )


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def luhn_holds(digits: str) -> bool:
    """Luhn's check over all digits, the check digit being the last."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled  # digit sum of a two-digit number
    return total % 10 == 0

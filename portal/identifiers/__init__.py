"""Identifiers of people and accounts: RFC, CURP, NSS (Mexico), RUT (Chile), CLABE. Pure, light to import (domain 2).

Spacing, dashes, dots and lower case are put in order; only ASCII counts (Ñ where the law has it). What people type is
never completed by guessing: a missing check digit is an error, not something we compute for them.
"""

from __future__ import annotations

from portal.identifiers import clabe, curp, nss, rfc, rut
from portal.identifiers.banks import BANKS, Bank
from portal.identifiers.clabe import bank_of
from portal.identifiers.form import Checked

_CHECKS = {"rfc": rfc.check, "curp": curp.check, "clabe": clabe.check, "rut": rut.check, "nss": nss.check}
KINDS = tuple(_CHECKS)
# How many characters stay readable at the start and at the end of a masked identifier.
_SHOWN = {"rfc": (4, 0), "curp": (4, 0), "clabe": (0, 4), "rut": (0, 5), "nss": (0, 3)}


def check(kind: str, value: str) -> Checked:
    """Judge one identifier. ValueError for a kind we do not know."""
    if kind not in _CHECKS:
        raise ValueError(f"unknown identifier kind {kind!r}; known: {', '.join(KINDS)}")
    return _CHECKS[kind](value)


def guess_kind(text: str) -> str | None:
    """What somebody typed in the one sign-in box: `email`, `rfc`, `curp` or `rut` by its look; None: none."""
    if "@" in text:
        return "email"
    if rfc.looks_like(text):
        return "rfc"
    if curp.looks_like(text):
        return "curp"
    return "rut" if rut.looks_like(text) else None


def mask(kind: str, value: str) -> str:
    """An identifier fit for a list or a log: `•••• 4567`, `ABCD•••••••••`. ValueError for a kind we do not know."""
    if kind not in _CHECKS:
        raise ValueError(f"unknown identifier kind {kind!r}; known: {', '.join(KINDS)}")
    if kind == "clabe":
        return f"•••• {value[-4:]}" if len(value) > 4 else "••••"  # the four that banks print
    first, last = _SHOWN[kind]
    if len(value) <= first + last:
        return "•" * len(value)
    return value[:first] + "•" * (len(value) - first - last) + value[len(value) - last :]

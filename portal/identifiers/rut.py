"""RUT (Chile): body of 1 to 8 digits and a check character; stored as 12345678-K (domain 2.4)."""

from __future__ import annotations

import re

from portal.identifiers.form import Checked, Refused, tidy

NAME = "el RUT"
MAX_BODY = 8
_MODULUS = 11
# A body grouped by dots with nothing after it: the check character was left out, and is never guessed.
_GROUPED_BODY = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
# The country's sign that systems of other countries put before a tax number.
_COUNTRY = re.compile(r"\s*CL[\s.:-]*(?=[0-9])", re.IGNORECASE)
_CURE = "Escríbelo completo, por ejemplo 12.345.678-5."


def check(value: str) -> Checked:
    """Judge a RUT. Without a hyphen the last character is taken as the check character; `CL` before it is dropped."""
    try:
        body, verifier = _parts(value)
        if verifier != check_character(body):
            raise Refused(
                "rut_check_digit",
                f"El dígito verificador del RUT no coincide: escribiste {verifier} después de {int(body)}.",
                f"Revisa los números y el dígito después del guion. {_CURE}",
            )
    except Refused as refused:
        return Checked("rut", value, False, None, (), refused.finding)
    return Checked("rut", value, True, f"{int(body)}-{verifier}")


def check_character(body: str) -> str:
    """`0` to `9` or `K` for a body of digits."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(body)))
    return {11: "0", 10: "K"}.get(_MODULUS - total % _MODULUS) or str(_MODULUS - total % _MODULUS)


def looks_like(text: str) -> bool:
    """Whether a text is digits, perhaps with dots, hyphen and a final K, perhaps after CL."""
    return re.fullmatch(r"[0-9][0-9. ]*-? ?[0-9Kk]?", _bare(text).strip()) is not None


def _bare(typed: str) -> str:
    country = _COUNTRY.match(typed)
    return typed[country.end() :] if country else typed


def _parts(value: str) -> tuple[str, str]:
    value = _bare(value)
    text = tidy("rut", NAME, value, keep="-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
    body, hyphen, verifier = text.rpartition("-")
    if not hyphen:
        body, verifier = text[:-1], text[-1]
        if _GROUPED_BODY.fullmatch(value.strip()):
            raise Refused(
                "rut_without_verifier", "Al RUT le falta el dígito verificador, el que va después del guion.", _CURE
            )
    body = body.replace("-", "")
    if not verifier or not body:
        raise Refused(
            "rut_without_verifier", "Al RUT le falta el dígito verificador, el que va después del guion.", _CURE
        )
    if not body.isdigit() or not re.fullmatch(r"[0-9K]", verifier):
        raise Refused("rut_shape", "El RUT lleva números y, después del guion, un número o la letra K.", _CURE)
    if not body.strip("0"):
        raise Refused("rut_zeros", "Un RUT de puros ceros no existe.", _CURE)
    if len(body.lstrip("0")) > MAX_BODY:
        raise Refused("rut_too_long", f"Al RUT le sobran números: lleva hasta {MAX_BODY} antes del guion.", _CURE)
    return body, verifier

"""CURP: 18 characters with birth date, sex, state and check digit (domain 2.2)."""

from __future__ import annotations

import re

from portal.identifiers.form import Checked, Refused, count_fault, is_date, tidy, warning
from portal.identifiers.rfc import RUDE_WORDS

NAME = "la CURP"
LENGTH = 18
# 32 states and NE (born abroad); DF is still the code of Mexico City.
STATES = frozenset(
    "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE".split()
)
SEXES = frozenset("HMX")
_SHAPE = re.compile(
    r"([A-ZÑ]{4})([0-9]{2})([0-9]{2})([0-9]{2})([A-Z])([A-Z]{2})([B-DF-HJ-NP-TV-ZÑ]{3})([0-9A-Z])([0-9])"
)
_ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_CURE = "Cópiala de tu constancia de la CURP."


def looks_like(text: str) -> bool:
    """Whether a text begins as a CURP does and is as long."""
    bare = re.sub(r"[\s.-]", "", text).upper()
    return re.match(r"[A-ZÑ]{4}[0-9]{6}[A-Z]", bare) is not None and len(bare) == LENGTH


def check(value: str) -> Checked:
    """Judge a CURP."""
    try:
        curp = tidy("curp", NAME, value, extra_letters="Ñ")
        _check_shape(curp)
    except Refused as refused:
        return Checked("curp", value, False, None, (), refused.finding)
    rude = warning(
        "curp_word",
        "La CURP empieza con una palabra que RENAPO suele cambiar.",
        f"Compárala: {_CURE[:1].lower()}{_CURE[1:]}",
    )
    return Checked("curp", value, True, curp, (rude,) if curp[:4] in RUDE_WORDS else ())


def check_digit(curp: str) -> str:
    """The last digit that the first 17 characters ask for."""
    total = sum(_ALPHABET.index(letter) * (LENGTH - place) for place, letter in enumerate(curp[: LENGTH - 1]))
    return str(-total % 10)


def _check_shape(curp: str) -> None:
    if len(curp) != LENGTH:
        raise count_fault("curp", "esta CURP", LENGTH, len(curp), "carácter")
    found = _SHAPE.fullmatch(curp)
    if found is None:
        raise Refused("curp_shape", "Esa CURP tiene letras donde van números, o al revés.", _CURE)
    if found[5] not in SEXES:
        raise Refused("curp_sex", f"En el lugar 11 de la CURP va H, M o X y escribiste {found[5]}.", _CURE)
    if found[6] not in STATES:
        raise Refused("curp_state", f"«{found[6]}» no es la clave de ningún estado (lugares 12 y 13).", _CURE)
    century = 1900 if found[8].isdigit() else 2000
    if not is_date(century + int(found[2]), int(found[3]), int(found[4])):
        raise Refused("curp_date", f"La fecha dentro de la CURP no existe: mes {found[3]}, día {found[4]}.", _CURE)
    if curp[-1] != check_digit(curp):
        raise Refused("curp_check_digit", "El último dígito de la CURP no coincide: hay un carácter equivocado.", _CURE)

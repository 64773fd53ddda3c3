"""RFC: 4 letters (person) or 3 (company), YYMMDD, homoclave of 3 (domain 2.1)."""

from __future__ import annotations

import re

from portal.errors import Finding
from portal.identifiers.form import Checked, Refused, count_fault, is_date, tidy, warning

NAME = "el RFC"
PERSON, COMPANY = 13, 12
# National public and foreigners: allowed as receiver, never as provider; their check digit is not computed.
GENERIC = {"XAXX010101000": "público en general", "XEXX010101000": "residentes en el extranjero"}
# What the SAT's own schema takes (t_RFC), and the homoclave that its published algorithm makes; it gives others too.
_SHAPE = re.compile(r"([A-ZÑ&]{3,4})([0-9]{2})([0-9]{2})([0-9]{2})([A-Z0-9]{2}[0-9A])")
_COMPUTED = re.compile(r"[1-9A-V][1-9A-Z][0-9A]")
_WITHOUT_HOMOCLAVE = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}")
_ALPHABET = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
_MODULUS = 11
# Four-letter beginnings that the authority replaces by a last letter X.
RUDE_WORDS = frozenset(
    "BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE COJI COJO COLA CULO FALO FETO GETA GUEI "
    "GUEY JETA JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI KOJA KOJE KOJI KOJO KOLA KULO LILO LOCA LOCO "
    "LOKA LOKO MAME MAMO MEAR MEAS MEON MIAR MION MOCO MOKO MULA MULO NACA NACO PEDA PEDO PENE PIPI PITO "
    "POPO PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN SENO TETA VACA VAGA VAGO VAKA VUEI VUEY WUEI WUEY".split()
)


def check(value: str) -> Checked:
    """Judge an RFC. What the algorithm would not make is a warning: about 1.5 % of real ones fail its check digit."""
    try:
        rfc = tidy("rfc", NAME, value, extra_letters="Ñ")
        if rfc in GENERIC:
            generic = warning(
                "rfc_generic",
                f"Es el RFC genérico de {GENERIC[rfc]}.",
                "Sirve para quien recibe una factura, nunca para quien la emite.",
            )
            return Checked("rfc", value, True, rfc, (generic,))
        _check_shape(rfc)
    except Refused as refused:
        return Checked("rfc", value, False, None, (), refused.finding)
    return Checked("rfc", value, True, rfc, tuple(_warnings(rfc)))


def check_digit(rfc: str) -> str:
    """The last character that the first 11 (company) or 12 (person) ask for."""
    body = rfc[:-1].rjust(PERSON - 1)
    rest = sum(_ALPHABET.index(letter) * (PERSON - place) for place, letter in enumerate(body)) % _MODULUS
    return {0: "0", 1: "A"}.get(rest) or str(_MODULUS - rest)


def looks_like(text: str) -> bool:
    """Whether a text begins as an RFC does: three or four letters, then a digit."""
    bare = re.sub(r"[\s.-]", "", text).upper()
    return re.match(r"[A-ZÑ&]{3,4}[0-9]", bare) is not None and len(bare) <= PERSON


def _check_shape(rfc: str) -> None:
    if _WITHOUT_HOMOCLAVE.fullmatch(rfc):
        raise Refused(
            "rfc_without_homoclave",
            "A ese RFC le falta la homoclave: los tres últimos caracteres.",
            "Cópialo completo de tu Constancia de Situación Fiscal.",
        )
    found = _SHAPE.fullmatch(rfc)
    if found is None:
        expected = COMPANY if re.match(r"[A-ZÑ&]{3}[0-9]", rfc) else PERSON
        if len(rfc) != expected:
            raise count_fault("rfc", "este RFC", expected, len(rfc), "carácter")
        raise Refused(
            "rfc_shape",
            "Ese RFC no tiene la forma de un RFC: letras, fecha (AAMMDD) y homoclave de tres.",
            "Cópialo de tu Constancia de Situación Fiscal.",
        )
    year, month, day = (int(found[group]) for group in (2, 3, 4))
    # The century is not written: 29 February 00 exists in 2000 and not in 1900.
    if not (is_date(1900 + year, month, day) or is_date(2000 + year, month, day)):
        raise Refused(
            "rfc_date",
            f"La fecha dentro del RFC no existe: mes {found[3]}, día {found[4]}.",
            "Revisa los seis números: año, mes y día.",
        )


def _warnings(rfc: str) -> list[Finding]:
    found = []
    if not _COMPUTED.fullmatch(rfc[-3:]):
        found.append(
            warning(
                "rfc_homoclave",
                f"La homoclave {rfc[-3:]} no es de las que resultan del cálculo del SAT.",
                "Compárala con tu Constancia de Situación Fiscal; si es igual, déjala así.",
            )
        )
    if rfc[-1] != check_digit(rfc):
        found.append(
            warning(
                "rfc_check_digit",
                "El último carácter del RFC no coincide con el que resulta del cálculo.",
                "Compáralo con tu Constancia de Situación Fiscal; si es igual, déjalo así.",
            )
        )
    if len(rfc) == PERSON and rfc[:4] in RUDE_WORDS:
        found.append(
            warning(
                "rfc_word",
                "El RFC empieza con una palabra que el SAT suele cambiar.",
                "Compáralo con tu Constancia de Situación Fiscal; si es igual, déjalo así.",
            )
        )
    return found

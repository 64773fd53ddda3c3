"""NSS (IMSS): 11 digits, the last by Luhn (domain 2.3)."""

from __future__ import annotations

from portal.identifiers.form import Checked, Refused, count_fault, luhn_holds, tidy

NAME = "el NSS"
LENGTH = 11


def check(value: str) -> Checked:
    """Judge an NSS. The years inside have no century, so their order proves nothing and is not judged."""
    try:
        nss = tidy("nss", NAME, value)
        if not nss.isdigit():
            raise Refused("nss_characters", "El NSS lleva solo números.", "Quita letras y signos.")
        if len(nss) != LENGTH:
            raise count_fault("nss", "este NSS", LENGTH, len(nss))
        if not nss.strip("0"):
            raise Refused("nss_zeros", "Un NSS de puros ceros no existe.", "Cópialo de tu credencial o de tu recibo.")
        if not luhn_holds(nss):
            raise Refused(
                "nss_check_digit",
                "El último dígito del NSS no coincide: hay un número equivocado.",
                "Revísalo dígito por dígito.",
            )
    except Refused as refused:
        return Checked("nss", value, False, None, (), refused.finding)
    return Checked("nss", value, True, nss)

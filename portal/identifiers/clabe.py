"""CLABE: bank 3 + plaza 3 + account 11 + check digit (domain 2.5)."""

from __future__ import annotations

from portal.errors import Finding
from portal.identifiers.banks import BANKS, Bank
from portal.identifiers.form import Checked, Refused, count_fault, tidy, warning

NAME = "la CLABE"
LENGTH = 18
CARD = 16
ACCOUNT = (10, 11)
_WEIGHTS = (3, 7, 1)
# As every page writes them; the module of dates stands above this one.
_MONTHS = "ene feb mar abr may jun jul ago sep oct nov dic".split()
_CURE = "Cópiala de tu estado de cuenta o de la aplicación de tu banco."


def check(value: str) -> Checked:
    """Judge a CLABE. The check digit finds every single wrong digit, but misses neighbours swapped that differ by 5."""
    try:
        clabe = tidy("clabe", NAME, value)
        _check_shape(clabe)
    except Refused as refused:
        return Checked("clabe", value, False, None, (), refused.finding)
    return Checked("clabe", value, True, clabe, _warnings(clabe))


def check_digit(clabe: str) -> str:
    """The last digit that the first 17 ask for."""
    total = sum(int(digit) * _WEIGHTS[place % 3] % 10 for place, digit in enumerate(clabe[: LENGTH - 1]))
    return str(-total % 10)


def bank_of(clabe: str) -> Bank | None:
    """The bank of the first three digits, retired ones included; None when the table does not have it."""
    return BANKS.get(clabe[:3])


def _check_shape(clabe: str) -> None:
    if not clabe.isdigit():
        raise Refused("clabe_characters", "La CLABE lleva solo números.", f"Quita letras y signos. {_CURE}")
    if len(clabe) == CARD:
        raise Refused(
            "clabe_is_card",
            "Escribiste 16 dígitos: ese es el número de una tarjeta, no una CLABE.",
            f"La CLABE lleva 18. {_CURE}",
        )
    if len(clabe) in ACCOUNT:
        raise Refused(
            "clabe_is_account",
            f"Escribiste {len(clabe)} dígitos: parece tu número de cuenta bancaria, no una CLABE.",
            f"La CLABE lleva 18. {_CURE}",
        )
    if len(clabe) != LENGTH:
        raise count_fault("clabe", "esta CLABE", LENGTH, len(clabe))
    if not clabe.strip("0"):
        raise Refused("clabe_zeros", "Una CLABE de puros ceros no existe.", _CURE)
    if clabe[-1] != check_digit(clabe):
        raise Refused(
            "clabe_check_digit",
            "El último dígito de la CLABE no coincide: hay un número equivocado.",
            f"Revísala de tres en tres. {_CURE}",
        )


def _warnings(clabe: str) -> tuple[Finding, ...]:
    bank = bank_of(clabe)
    if bank is None:
        return (
            warning(
                "clabe_unknown_bank",
                f"No conocemos el banco {clabe[:3]} de esta CLABE.",
                "Confirma que la copiaste bien.",
            ),
        )
    if bank.licence_ended:
        since = f"{bank.licence_ended.day} {_MONTHS[bank.licence_ended.month - 1]} {bank.licence_ended.year}"
        return (
            warning(
                "clabe_retired_bank",
                f"{bank.name} perdió su licencia el {since}: sus cuentas bancarias ya no reciben pagos.",
                "Usa la CLABE de una cuenta bancaria en otro banco.",
            ),
        )
    if not bank.active:
        return (
            warning(
                "clabe_retired_bank",
                f"{bank.name} ya no opera con ese nombre; las cuentas bancarias de antes conservan su CLABE.",
                "Confirma en tu banco que sigue activa.",
            ),
        )
    return ()

"""Prefixes as data and the written form of a folio (docs/shape.md). Pure."""

from __future__ import annotations

import re

# prefix -> what the folio stands for
PREFIXES: dict[str, str] = {
    "OC": "orden tradicional o quirúrgica",
    "FA": "factura",
    "LP": "lote de pago",
    "DO": "documento emitido",
    "RB": "reembolso",
    "PR": "evento programado",
    "QS": "queja o sugerencia",
    "ME": "membresía",
    "FP": "ficha de pago",
    "OF": "oficio",
    "MM": "memorándum",
    "LQ": "liquidación",
    "AC": "aclaración",
}
# These number per office; all others know one series for the whole house.
PER_OFFICE = frozenset({"OF", "MM"})
_FORM = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,12}))?-(\d{4})-(\d{6,})", re.ASCII)


def format_folio(*, prefix: str, year: int, number: int, office: str = "") -> str:
    """`FA-2026-000001`; with an office `OF-DAM-2026-000001`."""
    return "-".join(part for part in (prefix, office, f"{year:04d}", f"{number:06d}") if part)


def check_series(*, prefix: str, office: str) -> None:
    """Raises ValueError (a bug of the caller) for an unknown prefix or an office where none belongs."""
    if prefix not in PREFIXES:
        raise ValueError(f"unknown folio prefix {prefix!r}")
    if bool(office) != (prefix in PER_OFFICE):
        raise ValueError(f"{prefix} is numbered {'per office' if prefix in PER_OFFICE else 'for the whole house'}")
    if office and not re.fullmatch(r"[A-Z0-9]{1,12}", office, re.ASCII):
        raise ValueError(f"an office code is 1 to 12 capital letters or digits, not {office!r}")


def is_folio(text: str) -> bool:
    """Whether a text has the form of a folio of ours."""
    found = _FORM.fullmatch(text)
    return found is not None and found[1] in PREFIXES and bool(found[2]) == (found[1] in PER_OFFICE)

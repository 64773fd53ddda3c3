"""Receipts that may be one and the same thing told twice, over every vertical (N9, domain 6). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import combinations


class Why(StrEnum):
    """What two receipts have in common."""

    SAME_CFDI = "same_cfdi"
    SAME_FILE = "same_file"
    LOOK_ALIKE = "look_alike"


WHY_LABELS: dict[Why, str] = {
    Why.SAME_CFDI: "es el mismo CFDI",
    Why.SAME_FILE: "es el mismo archivo",
    Why.LOOK_ALIKE: "mismo emisor, total y paciente, con pocos días de diferencia",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is compared of one receipt; "" or None where it lacks.

    `uuid` and `sha256` in lower case, `patients` as `names.word_key` writes them, `total` in the receipt's currency.
    """

    uuid: str
    sha256: str
    issuer_rfc: str
    total: Decimal | None
    issued_on: date | None
    patients: frozenset[str]


def why(one: Receipt, other: Receipt, *, days: int) -> list[Why]:
    """Every reason why two receipts may be one: same UUID, same bytes, or issuer, total and a patient within `days`."""
    told = {
        Why.SAME_CFDI: bool(one.uuid) and one.uuid == other.uuid,
        Why.SAME_FILE: bool(one.sha256) and one.sha256 == other.sha256,
        Why.LOOK_ALIKE: _alike(one, other, days),
    }
    return [reason for reason, holds in told.items() if holds]


def pairs(receipts: Sequence[Receipt], *, days: int) -> list[tuple[int, int, list[Why]]]:
    """(place, place, reasons) of each pair that may be one, once, in the order in which they were told."""
    numbered = combinations(enumerate(receipts), 2)
    found = ((first, second, why(one, other, days=days)) for (first, one), (second, other) in numbered)
    return [pair for pair in found if pair[2]]


def _alike(one: Receipt, other: Receipt, days: int) -> bool:
    if one.issued_on is None or other.issued_on is None or one.total is None:
        return False
    same = bool(one.issuer_rfc) and (one.issuer_rfc, one.total) == (other.issuer_rfc, other.total)
    return same and abs((one.issued_on - other.issued_on).days) <= days and bool(one.patients & other.patients)

"""What the file of a bank or a shop says moved on an account of ours, and what is told twice (domain 2.12). Pure.

A file is read as CSV, as MT940 or as lines of fixed places; each gives movements, and rows in error, never money.
Amounts are those of the account's currency, negative where money went out; days are the account's own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.errors import RuleBroken
from portal.money import MAX_AMOUNT, ZERO
from portal.text import folded


class MovementFormat(StrEnum):
    """The shapes of files that are read."""

    CSV = "csv"
    MT940 = "mt940"
    STORE_FIXED = "store-fixed"


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement: `row` as people count it, value date, signed amount; `tracking` is the sender's own key of it.

    `balance` is the account's after it, as the file writes it; texts are empty where the file has none.
    """

    row: int
    on: date
    amount: Decimal
    text: str = ""
    reference: str = ""
    tracking: str = ""
    balance: str = ""


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is not money: `field` is on, amount or row; the sentence says what it asks."""

    row: int
    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class MovementsRead:
    """What a file holds; `skipped` are rows of zero."""

    format: MovementFormat
    moved: tuple[Moved, ...]
    wrong: tuple[WrongRow, ...] = ()
    skipped: int = 0


class WrongCell(Exception):
    """One row's fault, which its reader turns into a `WrongRow`."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message


def refused(code: str, message: str) -> RuleBroken:
    """Why a file is refused as a whole."""
    return RuleBroken(message, code=code, field="file")


def check_any(read: MovementsRead) -> MovementsRead:
    """What was read, if it has one row at all; otherwise RuleBroken."""
    if not read.moved and not read.wrong and not read.skipped:
        raise refused("no_movements", "El archivo no trae ningún movimiento. Descárgalo otra vez con su periodo.")
    return read


def identities(moved: Iterable[Moved]) -> list[tuple[str, ...]]:
    """What each movement of an account is told apart by: day, amount and tracking key; without a key text, reference
    and balance too; without a balance its occurrence in the file instead.

    So one line told twice with one key, or with one balance, is one, two equal deposits in cash are two, and the same
    file again brings none. A cell that is only filled in (`is_filler`) is no key.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found: list[tuple[str, ...]] = []
    for one in moved:
        told = (one.on.isoformat(), f"{one.amount:.2f}")
        if not is_filler(one.tracking):
            found.append((*told, "key", one.tracking))
        elif one.balance:
            found.append((*told, "balance", one.text, one.reference, one.balance))
        else:
            plain = (*told, "text", one.text, one.reference)
            seen[plain] += 1
            found.append((*plain, str(seen[plain])))
    return found


def identity_key(identity: tuple[str, ...]) -> str:
    """An identity as it is stored: as long for a text of six lines as for a key."""
    return hashlib.sha256(json.dumps(identity, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()


# What a key is, is 2.7's: letters and digits that no other transfer of that bank and day has. These are no such thing.
_FILLER = re.compile(r"0*|non?ref|sn|n[ad]|null|nulo|none|ningun[ao]|sin(clave|referencia|folio)|noaplica|nodisponible")


def is_filler(cell: str) -> bool:
    """Whether a cell of a key or a reference says that there is none: blank, zeros, dashes, NONREF, «S/N», «N/A»."""
    return bool(_FILLER.fullmatch(re.sub(r"[\W_]+", "", folded(cell))))


# --- cells -----------------------------------------------------------------------------------------------------------

_MONTHS = "ENE FEB MAR ABR MAY JUN JUL AGO SEP OCT NOV DIC".split()
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SPANISH = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2}|[A-Z]{3})\2([0-9]{4})")
_AMOUNT = re.compile(r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?")  # 0,500 is half a peso elsewhere
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2200, 12, 31)


def read_day(cell: str) -> date:
    """A day as 31/10/2026, 31-10-2026, 31/OCT/2026 or 2026-10-31. Raises WrongCell."""
    text = cell.strip().upper()
    year, month, day = "", "", ""
    if iso := _ISO.fullmatch(text):
        year, month, day = iso.groups()
    elif spanish := _SPANISH.fullmatch(text):
        day, _, month, year = spanish.groups()
        month = str(_MONTHS.index(month) + 1) if month in _MONTHS else month
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        found = None
    if found is None or not _FIRST_DAY <= found <= _LAST_DAY:
        told = f"«{cell.strip()[:20]}» no es una fecha" if text else "Falta la fecha"
        raise WrongCell("on", "date_unreadable", f"{told}. Escríbela como 31/10/2026.")
    return found


def read_amount(cell: str) -> Decimal:
    """An amount as 1234.5 or 1,234.50, with $ before, a minus before or behind, or in brackets. Raises WrongCell.

    Whatever could be read in two ways, or has more than two decimals, is no amount.
    """
    text = cell.strip().replace("\u2212", "-")
    minus = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip() if minus else text
    if not minus and text.endswith("-"):
        minus, text = True, text[:-1].rstrip()
    elif not minus and re.match(r"\$?\s*-", text):
        minus, text = True, text.replace("-", "", 1).lstrip()
    text = text.removeprefix("$").lstrip()
    amount = Decimal(text.replace(",", "")) if _AMOUNT.fullmatch(text) and len(text) < 20 else None
    if amount is None or amount > MAX_AMOUNT:
        raise WrongCell(
            "amount", "amount_unreadable", f"«{cell.strip()[:20]}» no es un importe. Escríbelo como 1,234.50."
        )
    return (-amount if minus else amount) + ZERO

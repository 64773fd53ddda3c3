"""Movements in MT940, and in a shop network's lines of fixed places (domain 2.12). Pure.

Both say by themselves whether they are whole: MT940 by its balances, a shop's file by its trailer. What is not whole is
refused, for one line that was lost may be anybody's money.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from portal.money import ZERO, format_money, round_money
from portal.text import decode_text
from portal.treasury.rules.movements import Moved, MovementFormat, MovementsRead, check_any, is_filler, refused

_AGAIN = "Pide el archivo completo a quien te lo dio y súbelo tal como lo recibas."
_TAG = re.compile(r":([0-9]{2}[A-Z]?):(.*)", re.DOTALL)
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]{1,12},[0-9]{0,2})")
_LINE = re.compile(
    r"(?P<on>[0-9]{6})(?:[0-9]{4}| {4})?(?P<back>R?)(?P<side>[CD])[A-Z]?(?P<amount>[0-9]{1,12},[0-9]{0,2})"
    r"[A-Z][A-Z0-9]{3}(?P<reference>.*?)(?://(?P<tracking>[^\n]*))?(?:\n.*)?",
    re.DOTALL,
)


def read_mt940(content: bytes, *, currency: str) -> MovementsRead:
    """The movements of an MT940 file, by value date, with the bank's reference after `//` as key.

    Raises RuleBroken for the file as a whole: `currency_differs` from the account's, `closing_differs` where opening
    and movements do not make the closing balance, `mt940_broken`, `no_movements`.
    """
    moved: list[Moved] = []
    balance: Decimal | None = None
    number, told_of_last = 0, False
    for tag, value in _fields(decode_text(content)[0]):
        if tag in {"60F", "60M"}:
            if balance is not None:
                raise refused("mt940_broken", f"A un saldo inicial le falta su saldo final. {_AGAIN}")
            balance = _balance(value, currency)
        elif tag == "61" and balance is not None:
            number += 1
            one = _movement(number, value, currency)
            balance += one.amount
            moved.append(one)
        elif tag == "86" and told_of_last:
            moved[-1] = _with_text(moved[-1], value)
        elif tag in {"62F", "62M"}:
            if balance is None or balance != _balance(value, currency):
                raise refused("closing_differs", f"El saldo inicial y los movimientos no dan el saldo final. {_AGAIN}")
            balance = None
        elif tag == "61":
            raise refused("mt940_broken", f"Un movimiento viene sin saldo inicial. {_AGAIN}")
        told_of_last = tag == "61" or (tag == "86" and told_of_last)  # after a balance it is about the whole statement
    if balance is not None:
        raise refused("mt940_broken", f"Al archivo le falta su saldo final. {_AGAIN}")
    skipped = sum(not one.amount for one in moved)
    return check_any(MovementsRead(MovementFormat.MT940, tuple(one for one in moved if one.amount), skipped=skipped))


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Tags with their values; a line without a tag goes on with the one above."""
    tag, kept = "", list[str]()
    for line in _lines(text):
        found = _TAG.fullmatch(line.rstrip())
        if found or line.strip() == "-":
            if tag:
                yield tag, "\n".join(kept)
            tag, kept = (found[1], [found[2]]) if found else ("", [])
        elif tag and line.strip():
            kept.append(line.strip())
    if tag:
        yield tag, "\n".join(kept)


def _lines(text: str) -> Iterator[str]:
    """Lines without the network's own marks: `{1:…}{4:` before a statement, `-}{5:…}` after it."""
    for line in text.splitlines():
        bare = line.lstrip()
        if bare.startswith("-}"):
            yield "-"
        yield bare.partition("{4:")[2] if bare.startswith(("-}", "{")) else line


def _balance(value: str, currency: str) -> Decimal:
    found = _BALANCE.fullmatch(value.strip())
    if found is None:
        raise refused("mt940_broken", f"Un saldo del archivo no se lee: «{value[:30]}». {_AGAIN}")
    if found[3] != currency:
        raise refused(
            "currency_differs",
            f"El archivo está en {found[3]} y la cuenta bancaria en {currency}. Elige una de esa moneda.",
        )
    return _comma(found[4], currency) * (1 if found[1] == "C" else -1)


def _movement(number: int, value: str, currency: str) -> Moved:
    found = _LINE.fullmatch(value)
    on = _short_day(found["on"]) if found else None
    if found is None or on is None:
        raise refused("mt940_broken", f"El movimiento {number} no se lee: «{value[:30]}». {_AGAIN}")
    comes_in = (found["side"] == "C") is not bool(found["back"])  # RC takes back what came in
    reference = found["reference"].strip()
    return Moved(
        row=number,
        on=on,
        amount=_comma(found["amount"], currency) * (1 if comes_in else -1),
        reference="" if is_filler(reference) else reference,
        tracking=(found["tracking"] or "").strip(),
    )


def _with_text(one: Moved, value: str) -> Moved:
    text = " ".join([*filter(None, [one.text]), *value.split()])
    return Moved(one.row, one.on, one.amount, text, one.reference, one.tracking)


def _comma(text: str, currency: str) -> Decimal:
    """An amount as MT940 writes it (`1234,5`), in the account's decimals; what has others is not of that account."""
    amount = Decimal(text.replace(",", ".") + "0")
    if (rounded := round_money(amount, currency)) != amount:
        raise refused("mt940_broken", f"«{text}» no es un importe en {currency}. {_AGAIN}")
    return rounded


def _short_day(text: str) -> date | None:
    return _day(f"20{text}")


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


# --- lines of fixed places -------------------------------------------------------------------------------------------

_HEAD = re.compile(r"H([0-9]{8})(.{0,8})")
_DETAIL = re.compile(
    r"D(?P<on>[0-9]{8})[0-9]{6}(?P<store>.{10})(?P<reference>.{30})(?P<cents>[0-9]{12})(?P<tracking>.{12})"
)
_DETAIL_LENGTH = 79
_TRAILER = re.compile(r"T(?P<count>[0-9]{8})(?P<cents>[0-9]{14})")


def read_store_fixed(content: bytes, *, currency: str) -> MovementsRead:
    """The payments of a shop network's file: a head, details of fixed places, a trailer with count and cents.

    Raises RuleBroken for the file as a whole: `control_totals` for a trailer that is wrong, missing or not the last
    line, `detail_unreadable` for any other line that is not what it should be, `no_movements`.
    """
    lines = [line for line in decode_text(content)[0].splitlines() if line.strip()]
    if not lines or not (head := _HEAD.fullmatch(lines[0].rstrip())) or _day(head[1]) is None:
        raise refused("detail_unreadable", f"La primera línea no es la de un archivo de tiendas. {_AGAIN}")
    trailer = _TRAILER.fullmatch(lines[-1].rstrip())
    details = lines[1:-1] if trailer else lines[1:]
    moved = [_paid(number, line) for number, line in enumerate(details, start=1)]
    _check_trailer(trailer, moved, currency)
    kept = tuple(one for one in moved if one.amount)
    return check_any(MovementsRead(MovementFormat.STORE_FIXED, kept, skipped=len(moved) - len(kept)))


def _paid(number: int, line: str) -> Moved:
    found = _DETAIL.fullmatch(line.rstrip().ljust(_DETAIL_LENGTH))
    on = _day(found["on"]) if found else None
    if found is None or on is None:
        raise refused("detail_unreadable", f"El pago {number} del archivo no se lee. {_AGAIN}")
    return Moved(
        row=number,
        on=on,
        amount=Decimal(found["cents"]).scaleb(-2),
        text=f"TIENDA {found['store'].strip()}",
        reference=found["reference"].strip(),
        tracking=found["tracking"].strip(),
    )


def _check_trailer(trailer: re.Match[str] | None, moved: Iterable[Moved], currency: str) -> None:
    amounts = [one.amount for one in moved]
    total = sum(amounts, ZERO)
    if trailer is None or int(trailer["count"]) != len(amounts) or Decimal(trailer["cents"]).scaleb(-2) != total:
        told = f"Llegaron {len(amounts):,} pagos por {format_money(total, currency)} y la última línea dice otra cosa"
        raise refused("control_totals", f"{told}. {_AGAIN}")

"""Files of movements as a bank and a network of shops send them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

KNOWN = ("Fecha valor", "Concepto", "Referencia", "Clave de rastreo", "Cargo", "Abono", "Saldo")
FOREIGN = ("Dia mov", "Glosa", "Ref cliente", "Folio banco", "Salidas", "Entradas", "Disponible")
# What moved: day, what the bank writes, reference, tracking key, signed amount.
Row = tuple[date, str, str, str, Decimal]


def make_bank_csv(
    rows: Sequence[Row], *, opening: Decimal = Decimal("1000.00"), heading: Sequence[str] = KNOWN
) -> bytes:
    """A bank's CSV of these movements, with the balance after each."""
    lines, balance = [",".join(heading)], opening
    for on, text, reference, key, amount in rows:
        balance += amount
        out, came = (f"{-amount:.2f}", "") if amount < 0 else ("", f"{amount:.2f}")
        lines.append(f"{on:%d/%m/%Y},{text},{reference},{key},{out},{came},{balance:.2f}")
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def make_store_file(payments: Sequence[tuple[str, Decimal]], *, on: date, network: str = "PAYNET") -> bytes:
    """A shop network's file of these payments (reference, amount): a head, a line each, a trailer."""
    day, total = f"{on:%Y%m%d}", sum((amount for _reference, amount in payments), Decimal(0))
    details = [
        f"D{day}{101500 + number:06d}{f'TIENDA {number:03d}':<10}{reference:<30}{int(amount * 100):012d}"
        f"{int(day[2:]) * 100 + number:012d}"
        for number, (reference, amount) in enumerate(payments, start=1)
    ]
    trailer = f"T{len(payments):08d}{int(total * 100):014d}"
    return ("\r\n".join([f"H{day}{network:<8}", *details, trailer]) + "\r\n").encode()

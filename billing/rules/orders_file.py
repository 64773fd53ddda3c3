"""Reading digital orders as an insurer writes them: one layout for CSV and JSON, errors by row and field. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from billing.rules.intake import CURRENCY, OrderRow, checked_rfc
from portal.errors import RuleBroken
from portal.imports.rules.cells import Unreadable, quoted
from portal.imports.rules.copying import FLAG
from portal.imports.rules.layouts import ROWS, Field, Layout, Staged, Total
from portal.imports.rules.readers import code, day, flag, money, plain_text, text
from portal.people.rules import plain_code
from portal.text import search_key

_amount, _signed = money(CURRENCY), flag("Escribe sí o no: dice si la firma es digital.")  # S0.12
PAYABLE = "payable"
# The code beside an order is no part of it: sent again with one, the order is unchanged and the code is kept.
OF_ORDER = (
    "account",
    "physician_rfc",
    "patient",
    "service_on",
    "concept",
    "fee",
    "coaseguro",
    "payable",
    "authorised_by",
    "signed_by_insured",
    "signed_by_physician",
)
STAGED_COLUMNS = (*OF_ORDER, "authorised_key", "holds")
_key = lru_cache(maxsize=4096)(search_key)  # a delivery repeats a few insurers in all its rows


def staged(row: OrderRow) -> list[str]:
    """An order for its staging table: its RFC in the one form that is kept and compared, its code left out (AC-11).

    `holds`: its RFC and code can be, and it names a patient. All else that may be wrong is asked in SQL.
    """
    rfc = checked_rfc(row.physician_rfc)
    is_code = not row.physician_code or bool(plain_code(row.physician_code))
    holds = rfc.error is None and is_code and bool(row.patient.strip())
    return [
        row.account,
        rfc.canonical or row.physician_rfc,
        row.patient,
        str(row.service_on),
        row.concept,
        str(row.fee),
        str(row.coaseguro),
        str(row.payable),
        row.authorised_by,
        FLAG[row.signed_by_insured],
        FLAG[row.signed_by_physician],
        _key(row.authorised_by),
        FLAG[holds],
    ]


# The API's name of each datum, and the Spanish heading that people write for it.
ORDERS = Layout(
    fields=(
        Field("account", "cuenta", exact=True, read=code),
        Field("physician_rfc", "rfc_medico", exact=True, read=code),
        Field("patient", "paciente", read=text(200)),
        Field("service_on", "fecha_atencion", read=day()),
        Field("concept", "concepto", required=False, read=text(150)),
        Field("fee", "honorario", ("honorarios",), read=_amount),
        Field("coaseguro", "coaseguro", read=_amount),
        Field(PAYABLE, "importe_a_pagar", read=_amount),
        Field("authorised_by", "autorizada_por", read=text(200)),
        Field("signed_by_insured", "firma_asegurado", read=_signed),
        Field("signed_by_physician", "firma_medico", read=_signed),
        # No other heading: «codigo» is a procedure's in a real file, and what stands here proves an RFC.
        Field("physician_code", "codigo_medico", required=False, exact=True, read=plain_text),
    ),
    build=OrderRow,
    max_rows=100_000,
    max_bytes=25 * 1024 * 1024,
    staged=Staged("billing.rules.orders_file.ORDERS", STAGED_COLUMNS, staged),
    noun=("orden", "órdenes"),
    totals=(Total(PAYABLE, "Por cuánto en total", CURRENCY),),
    missing="Falta este dato. Agrégalo y manda otra vez la orden.",
    secret="physician_code",  # kept hashed and nowhere else (AC-11)
)
COLUMNS = ORDERS.names
HEADINGS = {column.heading: column.name for column in ORDERS.fields}


def refuse_unknown(raw: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """A field that nobody reads is a mistake of whoever sends it. Raises RuleBroken that names each."""
    if unknown := [f"«{where}{quoted(name)}»" for name in raw if name not in known]:
        raise RuleBroken(
            f"No conocemos {', '.join(unknown[:5])}. Quítalo o corrige su nombre: {', '.join(sorted(known))}.",
            code="unknown_field",
        )


def read_control(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The control totals of a delivery: how many orders, and their sum (MXN). Amounts as text, never as float."""
    refuse_unknown(raw, {ROWS, PAYABLE}, "control.")
    rows = raw.get(ROWS)
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise RuleBroken(
            "«control.rows» es cuántas órdenes mandas, un número entero. Corrígelo y manda la entrega otra vez.",
            code="bad_control",
        )
    try:
        return {ROWS: rows, PAYABLE: _amount(raw.get(PAYABLE))}
    except Unreadable as error:
        raise RuleBroken(f"«control.payable»: {error.message}", code="bad_control") from error

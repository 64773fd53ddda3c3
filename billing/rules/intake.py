"""A digital order as an insurer sends it, and everything that may be wrong with it (S0.10-S0.14, C3). Money in MXN."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from portal.identifiers import check
from portal.identifiers.form import Checked
from portal.imports.rules.cells import FIRST_DAY
from portal.imports.rules.layouts import RowError
from portal.money import format_money
from portal.people.rules import plain_code
from portal.text import search_key

CURRENCY = "MXN"
ACCOUNT_PATTERN = re.compile(r"[A-Z0-9][A-Z0-9-]{2,29}\Z")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A digital order as the insurer sends it; money in MXN (S0.10-S0.14, C3)."""

    account: str
    physician_rfc: str
    patient: str
    service_on: date
    concept: str
    fee: Decimal
    coaseguro: Decimal
    payable: Decimal
    authorised_by: str
    signed_by_insured: bool
    signed_by_physician: bool
    physician_code: str = ""  # what the insurer handed to its physician: it proves the RFC, and is no part of the order


_SENTENCES: dict[str, str] = {
    "bad_account": "La cuenta de la orden lleva de 3 a 30 letras, números o guiones. Revisa el folio de la orden.",
    "no_patient": "Falta el nombre del paciente; la factura lo lleva en su concepto.",
    "future_service": "La fecha de atención es posterior a hoy. Manda la orden cuando se haya prestado.",
    "old_service": "La fecha de atención es anterior al año 2000. Revisa el año.",
    "bad_amount": "Los importes no pueden ser negativos y el importe a pagar debe ser mayor que cero.",
    "does_not_add": "El honorario {fee} no es la suma del coaseguro {coaseguro} y el importe a pagar {payable}.",
    "not_authorised": "Una orden digital la autoriza {insurer}. Escribe quién la autorizó.",
    "bad_code": "El código del médico lleva de 6 a 40 letras o números. Corrígelo o deja la columna vacía.",
    "not_signed": "Una orden digital va firmada digitalmente por el asegurado y por el médico.",
}


@lru_cache(maxsize=4096)
def checked_rfc(rfc: str) -> Checked:
    """What is said of a physician's RFC; a delivery repeats a few of them in all its rows."""
    return check("rfc", rfc)


def check_order(row: OrderRow, *, number: int, on: date, insurer: str) -> list[RowError]:
    """Everything wrong with one order, so that the insurer mends it in one go (S0.10-S0.13, C3)."""
    verdicts = (
        ("account", "bad_account", ACCOUNT_PATTERN.match(row.account)),
        ("patient", "no_patient", row.patient.strip()),
        ("service_on", "future_service", row.service_on <= on),
        ("service_on", "old_service", row.service_on >= FIRST_DAY),
        ("payable", "bad_amount", min(row.fee, row.coaseguro, row.payable) >= 0 and row.payable > 0),
        ("payable", "does_not_add", row.fee == row.coaseguro + row.payable),
        ("authorised_by", "not_authorised", search_key(insurer) in search_key(row.authorised_by)),
        ("physician_code", "bad_code", not row.physician_code or plain_code(row.physician_code)),
        ("signed_by_physician", "not_signed", row.signed_by_insured and row.signed_by_physician),
    )
    wrong = [
        RowError(number, field, code, _SENTENCES[code].format(insurer=insurer, **_money(row)))
        for field, code, holds in verdicts
        if not holds
    ]
    rfc = checked_rfc(row.physician_rfc)
    return [*wrong, RowError(number, "physician_rfc", rfc.error.code, rfc.error.message)] if rfc.error else wrong


def _money(row: OrderRow) -> dict[str, str]:
    """Its amounts in words: asked by a sentence alone, for most rows have none."""
    return {name: format_money(getattr(row, name), CURRENCY) for name in ("fee", "coaseguro", "payable")}

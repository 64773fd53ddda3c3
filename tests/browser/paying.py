"""A batch of payments at the desk: prepared, approved by another person, sent to the bank, its answer applied."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.browser import papers
from tests.browser.person import Person


def prepare_and_send(preparer: Person, approver: Person, folio: str, total: str) -> tuple[str, dict[str, Any]]:
    """Nothing is chosen for anybody, who prepared does not approve. Gives the batch's page and its file's one row."""
    preparer.go("/mesa/pagos/").open("Preparar lote").sees(folio)
    for box in preparer.page.locator("input[name=payables]").all():
        assert not box.is_checked(), "nothing is chosen for anybody"
        box.set_checked(folio in box.locator("xpath=ancestor::tr").inner_text())
    preparer.sees("1 pago · ")
    preparer.press("Preparar lote con lo elegido").sees(total)
    batch = preparer.page.url
    preparer.sees_not("Autorizar este total")
    approver.go(batch).type(total=total).decide("Autorizar este total")
    preparer.go(batch).decide("Generar archivo para el banco")
    sent = preparer.take("Descargar archivo").decode("utf-8-sig")
    preparer.go(batch).decide("Ya lo subí").sees("Enviado al banco, sin respuesta")
    (row,) = csv.DictReader(io.StringIO(sent))
    return batch, row


def answer_of(row: dict[str, Any], amount: str, *, reference: str) -> bytes:
    """What the bank says of that row today: paid."""
    paid = f"{row['clave_rastreo']},pagada,{papers.today():%d/%m/%Y},{reference},{papers.amount(amount)},"
    return f"clave_rastreo,resultado,fecha,referencia,importe,motivo\r\n{paid}\r\n".encode()


def apply_answer(preparer: Person, answer: bytes, total: str) -> None:
    """Read with its totals, then booked."""
    preparer.upload({"result": ("respuesta.csv", answer)}).press("Leer la respuesta")
    preparer.sees("Totales de control", f"1 por {total}").decide("Aplicar y contabilizar")

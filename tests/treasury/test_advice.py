"""The payment advice as a paper: made by its drain, read back as text, its QR read back as an address (N11)."""

from __future__ import annotations

import io

import pypdf
import pypdfium2
import pytest
import zxingcpp

from portal import queue
from portal.papers import services as papers
from portal.papers.models import IssuedDocument
from portal.papers.selectors import open_file
from portal.treasury import services
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY

from .test_machine import Treasury

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_advice_says_what_was_paid_where_and_how_to_check_it() -> None:
    people, doctor = a.desk(), a.physician()
    account = a.validated(doctor)
    batch = a.locked(doctor, people, "1305.00")
    services.export_bank_file(batch=batch, by=people.preparer, at=NOW)
    batch.refresh_from_db()
    machine = type("Machine", (), {"doctors": [doctor], "at": NOW})
    file = Treasury.answer_file(machine, batch, {0: "pagada"})
    result = services.read_bank_result(batch=batch, upload=file, by=people.preparer, at=NOW)
    services.import_bank_result(result=result, by=people.preparer, at=NOW)
    queue.drain(IssuedDocument, lambda row: papers.render_document(document=row, at=NOW))
    document = IssuedDocument.objects.get(kind="payment-advice")
    assert document.pdf is not None
    content = b"".join(open_file(document.pdf))
    words = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    transfer = batch.transfers.get()
    for wanted in (
        document.folio,
        "Aviso de pago",
        "$1,305.00 MXN",
        doctor.party.name,
        doctor.party.rfc,
        f"•••• {account.last4}",
        transfer.tracking,
        batch.folio,
        f"{TODAY.day} ",
        transfer.items.get().payable.reference,
        document.code,
        "complemento de pago",
    ):
        assert wanted in words, wanted
    assert account.clabe not in words
    with pypdfium2.PdfDocument(content) as opened:
        page = opened[0]
        picture = page.render(scale=3).to_pil()
        page.close()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [
        f"http://localhost:8000/verificar/{document.code}/"
    ]

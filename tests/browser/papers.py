"""The files of the story, made from what the screens say: nothing is looked up behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import zxingcpp

from config.demo import samples
from tests.browser.person import Person


@dataclass
class Doctor:
    """The physician of a story."""

    name: str
    rfc: str
    email: str
    zip_code: str
    clabe: str
    password: str = "una ventana azul en otoño"
    regime: str = "612"

    @property
    def issuer(self) -> dict[str, str]:
        """As the emisor of a CFDI."""
        return {"rfc": self.rfc, "name": self.name.upper(), "regime": self.regime}

    def statement(self, *, days_old: int, layout: str = "plain") -> bytes:
        """A bank statement for the CLABE."""
        closing = today() - timedelta(days=days_old)
        return samples.make_statement_pdf(
            clabe=self.clabe,
            bank="BBVA MEXICO",
            holder=self.name.upper(),
            rfc=self.rfc,
            closing_on=closing,
            layout=layout,
        )


def now() -> datetime:
    """The browser lives in the real present."""
    return datetime.now(UTC)


def today() -> date:
    """The day in central Mexico, which keeps UTC-6 all year."""
    return (now() - timedelta(hours=6)).date()


def amount(text: str) -> Decimal:
    """Money as a screen writes it."""
    return Decimal(re.sub(r"[^\d.]", "", text))


def order(account: str, doctor: Doctor, patient: str, fee: str, coaseguro: str) -> dict[str, Any]:
    """A digital order as the insurer's system sends it."""
    return {
        "account": account,
        "physician_rfc": doctor.rfc,
        "patient": patient,
        "concept": "Consulta de especialidad",
        "service_on": str(today() - timedelta(days=2)),
        "fee": fee,
        "coaseguro": coaseguro,
        "payable": str(Decimal(fee) - Decimal(coaseguro)),
        "authorised_by": "Pilar Soto, de Aseguradora del Valle",
        "signed_by_insured": "true",
        "signed_by_physician": "true",
    }


def orders_csv(orders: Sequence[dict[str, Any]]) -> bytes:
    """The same orders as the insurer's spreadsheet."""
    heads = (
        "cuenta,rfc_medico,paciente,fecha_atencion,concepto,honorario,coaseguro,importe_a_pagar,"
        "autorizada_por,firma_asegurado,firma_medico"
    )
    columns = (
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
    lines = (",".join(f'"{row[name]}"' for name in columns) for row in orders)
    return "\r\n".join([heads, *lines]).encode()


def invoice(doctor: Doctor, told: dict[str, Any], *, faults: Sequence[str] = ()) -> tuple[bytes, bytes]:
    """XML and PDF as the physician's own system makes them from what the assistant says."""
    xml = samples.make_invoice(
        issuer=doctor.issuer,
        receiver=told["receiver"],
        orders=told["orders"],
        components=told["components"],
        issued_at=now() - timedelta(minutes=5),
        faults=list(faults),
    )
    return xml, samples.make_invoice_pdf(xml=xml)


def read_assistant(person: Person) -> dict[str, Any]:
    """What the invoice assistant says, as its reader copies it into the invoice."""
    data = person.data()
    rows = person.page.locator("section[aria-labelledby=conceptos] tbody tr")
    read = (rows.locator(cell).all_inner_texts() for cell in ("th", "[data-t=Descripción]", "[data-t=Importe]"))
    orders = []
    for account, concept, payable in zip(*read, strict=True):
        patient = re.search(rf"Cuenta {account}\. Paciente ([^.]+)\.", concept)
        assert patient, concept
        orders.append({"account": account, "patient": patient[1], "payable": amount(payable)})
    receiver = {
        "rfc": data["RFC"],
        "name": data["Nombre"],
        "zip": data["Código postal"],
        "regime": data["Régimen fiscal"].split()[0],
    }
    components = [{"component": "ISR", "rate": data["Retención de ISR"]}]
    return {"receiver": receiver, "orders": orders, "components": components, "data": data}


def complement(doctor: Doctor, person: Person, told: dict[str, Any], *, faults: Sequence[str] = ()) -> bytes:
    """The REP made from the data that the payment's page shows."""
    data = person.data()
    document = {
        "uuid": data["Folio fiscal"],
        "number": int(data["Parcialidad"]),
        "balance_before": amount(data["Saldo anterior"]),
        "paid": amount(data["Importe pagado"]),
        "balance_after": amount(data["Saldo insoluto"]),
        "base": sum(order["payable"] for order in told["orders"]),
        "components": told["components"],
    }
    payment = {
        "paid_on": date.fromisoformat(data["Fecha de pago"]),
        "amount": amount(data["Monto"]),
        "documents": [document],
    }
    return samples.make_complement(
        issuer=doctor.issuer, receiver=told["receiver"], payments=[payment], issued_at=now(), faults=list(faults)
    )


def qr_of(pdf: bytes) -> str:
    """What the QR of a document says."""
    with pypdfium2.PdfDocument(pdf) as document:
        pictures = [page.render(scale=3).to_pil() for page in document]
    codes = [code for picture in pictures for code in zxingcpp.read_barcodes(picture)]
    return next(code.text for code in codes if code.format == zxingcpp.BarcodeFormat.QRCode)

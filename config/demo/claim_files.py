"""Files to file a claim with, of Tobías: invoices that are right and wrong, a photograph as a phone takes it, forms."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import pillow_heif
from PIL import Image, ImageDraw

from claims.models import ClaimInvoice
from config.demo import samples
from config.demo.scenes.claims import NAME, WHO
from portal import clock
from portal.people.models import Party

File = tuple[bytes, str, str]
XML, PDF, HEIC = "application/xml", "application/pdf", "image/heic"
# What it is → what people read of it.
WHAT: dict[str, str] = {
    "factura": "Factura correcta (XML)",
    "factura-pdf": "Su PDF",
    "ppd": "Factura PPD, que pide su comprobante de pago",
    "otra-persona": "Factura a nombre de otra persona",
    "usada": "Factura que ya se usó en otro trámite",
    "heic": "Foto de una receta (HEIC)",
    "formato": "Formato de trámite",
    "informe": "Informe médico",
    "identificacion": "Identificación",
}
_UUIDS = {"factura": "5a0c1a1e-0f5e-4c3a-9a51-0000000000a1", "ppd": "5a0c1a1e-0f5e-4c3a-9a51-0000000000a2"}
_UUIDS["otra-persona"] = "5a0c1a1e-0f5e-4c3a-9a51-0000000000a3"
_PAGES = {"formato": "formato de trámite", "informe": "informe médico", "identificacion": "identificación"}


def make(what: str) -> File | None:
    """One file by what it is: (bytes, name, media type); None where there is none, or no invoice was used yet."""
    if what in _PAGES:
        content = samples.make_constancia_pdf(name=f"{NAME}: {_PAGES[what]}", rfc="MUESTRA", on=clock.today())
        return content, f"{what}-{WHO}.pdf", PDF
    makers: dict[str, Callable[[], File | None]] = {
        "factura": lambda: (_invoice("factura", "pue"), f"factura-bien-{WHO}.xml", XML),
        "factura-pdf": lambda: (
            samples.make_invoice_pdf(xml=_invoice("factura", "pue")),
            f"factura-bien-{WHO}.pdf",
            PDF,
        ),
        "ppd": lambda: (_invoice("ppd"), f"factura-PPD-{WHO}.xml", XML),
        "otra-persona": lambda: (
            _invoice("otra-persona", "pue", receiver="RAMONA PAZ VILLA"),
            f"factura-otra-persona-mal-{WHO}.xml",
            XML,
        ),
        "usada": _used,
        "heic": lambda: (_photo(), f"receta-{WHO}.heic", HEIC),
    }
    return makers[what]() if what in makers else None


def _used() -> File | None:
    used = ClaimInvoice.objects.filter(claim__filed_by__email=f"{WHO}@ejemplo.mx").exclude(claim__folio="")
    row = used.order_by("pk").first()
    if row is None:
        return None
    content = _invoice("factura", "pue", uuid=row.uuid, on=row.issued_on)
    return content, f"factura-usada-mal-{WHO}.xml", XML


def _invoice(what: str, *faults: str, uuid: str = "", receiver: str = NAME, on: date | None = None) -> bytes:
    """A sealed invoice of yesterday by one of the sample physicians; the same each time it is asked for in a day."""
    issuer = Party.objects.exclude(rfc="").filter(kind=Party.Kind.PERSON).order_by("pk")[0]
    at = clock.now().replace(hour=16, minute=0, second=0, microsecond=0) - timedelta(days=1)
    if on is not None:
        at = at.replace(year=on.year, month=on.month, day=on.day)
    return samples.make_invoice(
        issuer={"rfc": issuer.rfc, "name": issuer.name, "regime": "612"},
        receiver={"rfc": "XAXX010101000", "name": receiver.upper(), "zip": "06600", "regime": "616"},
        orders=[{"account": f"MUESTRA-{what}", "patient": NAME, "payable": "870.00"}],
        components=[],
        issued_at=at,
        uuid=uuid or _UUIDS[what],
        faults=faults,
    )


def _photo() -> bytes:
    """A page with writing, as a phone photographs it."""
    pillow_heif.register_heif_opener()
    picture = Image.new("RGB", (1200, 1600), "white")
    draw, buffer = ImageDraw.Draw(picture), io.BytesIO()
    for place in range(24):
        draw.text((120, 120 + place * 56), f"Receta de {NAME}, renglón {place + 1}", fill="black")
        draw.line((100, 160 + place * 56, 1100, 160 + place * 56), fill="gray", width=3)
    picture.save(buffer, "HEIF")
    return buffer.getvalue()

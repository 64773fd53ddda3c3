"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "fiscal.catalogue_key_added": "Clave del SAT agregada",
    "fiscal.catalogue_key_withdrawn": "Clave del SAT retirada",
    "fiscal.certificate_withdrawn": "Certificado retirado",
    "fiscal.certificates_trusted": "Certificados agregados",
    "fiscal.receipt_claimed": "Folio fiscal en uso",
    "fiscal.receipt_released": "Folio fiscal liberado",
}
THINGS: dict[str, str] = {
    "fiscal.taxreceipt": "Folio fiscal",
    "fiscal.trustedcertificate": "Certificado",
}

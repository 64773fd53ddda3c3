"""Reads of the fiscal room: the trust store, and whether a receipt is already in use."""

from __future__ import annotations

import base64
from uuid import UUID

from portal.fiscal.models import TaxReceipt, TrustedCertificate


def trust_store() -> list[str]:
    """Certificates that administrators vouch for, base64 DER: JSON-able, for the context of a check."""
    rows = TrustedCertificate.objects.trusted().order_by("pk").values_list("der", flat=True)
    return [base64.b64encode(bytes(der)).decode("ascii") for der in rows]


def receipt_in_use(*, uuid: str | UUID) -> bool:
    """Whether a CFDI has a live use in the portal; for a friendly answer before the constraint gives the last word."""
    return TaxReceipt.objects.live().filter(uuid=UUID(str(uuid))).exists()

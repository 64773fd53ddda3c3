"""Reads of the fiscal room: the trust store, receipts in use, and a CFDI as a readable receipt."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.fiscal import certificates, registry
from portal.fiscal.certificates import Certificate, NotACertificate, read_certificates
from portal.fiscal.expectations import Vouched
from portal.fiscal.facts import amount
from portal.fiscal.models import CatalogueKey, TaxReceipt, TrustedCertificate
from portal.fiscal.rules.look_alikes import WHY_LABELS, why
from portal.rulebook import selectors as rulebook

if TYPE_CHECKING:
    from portal.people.models import User

MOST = 20  # receipts that look like one
_TAX_LABELS = {"001": "ISR retenido", "002": "IVA retenido", "003": "IEPS retenido"}
_SUFFIXES = {".cer", ".crt", ".pem", ".der", ".zip"}


def trust_store() -> list[str]:
    """Everybody we trust, base64 DER, for the context of a check: shipped, TRUST_DIR, and added by people."""
    rows = TrustedCertificate.objects.trusted().order_by("pk").values_list("der", flat=True)
    ders = [*(one.der for one in shipped()), *(one.der for one in _of_folder(settings.TRUST_DIR)), *map(bytes, rows)]
    return [base64.b64encode(der).decode("ascii") for der in dict.fromkeys(ders)]


def added_keys() -> dict[str, list[str]]:
    """Keys beyond the package's catalogues, by catalogue."""
    found: dict[str, list[str]] = {}
    for catalogue, key in CatalogueKey.objects.live().order_by("pk").values_list("catalogue", "key"):
        found.setdefault(catalogue, []).append(key)
    return found


def vouched() -> Vouched:
    """What the context of a check takes from this room: `trust` and `keys`."""
    return {"trust": trust_store(), "keys": added_keys()}


def catalogue_keys() -> models.QuerySet[CatalogueKey]:
    """Rows an administrator may withdraw, newest first."""
    return CatalogueKey.objects.live().select_related("added_by").order_by("-added_at", "-pk")


def shipped() -> tuple[Certificate, ...]:
    """The SAT's authorities that come with the portal."""
    return certificates.shipped()


@cache
def _of_folder(folder: str) -> tuple[Certificate, ...]:
    """Certificates of TRUST_DIR, read once a process; a file that is none stops with its name."""
    found: list[Certificate] = []
    for path in sorted(Path(folder).iterdir()) if folder else ():
        if path.suffix.lower() in _SUFFIXES:
            try:
                found += read_certificates(path.read_bytes())
            except NotACertificate as error:
                raise NotACertificate(f"TRUST_DIR: {path.name} no es un certificado") from error
    return tuple(found)


def trusted_certificates() -> models.QuerySet[TrustedCertificate]:
    """Rows an administrator may withdraw, newest first."""
    return TrustedCertificate.objects.trusted().select_related("added_by").order_by("-added_at", "-pk")


def live_receipt(subject: models.Model) -> TaxReceipt | None:
    """The live use a subject holds, if any."""
    kind = subject._meta.label_lower
    return TaxReceipt.objects.live().filter(subject_type=kind, subject_id=str(subject.pk)).order_by("pk").first()


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Another live receipt and why it may be the same; `label` and `href` are of the thing it stands for.

    Both are empty for whoever may not see that thing.
    """

    receipt: TaxReceipt
    reasons: list[str]
    label: str = ""
    href: str = ""


def look_alikes(subject: models.Model, *, user: User, on: date) -> list[LookAlike]:
    """Receipts of other things, of every vertical, that look like the one `subject` holds (N9), the newest first.

    Two queries and one a kind of thing; the days between them are the rule's that holds on `on`.
    """
    mine = live_receipt(subject)
    if mine is None:
        return []
    days = int(rulebook.rule_on("look_alike.days", on=on).value)
    asked = Q(sha256=mine.sha256) if mine.sha256 else Q()
    if mine.issued_on is not None and mine.patients:
        near = [mine.issued_on - timedelta(days=days), mine.issued_on + timedelta(days=days)]
        asked |= Q(issuer_rfc=mine.issuer_rfc, total=mine.total, issued_on__range=near, patients__overlap=mine.patients)
    others = TaxReceipt.objects.live().exclude(pk=mine.pk).order_by("-claimed_at", "-pk")
    found = [(row, why(mine.compared, row.compared, days=days)) for row in others.filter(asked)[:MOST]] if asked else []
    pages = registry.pages_of([row for row, _reasons in found], user=user)
    return [
        LookAlike(row, [WHY_LABELS[reason] for reason in reasons], *pages.get((row.subject_type, row.subject_id), ()))
        for row, reasons in found
    ]


def receipt_view(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A CFDI's stored facts as components/cfdi-receipt.html reads them; amounts Decimal in the file's currency."""
    fields = facts.get("fields") or {}
    withheld = [
        {"label": _TAX_LABELS.get(tax["tax"], tax["tax"]), "amount": _money(tax["amount"])}
        for tax in facts.get("withheld", [])
    ]
    withheld += [
        {"label": f"{tax['name']} {tax['percentage']} %", "amount": _money(tax["amount"])}
        for tax in facts.get("local_withheld", [])
    ]
    return {
        "issuer": facts.get("issuer", {}),
        "receiver": facts.get("receiver", {}),
        "date": fields.get("Fecha"),
        "series": fields.get("Serie"),
        "folio": fields.get("Folio"),
        "currency": fields.get("Moneda") or "MXN",
        "method": fields.get("MetodoPago"),
        "form": fields.get("FormaPago"),
        "lines": [
            {"quantity": one["quantity"], "description": one["description"], "amount": _money(one["amount"])}
            for one in facts.get("concepts", [])
        ],
        "subtotal": _money(fields.get("SubTotal")),
        "discount": _money(fields.get("Descuento")),
        "transferred": [],
        "withheld": withheld,
        "total": _money(fields.get("Total")),
        "uuid": (facts.get("tfd") or {}).get("uuid", ""),
    }


def _money(text: str | None) -> Decimal | None:
    return amount(text)

"""Reads of the fiscal room: the trust store, receipts in use, and a CFDI as a readable receipt."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from portal.fiscal import certificates, registry
from portal.fiscal.certificates import Certificate, NotACertificate, read_certificates
from portal.fiscal.expectations import Vouched
from portal.fiscal.facts import amount
from portal.fiscal.models import CatalogueKey, TaxReceipt, TrustedCertificate
from portal.fiscal.rules.look_alikes import WHY_LABELS, why
from portal.prepared import prepared
from portal.rulebook import selectors as rulebook

if TYPE_CHECKING:
    from portal.people.models import Party, User

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


def is_free(uuid: str, *, party: Party) -> bool:
    """Whether a party could claim this folio fiscal now: no live use, never another's. It is claimed later (MO-07)."""
    uses = TaxReceipt.objects.filter(uuid=uuid)
    return not uses.filter(Q(released_at=None) | ~Q(party=party)).exists()


def live_receipt(subject: models.Model) -> TaxReceipt | None:
    """The live use a subject holds, if any."""
    kind = subject._meta.label_lower
    return _live_receipt.first(kind, str(subject.pk))


@prepared
def _live_receipt(kind: str, key: str) -> models.QuerySet[TaxReceipt]:
    return TaxReceipt.objects.live().filter(subject_type=kind, subject_id=key).order_by("pk")[:1]


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
    care: tuple[Any, ...] = ()
    if mine.issued_on is not None and mine.patients:
        near = mine.issued_on - timedelta(days=days), mine.issued_on + timedelta(days=days)
        care = mine.issuer_rfc, mine.total, *near, tuple(mine.patients)
    alike = _alike(mine.pk, mine.sha256 or None, care) if mine.sha256 or care else []
    found = [(row, why(mine.compared, row.compared, days=days)) for row in alike]
    pages = registry.pages_of([row for row, _reasons in found], user=user)
    return [
        LookAlike(row, [WHY_LABELS[reason] for reason in reasons], *pages.get((row.subject_type, row.subject_id), ()))
        for row, reasons in found
    ]


@prepared
def _alike(pk: UUID, sha256: str | None, care: tuple[Any, ...]) -> models.QuerySet[TaxReceipt]:
    """Other live receipts of the same bytes, or of the same care: issuer, total, first and last day, patients."""
    asked = Q() if sha256 is None else Q(sha256=sha256)
    if care:
        issuer_rfc, total, first, last, patients = care
        near = {"issued_on__gte": first, "issued_on__lte": last}
        asked |= Q(issuer_rfc=issuer_rfc, total=total, **near, patients__overlap=list(patients))
    return TaxReceipt.objects.live().exclude(pk=pk).filter(asked).order_by("-claimed_at", "-pk")[:MOST]


def that_look_alike(subjects: Sequence[models.Model], *, on: date) -> set[str]:
    """The keys of those of these things (of one table) whose receipt looks like another live one (N9): one query."""
    days = timedelta(days=int(rulebook.rule_on("look_alike.days", on=on).value))
    others = TaxReceipt.objects.live().exclude(pk=OuterRef("pk"))
    near = {"issued_on__gte": OuterRef("issued_on") - days, "issued_on__lte": OuterRef("issued_on") + days}
    of_one = {"issuer_rfc": OuterRef("issuer_rfc"), "total": OuterRef("total")}
    same_bytes = Exists(others.filter(sha256=OuterRef("sha256")).exclude(sha256=""))
    same_care = Exists(others.filter(**of_one, **near, patients__overlap=OuterRef("patients")))
    keys = [str(one.pk) for one in subjects]
    kinds = {one._meta.label_lower for one in subjects}
    mine = TaxReceipt.objects.live().filter(subject_type__in=kinds, subject_id__in=keys)
    return {*mine.filter(same_bytes | same_care).values_list("subject_id", flat=True)}


def receipt_of_file(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same of a stored XML; None of one that was not read as an invoice."""
    return receipt_view(facts) if facts.get("concepts") and facts.get("issuer") else None


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

"""Every write of the fiscal room: one UUID, one live use; and whom we trust."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from portal.errors import Conflict, RuleBroken
from portal.fiscal import standards
from portal.fiscal.catalogues import LABELS, SHAPE
from portal.fiscal.certificates import NO_CERTIFICATE
from portal.fiscal.models import CatalogueKey, TaxReceipt, TrustedCertificate
from portal.history.services import record
from portal.names import word_key
from portal.papers import services as papers

if TYPE_CHECKING:
    from portal.people.models import Party, User

USED_BEFORE = (
    "Este folio fiscal ya se usó en el portal. Cada CFDI se presenta una sola vez: "
    "revisa si ya lo enviaste o emite uno nuevo."
)
MAX_TRUST_BYTES = 512 * 1024
CERTIFICATES = "portal.fiscal.checks.certificates"


@transaction.atomic
def claim_receipt(  # the whole fact of a use, named
    *,
    uuid: str | UUID,
    use: str,
    subject: models.Model,
    party: Party,
    issuer_rfc: str,
    total: Decimal,
    issued_on: date,
    sha256: str,
    patients: Iterable[str] = (),
    by: User,
    at: datetime,
) -> TaxReceipt:
    """Take a CFDI's UUID for `subject` (MO-07). `total` in the receipt's currency, `sha256` of its file.

    `patients` are the names of whom it is for: by them others that look alike are found (N9).

    Raises Conflict when the UUID has a live use, or was ever another party's; it never says whose.
    """
    receipt = _insert_receipt(
        TaxReceipt(
            uuid=UUID(str(uuid)),
            use=use,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            party=party,
            issuer_rfc=issuer_rfc,
            total=total,
            issued_on=issued_on,
            sha256=sha256,
            patients=sorted({word_key(name)[:200] for name in patients} - {""}),
            claimed_by=by,
            claimed_at=at,
        )
    )
    details = {"uuid": str(receipt.uuid), "use": use, "for": f"{receipt.subject_type}:{receipt.subject_id}"}
    record(action="fiscal.receipt_claimed", subject=receipt, by=by, at=at, details=details, party_id=party.pk)
    return receipt


def _insert_receipt(receipt: TaxReceipt) -> TaxReceipt:
    """Two people at once: the constraint lets one through, whoever waited learns it here."""
    try:
        with transaction.atomic():
            receipt.save(force_insert=True)
    except IntegrityError as error:
        if "one_uuid_one_" not in str(error):
            raise
        raise Conflict(USED_BEFORE, code="receipt_used_before", field="xml") from error
    return receipt


@transaction.atomic
def release_receipt(*, subject: models.Model, by: User, at: datetime, reason: str = "") -> int:
    """Let go of the live use of `subject` (returned or rejected): the same party may present the CFDI again.

    Returns how many were released; releasing twice releases nothing more.
    """
    live = TaxReceipt.objects.live().filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    released = list(live.select_for_update().order_by("pk"))
    TaxReceipt.objects.filter(pk__in=[receipt.pk for receipt in released]).update(released_at=at, released_by=by)
    if released:
        details = {"uuids": [str(receipt.uuid) for receipt in released]}
        party = released[0].party_id
        record(
            action="fiscal.receipt_released",
            subject=released[0],
            by=by,
            at=at,
            details=details,
            reason=reason,
            party_id=party,
        )
    return len(released)


def add_certificates(*, content: bytes, by: User | None, at: datetime) -> list[TrustedCertificate]:
    """Vouch for every certificate in a file (DER, PEM, or a ZIP of them); those already trusted are left alone.

    Authorities are told by their basic constraints; any other counts as a PAC. Raises RuleBroken.
    """
    return _keep_certificates(_readable(content), by=by, at=at)


@transaction.atomic
def _keep_certificates(found: list[dict[str, Any]], *, by: User | None, at: datetime) -> list[TrustedCertificate]:
    new = [one for one in found if not _is_trusted(one)]
    if not new:
        raise RuleBroken(
            "Esos certificados ya están en la lista. No hay nada que agregar.", code="already_trusted", field="file"
        )
    rows = TrustedCertificate.objects.bulk_create(
        TrustedCertificate(
            serial=one["serial"],
            kind=TrustedCertificate.Kind.CA if one["is_authority"] else TrustedCertificate.Kind.PAC,
            subject=one["holder"] or one["serial"],
            rfc=one["rfc"][:13],
            sha256=one["sha256"],
            der=base64.b64decode(one["der"]),
            valid_from=datetime.fromisoformat(one["not_before"]),
            valid_to=datetime.fromisoformat(one["not_after"]),
            added_by=by,
            added_at=at,
        )
        for one in new
    )
    details = {"serials": [row.serial for row in rows], "sha256": [row.sha256 for row in rows]}
    record(action="fiscal.certificates_trusted", subject=rows[0], by=by, at=at, details=details)
    return rows


@transaction.atomic
def withdraw_certificate(
    *, certificate: TrustedCertificate, by: User, at: datetime, reason: str = ""
) -> TrustedCertificate:
    """Stop vouching for a certificate; what it sealed is from now on `unknown`. Raises Conflict when done before."""
    locked = TrustedCertificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.withdrawn_at is not None:
        raise Conflict("Ese certificado ya se había retirado.", code="already_withdrawn")
    locked.withdrawn_at, locked.withdrawn_by = at, by
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        action="fiscal.certificate_withdrawn",
        subject=locked,
        by=by,
        at=at,
        details={"sha256": locked.sha256},
        reason=reason,
    )
    return locked


@transaction.atomic
def add_catalogue_key(*, catalogue: str, key: str, meaning: str, by: User, at: datetime) -> CatalogueKey:
    """Vouch for a key newer than the package's catalogues; from now on no file is held up for it.

    Raises RuleBroken for a catalogue that no rule of ours reads, a key without the shape of one, one that the package
    has, Conflict for one that was added before.
    """
    known = standards.standard().catalogues.keys.get(catalogue)
    if known is None or catalogue not in LABELS:
        raise RuleBroken(
            "Ese catálogo no se revisa. Elige uno de la lista.", code="unknown_catalogue", field="catalogue"
        )
    if not SHAPE.fullmatch(key):
        raise RuleBroken(
            "Esa no es una clave del SAT: lleva hasta 12 letras y números, sin espacios ni signos. "
            "Cópiala de la factura o del catálogo del SAT.",
            code="key_shape",
            field="key",
        )
    if key in known:
        raise RuleBroken(
            f"La clave {key} ya viene en el catálogo del portal. No hay nada que agregar.",
            code="key_shipped",
            field="key",
        )
    row = _insert_key(CatalogueKey(catalogue=catalogue, key=key, meaning=meaning, added_by=by, added_at=at))
    details = {"catalogue": catalogue, "key": key}
    record(action="fiscal.catalogue_key_added", subject=row, by=by, at=at, details=details, reason=meaning)
    return row


def _insert_key(row: CatalogueKey) -> CatalogueKey:
    """Two people at once: the constraint lets one through, whoever waited learns it here."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "one_live_row_per_key" not in str(error):
            raise
        raise Conflict(
            f"La clave {row.key} ya está en la lista. No hay nada que agregar.", code="key_added_before", field="key"
        ) from error
    return row


@transaction.atomic
def withdraw_catalogue_key(*, row: CatalogueKey, by: User, at: datetime, reason: str = "") -> CatalogueKey:
    """Stop vouching for a key: files that bear it go to a person again. Raises Conflict when done before."""
    locked = CatalogueKey.objects.select_for_update().get(pk=row.pk)
    if locked.withdrawn_at is not None:
        raise Conflict("Esa clave ya se había retirado.", code="already_withdrawn")
    locked.withdrawn_at, locked.withdrawn_by = at, by
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    details = {"catalogue": locked.catalogue, "key": locked.key}
    record(action="fiscal.catalogue_key_withdrawn", subject=locked, by=by, at=at, details=details, reason=reason)
    return locked


def _readable(content: bytes) -> list[dict[str, Any]]:
    """What the limited child reads in a file of certificates: their bytes are never parsed where pages are answered."""
    if len(content) > MAX_TRUST_BYTES:
        raise RuleBroken("El archivo pesa más de 512 KB. Sube solo los certificados.", code="too_large", field="file")
    if b"PRIVATE KEY-----" in content:
        raise RuleBroken(
            "El archivo trae una llave privada. Sube solo el certificado (.cer) y guarda la llave en un lugar seguro.",
            code="private_key",
            field="file",
        )
    examined = papers.examine_bytes(content=content, name="certificado.cer", kinds={"cer"}, check=CERTIFICATES)
    if examined.is_rejected:
        raise RuleBroken(f"{NO_CERTIFICATE.message} {NO_CERTIFICATE.cure}", code=NO_CERTIFICATE.code, field="file")
    found: list[dict[str, Any]] = examined.facts["_certificates"]
    return found


def _is_trusted(one: dict[str, Any]) -> bool:
    return TrustedCertificate.objects.trusted().filter(sha256=one["sha256"]).exists()

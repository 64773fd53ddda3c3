"""Every write of the fiscal room: one UUID, one live use; and whom we trust."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, models, transaction

from portal.errors import Conflict
from portal.fiscal.models import TaxReceipt

if TYPE_CHECKING:
    from portal.people.models import Party, User

USED_BEFORE = (
    "Este folio fiscal ya se usó en el portal. Cada CFDI se presenta una sola vez: "
    "revisa si ya lo enviaste o emite uno nuevo."
)


@transaction.atomic
def claim_receipt(  # noqa: PLR0913 - the whole fact of a use, named
    *,
    uuid: str | UUID,
    use: str,
    subject: models.Model,
    party: Party,
    issuer_rfc: str,
    total: Decimal,
    by: User,
    at: datetime,
) -> TaxReceipt:
    """Take a CFDI's UUID for `subject` (MO-07). `total` in the receipt's currency.

    Raises Conflict when the UUID has a live use, or was ever another party's; it never says whose.
    """
    from portal.history.services import record

    receipt = TaxReceipt(
        uuid=UUID(str(uuid)),
        use=use,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        party=party,
        issuer_rfc=issuer_rfc,
        total=total,
        claimed_by=by,
        claimed_at=at,
    )
    try:
        with transaction.atomic():
            receipt.save(force_insert=True)
    except IntegrityError as error:
        if "one_uuid_one_" not in str(error):
            raise
        raise Conflict(USED_BEFORE, code="receipt_used_before", field="xml") from error
    record(
        action="fiscal.receipt_claimed",
        subject=receipt,
        by=by,
        at=at,
        details={"uuid": str(receipt.uuid), "use": use, "for": f"{receipt.subject_type}:{receipt.subject_id}"},
        party_id=party.pk,
    )
    return receipt


@transaction.atomic
def release_receipt(*, subject: models.Model, by: User, at: datetime, reason: str = "") -> int:
    """Let go of every live use of `subject` (returned or rejected): the same party may present the CFDI again.

    Returns how many were released; releasing twice releases nothing more.
    """
    from portal.history.services import record

    live = TaxReceipt.objects.live().filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    released = list(live.select_for_update().order_by("pk"))
    for receipt in released:
        receipt.released_at, receipt.released_by = at, by
        receipt.save(update_fields=["released_at", "released_by"])
        record(
            action="fiscal.receipt_released",
            subject=receipt,
            by=by,
            at=at,
            details={"uuid": str(receipt.uuid)},
            reason=reason,
            party_id=receipt.party_id,
        )
    return len(released)

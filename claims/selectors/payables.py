"""What the treasury asks of the decisions behind its payables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from claims.models import Decision

if TYPE_CHECKING:
    from portal.treasury.models import Payable
    from portal.treasury.registry import Accepted, AdviceLine


def deciders_of(payables: Sequence[Payable]) -> set[tuple[UUID, UUID]]:
    """(payable, who decided it or looked again) for each: they neither prepare nor approve its payment (MO-05)."""
    of_decision = {UUID(one.subject_id): one.pk for one in payables}
    rows = Decision.objects.filter(pk__in=of_decision).values_list("pk", "by", "looked_by")
    return {(of_decision[pk], who) for pk, *people in rows for who in people if who is not None}


def accepted_by(payables: Sequence[Payable]) -> dict[UUID, Accepted]:
    """Who made each decision final, and when, by payable."""
    of_decision = {UUID(one.subject_id): one.pk for one in payables}
    rows = Decision.objects.filter(pk__in=of_decision).select_related("by", "looked_by", "claim").order_by("pk")
    return {
        of_decision[row.pk]: {"by": str(row.looked_by) if row.looked_by else row.author, "at": row.final_at or row.at}
        for row in rows
    }


def advice_lines(payables: Sequence[Payable]) -> list[AdviceLine]:
    """Lines of a payment advice: folio, what was asked, what is paid; nothing clinical."""
    rows = Decision.objects.filter(pk__in=[one.subject_id for one in payables]).select_related("claim")
    return [
        {"folio": row.claim.folio, "concept": row.claim.kind_label, "amount": str(row.paid)}
        for row in sorted(rows, key=lambda row: row.claim.folio)
    ]

"""Every night each accumulator is held against its entries; what differs is put on record for the auditor."""

from __future__ import annotations

from datetime import datetime

from claims.models.shared import SHARES
from claims.selectors.comparing import that_differ
from portal.history import services as history


def compare_accumulators(*, at: datetime) -> int:
    """Put on record every accumulator that is not what its entries add up to; nothing is mended by itself."""
    found = 0
    for row in that_differ().select_related("person").order_by("pk").iterator(chunk_size=500):
        told = {name: f"{getattr(row, name)} ≠ {getattr(row, f'booked_{name}')}" for name in SHARES}
        history.record(
            action="claims.accumulator_differs",
            subject=row,
            by=None,
            at=at,
            party_id=row.person.party_id,
            details=told,
        )
        found += 1
    return found

"""A complement that nobody decided yet, taken out by whoever handed it in, and brought back (UX D5)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from billing import rules, selectors
from billing.models import Complement
from billing.rules import ComplementState
from billing.services.complements import free_receipt, hand_in_complement, lock_complement
from portal.history import services as history
from portal.papers.selectors import open_file
from portal.papers.upload import upload_of
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def withdraw_complement(*, complement: Complement, by: User, at: datetime) -> Complement:
    """Delete a REP that waits for a reviewer from its deposit; its bytes stay, `put_complement_back` undoes it.

    Its invoices owe theirs again and its folio fiscal is free. Withdrawn twice, nothing more happens. Raises
    RuleBroken for one that was decided: what was accepted is cancelled at the SAT.
    """
    complement = lock_complement(complement)
    if complement.state == ComplementState.WITHDRAWN:
        return complement
    rules.check_withdraws(complement.state)
    rules.COMPLEMENT.check(complement.state, ComplementState.WITHDRAWN)
    complement.state = ComplementState.WITHDRAWN
    complement.save(update_fields=["state"])
    free_receipt(complement=complement, by=by, at=at)
    work.settle(thing=complement, by=None)
    history.record(
        action="billing.complement_withdrawn", subject=complement, party_id=complement.party_id, by=by, at=at
    )
    return complement


def put_complement_back(*, complement: Complement, by: User, at: datetime) -> Complement:
    """Undo that: the same file is handed in again and judged by the rules of now, as a complement of its own.

    Put back twice, it is the one that stands. Raises Conflict when another took its place, FileRefused when it is
    refused by now.
    """
    if standing := selectors.standing_complement(complement):
        return standing
    upload = upload_of(complement.xml.original_name, b"".join(open_file(complement.xml)))
    try:
        return hand_in_complement(party=complement.party, transfer=complement.transfer, xml=upload, by=by, at=at)
    finally:
        upload.close()

"""An RFC goes to its owner: what somebody else began there ends (AC-11). `people` calls it in its transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from billing.models import Invoice, PhysicianProfile, SchemeAssignment
from billing.rules import ReviewState
from billing.services.invoices import discard_draft
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import Party, User


@transaction.atomic
def end_what_was_begun(*, party: Party, by: User, at: datetime) -> None:
    """Drafts are dropped, their orders free again; the regime goes too, unless something was sent under it.

    What was handed in stays: it bills the owner's orders with the owner's CFDI.
    """
    for draft in Invoice.objects.filter(party=party, state=ReviewState.DRAFT).order_by("pk"):
        discard_draft(invoice=draft, by=by, at=at)
    if not Invoice.objects.filter(party=party).exists():
        PhysicianProfile.objects.filter(party=party).delete()
        SchemeAssignment.objects.filter(party=party).delete()
    history.record(action="billing.begun_ended", subject=party, by=by, at=at, party_id=party.pk)

"""News of a batch for the desk: who may authorise it, who prepared it. A mail says only where to look (PR-08)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from portal import clock
from portal.access import Permission
from portal.listing.search import folio_address
from portal.notices.services import notify
from portal.people.selectors import acting, people_with
from portal.treasury.models import PaymentBatch
from portal.treasury.selectors import barred_from, paid_parties

if TYPE_CHECKING:
    from portal.people.models import User


def ask_approvers(*, batch: PaymentBatch, at: datetime, but: User | None = None) -> None:
    """Everybody who may authorise this batch and has not yet: once when it is prepared, again when a yes is void.

    Not `but`, who has its page open.
    """
    people = set(people_with(Permission.APPROVE_PAYMENTS, on=clock.date_in(at)).values_list("pk", flat=True))
    said_yes = set(batch.approvals.filter(voided_at=None).values_list("approver_id", flat=True))
    paid = set(acting(*paid_parties(batch), on=clock.date_in(at)).values_list("user_id", flat=True))
    here = {but.pk} if but else set()
    asked = people - said_yes - barred_from(batch) - paid - {batch.prepared_by_id} - here
    _tell_of_batch(asked, batch, "waits", at=at)


def tell_preparer(*, batch: PaymentBatch, what: str, by: User | None, at: datetime) -> None:
    """`what` happened to the batch (`approved`, `answered`, `cancelled`, `shrunk`), unless its preparer did it."""
    _tell_of_batch({batch.prepared_by_id} - {by.pk if by else None}, batch, what, at=at)


def tell_approvers(*, batch: PaymentBatch, what: str, by: User, at: datetime) -> None:
    """Whoever authorised it reads what became of it."""
    people = set(batch.approvals.filter(voided_at=None).values_list("approver_id", flat=True))
    _tell_of_batch(people - {by.pk}, batch, what, at=at)


def _tell_of_batch(people: Iterable[UUID], batch: PaymentBatch, what: str, *, at: datetime) -> None:
    notify(
        user_ids=people,
        kind=f"desk/batch_{what}",
        key=f"batch_{what}:{batch.pk}:{at.isoformat()}",
        context={"batch": batch},
        url=folio_address(batch.folio) if batch.folio else reverse("treasury:batch", args=[batch.pk]),
        at=at,
        action_label="Ver el lote",
    )

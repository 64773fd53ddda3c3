"""When whoever is owed is paid, as they read it: what it waits for, who has to move, how promises were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from portal.design import dates
from portal.prepared import prepared
from portal.reading import once_a_reading
from portal.states import Ball
from portal.treasury import rules
from portal.treasury.models import Payable
from portal.treasury.selectors.accounts import live_accounts

_ACCOUNT_WAITS = {
    rules.Wait.NO_ACCOUNT: (Ball.YOU, "Falta tu cuenta bancaria: regístrala y envíala a revisión"),
    rules.Wait.IN_REVIEW: (Ball.US, "Revisamos tu cuenta bancaria"),
    rules.Wait.ON_HOLD: (Ball.NOBODY, "Cambiaste de cuenta bancaria y corre el plazo de seguridad"),
}
_IN_BATCH = {
    rules.BatchState.PREPARED: (Ball.US, "Está en un pago que espera autorización"),
    rules.BatchState.APPROVED: (Ball.US, "Está autorizado y falta mandarlo al banco"),
    rules.BatchState.EXPORTED: (Ball.BANK, "El banco lo está depositando"),
}
_KEPT_DAYS = 365


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one amount owed waits for: in words, who moves, and whether that keeps it from being paid (`held`)."""

    payable: Payable
    ball: Ball
    why: str
    held: bool


def open_payables(*, kind: str, party_ids: Sequence[UUID], subject: str = "") -> list[Payable]:
    """What is still owed to these parties, by due date; of one `subject` where its key is given."""
    return _open(kind, tuple(party_ids), subject or None)


@prepared
def _open(kind: str, party_ids: tuple[UUID, ...], subject: str | None) -> QuerySet[Payable]:
    owed = Payable.objects.filter(kind=kind, party__in=party_ids)
    owed = owed if subject is None else owed.filter(subject_id=subject)
    settled = [rules.PayableState.PAID, rules.PayableState.CANCELLED]
    return owed.exclude(state__in=settled).select_related("transfer__batch").order_by("due_on", "pk")


def what_they_wait_for(payables: Sequence[Payable], *, at: datetime) -> list[Waiting]:
    """Each with its reason, in one query however many."""
    rows = sorted(live_accounts(frozenset(one.party_id for one in payables)), key=lambda one: one.pk)
    validated, in_review = rules.AccountState.VALIDATED, rules.AccountState.IN_REVIEW
    usable = {(one.party_id, one.purpose): one.usable_from for one in rows if one.state == validated}
    reviewing = {(one.party_id, one.purpose) for one in rows if one.state == in_review}
    return [_waiting(one, usable, reviewing, at) for one in payables]


def _waiting(
    payable: Payable,
    usable: dict[tuple[UUID, str], datetime | None],
    reviewing: set[tuple[UUID, str]],
    at: datetime,
) -> Waiting:
    if payable.transfer is not None:
        ball, why = _IN_BATCH[rules.BatchState(payable.transfer.batch.state)]
        return Waiting(payable, ball, why, held=False)
    key = (payable.party_id, payable.purpose)
    wait = rules.why_waits(validated_from=usable.get(key), in_review=key in reviewing, at=at)
    if wait is not None:
        ball, why = _ACCOUNT_WAITS[wait]
        until = usable.get(key)
        return Waiting(payable, ball, f"{why}, hasta el {dates.instant(until)}" if until else why, held=True)
    if payable.state == rules.PayableState.REJECTED:
        return Waiting(payable, Ball.US, f"El banco no lo pudo depositar: {payable.reason.rstrip('.')}", held=True)
    return Waiting(payable, Ball.US, "Falta prepararlo para el banco", held=False)


@once_a_reading
def kept_promises(*, kind: str, on: date) -> tuple[int, int]:
    """Of the payments of the last year, how many reached their account by the stored day: (in time, all)."""
    return next(iter(_kept(kind, on - timedelta(days=_KEPT_DAYS))), (0, 0))


@prepared
def _kept(kind: str, since: date) -> QuerySet[Payable, Any]:
    paid = Payable.objects.filter(kind=kind, state=rules.PayableState.PAID, due_on__gte=since).order_by()
    counted = paid.values("kind").annotate(
        kept=Count("pk", filter=Q(transfer__paid_on__lte=F("due_on"))), total=Count("pk")
    )
    return counted.values_list("kept", "total")

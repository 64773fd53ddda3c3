"""Celery's legs for billing: rows are loaded here, one service call each."""

from __future__ import annotations

from celery import shared_task

from billing import services
from billing.models import ComplementDecision, InvoiceDecision
from portal import clock, queue

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float] = {
    "drain.invoice_decisions": 5.0,
    "drain.complement_decisions": 5.0,
}


@shared_task(name="drain.invoice_decisions")
def apply_invoice_decisions() -> int:
    """What reviewers decided of invoices takes effect once they can no longer undo it."""
    return queue.drain(
        InvoiceDecision, lambda row: services.apply_invoice_decision(decision=row, at=clock.now()), limit=20
    )


@shared_task(name="drain.complement_decisions")
def apply_complement_decisions() -> int:
    """The same, of complements."""
    return queue.drain(
        ComplementDecision, lambda row: services.apply_complement_decision(decision=row, at=clock.now()), limit=20
    )

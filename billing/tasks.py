"""Celery's legs for billing: rows are loaded here, one service call each."""

from __future__ import annotations

import logging

from celery import shared_task

from billing import selectors, services
from billing.models import ComplementDecision, InvoiceDecision
from portal import clock, queue

log = logging.getLogger("cauce.billing")


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


@shared_task(name="billing.remind")
def remind() -> int:
    """Send every reminder whose stored date has come; running it again sends nothing new (JB-06)."""
    at = clock.now()
    on = clock.date_in(at)
    sent = 0
    for invoice in selectors.due_reminders(on=on).iterator(chunk_size=200):
        try:
            sent += services.remind_complement(invoice=invoice, on=on, at=at)
        except Exception:  # one invoice's trouble is that invoice's alone; the next run tries again
            log.exception("reminder failed: %s", invoice.pk)
    return sent

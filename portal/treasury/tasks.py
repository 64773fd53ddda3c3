"""Treasury's nightly look at its own books."""

from __future__ import annotations

import logging

from celery import shared_task

from portal.treasury import books

log = logging.getLogger("cauce.treasury")


@shared_task(name="treasury.verify")
def verify() -> int:
    """Ask every question of MO-03; each fault is logged as an error. Returns how many."""
    faults = books.faults()
    for fault in faults:
        log.error("the books do not hold: %s", fault)
    return len(faults)

"""Drains of papers, and the sweep: load rows, one service call each."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from celery.schedules import crontab

from portal import clock, queue
from portal.papers import services
from portal.papers.models import IssuedDocument, ListExport, StoredFile

# How often each runs: seconds, or a time of central Mexico.
SCHEDULE: dict[str, float | crontab] = {
    "drain.documents": 5.0,
    "drain.examinations": 5.0,
    "drain.exports": 5.0,
    "papers.drop_drafts": crontab(minute="20", hour="3"),
    "papers.drop_exports": crontab(minute="30", hour="3"),
    "papers.sweep": crontab(minute="40", hour="3"),
    "papers.verify": crontab(minute="0", hour="4"),
}


@shared_task(name="drain.examinations")
def examine_files() -> int:
    """Give large files their verdict. One at a time: each may take the examiner's whole ten seconds."""
    return queue.drain(StoredFile, lambda file: services.examine_waiting(file=file, at=clock.now()), limit=4)


@shared_task(name="drain.documents")
def render_documents() -> int:
    """Make the PDF of each issued document, once."""
    return queue.drain(
        IssuedDocument,
        lambda document: services.render_document(document=document, at=clock.now()),
        limit=4,
        lease=timedelta(minutes=4),
    )


@shared_task(name="drain.exports")
def make_exports() -> int:
    """Write the lists that are too long for a request, one at a time."""
    return queue.drain(
        ListExport,
        lambda export: services.make_export(export=export, at=clock.now()),
        limit=1,
        lease=timedelta(minutes=4),
    )


@shared_task(name="papers.drop_drafts")
def drop_drafts() -> int:
    """Delete the files that no form came back for within a day."""
    return services.drop_drafts(at=clock.now())


@shared_task(name="papers.drop_exports")
def drop_exports() -> int:
    """Delete the lists whose `report.keep_days` are over."""
    return services.drop_exports(at=clock.now())


@shared_task(name="papers.sweep")
def sweep() -> dict[str, int]:
    """Set aside what killed uploads left behind more than 24 h ago."""
    return services.sweep()


@shared_task(name="papers.verify")
def verify() -> int:
    """Nightly: every stored byte is read again; faults are logged as errors. Returns how many."""
    from portal.papers import checking  # reads the whole disk, wanted by nobody else

    return len(checking.verify_files().faults)

"""Lists that are too long for a request: asked for on a page, made by a drain, kept for a while (G4, AD-01)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.http import QueryDict
from django.urls import reverse

from portal import clock, queue
from portal.errors import RuleBroken
from portal.history.services import record, record_export
from portal.listing import registry
from portal.listing.export import content
from portal.listing.selection import Selection
from portal.notices.services import notify
from portal.papers import kinds, store
from portal.papers.models import ListExport, StoredFile
from portal.papers.rules import FileVerdict
from portal.papers.store import Written
from portal.people.models import User
from portal.rulebook.selectors import whole

KEEP_DAYS = "report.keep_days"
PURPOSE = "list-export"
AT_A_TIME = 3  # that wait for one person
MOST = 50 * 1024 * 1024
NO_LONGER = "Ya no tienes permiso para ver esta lista."
MOST_IN_PDF = 50_000  # rows: two thousand pages that nobody reads, set in memory
TOO_LONG_PDF = (
    "Un PDF lleva hasta 50,000 renglones. Pide la lista en Excel o CSV, o con un filtro, por ejemplo por fechas."
)
TOO_LONG = "El archivo pasa de 50 MB. Pide la lista con un filtro, por ejemplo por fechas, y en partes."


@transaction.atomic
def ask_export(*, listing: str, file: str, asked: str, parts: Mapping[str, Any], by: User, at: datetime) -> ListExport:
    """Ask for a list as a file that a drain makes; `asked` are the address's parameters, `parts` the list's own.

    Raises RuleBroken while three of this person wait already.
    """
    if ListExport.objects.filter(by=by, done_at=None, parked_at=None).count() >= AT_A_TIME:
        raise RuleBroken(
            "Ya preparamos tres listas tuyas. Espera a que termine una y pide esta otra vez.", code="exports_wait"
        )
    found = registry.listings()[listing]
    row = ListExport.objects.create(
        by=by, listing=listing, title=found.title, file=file, asked=asked, parts=dict(parts), asked_at=at
    )
    told = {"listing": listing, "file": file}
    record(action="papers.export_asked", subject=row, by=by, at=at, details=told)
    queue.kick("exports")
    return row


def make_export(*, export: ListExport, at: datetime) -> None:
    """The drain's work: write the file as whoever asked may see the list now, keep it and say so.

    Whoever lost the permission meanwhile gets none; a file above 50 MB is refused with its cure.
    """
    found = registry.listings().get(export.listing)
    if found is None or not found.is_open_to(export.by):
        _refuse_export(export, NO_LONGER, at=at)
        return
    asked = Selection(found.shown_to(export.by), export.by, QueryDict(export.asked), export.parts)
    export.rows = asked.rows.count()
    export.save(update_fields=["rows"])
    if export.file == "pdf" and export.rows > MOST_IN_PDF:
        _refuse_export(export, TOO_LONG_PDF, at=at)
        return
    part = store.Part()
    try:
        note = _noting(export)
        for piece in content(asked, export.file, at=at, note=note):
            part.write(piece)
            if part.size > MOST:
                _refuse_export(export, TOO_LONG, at=at)
                return
        part.seal()
        _keep_export(export, part.finish(), rows=asked.rows.model, at=at)
    finally:
        part.discard()


def _noting(export: ListExport) -> Callable[[int], None]:
    """Tells how many rows are written, once in two seconds at most.

    On a connection of its own: that of the rows is in a snapshot that takes no write.
    """
    last = time.monotonic()

    def note(rows: int) -> None:
        nonlocal last
        if time.monotonic() - last < 2:
            return
        last = time.monotonic()
        beside = connections.create_connection("default")
        try:
            with beside.cursor() as cursor:
                cursor.execute(
                    "UPDATE papers_listexport SET made_rows = LEAST(%s, rows) WHERE id = %s", [rows, export.pk]
                )
        finally:
            beside.close()

    return note


@transaction.atomic
def _keep_export(export: ListExport, written: Written, *, rows: Any, at: datetime) -> None:
    export.made = StoredFile.objects.create(
        **written.columns,
        original_name=_name(export),
        display_name=_name(export),
        kind=export.file,
        content_type=kinds.CONTENT_TYPES[export.file],
        party=None,
        uploaded_by=export.by,
        purpose=PURPOSE,
        verdict=FileVerdict.ACCEPTED,
        created_at=at,
        done_at=clock.real_now(),
    )
    queue.finish(export)
    export.made_at, export.made_rows, export.done_at = at, export.rows or 0, clock.real_now()
    export.keep_until = clock.date_in(at) + timedelta(days=whole(KEEP_DAYS, on=clock.date_in(at)))
    export.save(update_fields=["made", "made_at", "made_rows", "keep_until"])
    record_export(name=export.listing, model=rows, file=export.file, by=export.by, at=at)
    _tell_asker(export, ready=True, at=at)
    record(action="papers.export_made", subject=export, by=None, at=at, details={"sha256": written.sha256})


def _name(export: ListExport) -> str:
    found = registry.listings()[export.listing]
    return f"{found.file_name or found.name}.{export.file}"


@transaction.atomic
def _refuse_export(export: ListExport, why: str, *, at: datetime) -> None:
    queue.finish(export)
    export.refused = why
    export.save(update_fields=["refused"])
    _tell_asker(export, ready=False, at=at)
    record(action="papers.export_refused", subject=export, by=None, at=at)


def _tell_asker(export: ListExport, *, ready: bool, at: datetime) -> None:
    notify(
        user_ids=[export.by_id],
        kind="list_ready",
        key=f"list_ready:{export.pk}",
        url=reverse("papers:exports"),
        at=at,
        context={"title": export.title, "ready": ready, "keep_until": export.keep_until, "why": export.refused},
    )


def drop_exports(*, at: datetime) -> int:
    """Delete the files of lists whose time is over; the row stays and says that there was one. Answers how many."""
    over = ListExport.objects.filter(keep_until__lte=clock.date_in(at))
    files = list(StoredFile.objects.filter(pk__in=over.values("made")).order_by("pk"))
    for file in files:
        _drop_file(file, at=at)
    return len(files)


@transaction.atomic
def _drop_file(file: StoredFile, *, at: datetime) -> None:
    export = ListExport.objects.get(made=file)
    export.made = None
    export.save(update_fields=["made"])
    file.delete()
    transaction.on_commit(lambda: store.remove(file.storage_key))
    record(action="papers.export_dropped", subject=export, by=None, at=at)

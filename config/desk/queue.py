"""The desk's first page: what waits for this person, across rooms, oldest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing import selectors as billing
from billing.selectors import desk_queue as billing_queue
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.help import selectors as contacts
from portal.listing import OLDEST
from portal.people import selectors as people
from portal.proofs import selectors as proofs
from portal.treasury import selectors as treasury

OFFICE = "mx-office"


@requires(P.SEE_DESK)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One line per kind of work and the list that proves it; below, the rows that have waited longest."""
    at = clock.now()
    work = [
        *billing.waiting_for(request.user),
        *treasury.waiting_for(request.user, at=at),
        *contacts.waiting_for(request.user),
        *people.waiting_for(request.user),
        *proofs.waiting_for(request.user),
    ]
    work.sort(key=lambda line: line[1] == 0)
    rooms = (billing_queue, treasury, contacts, people, proofs)
    rows = sorted((row for room in rooms for row in room.oldest_for(request.user)), key=lambda row: row.since)[:OLDEST]
    hours = calendars.calendar(OFFICE)
    waited = [calendar_rules.waited_text(hours, row.since, at) for row in rows]
    return render(
        request,
        "desk/queue.html",
        {
            "work": work,
            "busy": any(line[1] for line in work),
            "oldest": list(zip(rows, waited, strict=True)),
            "first": rows[0] if rows else None,
            "crumbs": [],
        },
    )

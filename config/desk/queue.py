"""The desk's first page: what waits for this person, across rooms, oldest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.work import selectors

OFFICE = "mx-office"


@requires(P.SEE_DESK)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One line per kind of work and the list that proves it; below, the rows that have waited longest, who has each."""
    at = clock.now()
    work = sorted(selectors.figures(request.user, at=at), key=lambda line: line[1] == 0)
    rows = selectors.items(request.user, at=at)
    first = next((row for row in rows if row.is_free), None)
    hours = calendars.calendar(OFFICE)
    waited = [calendar_rules.waited_text(hours, row.since, at) for row in rows]
    return render(
        request,
        "desk/queue.html",
        {
            "work": work,
            "busy": any(line[1] for line in work),
            "oldest": list(zip(rows, waited, strict=True)),
            "first": first,
            # Where others have all that is shown, what is free comes after it.
            "takes": first.thing if first else rows and selectors.takeable(request.user, at=at),
            "crumbs": [],
        },
    )

"""The desk's first page: what waits for this person, across rooms, oldest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing import selectors as billing
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.help import selectors as contacts
from portal.people import selectors as people
from portal.treasury import selectors as treasury


@requires(P.SEE_DESK)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One line per kind of work: how much waits and the list that proves it."""
    at = clock.now()
    work = [
        *billing.waiting_for(request.user),
        *treasury.waiting_for(request.user, at=at),
        *contacts.waiting_for(request.user),
        *people.waiting_for(request.user),
    ]
    work.sort(key=lambda line: line[1] == 0)
    return render(request, "desk/queue.html", {"work": work, "busy": any(line[1] for line in work), "crumbs": []})

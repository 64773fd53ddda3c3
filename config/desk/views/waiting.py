"""The desk's first page: what waits for this person in the page's workspace, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config import navigation
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.people import scopes
from portal.people import selectors as people
from portal.people.models import User
from portal.work import selectors
from portal.work.asked import narrowed_by
from portal.work.forms import QueueFilter
from portal.work.home import home, line
from portal.work.registry import Queue, queues_for

OFFICE = "mx-office"


def _insurers(user: User, queues: Sequence[Queue]) -> list[tuple[str, str]]:
    """Whose things these queues may hold, as far as this person's roles reach."""
    held = {one.permission for one in queues if one.of_insurer}
    if not held:
        return []
    within = people.insurers().filter(scopes.within(user, "pk", *held))
    return [(str(key), name) for key, name in within.values_list("pk", "name")]


@requires(P.SEE_DESK)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One figure a kind of work and the list that proves it; below, what waits, with who has it and who looks."""
    user: Any = request.user
    at, place = clock.now(), navigation.here(request)
    narrowed = replace(narrowed_by(request.GET), place=place)
    queues = [one for one in queues_for(user) if one.workspace == place]
    work = sorted(selectors.figures(user, at=at, place=place), key=lambda figure: figure[1] == 0)
    rows = selectors.items(user, at=at, narrowed=narrowed)
    first = next((row for row in rows if row.is_free), None)
    hours = calendars.calendar(OFFICE)
    return render(
        request,
        "desk/queue.html",
        {
            "work": work,
            "busy": any(figure[1] for figure in work),
            "home": home(user, at=at, places=[place] if place else [], queues=False),
            "filter": QueueFilter(request.GET, queues=queues, insurers=_insurers(user, queues)),
            "narrowed": narrowed,
            "oldest": [(row, calendar_rules.waited_text(hours, row.since, at), line(row, at=at).late) for row in rows],
            "first": first,
            # Where others have all that is shown, what is free comes after it.
            "takes": first.thing if first else rows and selectors.takeable(user, at=at, narrowed=narrowed),
            "tickable": any(row.thing for row in rows),
            "here": request.get_full_path(),
            "crumbs": [],
        },
    )

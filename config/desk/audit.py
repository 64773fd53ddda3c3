"""The auditor's pages: everything recorded, whether the chain holds, and who holds roles that conflict."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from config.desk.listings import CONFLICTING, EVENTS, READINGS
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.history import selectors
from portal.listing import answer


@requires(P.SEE_AUDIT)
@require_GET
def readings(request: HttpRequest) -> HttpResponseBase:
    """Who read a file, took a list away or asked for what is not theirs, newest first; as a file with `formato`."""
    return answer(request, READINGS, "desk/readings.html")


@requires(P.SEE_AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """The record, newest first; as a file with `formato`; the whole chain is walked with `verificar=1`."""
    return answer(request, EVENTS, "desk/audit.html", lambda: _chain(request))


@requires(P.SEE_AUDIT)
@require_GET
def conflicts(request: HttpRequest) -> HttpResponseBase:
    """Who holds roles today that the table of conflicts does not let go together, and why; as a file with `formato`."""
    return answer(request, CONFLICTING, "desk/conflicts.html")


def _chain(request: HttpRequest) -> dict[str, Any]:
    """Whether the record is whole: not asked for a file, which may be long in coming already."""
    real = clock.real_now()
    return {
        "chain": selectors.health(at=real),
        "report": selectors.verify(at=real) if request.GET.get("verificar") == "1" else None,
    }

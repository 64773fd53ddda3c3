"""The desk's health page: each part of the house, each queue, and the rows that wait for a person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config.desk import services, words
from config.health import LEVEL_LABELS, LEVEL_TONES, look, worst
from portal import clock, queue
from portal.access import Permission as P
from portal.access import requires
from portal.queue import Claimable

SHOWN = 50


@requires(P.SEE_HEALTH)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """How the house is, and what was set aside."""
    checks = look(at=clock.real_now())
    level = worst(checks)
    context: dict[str, Any] = {
        "checks": checks,
        "state": (LEVEL_LABELS[level], LEVEL_TONES[level]),
        "queues": [row | {"label": words.drain(row["name"])} for row in queue.health(at=clock.real_now())],
        "parked": [(name, words.drain(name), row) for name, model in queue.drains() for row in _parked(model)],
    }
    return render(request, "desk/health.html", context)


@requires(P.SEE_HEALTH)
@require_POST
def retry(request: HttpRequest, drain: str, pk: str) -> HttpResponse:
    """Put one parked row back to work."""
    model = dict(queue.drains()).get(drain)
    if model is None:
        raise Http404
    services.retry_parked(drain=drain, model=model, pk=pk, by=request.user, at=clock.now())
    messages.success(request, "La tarea volvió a la fila.")
    return redirect("desk:health")


def _parked(model: type[Claimable]) -> list[Claimable]:
    rows: Any = model._default_manager.filter(parked_at__isnull=False, done_at=None)  # type: ignore[attr-defined]
    return list(rows.order_by("parked_at", "pk")[:SHOWN])

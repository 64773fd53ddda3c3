"""Taking one's own decision back, whatever room it belongs to."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from portal import clock, queue
from portal.access import Permission as P
from portal.access import requires
from portal.once.decorators import once_only


@requires(P.SEE_DESK)
@require_POST
@once_only("desk.undo")
def undo(request: HttpRequest, drain: str, pk: int) -> HttpResponse:
    """Undo what this person decided and lead them back to the thing; somebody else's decision is not found."""
    known = queue.undo_of(drain)
    if known is None:
        raise Http404
    model, service = known
    decision = get_object_or_404(model, pk=pk, by=request.user)
    service(decision=decision, by=request.user, at=clock.now())
    messages.success(request, "Deshiciste tu decisión: nada cambió y espera otra vez a que alguien decida.")
    return redirect(decision.href)

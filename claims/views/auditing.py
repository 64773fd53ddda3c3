"""What the auditor reads of claims: accumulators that are not what was booked on them."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from claims import listings
from portal.access import Permission as P
from portal.access import requires
from portal.listing import answer


@requires(P.SEE_AUDIT)
@require_safe
def differing(request: HttpRequest) -> HttpResponseBase:
    """Each accumulator that differs from its entries now."""
    crumbs = [("Auditoría", reverse("desk:audit")), ("Acumulados que no cuadran", "")]
    return answer(request, listings.DIFFERING, "claims/differing.html", {"crumbs": crumbs})

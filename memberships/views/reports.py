"""Reports of the desk: who owes and whom to call, what was collected, who is in which plan, who joined and left."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from memberships.listings import reports
from portal.access import Permission as P
from portal.access import requires
from portal.listing import Listing, answer

_COLLECTIONS = ("Cobranza", "treasury:deposits")
_AFFILIATIONS = ("Afiliaciones", "memberships:affiliations")


def _report(
    request: HttpRequest, listing: Listing, above: tuple[str, str], *, lead: str, empty: str
) -> HttpResponseBase:
    crumbs = [(above[0], reverse(above[1])), (listing.title, "")]
    context: dict[str, Any] = {"crumbs": crumbs, "lead": lead, "empty": empty}
    return answer(request, listing, "listing/report.html", context)


@requires(P.SEE_COLLECTIONS)
@require_safe
def dues_aged(request: HttpRequest) -> HttpResponseBase:
    """Families that owe, the oldest debt first, and whom to call."""
    lead = "Primero quien debe desde hace más tiempo. Los días se cuentan desde que venció cada mensualidad."
    return _report(request, reports.DUES_AGED, _COLLECTIONS, lead=lead, empty="Nadie debe nada.")


@requires(P.SEE_COLLECTIONS)
@require_safe
def suspended(request: HttpRequest) -> HttpResponseBase:
    """Families that are not covered: whom to call, the longest suspended first."""
    lead = "Familias sin cobertura. Primero las que llevan más tiempo."
    return _report(request, reports.SUSPENDED, _COLLECTIONS, lead=lead, empty="Ninguna familia está suspendida.")


@requires(P.SEE_COLLECTIONS)
@require_safe
def collected(request: HttpRequest) -> HttpResponseBase:
    """What was collected, by month and means."""
    lead = (
        "Lo que se pagó, por el mes de su fecha valor: los últimos doce meses, si no eliges otros días. "
        "No resta lo que se devolvió a las familias: eso está en Devoluciones."
    )
    return _report(request, reports.COLLECTED, _COLLECTIONS, lead=lead, empty="No hay pagos.")


@requires(P.SEE_COLLECTIONS)
@require_safe
def dues_payments(request: HttpRequest) -> HttpResponseBase:
    """Each payment that stands, newest first."""
    lead = "Pago por pago, con la familia de cada uno. Los que se deshicieron no cuentan."
    above = (reports.COLLECTED.title, "memberships:collected")
    return _report(request, reports.DUES_PAYMENTS, above, lead=lead, empty="No hay pagos.")


@requires(P.SEE_MEMBERSHIPS)
@require_safe
def active_by_plan(request: HttpRequest) -> HttpResponseBase:
    """Families in force by plan, what they owe and what is left over."""
    lead = "Familias vigentes hoy, plan por plan."
    return _report(request, reports.ACTIVE_BY_PLAN, _AFFILIATIONS, lead=lead, empty="No hay familias vigentes.")


@requires(P.SEE_MEMBERSHIPS)
@require_safe
def joins_and_ends(request: HttpRequest) -> HttpResponseBase:
    """Who joined and who left, with the reason."""
    lead = "Altas y bajas por día. Una baja sin motivo es de quien no pagó."
    return _report(request, reports.JOINS_AND_ENDS, _AFFILIATIONS, lead=lead, empty="No hay altas ni bajas.")

"""Reports of claims for analysts and auditors: a list of sums, its chart, its files."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from claims.selectors.reports import REPORTS, Report, chart_of
from portal.access import Permission as P
from portal.access import requires
from portal.listing import Page, answer

LABELS = {f"claims:{name}": report.listing.title for name, report in REPORTS.items()}


def _crumbs(report: Report, name: str) -> list[tuple[str, str]]:
    """The first report is where the menu leads; the others lie below it."""
    above = [] if name == "open_by_age" else [("Reportes", reverse("claims:open_by_age"))]
    return [*above, (report.listing.title, "")]


def _report(request: HttpRequest, name: str) -> HttpResponseBase:
    report = REPORTS[name]

    def around(_page: Page) -> dict[str, Any]:
        others = [(label, reverse(page)) for page, label in LABELS.items() if page != f"claims:{name}"]
        return {
            "crumbs": _crumbs(report, name),
            "lead": report.lead,
            "empty": report.empty,
            "others": others,
        }

    return answer(request, report.listing, "listing/report.html", around, draw=partial(chart_of, report))


@requires(P.SEE_CLAIM_REPORTS)
@require_safe
def open_by_age(request: HttpRequest) -> HttpResponseBase:
    """What waits for its answer, by how long."""
    return _report(request, "open_by_age")


@requires(P.SEE_CLAIM_REPORTS)
@require_safe
def decision_times(request: HttpRequest) -> HttpResponseBase:
    """How long decisions took, against what was promised and estimated."""
    return _report(request, "decision_times")


@requires(P.SEE_CLAIM_REPORTS)
@require_safe
def rounds(request: HttpRequest) -> HttpResponseBase:
    """How often documents were asked for before a decision."""
    return _report(request, "rounds")


@requires(P.SEE_CLAIM_REPORTS)
@require_safe
def amounts(request: HttpRequest) -> HttpResponseBase:
    """What was claimed and who bears it, by coverage and outcome."""
    return _report(request, "amounts")


@requires(P.SEE_CLAIM_REPORTS)
@require_safe
def looks(request: HttpRequest) -> HttpResponseBase:
    """What was decided by itself, and what a second person looked at."""
    return _report(request, "looks")


@requires(P.SEE_CLAIM_REPORTS)
@require_safe
def accumulators(request: HttpRequest) -> HttpResponseBase:
    """What buckets hold, policy by policy."""
    return _report(request, "accumulators")

"""Invoices of a month dropped at once: drop, check, send."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from billing import forms, services
from billing.selectors import bundles, pages, reach
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.people.models import Party

STRAYS = "#sueltos"


def _party(request: HttpRequest) -> Party | None:
    """Whose bundle; None for who may bill for nobody yet, because no RFC is proved."""
    if not request.user.proved_party_ids(P.BILL_ORDERS):
        return None
    return bundles.party_of(request.user, request.GET.get(bundles.PHYSICIAN, ""))


@requires(P.BILL_ORDERS)
@once_only("billing.fill_bundle")
def bundle(request: HttpRequest) -> HttpResponse:
    """Drop XML and PDF, many at once or one a request; what pairs is a draft, what does not says why."""
    party, problem = _party(request), None
    if party is None:
        context = {"unproved": pages.unproved(request.user), "crumbs": [("Varias facturas a la vez", "")]}
        return render(request, "billing/bundle_unproved.html", context)
    if request.method == "POST":
        uploads = request.FILES.getlist("files")
        try:
            services.add_to_bundle(party=party, uploads=uploads, by=request.user, at=clock.now())
            return redirect(bundles.address("billing:bundle", party))
        except RuleBroken as refused:
            problem = refused
    context = bundles.page(request.user, party) | {"form": forms.BundleForm(), "problem": problem}
    return render(request, "billing/bundle.html", context, status=problem.status if problem else 200)


@requires(P.BILL_ORDERS)
@once_only("billing.send_bundle")
def bundle_review(request: HttpRequest) -> HttpResponse:
    """What is about to be sent, to be looked at once more; then all of it, each answered by itself."""
    party = _party(request)
    found = bundles.open_bundle(party) if party else None
    if party is None or found is None:
        return redirect("billing:bundle") if request.method == "POST" else bundle(request)
    if request.method == "POST":
        services.send_bundle(bundle=found, by=request.user, at=clock.now())
        return redirect("billing:bundle_sent", pk=found.pk)
    return render(request, "billing/bundle_review.html", bundles.review(request.user, party))


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.close_bundle")
def bundle_close(request: HttpRequest) -> HttpResponse:
    """Put what was dropped away: the next files begin anew."""
    party = _party(request)
    found = bundles.open_bundle(party) if party else None
    if found is not None:
        services.close_bundle(bundle=found, by=request.user, at=clock.now())
        messages.success(request, "Cerramos el paquete. Sus borradores siguen en tus facturas.")
    return redirect(bundles.address("billing:bundle", party) if party else "billing:bundle")


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.remove_stray")
def remove_stray(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file that matched nothing out of its bundle; it can be put back there."""
    found = services.remove_stray(file=bundles.own_file(request.user, pk), by=request.user, at=clock.now())
    return redirect(bundles.address("billing:bundle", found.bundle.party) + STRAYS)


@requires(P.BILL_ORDERS)
@require_POST
@once_only("billing.put_stray_back")
def put_stray_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo that."""
    found = services.put_stray_back(file=bundles.own_file(request.user, pk), by=request.user, at=clock.now())
    return redirect(bundles.address("billing:bundle", found.bundle.party) + STRAYS)


@requires(P.BILL_ORDERS)
@require_safe
def bundle_sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What became of each: its folio, or what it still lacks."""
    return render(request, "billing/bundle_sent.html", bundles.sent(reach.bundle(request.user, pk), on=clock.today()))

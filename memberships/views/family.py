"""What people see of their own families."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memberships import forms, listings, questions, selectors, services
from memberships.models import CoveredPerson, Membership, titular_is
from portal import clock
from portal.access import Permission as P
from portal.access import public, requires
from portal.design.asking import asks
from portal.errors import UNPROCESSABLE
from portal.history.services import record_access
from portal.listing import answer
from portal.once.decorators import once_only

HOME = "Mi membresía"


@public("Quien quiere afiliarse ve los planes y sus precios sin entrar.")
@require_safe
def offered(request: HttpRequest) -> HttpResponse:
    """Plans, what a month costs and what it gives (S1.1)."""
    context = {"plans": selectors.offered_plans(on=clock.today()), "contact": selectors.contact(), "crumbs": []}
    return render(request, "memberships/offered.html", context)


@requires(P.SEE_OWN_MEMBERSHIP)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One's own families: where each stands and why, what is due, who is of it (N17)."""
    return _show(request)


def _show(request: HttpRequest, form: forms.ReasonForm | None = None, *, refused: UUID | None = None) -> HttpResponse:
    on = clock.today()
    at = clock.now()
    families = selectors.families_of(request.user, at=at)
    shown = [
        (
            one,
            questions.cancel_own(one.membership),
            form if form and one.membership.pk == refused else forms.ReasonForm(),
            selectors.family_told(one.membership, on=on, pays=one.pays, grows=one.grows) if one.shows_dues else None,
        )
        for one in families
    ]
    only = shown[0][-1] if len(shown) == 1 else None  # several: each says its own
    context = {
        "families": shown,
        "certificates": selectors.certificates_of(request.user, at=at),
        "told": only,
        "contact": selectors.contact(),
        "crumbs": [],
    }
    return render(request, "memberships/home.html", context, status=UNPROCESSABLE if form else 200)


@requires(P.SEE_OWN_MEMBERSHIP)
@require_safe
def charges(request: HttpRequest) -> HttpResponseBase:
    """Months charged, of families whose titular one is."""
    context = {"crumbs": [(HOME, reverse("memberships:home")), ("Mensualidades", "")]}
    return answer(request, listings.CHARGES, "memberships/charges.html", context)


@requires(P.SEE_OWN_MEMBERSHIP)
@require_safe
def statement(request: HttpRequest) -> HttpResponseBase:
    """What was charged and paid, with its corrections."""
    crumbs = [(HOME, reverse("memberships:home")), ("Mi estado de cuenta", "")]
    context = {"crumbs": crumbs, "refunds": selectors.refunds_under_way(request.user, at=clock.now())}  # type: ignore[arg-type]
    return answer(request, listings.STATEMENT, "memberships/statement.html", context)


@requires(P.SEE_OWN_MEMBERSHIP)
@require_safe
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person of one's own families: what of them may be seen today, and why not what may not (AC-05)."""
    found, on = get_object_or_404(CoveredPerson.objects.of_member(request.user), pk=pk), clock.today()
    stay = selectors.stay_to_manage(request.user, found, on=on)
    invites = stay is not None and stay in selectors.invitable(stay.membership, on=on)
    shown = selectors.person_page(request.user, found, on=on)
    href = reverse("memberships:invite_adult", args=[stay.pk]) if stay and invites else ""
    if shown.conditions:  # what is clinical is never read without a trace (AD-01)
        record_access(subject=found, by=request.user, at=clock.now(), party_id=found.party_id)
    context = {
        "person": found,
        "ends": questions.end_member(stay) if stay else None,
        "shown": shown,
        "told": selectors.person_told(found, sees_imss=shown.sees_imss, invites=href),
        "crumbs": [(HOME, reverse("memberships:home")), (found.as_printed, "")],
    }
    return render(request, "memberships/person.html", context)


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("memberships.share")
def share(request: HttpRequest) -> HttpResponse:
    """What an adult lets their titular see; taking it back counts at once."""
    offers = selectors.shares_of(request.user, on=clock.today())
    if request.method == "POST":
        chosen = {offer.member.pk: request.POST.getlist(f"que_{offer.member.pk}") for offer in offers}
        shown = {offer.member.pk: request.POST.getlist(f"visto_{offer.member.pk}") for offer in offers}
        services.set_shares(chosen=chosen, shown=shown, by=request.user, at=clock.now())
        messages.success(request, "Guardamos lo que compartes.")
        return redirect("memberships:share")
    crumbs = [(HOME, reverse("memberships:home")), ("Lo que comparto", "")]
    return render(request, "memberships/share.html", {"offers": offers, "crumbs": crumbs})


def _own(request: HttpRequest, pk: UUID) -> Membership:
    rows = Membership.objects.of_member(request.user).dues().filter(titular_is(request.user))
    return get_object_or_404(rows, pk=pk)


@requires(P.MANAGE_OWN_MEMBERSHIP)
@require_POST
@asks(lambda request, pk: questions.cancel_own(_own(request, pk)))
@once_only("memberships.cancel_own")
def cancel_own(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The titular ends the family's membership."""
    found, form = _own(request, pk), forms.ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, form, refused=pk)
    services.cancel_membership(membership=found, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
    messages.success(request, "Recibimos tu cancelación. Te escribimos con el día en que termina.")
    return redirect("memberships:home")

"""Somebody's papers at the desk: their card, our constancia, and the one that the IMSS issued (S1.2-S1.5, C16)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from memberships import forms, questions, selectors, services
from memberships.models import Member
from portal import clock
from portal.access import Permission as P
from portal.access import may, requires
from portal.design.asking import asks
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


def _stay(pk: UUID) -> Member:
    stays = Member.objects.joined().filter(membership__kind="membership")
    return get_object_or_404(stays.select_related("person__party", "membership__plan"), pk=pk)


def _show(
    request: HttpRequest,
    stay: Member,
    *,
    card: forms.CardForm | None = None,
    imss: forms.ImssConstanciaForm | None = None,
    status: int = UNPROCESSABLE,
) -> HttpResponse:
    user: Any = request.user
    family = stay.membership
    acts = stay.gets_papers(on=clock.today()) and may(user, P.AFFILIATE)
    context = {
        "stay": stay,
        "papers": selectors.papers_at_desk(stay, user=user),
        "card": card or forms.CardForm(auto_id="id_credencial_%s"),
        "imss": imss or forms.ImssConstanciaForm(auto_id="id_imss_%s"),
        "acts": acts,
        "question": questions.reissue_card(stay) if acts and stay.card_id else None,
        "crumbs": [
            ("Afiliaciones", reverse("memberships:affiliations")),
            (family.folio, reverse("memberships:affiliation", args=[family.pk])),
            (stay.person.as_printed, ""),
        ],
    }
    return render(request, "memberships/desk/papers.html", context, status=status if card or imss else 200)


@requires(P.SEE_MEMBERSHIPS)
@require_safe
def member_papers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A person's papers, and where the IMSS's own is uploaded."""
    return _show(request, _stay(pk))


@requires(P.AFFILIATE)
@require_POST
@asks(lambda request, pk: questions.reissue_card(_stay(pk)))
@once_only("memberships.reissue_card")
def reissue_card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new card: the one before is void."""
    user: Any = request.user
    stay, form = _stay(pk), forms.CardForm(request.POST, auto_id="id_credencial_%s")
    if not form.is_valid():
        return _show(request, stay, card=form)
    services.reissue_card(member=stay, reason=form.cleaned_data["reason"], by=user, at=clock.now())
    messages.success(
        request, "La credencial anterior ya no vale. La nueva le llega a quien puede verla y tiene perfil."
    )
    return redirect("memberships:member_papers", pk=pk)


@requires(P.AFFILIATE)
@require_POST
@once_only("memberships.imss_constancia")
def imss_constancia(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the PDF that the IMSS issued of a person."""
    user: Any = request.user
    stay = _stay(pk)
    form = forms.ImssConstanciaForm(request.POST, request.FILES, auto_id="id_imss_%s")
    if form.is_valid():
        try:
            services.keep_imss_constancia(member=stay, upload=form.cleaned_data["file"], by=user, at=clock.now())
        except RuleBroken as problem:
            if not stay.gets_papers(on=clock.today()):
                raise  # its page has no form any more that could say so
            refuse(form, problem)
            return _show(request, stay, imss=form, status=problem.status)
        else:
            messages.success(request, "Guardamos la constancia del IMSS. Le llega a quien puede verla y tiene perfil.")
            return redirect("memberships:member_papers", pk=pk)
    return _show(request, stay, imss=form)

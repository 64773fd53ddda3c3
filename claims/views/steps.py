"""What the steps of a draft share: their page, its refusals, the way out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from claims.models import Claim
from claims.selectors import pages
from portal.design.asking import Question


def show(
    request: HttpRequest, claim: Claim, page: str, template: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """A step's page, `page` by its URL name; the others are led to. An event and an appeal have steps of their own."""
    steps, here = pages.steps_of(claim), reverse(page, args=[claim.pk])
    crumbs = [("Trámites", reverse("claims:claims")), ("Borrador", "")]
    context = {
        "claim": claim,
        "steps": steps,
        "step": next((place for place, (_label, at) in enumerate(steps, 1) if at == here), len(steps)),
        "crumbs": crumbs,
        "discard": discarding(claim),
    }
    return render(request, template, context | more, status=status)


def discarding(claim: Claim) -> Question:
    """What is asked before a draft is dropped."""
    return Question(
        id="descartar",
        title="¿Descartar este borrador?",
        text="Sus archivos dejan de estar en él. No se puede deshacer.",
        label="Descartar borrador",
        keep="Conservarlo",
        action=reverse("claims:discard", args=[claim.pk]),
        back=reverse("claims:draft", args=[claim.pk]),
    )

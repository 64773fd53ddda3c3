"""An adult's «sí» to a claim that somebody files for them: their page, the way back, asking once more (AC-05)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from claims import selectors, services
from claims.forms import AssentForm
from claims.models import Assent
from claims.selectors import reach
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design import dates
from portal.design.asking import Question, asks
from portal.design.forms import refuse
from portal.errors import RuleBroken
from portal.once.decorators import once_only


@requires(P.SEE_OWN_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.give_assent")
def assent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who files what for me, what my «sí» opens, and until when; the button gives it."""
    found = reach.assent(request.user, pk)
    text, problem = selectors.text_of(found.claim), None
    form = AssentForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and text is not None:
        try:
            services.give_assent(assent=found, text=text, by=request.user, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
            problem = broken
        else:
            messages.success(request, "Diste tu «sí». Lo puedes retirar cuando quieras desde esta página.")
            return redirect("claims:assent", pk=pk)
    claim = found.claim
    context = {
        "assent": found,
        "claim": claim,
        "text": text,
        "form": form,
        "facts": _facts(found),
        "ending": ending(found),
        "crumbs": [("Trámites", reverse("claims:claims")), ("Tu «sí»", "")],
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "claims/assent.html", context, status=status)


def _facts(found: Assent) -> list[tuple[str, str]]:
    claim = found.claim
    told = [
        ("Quién lo presenta", str(claim.filed_by)),
        ("Para quién", claim.affected.as_printed),
        ("Qué pide", claim.kind_label),
        ("Cobertura", f"{claim.coverage.label}, {claim.coverage.plan.party.name}"),
        ("Te lo pidió", dates.instant(found.asked_at)),
    ]
    if claim.folio:
        told.append(("Folio", claim.folio))
    if found.given_at:
        told.append(("Diste tu «sí»", dates.instant(found.given_at)))
    return told


def ending(found: Assent) -> Question:
    """What is asked before a «sí» is refused or taken back."""
    given = found.given_at is not None
    sent = "Lo que ya se envió sigue su curso." if found.claim.folio else "Sin tu «sí» no lo puede enviar."
    return Question(
        id="retirar",
        title="¿Retirar tu «sí»?" if given else "¿No dar tu «sí»?",
        text=f"{found.claim.filed_by} deja de ver los documentos de este trámite. {sent}",
        label="Retirar mi «sí»" if given else "No dar mi «sí»",
        keep="Dejarlo como está",
        action=reverse("claims:end_assent", args=[found.pk]),
        back=reverse("claims:assent", args=[found.pk]),
    )


def _asked(request: HttpRequest, pk: UUID) -> Question:
    return ending(reach.assent(request.user, pk))


@requires(P.SEE_OWN_CLAIMS)
@require_POST
@asks(_asked)
@once_only("claims.end_assent")
def end_assent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse it, or take it back."""
    services.end_assent(assent=reach.assent(request.user, pk), by=request.user, at=clock.now())
    messages.success(request, "Listo: quien lo presenta ve de él, si acaso, folio, estado e importes.")
    return redirect("claims:assent", pk=pk)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.ask_assent")
def ask_assent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the affected adult for their «sí»: they opened an account meanwhile, or took it back."""
    claim = reach.draft(request.user, pk)
    selectors.require_filing(request.user, claim, on=clock.today())
    services.ask_assent(claim=claim, by=request.user, at=clock.now())
    messages.success(request, "Le pedimos su «sí». Te avisamos en cuanto lo dé.")
    return redirect("claims:claim", folio=claim.folio) if claim.folio else redirect("claims:papers", pk=pk)

"""A family follows what it sent: under way, over, one of them with every peso explained (S3.28-S3.34)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from claims import listings, services
from claims.forms import MessageForm
from claims.models import Claim
from claims.selectors import asked_of, pages, promises, reach, sees_all_of
from claims.selectors.following import what_follows
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import Question, asks
from portal.listing import answer
from portal.once.decorators import once_only


@requires(P.SEE_OWN_CLAIMS)
@require_safe
def claims(request: HttpRequest) -> HttpResponseBase:
    """What is under way, and the drafts that wait for their filer."""
    drafts = Claim.objects.drafts_of(request.user).select_related("affected", "coverage").order_by("-changed_at", "-pk")
    context = {"crumbs": [], "drafts": list(drafts), "asked": list(asked_of(request.user))}
    return answer(request, listings.UNDER_WAY_LIST, "claims/claims.html", context)


@requires(P.SEE_OWN_CLAIMS)
@require_safe
def history(request: HttpRequest) -> HttpResponseBase:
    """What is over, by folio or person."""
    crumbs = [("Trámites", reverse("claims:claims")), ("Historial", "")]
    return answer(request, listings.HISTORY, "claims/history.html", {"crumbs": crumbs})


@requires(P.SEE_OWN_CLAIMS)
@require_safe
def claim(request: HttpRequest, folio: str) -> HttpResponse:
    """One claim: who moves next, by when, what was decided line by line, its papers and what happened."""
    return show(request, reach.own_claim(request.user, folio))


def show(request: HttpRequest, found: Claim, *, status: int = 200, writing: MessageForm | None = None) -> HttpResponse:
    """The claim's page, with what is being written to the desk."""
    context = pages.claim_page(found, user=request.user, at=clock.now())
    context |= {"withdraw": withdrawing(found), "assent": reach.assent_to(request.user, found)}
    context["further"] = what_follows(found, user=request.user, at=clock.now())  # type: ignore[arg-type]
    context["can_ask"] = pages.can_ask(request.user, found, on=clock.today())
    context["writing"] = writing or MessageForm()
    return render(request, "claims/claim.html", context, status=status)


@requires(P.SEE_OWN_CLAIMS)
@require_safe
def done(request: HttpRequest, folio: str) -> HttpResponse:
    """Proof that it arrived: folio, by when it is answered, the receipt; may be opened again any time."""
    found = reach.own_claim(request.user, folio)
    if not pages.is_under_way(found):
        return redirect("claims:claim", folio=folio)
    whole = sees_all_of(request.user, found, on=clock.today())
    context = {
        "claim": found,
        "receipt": reverse("papers:document", args=[found.receipt_id]) if whole and found.receipt_id else "",
        "facts": pages.sent_facts(found),
        "email": found.filed_by.email if found.filed_by_id == request.user.pk else "",
        "next_steps": [
            "Una persona de dictamen lo toma; te avisamos.",
            *promises.sentences(found, at=clock.now()),
            "En su página ves el detalle de cada renglón.",
        ],
        "crumbs": [("Trámites", reverse("claims:claims")), (found.folio, "")],
    }
    return render(request, "claims/done.html", context)


def withdrawing(claim: Claim) -> Question:
    """What is asked before a claim is taken back."""
    return Question(
        id="retirar",
        title=f"¿Retirar el trámite {claim.folio}?",
        text="Deja de revisarse y sus facturas quedan libres para otro trámite. No se puede deshacer.",
        label="Retirar trámite",
        keep="Dejarlo como está",
        action=reverse("claims:withdraw", args=[claim.folio]),
        back=reverse("claims:claim", args=[claim.folio]),
    )


def _filed(request: HttpRequest, folio: str) -> Claim:
    return reach.filed_claim(request.user, folio)


def _asked(request: HttpRequest, folio: str) -> Question:
    return withdrawing(_filed(request, folio))


@requires(P.FILE_CLAIMS)
@require_POST
@asks(_asked)
@once_only("claims.withdraw")
def withdraw(request: HttpRequest, folio: str) -> HttpResponse:
    """Take a claim back before it is decided."""
    services.withdraw_claim(claim=_filed(request, folio), by=request.user, at=clock.now())
    messages.success(request, "Retiraste el trámite. Puedes presentar sus facturas en otro.")
    return redirect("claims:claim", folio=folio)

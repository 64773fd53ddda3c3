"""A family answers what it is asked for, thing by thing, and writes to the desk (S3.34, N14)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from claims import forms, selectors, services
from claims.models import Claim, DocumentRequest
from claims.selectors import pages, reach
from claims.views import following
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.design.saving import saved, saves
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.once.decorators import once_only


@requires(P.FILE_CLAIMS)
@require_safe
def pending(request: HttpRequest, folio: str) -> HttpResponse:
    """Everything that is asked for at once: why, an example, by when, and where each thing is answered."""
    claim = reach.answered_claim(request.user, folio, on=clock.today())
    wanted = selectors.open_request(claim)
    return redirect("claims:claim", folio=folio) if wanted is None else _pending(request, claim, wanted)


def _pending(
    request: HttpRequest, claim: Claim, wanted: DocumentRequest, *, status: int = 200, **more: Any
) -> HttpResponse:
    texts = selectors.lacking_consents(claim, on=clock.today()) if claim.filed_by_id == request.user.pk else []
    noting = more.pop("noting", None)
    rows = [
        (
            row,
            forms.PaperForm(
                label=row.item.label, hint="PDF, JPG o foto.", accept=pages.ACCEPT, auto_id=f"a{row.item.place}_%s"
            ),
            noting[1]
            if noting and noting[0] == row.item.pk
            else forms.NoteForm(initial={"note": row.item.note}, auto_id=f"n{row.item.place}_%s"),
        )
        for row in selectors.asked_rows(wanted)
    ]
    context = {
        "claim": claim,
        "wanted": wanted,
        "rows": rows,
        "texts": texts,
        "consents": forms.ConsentsForm(texts=texts),
        "late": wanted.due.is_over(on=clock.today()),
        "problem": None,
        "crumbs": [
            ("Trámites", reverse("claims:claims")),
            (claim.folio, reverse("claims:claim", args=[claim.folio])),
            ("Documentos pendientes", ""),
        ],
    }
    return render(request, "claims/pending.html", context | more, status=status)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.answer")
def answer(request: HttpRequest, folio: str, item: UUID) -> HttpResponse:
    """Answer one thing: files, an observation, or both; a bad file costs no good one."""
    claim, found = reach.asked_item(request.user, folio, item, on=clock.today())
    note, uploads, told = None, [] if saves(request) else request.FILES.getlist("files"), list[services.Refused]()
    if "note" in request.POST:
        form = forms.NoteForm(request.POST, auto_id=f"n{found.place}_%s")
        if not form.is_valid():
            more = {"noting": (found.pk, form)}
            return saved(form) if saves(request) else _pending(request, claim, found.request, status=422, **more)
        note = form.cleaned_data["note"]
    if note is None and not uploads:
        told.append(services.Refused("", RuleBroken("Elige el archivo que vas a subir.", code="no_file")))
    else:
        acts = {"item": found, "note": note, "uploads": uploads}
        told += services.answer_item(**acts, by=request.user, at=clock.now())[1]
    if note is not None and saves(request):
        return saved(form)
    if told:
        first = told[0].problem
        return _pending(request, claim, found.request, status=first.status, problem=first, problems=told)
    return redirect(f"{reverse('claims:pending', args=[folio])}#pedido-{found.place}")


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.remove_answer")
def remove_answer(request: HttpRequest, folio: str, item: UUID) -> HttpResponse:
    """Take a file out of an answer; the page offers to put it back."""
    file = reach.answer_file(request.user, folio, item, on=clock.today())
    services.remove_answer(item=file, by=request.user, at=clock.now())
    return redirect("claims:pending", folio=folio)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.put_answer_back")
def put_answer_back(request: HttpRequest, folio: str, item: UUID) -> HttpResponse:
    """Undo that."""
    file = reach.answer_file(request.user, folio, item, on=clock.today())
    services.put_answer_back(item=file, by=request.user, at=clock.now())
    return redirect("claims:pending", folio=folio)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.consent_answer")
def consent_answer(request: HttpRequest, folio: str) -> HttpResponse:
    """Accept the texts that come before the first file, for who answers a claim that another filed."""
    claim, wanted = reach.asked_claim(request.user, folio, on=clock.today())
    texts = selectors.lacking_consents(claim, on=clock.today())
    form = forms.ConsentsForm(request.POST, texts=texts)
    if not form.is_valid():
        return _pending(request, claim, wanted, status=UNPROCESSABLE, consents=form)
    services.accept_texts(claim=claim, texts=texts, by=request.user, at=clock.now())
    return redirect("claims:pending", folio=folio)


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.complete")
def complete(request: HttpRequest, folio: str) -> HttpResponse:
    """Every answer once more with «Cambiar»; «Ya completé lo solicitado» sends them to be looked at."""
    if request.method != "POST":
        return _checked(request, folio)
    claim, wanted = reach.asked_claim(request.user, folio, on=clock.today())
    try:
        services.complete_request(request=wanted, by=request.user, at=clock.now())
    except RuleBroken as problem:
        told = [services.Refused("", problem)]
        return _pending(request, claim, wanted, status=problem.status, problem=problem, lacks=problem, problems=told)
    messages.success(request, "Recibimos lo que te pedimos. Seguimos revisando tu trámite.")
    return redirect("claims:claim", folio=folio)


def _checked(request: HttpRequest, folio: str) -> HttpResponse:
    claim = reach.answered_claim(request.user, folio, on=clock.today())
    wanted = selectors.open_request(claim)
    if wanted is None:
        return redirect("claims:claim", folio=folio)
    page, rows = reverse("claims:pending", args=[folio]), selectors.asked_rows(wanted)
    context = {
        "claim": claim,
        "answers": [(row.item.label, row.told or "Falta contestar", f"{page}#pedido-{row.item.place}") for row in rows],
        "lacks": [row.item.label for row in rows if not row.told],
        "due_on": wanted.due.due_on,
        "crumbs": [
            ("Trámites", reverse("claims:claims")),
            (claim.folio, reverse("claims:claim", args=[claim.folio])),
            ("Documentos pendientes", page),
            ("Revisar y enviar", ""),
        ],
    }
    return render(request, "claims/pending_check.html", context)


@requires(P.SEE_OWN_CLAIMS)
@require_POST
@once_only("claims.write")
def write(request: HttpRequest, folio: str) -> HttpResponse:
    """Write to the desk about a claim."""
    claim, form = reach.own_claim(request.user, folio), forms.MessageForm(request.POST)
    status = UNPROCESSABLE
    if form.is_valid():
        try:
            services.write_message(claim=claim, text=form.cleaned_data["text"], by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
            status = problem.status
        else:
            return redirect(f"{reverse('claims:claim', args=[folio])}#mensajes")
    return following.show(request, claim, status=status, writing=form)

"""A family files: what is needed, then who and what, documents, payment, check and send (S3.11-S3.27)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from claims import forms, selectors, services
from claims.models import Claim
from claims.rules.papers import PAPER_LABELS
from claims.selectors import pages, reach
from claims.views.further import draft_reasons
from claims.views.steps import discarding, show
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import Question, asks
from portal.design.forms import tried
from portal.design.saving import saved, saves
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.papers.rules import FileVerdict

if TYPE_CHECKING:
    pass


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.start")
def new(request: HttpRequest) -> HttpResponse:
    """What a claim needs, how long it takes; the button begins a draft."""
    user, problem = request.user, None
    if request.method == "POST":
        try:
            claim = services.start_claim(by=user, at=clock.now())
        except RuleBroken as refused:
            problem = refused
        else:
            return redirect("claims:draft", pk=claim.pk)
    context = {
        "problem": problem,
        "way": (problem and problem.way) or ("", ""),
        "needs": pages.needs(user, on=clock.today()),
        "alone": pages.alone(user, on=clock.today()),
        "crumbs": [("Trámites", reverse("claims:claims")), ("Registrar trámite", "")],
    }
    return render(request, "claims/new.html", context, status=problem.status if problem else 200)


def _mine(request: HttpRequest, pk: UUID) -> Claim:
    return reach.draft(request.user, pk)


def _open(request: HttpRequest, pk: UUID) -> Claim:
    """The same, still theirs to file: whoever may not any more only discards it."""
    claim = _mine(request, pk)
    if not claim.folio:
        selectors.require_filing(request.user, claim, on=clock.today())
    return claim


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.change")
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step 1: whom it is of, under which coverage, which illness."""
    claim, user, on = _mine(request, pk), request.user, clock.today()
    if claim.folio:
        return redirect("claims:claim", folio=claim.folio)
    if pages.is_appeal(claim):
        return draft_reasons(request, claim, pk)
    if not selectors.may_file(user, claim, on=on) and selectors.files_of(claim).exists():
        status = 409 if request.method == "POST" else 200
        return show(request, claim, "claims:draft", "claims/draft.html", status=status, lost=selectors.NO_LONGER)
    first = {"choice": f"{claim.affected_id}:{claim.coverage_id}"}
    first["what"] = forms.EVENT if pages.is_event(claim) else forms.PAID
    first["condition"] = forms.PENDING if claim.condition_pending else str(claim.condition_id or "")
    chosen = request.POST.get("choice", first["choice"])
    choices = pages.choices_for(user, claim, on=on)
    person = next((one.person for one in choices if one.key == chosen), claim.affected)
    data = request.POST.copy() if request.method == "POST" else None
    moves = chosen != first["choice"]
    if data is not None and saves(request) and moves:
        data["condition"] = ""  # an illness is another person's now: the page offers theirs
    form = forms.WhoForm(
        data,
        initial=first,
        choices=choices,
        conditions=pages.conditions_for(user, claim, person, on=on),
    )
    status = 200
    if form.is_bound:
        status = tried(form, lambda: services.describe_draft(claim=claim, **form.told(), by=user, at=clock.now()))
        if saves(request):
            return saved(form, status=status, again=moves)
        if not status:
            return redirect(pages.after_first(_mine(request, pk)), pk=pk)
    return show(
        request, claim, "claims:draft", "claims/draft.html", status=status, form=form, alone=pages.alone(user, on=on)
    )


@requires(P.FILE_CLAIMS)
@require_safe
def papers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step 2: each document with where it stands; consents come first."""
    claim = _open(request, pk)
    return redirect("claims:claim", folio=claim.folio) if claim.folio else _papers(request, claim)


def _papers(request: HttpRequest, claim: Claim, *, status: int = 200, **more: Any) -> HttpResponse:
    texts = selectors.lacking_consents(claim, on=clock.today())
    if not texts and selectors.waits_for_assent(claim, on=clock.today()):
        return _waiting(request, claim, status=status, **more)
    lacks = selectors.lacks_of(claim, at=clock.now())
    slots = [
        (slot, forms.PaperForm(label=slot.label, hint=slot.hint, accept=pages.ACCEPT, auto_id=f"{slot.document}_%s"))
        for slot in pages.slots_of(claim, lacks, on=clock.today())
    ]
    people = selectors.without_rfc(claim, on=clock.today())
    context = {
        "texts": texts,
        "consents": forms.ConsentsForm(texts=texts),
        "slots": slots,
        "files": list(selectors.files_of(claim)),
        "removed": list(selectors.removed_files_of(claim)),
        "invoices": [(one, told, lack, forms.InvoiceOfForm.of(one)) for one, told, lack in pages.invoice_rows(claim)],
        "giving": forms.RfcForm(people=people, auto_id="rfc_%s") if people else None,
        "problem": None,
        "most": claim.submissions.get(number=1),
        "go_on": pages.after_papers(claim),
    }
    return show(request, claim, "claims:papers", "claims/papers.html", status=status, **(context | more))


def _waiting(request: HttpRequest, claim: Claim, *, status: int = 200, **more: Any) -> HttpResponse:
    """Step 2 while the affected adult has not said «sí»: nothing of theirs comes in, and nothing is shown."""
    context = {"assent": selectors.assent_of(claim), "files_kept": selectors.files_of(claim).count()}
    return show(request, claim, "claims:papers", "claims/waiting.html", status=status, **(context | more))


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.consent")
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept the texts that come before the first file, each by its own box."""
    claim = _open(request, pk)
    texts = selectors.lacking_consents(claim, on=clock.today())
    form, told = forms.ConsentsForm(request.POST, texts=texts), {"claim": claim, "texts": texts}
    status = tried(form, lambda: services.accept_texts(**told, by=request.user, at=clock.now()))
    return _papers(request, claim, status=status, consents=form) if status else redirect("claims:papers", pk=pk)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.attach")
def attach(request: HttpRequest, pk: UUID, document: str) -> HttpResponse:
    """Drop files of one kind, many at once or one a request; a bad one costs no good one."""
    if document not in PAPER_LABELS:
        raise Http404
    claim, uploads, told = _open(request, pk), request.FILES.getlist("files"), list[services.Refused]()
    if claim.folio:
        return redirect("claims:claim", folio=claim.folio)
    if not uploads:
        told.append(services.Refused("", RuleBroken("Elige el archivo que vas a subir.", code="no_file")))
    else:
        try:
            acts = {"claim": claim, "uploads": uploads, "document": document}
            told += services.add_files(**acts, by=request.user, at=clock.now())[1]
        except RuleBroken as problem:
            told.append(services.Refused("", problem))
    if told:
        first = told[0].problem
        return _papers(request, _mine(request, pk), status=first.status, problem=first, problems=told)
    return redirect(f"{reverse('claims:papers', args=[pk])}#{document}")


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.remove_file")
def remove_file(request: HttpRequest, pk: UUID, item: UUID) -> HttpResponse:
    """Take a file out; the page offers to put it back."""
    claim, file = reach.draft_file(request.user, pk, item)
    services.remove_file(claim=claim, item=file, by=request.user, at=clock.now())
    return redirect("claims:papers", pk=pk)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.put_file_back")
def put_file_back(request: HttpRequest, pk: UUID, item: UUID) -> HttpResponse:
    """Undo that."""
    claim, file = reach.draft_file(request.user, pk, item)
    services.put_file_back(claim=claim, item=file, by=request.user, at=clock.now())
    return redirect("claims:papers", pk=pk)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.correct_invoice")
def correct_invoice(request: HttpRequest, pk: UUID, invoice: UUID) -> HttpResponse:
    """Say what an invoice is of."""
    claim, found = reach.draft_invoice(request.user, pk, invoice)
    form = forms.InvoiceOfForm.of(found, request.POST)
    form.is_valid()
    services.correct_invoice(claim=claim, invoice=found, **form.cleaned_data, by=request.user, at=clock.now())
    return redirect("claims:papers", pk=pk)


@requires(P.FILE_CLAIMS)
@require_POST
@once_only("claims.give_rfc")
def give_rfc(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell the RFC that an invoice bears and nobody told before; it is uploaded again to be judged by it."""
    claim = _open(request, pk)
    people = selectors.without_rfc(claim, on=clock.today())
    form = forms.RfcForm(request.POST, people=people, auto_id="rfc_%s")
    told = {"claim": claim, "by": request.user, "at": clock.now()}
    if status := tried(form, lambda: services.give_rfc(**form.cleaned_data, **told)):
        return _papers(request, claim, status=status, giving=form)
    messages.success(request, "Guardamos su RFC. Quita la factura y súbela otra vez: ya se revisa con él.")
    return redirect("claims:papers", pk=pk)


@requires(P.FILE_CLAIMS)
@require_safe
def payment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step 3: who is paid, and how their account stands."""
    claim = _open(request, pk)
    if claim.folio:
        return redirect("claims:claim", folio=claim.folio)
    standing, facts = pages.payment_facts(claim, at=clock.now())
    page = pages.account_page(request.user, claim)  # type: ignore[arg-type]
    more = {"has_account": standing != "none", "facts": facts, "account_page": page}
    return show(request, claim, "claims:payment", "claims/payment.html", **more)


@requires(P.FILE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.submit")
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Step 4: every answer and every file name; then the folio."""
    claim, user = _open(request, pk), request.user
    if claim.folio and request.method != "POST":
        return redirect("claims:claim", folio=claim.folio)
    form, status = forms.SendForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = tried(form, lambda: services.submit_claim(claim=claim, consented=True, by=user, at=clock.now()))
        if not status:
            return redirect("claims:done", folio=_mine(request, pk).folio)
    whole = selectors.sees_all_of(user, claim, on=clock.today())
    more = {
        "form": form,
        "answers": pages.answers_of(claim, whole=whole),
        "files": list(selectors.files_of(claim)) if whole else [],
        "lacks": pages.lacking(claim, at=clock.now()),
        "files_wait": selectors.files_of(claim).filter(file__verdict=FileVerdict.PENDING).exists(),
    }
    return show(request, claim, "claims:check", "claims/check.html", status=status, **more)


def _asked_discard(request: HttpRequest, pk: UUID) -> Question:
    return discarding(_mine(request, pk))


@requires(P.FILE_CLAIMS)
@require_POST
@asks(_asked_discard)
@once_only("claims.discard")
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Drop a draft."""
    services.discard_claim(claim=_mine(request, pk), by=request.user, at=clock.now())
    messages.success(request, "Descartamos el borrador.")
    return redirect("claims:claims")

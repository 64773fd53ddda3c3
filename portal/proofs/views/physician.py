"""A physician proves that their RFC is their own (AC-11)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import Conflict, Finding, RuleBroken, TooMany
from portal.once.decorators import once_only
from portal.papers import services as papers
from portal.papers.keeping import KeptFile
from portal.people import services as accounts
from portal.people.models import Party, User
from portal.proofs import rules, selectors, services
from portal.proofs.forms import CodeForm, PaperForm


def _own(request: HttpRequest) -> Party:
    """The party whose RFC this person may prove: the physician's own; an assistant has none."""
    user: Any = request.user
    return selectors.get_own(user)


def _kept(request: HttpRequest, form: PaperForm) -> KeptFile:
    return KeptFile(form, rules.PURPOSE, by=_user(request), at=clock.now())


def _page(request: HttpRequest, status: int = 200, **bound: Any) -> HttpResponse:
    kept = bound.get("kept") or _kept(request, PaperForm(prefix="doc"))
    context = selectors.own_page(_own(request), on=clock.today()) | {
        "paper_form": kept.form,
        "kept": kept.file,
        "removed": kept.removed,
        "refused": bound.get("refused"),
        "code_form": bound.get("code_form", CodeForm()),
        "findings": bound.get("findings", ()),
        "crumbs": [],
    }
    return render(request, "proofs/own.html", context, status=status)


@requires(P.PROVE_OWN_RFC)
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """How my RFC was proved, or the two ways to prove it."""
    return _page(request)


@requires(P.PROVE_OWN_RFC)
@require_POST
@once_only("proofs.hand_in")
def hand_in(request: HttpRequest) -> HttpResponse:
    """A Constancia or a statement; a refused one is not kept, a right one waits for what its form lacks."""
    form, party = PaperForm(request.POST, request.FILES, prefix="doc"), _own(request)
    kept = _kept(request, form)
    told: dict[str, Any] = {"party": party, "by": kept.by, "at": kept.at}
    status, findings = 422, tuple[Finding, ...]()
    try:
        if form.is_valid():
            with kept.upload() as upload:
                services.hand_in_paper(kind=form.cleaned_data["kind"], upload=upload, **told)
            kept.done()
            messages.success(request, "Recibimos tu documento. Una persona lo revisa y te avisamos por correo.")
            return redirect("proofs:own")
    except Conflict as known:  # it waits already, or none is needed any more
        kept.done()
        messages.info(request, known.message)
        return redirect("proofs:own")
    except RuleBroken as broken:
        refuse(form, broken)
        status, findings = broken.status, broken.findings
    findings += kept.keep(lambda upload: services.keep_paper(upload=upload, **told))
    return _page(request, status=status, kept=kept, findings=findings)


@requires(P.PROVE_OWN_RFC)
@require_POST
@once_only("proofs.keep_file")
def keep_file(request: HttpRequest) -> HttpResponse:
    """The document by itself, as the script of uploads sends it: examined, kept, and sent with the form's button."""
    sent, party = request.FILES.get("doc-file"), _own(request)
    if sent is None:
        raise RuleBroken("Elige el PDF que trae tu RFC.", code="no_file")
    try:
        services.keep_paper(party=party, upload=sent, by=_user(request), at=clock.now())
    except RuleBroken as broken:
        return _page(request, status=broken.status, refused=broken)
    return _to_document()


@requires(P.PROVE_OWN_RFC)
@require_POST
@once_only("proofs.remove_file")
def remove_file(request: HttpRequest) -> HttpResponse:
    """Take the kept document out; the page offers to put it back."""
    papers.remove_draft(form=rules.PURPOSE, by=_user(request), at=clock.now())
    return _to_document()


@requires(P.PROVE_OWN_RFC)
@require_POST
@once_only("proofs.put_file_back")
def put_file_back(request: HttpRequest) -> HttpResponse:
    """Undo that."""
    papers.put_draft_back(form=rules.PURPOSE, by=_user(request), at=clock.now())
    return _to_document()


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def _to_document() -> HttpResponse:
    return redirect(f"{reverse('proofs:own')}#documento")


@requires(P.PROVE_OWN_RFC)
@require_POST
def use_code(request: HttpRequest) -> HttpResponse:
    """The code that the insurer handed me. Not under `once_only`: a wrong try must count although it is refused."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, code_form=form)
    user: User = request.user  # type: ignore[assignment]
    try:
        accounts.use_rfc_code(party=_own(request), code=form.cleaned_data["code"], by=user, at=clock.now())
    except Conflict as known:
        messages.info(request, known.message)
        return redirect("proofs:own")
    except RuleBroken as broken:
        return _refused_code(request, form, broken)
    messages.success(request, "Listo: tu RFC quedó acreditado. Ya puedes ver lo que está a su nombre.")
    return redirect("proofs:own")


def _refused_code(request: HttpRequest, form: Form, broken: RuleBroken) -> HttpResponse:
    refuse(form, broken)
    page = _page(request, status=broken.status, code_form=form)
    if isinstance(broken, TooMany):
        page["Retry-After"] = str(broken.retry_after)
    return page

"""A physician proves that their RFC is their own (AC-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import Conflict, RuleBroken, TooMany
from portal.once.decorators import once_only
from portal.papers import services as papers
from portal.papers.keeping import KeptFile, send_kept
from portal.papers.selectors import kept_draft
from portal.people import services as accounts
from portal.people.models import Party, User
from portal.proofs import rules, selectors, services
from portal.proofs.forms import CodeForm, PaperForm

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.papers.upload import EncryptedUpload

KIND = "documento"  # in the address: which document was chosen, on the page before and the page after


def _own(request: HttpRequest) -> Party:
    """The party whose RFC this person may prove: the physician's own; an assistant has none."""
    user: Any = request.user
    return selectors.get_own(user)


def _kept(request: HttpRequest, form: PaperForm) -> KeptFile:
    return KeptFile(form, rules.PURPOSE, by=_user(request), at=clock.now())


def _chosen(request: HttpRequest) -> PaperForm:
    """The form as it is shown first: with the document that was chosen before, for who comes back to change it."""
    kind = request.GET.get(KIND, "")
    return PaperForm(prefix="doc", initial={"kind": kind} if kind in rules.KIND_LABELS else None)


def _page(request: HttpRequest, status: int = 200, **bound: Any) -> HttpResponse:
    kept = bound.get("kept") or _kept(request, _chosen(request))
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
    """A Constancia or a statement: kept, to be looked at once more; a refused one is not kept."""
    form, party = PaperForm(request.POST, request.FILES, prefix="doc"), _own(request)
    kept = _kept(request, form)

    def keep(upload: EncryptedUpload) -> DraftFile:
        return services.keep_paper(party=party, upload=upload, by=kept.by, at=kept.at)

    if not form.is_valid():
        return _page(request, status=422, kept=kept, findings=kept.keep(keep))
    if needless := selectors.needless(party):
        return _known(request, needless)
    try:
        if sent := form.cleaned_data["file"]:
            keep(sent)
    except RuleBroken as broken:
        form.add_error("file", broken.message)
        return _page(request, status=broken.status, kept=kept, findings=broken.findings)
    return redirect(_check_address(form.cleaned_data["kind"]))


def _check_address(kind: str) -> str:
    return f"{reverse('proofs:check_paper')}?{urlencode({KIND: kind})}"


def _known(request: HttpRequest, message: str) -> HttpResponse:
    """A paper waits already, or none is needed any more: what was kept goes."""
    papers.drop_draft(form=rules.PURPOSE, by=_user(request), at=clock.now())
    messages.info(request, message)
    return redirect("proofs:own")


@requires(P.PROVE_OWN_RFC)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("proofs.check_paper")
def check_paper(request: HttpRequest) -> HttpResponse:
    """The document about to be sent, to be looked at once more; sent, a reviewer has it."""
    party, by, at, kind = _own(request), _user(request), clock.now(), request.GET.get(KIND, "")
    kept = kept_draft(form=rules.PURPOSE, by=by, at=at)
    if kept is None or kind not in rules.KIND_LABELS:  # nothing to be sent: the page before
        return redirect("proofs:own") if request.method == "POST" else _page(request)
    if request.method == "POST":
        try:
            told: dict[str, Any] = {"party": party, "kind": kind, "by": by, "at": at}
            send_kept(kept, lambda upload: services.hand_in_paper(upload=upload, **told), at=at)
        except Conflict as known:
            return _known(request, known.message)
        except RuleBroken as broken:
            return _page(request, status=broken.status, refused=broken)
        return redirect("proofs:paper_sent")
    before = reverse("proofs:own")
    context = {
        "answers": selectors.paper_answers(party, kept, kind, change=f"{before}?{urlencode({KIND: kind})}"),
        "crumbs": [("Mi RFC", before), ("Revisar", "")],
    }
    return render(request, "proofs/check_paper.html", context)


@requires(P.PROVE_OWN_RFC)
@require_safe
def paper_sent(request: HttpRequest) -> HttpResponse:
    """The document that a reviewer has now, since when, and what comes next; it may be loaded again."""
    told = selectors.paper_sent(_own(request))
    return render(request, "proofs/paper_sent.html", told) if told else _page(request)


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

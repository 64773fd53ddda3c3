"""The desk's side: papers that should prove an RFC, and RFCs that go to their owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock, listing
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import FIELD, Question, asks
from portal.design.forms import refuse
from portal.design.reviewing import Way
from portal.errors import Finding, RuleBroken
from portal.once.decorators import once_only
from portal.papers.keeping import KeptFile
from portal.papers.selectors import page_links
from portal.people.models import User
from portal.proofs import questions, rules, selectors, services
from portal.proofs.forms import MoveDecisionForm, MoveForm, ReviewForm
from portal.proofs.listings import PAPERS, RFC_MOVES
from portal.proofs.models import RfcMove, RfcPaper
from portal.proofs.queues import MOVES, PAPERS_TO_REVIEW
from portal.work import selectors as work
from portal.work.asked import asked_of

# --- papers ------------------------------------------------------------------------------------------------------


@requires(P.REVIEW_ACCOUNTS)
@require_GET
def papers(request: HttpRequest) -> HttpResponseBase:
    """Papers handed in, the oldest first; `?estado=in_review` are those that wait."""
    return listing.answer(request, PAPERS, "proofs/papers.html", {"crumbs": []})


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def _paper(request: HttpRequest, pk: UUID) -> RfcPaper:
    visible = RfcPaper.objects.visible_to(_user(request)).select_related("party", "file", "handed_in_by", "decided_by")
    return get_object_or_404(visible, pk=pk)


def _paper_question(request: HttpRequest, pk: UUID) -> Question:
    found = _paper(request, pk)
    returning = questions.return_paper(found)
    return returning if request.POST[FIELD] == returning.id else questions.accept_paper(found, on=clock.today())


@requires(P.REVIEW_ACCOUNTS)
@require_http_methods(["GET", "POST"])
@asks(_paper_question)
@once_only("proofs.review")
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the machine saw, what was said against the paper, its pages beside; accept or return, each asked first."""
    found = _paper(request, pk)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = _decide(request, found, **form.cleaned_data)
        except RuleBroken as refusal:
            refuse(form, refusal)
            return _paper_page(request, found, form, status=refusal.status)
        messages.success(request, said)
        return redirect(_standing(request, found).onwards)
    return _paper_page(request, found, form, status=422 if form.is_bound else 200)


def _decide(request: HttpRequest, found: RfcPaper, *, decision: str, reason: str) -> str:
    by, at = _user(request), clock.now()
    if decision == "accept":
        services.accept_paper(paper=found, by=by, at=at)
        return f"Aceptaste el documento: el RFC {found.rfc} quedó acreditado."
    services.return_paper(paper=found, reason=reason, by=by, at=at)
    return "Devolviste el documento. Quien lo subió ya tiene el motivo."


def _standing(request: HttpRequest, found: RfcPaper) -> work.Standing:
    user, asked = _user(request), asked_of(request)
    return work.standing(PAPERS_TO_REVIEW.name, found, user=user, at=clock.now(), asked=asked)


NOT_MINE = "Este documento espera a otra persona: lo subiste tú o actúas con ese RFC."


def _paper_ways(found: RfcPaper, form: ReviewForm) -> list[Way]:
    """How a reviewer decides a paper: it proves the RFC, or goes back with a reason."""
    return [
        Way(question=questions.accept_paper(found, on=clock.today()), key="a"),
        Way(
            opens="Devolver",
            form=form,
            fields=("reason",),
            kind="danger",
            key="d",
            question=questions.return_paper(found),
            read_by="Así lo lee quien lo subió:",
        ),
    ]


def _paper_page(request: HttpRequest, found: RfcPaper, form: ReviewForm, *, status: int) -> HttpResponse:
    standing = _standing(request, found)
    context = {
        "paper": found,
        "work": standing,
        "decided": {},
        "ways": _paper_ways(found, form) if standing.may_decide else [],
        "not_mine": NOT_MINE if found.is_in_review and not standing.waits else "",
        "form": form,
        "pages": page_links(found.file),
        "findings": found.found,
        "label": rules.PAPER.desk_label(found.state),
        "tone": rules.PAPER.tone(found.state),
        "heads": ("Lo que dijo", "Lo que se lee en el documento"),
        "facts": selectors.paper_facts(found),
        "crumbs": [("RFC por acreditar", standing.list_address), (found.rfc, "")],
    }
    return render(request, "proofs/paper.html", context, status=status)


# --- an RFC goes to its owner ------------------------------------------------------------------------------------


@requires(P.MANAGE_PEOPLE)
@require_GET
def moves(request: HttpRequest) -> HttpResponseBase:
    """RFCs that wait for a second administrator, those that were decided, and the way to ask for one."""
    return listing.answer(request, RFC_MOVES, "proofs/moves.html", {"crumbs": []})


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [("RFC por entregar", reverse("proofs:moves")), (last, "")]


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_http_methods(["GET", "POST"])
@once_only("proofs.ask_move")
def ask_move(request: HttpRequest) -> HttpResponse:
    """Ask to give an RFC to its owner, with the paper that shows it; a right one waits for a form that is not yet."""
    form, by, at = MoveForm(request.POST or None, request.FILES or None), _user(request), clock.now()
    kept = KeptFile(form, rules.EVIDENCE, by=by, at=at)
    status, findings = (422 if form.is_bound else 200), tuple[Finding, ...]()
    if request.method == "POST":
        try:
            if form.is_valid():
                asked = {name: form.cleaned_data[name] for name in ("rfc", "email", "name", "evidence")}
                with kept.upload() as upload:
                    made = services.ask_move(**asked, upload=upload, by=by, at=at)
                kept.done()
                messages.success(request, "Solicitud enviada: la confirma otra persona de Administración.")
                return redirect("proofs:move", pk=made.pk)
        except RuleBroken as broken:
            refuse(form, broken)
            status, findings = broken.status, broken.findings
        rfc = "" if "rfc" in form.errors else form.cleaned_data.get("rfc", "")
        findings += kept.keep(lambda upload: services.keep_evidence(rfc=rfc, upload=upload, by=by, at=at))
    context = {"form": form, "kept": kept.rows, "findings": findings, "crumbs": _crumbs("Entregar un RFC")}
    return render(request, "proofs/ask_move.html", context, status=status)


@requires(P.MANAGE_PEOPLE)
@require_GET
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was asked, by whom, with which evidence, and what it would end."""
    return _move_page(request, _move(pk), MoveDecisionForm())


def _move(pk: UUID) -> RfcMove:
    return get_object_or_404(RfcMove.objects.select_related("party", "file", "asked_by", "decided_by"), pk=pk)


def _move_question(request: HttpRequest, pk: UUID) -> Question:
    found = _move(pk)
    refusing = questions.refuse_move(found)
    return refusing if request.POST[FIELD] == refusing.id else questions.confirm_move(found, on=clock.today())


@requires(P.MANAGE_PEOPLE, fresh=True)
@require_POST
@asks(_move_question)
@once_only("proofs.decide_move")
def decide_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second administrator's word, asked first."""
    found, form = _move(pk), MoveDecisionForm(request.POST)
    if not form.is_valid():
        return _move_page(request, found, form, status=422)
    accept = form.cleaned_data["decision"] == "confirm"
    try:
        services.decide_move(
            move=found, accept=accept, reason=form.cleaned_data["reason"], by=_user(request), at=clock.now()
        )
    except RuleBroken as broken:
        refuse(form, broken)
        return _move_page(request, found, form, status=broken.status)
    messages.success(request, "El RFC ya es de su dueño." if accept else "El RFC se quedó como estaba.")
    return redirect("proofs:moves")


ASKED_BY_ME = "Tú lo pediste: lo confirma otra persona de Administración."
OF_MINE = "Tienes o tuviste permisos con ese RFC: lo confirma otra persona de Administración."


def _move_ways(found: RfcMove, form: MoveDecisionForm) -> list[Way]:
    """How the second administrator decides: the RFC goes to its owner, or stays with a reason."""
    action, refusing = reverse("proofs:decide_move", args=[found.pk]), questions.refuse_move(found)
    return [
        Way(action=action, question=questions.confirm_move(found, on=clock.today()), key="e"),
        Way(
            action=action,
            opens="No entregarlo",
            form=form,
            fields=("reason",),
            kind="danger",
            key="n",
            question=refusing,
        ),
    ]


def _move_page(request: HttpRequest, found: RfcMove, form: MoveDecisionForm, *, status: int = 200) -> HttpResponse:
    user = _user(request)
    standing = work.standing(MOVES.name, found, user=user, at=clock.now(), asked=asked_of(request))
    context = {
        "move": found,
        "work": standing,
        "decided": {},
        "ways": _move_ways(found, form) if standing.may_decide else [],
        "not_mine": (ASKED_BY_ME if found.asked_by_id == user.pk else OF_MINE)
        if not found.decided_at and not standing.waits
        else "",
        "form": form,
        "pages": page_links(found.file),
        "label": rules.MOVE.desk_label(found.state),
        "tone": rules.MOVE.tone(found.state),
        "holders": selectors.holders(found.party, on=clock.today()),
        "under_way": selectors.under_way(found)[found.pk],
        "facts": [
            ("RFC", found.party.rfc),
            ("Su dueño", found.name),
            ("Correo de su dueño", found.email),
            ("Lo pidió", str(found.asked_by)),
        ],
        "crumbs": _crumbs(found.party.rfc),
    }
    return render(request, "proofs/move.html", context, status=status)

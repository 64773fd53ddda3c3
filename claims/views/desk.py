"""The desk decides: the list, one claim in the review layout, its decision, the second look (S3.32, ux 4.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from claims import forms, listings, queues, services
from claims.models import Claim, Decision
from claims.models.shared import CURRENCY
from claims.rules.deciding import check_began
from claims.selectors import desk as pages
from claims.selectors import reach, scheduled
from claims.selectors.following import at_desk
from claims.views import questions
from memberships import services as policies
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.asking import Question, asks
from portal.design.forms import Form, refuse
from portal.design.reviewing import Way
from portal.errors import UNPROCESSABLE, Conflict, RuleBroken
from portal.history.services import record_access
from portal.listing import answer
from portal.money import format_money
from portal.once.decorators import once_only
from portal.work import selectors as work
from portal.work.asked import asked_of
from portal.work.registry import Queue


@requires(P.DECIDE_CLAIMS)
@require_safe
def claims(request: HttpRequest) -> HttpResponseBase:
    """Claims at the desk, the first promise first."""
    return answer(request, listings.DESK, "claims/desk/claims.html", {"crumbs": []})


def claim_of(request: HttpRequest, folio: str) -> Claim:
    """A claim of the desk by its folio."""
    return reach.desk_claim(request.user, folio)


def _way(claim: Claim) -> tuple[str, str]:
    return f"Ver {claim.folio}", reverse("claims:review", args=[claim.folio])


def opened(request: HttpRequest, folio: str) -> Claim:
    """The claim of an act: nobody acts on what they did not open, as the page shows it."""
    claim = claim_of(request, folio)
    if not reach.is_open(request.user, claim, at=clock.now()):
        raise Conflict("Abre el trámite antes: tómalo, o di por qué lo abres.", code="not_opened", way=_way(claim))
    return claim


def _standing(request: HttpRequest, claim: Claim, *, at: datetime) -> work.Standing:
    """Where it stands in the queue in which it waits: a proposal to ask again is another's work than the claim."""
    told = {"user": request.user, "at": at, "asked": asked_of(request)}
    proposed = pages.proposal_for(claim, request.user)
    if proposed is not None:
        return work.standing(queues.REQUESTS.name, proposed, **told)
    return work.standing(queues.of_claim(claim).name, claim, **told)


def to_next(request: HttpRequest, queue: Queue, decided: Model) -> HttpResponse:
    """What waits after this one in the filter it was opened from, or before it; after the last one the list."""
    asked, at = asked_of(request), clock.now()
    return redirect(work.standing(queue.name, decided, user=request.user, at=at, asked=asked).onwards)


@requires(P.DECIDE_CLAIMS)
@require_safe
def review(request: HttpRequest, folio: str) -> HttpResponse:
    """One claim for whoever took it, or said why they open it; each reading is recorded."""
    return show_review(request, claim_of(request, folio))


def show_review(request: HttpRequest, claim: Claim, *, status: int = 200, **bound: Form) -> HttpResponse:
    """The page of a claim, with the form that was refused."""
    at, user = clock.now(), request.user
    standing = _standing(request, claim, at=at)
    context: dict[str, Any] = {
        "claim": claim,
        "work": standing,
        "decided": {},
        "ways": [],
        "crumbs": [("Trámites", standing.list_address), (claim.folio, "")],
    }
    if not reach.is_open(user, claim, at=at):
        context["opening"] = bound.get("opening") or forms.OpenForm()
        return render(request, "claims/desk/closed.html", context, status=status)
    if request.method in {"GET", "HEAD"}:
        reason = "" if standing.mine else reach.reason_of(user, claim, at=at)
        record_access(subject=claim, by=user, at=at, reason=reason, party_id=claim.affected.party_id)
    context["further"] = at_desk(claim, user=user)  # type: ignore[arg-type]
    context |= pages.review(claim, user=user, on=clock.date_in(at), at=at)
    context["deciding"] = bound.get("deciding") or _decision_form(claim)
    context["registering"] = bound.get("registering") or forms.ConditionForm(auto_id="padecimiento_%s")
    context |= pages.requests_of(claim, user=user, mine=standing.mine, on=clock.date_in(at))
    context["settles"] = pages.waits_for_lines(claim) and standing.mine and not context["allows"]
    context["unsettled"] = context["settles"] and pages.lacks_condition(claim)
    context |= _of_event(claim, context, bound)
    context["decides"] = context["settles"] and not context["event"] and not context["unsettled"]
    context["asking"] = bound.get("asking") or forms.AskForm(again=claim.requests.exists())
    context["writing"] = bound.get("writing") or forms.DeskMessageForm(auto_id="mensaje_%s")
    looked = pages.decision_to_look(claim) if pages.waits_for_look(claim) else None
    if looked is not None:
        preview = services.preview_decision(looked)
        event = preview.letter is not None
        told = preview.lines, preview.total, preview.explanations
        context |= pages.event_again(looked, preview.explanations) if event else pages.reckoned_again(*told)
        context["preview"] = preview
    context["emitting"] = questions.emitting(claim)
    context["withdrawing"] = bound.get("withdrawing") or forms.WithdrawalForm(auto_id="retiro_%s")
    context["answering"] = bound.get("answering") or forms.WithdrawalAnswerForm(auto_id="respuesta_%s")
    context["ways"] = _ways(claim, context, looking=bound.get("looking")) or _ways_of_request(claim, context, bound)
    return render(request, "claims/desk/review.html", context, status=status)


def _of_event(claim: Claim, context: dict[str, Any], bound: dict[str, Form]) -> dict[str, Any]:
    """What a scheduled event's page has instead of lines: its decision, the hospital's bill once it is authorised."""
    event, asked = scheduled.is_event(claim), pages.illnesses_of(claim)
    initial = {"condition": str(claim.condition_id or "")}
    return {
        "event": event,
        "authorises": event and context["settles"] and not context["unsettled"],
        "emitting_event": questions.authorising(claim),
        "recording": questions.recording(claim),
        "authorising": bound.get("authorising") or forms.EventDecisionForm(**asked, initial=initial),
        "bills": event and scheduled.takes_bill(claim),
        "billing": bound.get("billing") or forms.BillForm(auto_id=forms.BILL_IDS),
        "billed": scheduled.bills_of(claim),
    }


def _decision_form(claim: Claim, data: Any = None) -> forms.DecisionForm:
    lines = list(claim.lines.order_by("number"))
    initial = {"condition": str(claim.condition_id or ""), **pages.said_before(claim)}
    return forms.DecisionForm(data, lines=lines, **pages.illnesses_of(claim), initial=initial)


def _ways(claim: Claim, context: dict[str, Any], *, looking: Form | None) -> list[Way]:
    """How a second person decides; the first one does by the lines."""
    if context["further"]["withdrawal"] and context["work"].mine:
        return _withdrawing(claim, context)
    if pages.waits_for_look(claim) and context["work"].mine:
        form = looking or forms.LookForm()
        back = reverse("claims:look", args=[claim.folio])
        return [
            Way(question=_confirming(claim, context["preview"]), key="a"),
            Way(
                "Regresar a dictamen",
                action=back,
                name="act",
                value="back",
                key="d",
                kind="secondary",
                opens="Regresar",
                form=form,
                read_by="Así lo lee quien dictamina otra vez:",
            ),
        ]
    return []


def _withdrawing(claim: Claim, context: dict[str, Any]) -> list[Way]:
    return [
        Way(question=questions.withdrawing(claim), key="a"),
        Way(
            "Dejar la decisión en pie",
            action=reverse("claims:answer_withdrawal", args=[claim.folio]),
            name="act",
            value="keep",
            key="d",
            kind="secondary",
            opens="Dejarla en pie",
            form=context["answering"],
            read_by="Así lo lee quien lo pidió:",
        ),
    ]


def _ways_of_request(claim: Claim, context: dict[str, Any], bound: dict[str, Form]) -> list[Way]:
    """How another analyst answers a proposal to ask again, and how a claim goes on without its documents."""
    if context["allows"]:
        declining = Way(
            "No hace falta",
            action=reverse("claims:allow", args=[claim.folio]),
            name="act",
            value="decline",
            key="d",
            kind="secondary",
            opens="No hace falta",
            form=bound.get("declining") or forms.DeclineForm(),
            read_by="Así lo lee quien lo propuso:",
        )
        return [Way(question=questions.allowing(claim), key="a"), declining]
    return [Way(question=questions.resuming(claim), key="a")] if context["resumes"] else []


@requires(P.DECIDE_CLAIMS)
@require_POST
@once_only("claims.open")
def open_claim(request: HttpRequest, folio: str) -> HttpResponse:
    """Say why one opens a claim that one did not take; it is kept, and lets its papers be read for some hours."""
    claim, form = claim_of(request, folio), forms.OpenForm(request.POST)
    if not form.is_valid():
        return show_review(request, claim, status=UNPROCESSABLE, opening=form)
    services.open_claim(claim=claim, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
    return redirect("claims:review", folio=folio)


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(lambda request, folio: questions.emitting(claim_of(request, folio)))
@once_only("claims.decide")
def decide(request: HttpRequest, folio: str) -> HttpResponse:
    """Decide every line; what is wrong comes back beside its field, nothing typed is lost."""
    claim = opened(request, folio)
    form = _decision_form(claim, request.POST)
    if not form.is_valid():
        return show_review(request, claim, status=UNPROCESSABLE, deciding=form)
    try:
        made = services.decide_claim(claim=claim, **form.told(), by=request.user, at=clock.now())
    except RuleBroken as problem:
        refuse(form, problem)
        return show_review(request, claim_of(request, folio), status=problem.status, deciding=form)
    said = "Espera la segunda vista de otra persona." if made.final_at is None else "Se avisó a la familia."
    messages.success(request, f"Dictaminaste {folio}: {made.desk_label.lower()}. {said}")
    return to_next(request, queues.CLAIMS, claim)


def _confirming(claim: Claim, preview: services.Preview) -> Question:
    """What is asked before a second person makes a decision final; it carries the figures that they read."""
    return Question(
        id="confirmar",
        title=_confirmed(claim, preview),
        text="Queda definitivo: se avisa a la familia y se paga lo que corresponda. No se puede deshacer.",
        label="Confirmar decisión",
        keep="Seguir revisando",
        kind="primary",
        action=reverse("claims:look", args=[claim.folio]),
        back=reverse("claims:review", args=[claim.folio]),
        name="confirms",
        value=preview.mark,
    )


def _confirmed(claim: Claim, preview: services.Preview) -> str:
    if preview.letter is None:
        return f"¿Confirmar que se pagan {format_money(preview.total.figures.paid, CURRENCY)} por {claim.folio}?"
    if not preview.letter:
        return f"¿Confirmar que {claim.folio} no se autoriza?"
    return f"¿Confirmar que {claim.folio} se autoriza hasta {preview.letter[0]}?"


def _asked_look(request: HttpRequest, folio: str) -> Question:
    claim = opened(request, folio)
    return _confirming(claim, services.preview_decision(_waiting(claim)))


def _waiting(claim: Claim) -> Decision:
    """The decision that waits for a second person; another tab may have been faster."""
    decision = pages.decision_to_look(claim)
    if decision is None:
        raise Conflict("Esta segunda vista ya se resolvió. Ábrelo para ver cómo quedó.", code="looked", way=_way(claim))
    return decision


@requires(P.DECIDE_CLAIMS)
@require_POST
@asks(_asked_look)
@once_only("claims.look")
def look(request: HttpRequest, folio: str) -> HttpResponse:
    """Confirm another's decision as its figures were read, or send it back with what has to change."""
    claim, form = opened(request, folio), forms.LookForm(request.POST)
    decision, confirms = _waiting(claim), "confirms" in request.POST
    if not form.is_valid() or not (confirms or request.POST.get("act") == "back"):
        return show_review(request, claim, status=UNPROCESSABLE, looking=form)
    told = {"decision": decision, "note": form.cleaned_data["note"], "by": request.user, "at": clock.now()}
    try:
        if confirms:
            services.confirm_decision(shown=request.POST["confirms"], **told)
        else:
            services.send_decision_back(**told)
    except RuleBroken as problem:
        refuse(form, problem)
        return show_review(request, claim_of(request, folio), status=problem.status, looking=form)
    messages.success(request, f"{folio}: {'decisión confirmada' if confirms else 'regresó a dictamen'}.")
    return to_next(request, queues.SECOND_LOOKS, claim)


@requires(P.DECIDE_CLAIMS)
@require_POST
@once_only("claims.register_condition")
def register_condition(request: HttpRequest, folio: str) -> HttpResponse:
    """Register an illness of the affected person, so that it can be chosen."""
    claim, form = opened(request, folio), forms.ConditionForm(request.POST, auto_id="padecimiento_%s")
    if not form.is_valid():
        return show_review(request, claim, status=UNPROCESSABLE, registering=form)
    try:
        check_began(form.cleaned_data["began_on"], on=clock.today())
        policies.register_condition(person=claim.affected, **form.cleaned_data, by=request.user, at=clock.now())
    except RuleBroken as problem:
        refuse(form, problem)
        return show_review(request, claim, status=problem.status, registering=form)
    messages.success(request, "Padecimiento registrado. Elígelo en el dictamen.")
    return redirect("claims:review", folio=folio)

"""The desk's rulebook, and the reading of one rule for whoever meets its figure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import clock
from portal.access import Permission as P
from portal.access import may, requires, signed_in
from portal.design import dates
from portal.design.asking import Question, asks
from portal.errors import RuleBroken
from portal.once.decorators import once_only
from portal.rulebook import rules, selectors, services
from portal.rulebook.forms import ActivationForm, ClosingForm, VersionForm
from portal.rulebook.replay import recount, replay


@requires(P.MANAGE_RULES)
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule by family: what rules today, what comes next, what is in conflict."""
    return render(request, "rulebook/list.html", {"groups": selectors.groups(on=clock.today())})


@requires(P.MANAGE_RULES)
@require_GET
def rule_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One rule with its versions, what changed in each, and whether all it ever computed still comes out the same."""
    sheet = _sheet(code)
    context = {"sheet": sheet, "recount": recount(code), "crumbs": _crumbs((sheet.shown.rule.title, ""))}
    if sheet.waits:
        context["replay"] = replay(rules.draft_of(sheet.versions[0].rule))
        context["activating"] = _activate_question(sheet)
    return render(request, "rulebook/detail.html", context)


@signed_in
@require_GET
def source(request: HttpRequest, code: str) -> HttpResponse:
    """Where a figure's rule comes from; `?version=` shows the version the figure was computed with."""
    sheet = _sheet(code)
    asked = request.GET.get("version", "")
    shown = next((v for v in sheet.versions if asked.isdecimal() and v.rule.version == int(asked)), sheet.shown)
    return render(
        request, "rulebook/source.html", {"sheet": sheet, "shown": shown, "manages": may(request.user, P.MANAGE_RULES)}
    )


@requires(P.MANAGE_RULES, fresh=True)
@require_http_methods(["GET", "POST"])
def new_version(request: HttpRequest, code: str) -> HttpResponse:
    """Step 1: type the next version. A POST only checks it and shows what would happen; it writes nothing."""
    sheet = _sheet(code)
    current = sheet.shown.rule
    form = VersionForm(request.POST or None, current=current, initial=VersionForm.initial_of(current, on=clock.today()))
    context: dict[str, Any] = {"sheet": sheet, "form": form, "crumbs": _crumbs(_to_rule(sheet), ("Nueva versión", ""))}
    if request.method == "POST" and form.is_valid():
        try:
            draft = rules.check_draft(form.draft())
        except RuleBroken as broken:
            _tell(form, broken)
        else:
            plan = rules.steps_to_publish(
                [v.rule for v in sheet.versions],
                valid_from=draft.valid_from,
                valid_to=draft.valid_to,
                active=draft.active,
            )
            context |= {"draft": draft, "differences": rules.differences(current, draft), "plan": plan}
            context |= {"replay": replay(draft), "is_past": draft.is_past(on=clock.today())}
            return render(request, "rulebook/confirm.html", context)
    return render(request, "rulebook/new.html", context, status=422 if form.errors else 200)


@requires(P.MANAGE_RULES, fresh=True)
@require_POST
@once_only("rulebook.publish")
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Step 2: publish what step 1 showed."""
    sheet = _sheet(code)
    form = VersionForm(request.POST, current=sheet.shown.rule)
    if not form.is_valid():
        raise RuleBroken("Los datos cambiaron en el camino. Vuelve a la regla y escribe la versión otra vez.")
    typed = form.cleaned_data
    rule = services.publish_rule(
        draft=form.draft(), reason=typed["reason"], seen_version=typed["seen_version"], by=request.user, at=clock.now()
    )
    messages.success(request, f"Versión {rule.version} publicada.")
    return redirect("rulebook:rule", code=code)


@requires(P.MANAGE_RULES, fresh=True)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, code: str) -> HttpResponse:
    """End a rule on a date without a successor."""
    sheet = _sheet(code)
    form = ClosingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.close_rule(
                code=code,
                closes_on=form.cleaned_data["closes_on"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except RuleBroken as broken:
            _tell(form, broken)
        else:
            messages.success(request, "La regla quedó con fecha final.")
            return redirect("rulebook:rule", code=code)
    context = {"sheet": sheet, "form": form, "crumbs": _crumbs(_to_rule(sheet), ("Terminar regla", ""))}
    return render(request, "rulebook/close.html", context, status=422 if form.errors else 200)


def _activate_question(sheet: selectors.Sheet) -> Question:
    """Before a rule comes into force: it is never edited afterwards, only followed by another version."""
    waiting = sheet.versions[0]
    return Question(
        id="activar_regla",
        title=f"¿Activar «{waiting.rule.title}»: {waiting.value}?",
        text=f"Rige desde el {dates.short(waiting.rule.valid_from)}. Una regla activa no se edita: para cambiarla se "
        "publica otra versión.",
        label="Activar regla",
        kind="primary",
        action=reverse("rulebook:activate", args=[sheet.code]),
        back=reverse("rulebook:rule", args=[sheet.code]),
        keep="No activarla",
    )


@requires(P.MANAGE_RULES, fresh=True)
@require_POST
@asks(lambda request, code: _activate_question(_sheet(code)))
@once_only("rulebook.activate")
def activate(request: HttpRequest, code: str) -> HttpResponse:
    """Put into force a shipped version that waited for the operator's word."""
    form = ActivationForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(form.errors["reason"][0], code="rule_reason", field="reason")
    rule = services.activate_rule(code=code, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
    messages.success(request, f"La regla rige desde el {dates.short(rule.valid_from)}.")
    return redirect("rulebook:rule", code=code)


def _sheet(code: str) -> selectors.Sheet:
    sheet = selectors.sheet(code, on=clock.today())
    if sheet is None:
        raise Http404
    return sheet


def _tell(form: Any, broken: RuleBroken) -> None:
    named = next(iter(form.asked)) if broken.field == "value" and hasattr(form, "asked") else broken.field
    form.add_error(named if named in form.fields else None, broken.message)


def _to_rule(sheet: selectors.Sheet) -> tuple[str, str]:
    return (sheet.shown.rule.title, reverse("rulebook:rule", args=[sheet.code]))


def _crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Reglas", reverse("rulebook:rules")), *steps]

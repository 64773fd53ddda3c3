"""The calls of the desk: take or open a claim, read it, decide its lines, look at another's decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import QueryDict
from rest_framework import serializers as s

from claims import forms, listings, queues, services
from claims.api.family import READ
from claims.api.shapes import (
    KINDS,
    STAGES,
    SUBTYPES,
    AgreedHospitalTold,
    ClaimBillTold,
    ClaimFileTold,
    ClaimInvoiceTold,
    ExplanationTold,
    SettledLineTold,
    explained,
)
from claims.models import Accumulator, Claim, ClaimLine, Decision
from claims.rules.deciding import OUTCOME_LABELS, check_began
from claims.rules.states import CLAIM, PAYMENT
from claims.selectors import desk as pages
from claims.selectors import reach, scheduled
from memberships import selectors as memberships
from memberships import services as policies
from memberships.models import Condition
from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Found, Instant, Money, With
from portal.api.calls import Asked, Body, acts, at, lists, shows
from portal.api.problems import FormRefused
from portal.design.forms import TextField
from portal.errors import Conflict, RuleBroken
from portal.history.services import record_access
from portal.people.models import User
from portal.states import choices
from portal.work import selectors as held
from portal.work import services as work

DECIDE = "claims:decide"
NOT_OPENED = "Abre el trámite antes: tómalo, o di por qué lo abres."
SHAPE = (
    "Manda un objeto con «condition», «note» y «lines»: una lista de objetos con «number», «covered» y «why», "
    "todos textos menos el número."
)


# --- what is answered ------------------------------------------------------------------------------------------------


class ClaimLineTold(Answer):
    """An expense of a claim: a concept of an invoice with its taxes; `claimed` in MXN."""

    number = s.IntegerField()
    concept = s.CharField()
    on = s.DateField()
    claimed = Money()


class ClaimConditionTold(Answer):
    """A registered illness of the affected person."""

    id = s.UUIDField(source="pk")
    code = s.CharField()
    name = s.CharField()
    began_on = s.DateField()


class AccumulatorTold(Answer):
    """What a bucket of the affected person holds already; amounts in MXN."""

    condition = s.CharField()
    year = s.DateField(allow_null=True)
    covered = Money()
    deductible = Money()
    coaseguro = Money()
    over_limit = Money()
    paid = Money()

    def view(self, found: Accumulator) -> With:
        """With the illness by its code."""
        return With(found, condition=found.condition.code if found.condition else "")


class DeskDecisionTold(Answer):
    """A decision: what it comes to today, and `mark`, which is sent back by whoever confirms those figures.

    Of a scheduled event `authorised` and its letter's last day; what the family pays at the hospital is explained.
    """

    outcome = s.ChoiceField(choices(OUTCOME_LABELS))
    note = s.CharField()
    at = Instant()
    final_at = Instant(allow_null=True)
    second_look = s.CharField()
    paid = Money()
    authorised = Money(allow_null=True)
    valid_until = s.DateField(allow_null=True)
    mark = s.CharField()
    lines = SettledLineTold(many=True, source="explained")
    explanations = ExplanationTold(many=True, source="told")


class DeskClaimTold(Answer):
    """A claim of the desk as its analyst reads it; `follows` is the folio of which it is a complement or an appeal.

    `asked`: the folio by which the adviser settled an event's hospital; `reasons`: why a decision is appealed.
    """

    id = s.UUIDField(source="pk")
    folio = s.CharField()
    state = s.ChoiceField(CLAIM.choices)
    payment_state = s.ChoiceField(PAYMENT.choices)
    kind = s.ChoiceField(KINDS)
    stage = s.ChoiceField(STAGES)
    subtype = s.ChoiceField(SUBTYPES)
    planned_on = s.DateField(allow_null=True)
    hospital = AgreedHospitalTold(allow_null=True)
    asked = s.CharField(source="adviser_request.folio", allow_null=True, default=None)
    follows = s.CharField(source="parent.folio", allow_null=True, default=None)
    reasons = s.CharField()
    person = s.CharField(source="affected.as_printed")
    coverage = s.CharField(source="coverage.label")
    condition = s.UUIDField(source="condition_id", allow_null=True)
    claimed = Money()
    submitted_at = Instant()
    promised_at = Instant()
    lines = ClaimLineTold(many=True)
    conditions = ClaimConditionTold(many=True)
    accumulators = AccumulatorTold(many=True)
    findings = Found(many=True)
    invoices = ClaimInvoiceTold(many=True)
    files = ClaimFileTold(many=True)
    decision = DeskDecisionTold(allow_null=True)
    bills = ClaimBillTold(many=True)


class DeskStandTold(Answer):
    """Where a claim of the desk stands after an act."""

    folio = s.CharField()
    state = s.ChoiceField(CLAIM.choices)
    payment_state = s.ChoiceField(PAYMENT.choices)


# --- what is found ---------------------------------------------------------------------------------------------------


def _found(asked: Asked, folio: str) -> Claim:
    return reach.desk_claim(asked.by, folio)


def opened(asked: Asked, folio: str) -> Claim:
    """One that this analyst reads now: taken, decided, or opened with a reason."""
    claim = _found(asked, folio)
    if not reach.is_open(asked.by, claim, at=asked.at):
        raise Conflict(NOT_OPENED, code="not_opened")
    return claim


def _read(asked: Asked, folio: str) -> With:
    claim, user = opened(asked, folio), asked.by
    has_it = held.held_by(Claim.objects.filter(pk=claim.pk), user).exists()
    reason = "" if has_it else reach.reason_of(user, claim, at=asked.at)
    record_access(subject=claim, by=user, at=asked.at, reason=reason, party_id=claim.affected.party_id)
    page = pages.review(claim, user=user, on=clock.date_in(asked.at), at=asked.at)
    buckets = Accumulator.objects.filter(person=claim.affected, coverage=claim.coverage, covered__gt=0)
    return With(
        claim,
        lines=list(claim.lines.order_by("number")),
        conditions=memberships.conditions_of(claim.affected),
        accumulators=list(buckets.select_related("condition").order_by("year", "pk")),
        findings=page["findings"],
        invoices=[one for one, _told in page["invoices"]],
        files=page["files"],
        decision=_decision(claim, page),
        bills=scheduled.bills_of(claim),
    )


def _decision(claim: Claim, page: Mapping[str, Any]) -> With | None:
    """The decision that stands; one that waits for a second person as it would come out now."""
    standing: Decision | None = page["standing"]
    if standing is None:
        return None
    if not pages.waits_for_look(claim):
        return With(standing, explained=page["lines"], told=explained(page["explanations"]), mark="")
    preview = services.preview_decision(standing)
    again = pages.reckoned_again(preview.lines, preview.total, preview.explanations)
    told, paid = explained(preview.explanations), preview.total.figures.paid
    return With(standing, explained=again["lines"], told=told, mark=preview.mark, paid=paid)


def stand_of(_asked: Asked, found: Any) -> Claim:
    """Where the claim of an act stands now."""
    pk = found.pk if isinstance(found, Claim) else found.claim_id
    return Claim.objects.get(pk=pk)


# --- acts: what was sent, through the screen's own form --------------------------------------------------------------

_COVERED = {"type": "string", "pattern": r"^\d{1,14}(\.\d{1,2})?$"}
_LINE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "covered": _COVERED,
        "why": {"type": "string", "maxLength": 16, "description": "Clave del motivo; vacío si se cubre entero"},
    },
    "required": ["number", "covered", "why"],
    "additionalProperties": False,
}
DECISION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "condition": {"type": "string", "description": "Padecimiento, por su id; vacío si no hay"},
        "note": {"type": "string", "maxLength": 1000},
        "lines": {"type": "array", "minItems": 1, "items": _LINE},
    },
    "required": ["condition", "note", "lines"],
    "additionalProperties": False,
}
DECISION_EXAMPLE = {
    "condition": "",
    "note": "",
    "lines": [{"number": 1, "covered": "800.00", "why": "above_agreed"}],
}


def read_decision(body: Any) -> dict[str, Any]:
    """What a program says of each line. Raises RuleBroken for its shape."""
    told = body if isinstance(body, dict) else {}
    lines = told.get("lines")
    fits = (
        set(told) == set(DECISION_SCHEMA["properties"])
        and all(isinstance(told[name], str) for name in ("condition", "note"))
        and isinstance(lines, list)
        and all(_is_line(one) for one in lines)
        and len({one["number"] for one in lines}) == len(lines)
    )
    if not fits:
        raise RuleBroken(SHAPE, code="bad_shape")
    return {"condition": told["condition"], "note": told["note"], "lines": lines}


def _is_line(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and set(one) == set(_LINE["properties"])
        and type(one["number"]) is int
        and all(isinstance(one[name], str) for name in ("covered", "why"))
    )


def decide(*, claim: Claim, condition: str, note: str, lines: list[dict[str, Any]], by: User, at: datetime) -> Decision:
    """Decide every line, as its page's form reads it. Raises FormRefused for a line that does not exist too."""
    sent = QueryDict(mutable=True)
    sent.update({"condition": condition, "note": note})
    for one in lines:
        sent.update({f"covered_{one['number']}": one["covered"], f"why_{one['number']}": one["why"]})
    rows: list[ClaimLine] = list(claim.lines.order_by("number"))
    form = forms.DecisionForm(sent, lines=rows, **pages.illnesses_of(claim))
    if stray := sorted(set(sent) - set(form.fields)):
        raise FormRefused({name: ["Ese renglón no existe en este trámite."] for name in stray})
    if not form.is_valid():
        raise FormRefused(form.errors)
    return services.decide_claim(claim=claim, **form.told(), by=by, at=at)


def take(*, claim: Claim, by: User, at: datetime) -> Claim:
    """Take it out of the queue in which it waits."""
    queue = queues.SECOND_LOOKS if pages.waits_for_look(claim) else queues.CLAIMS
    work.take(queue=queue, thing=claim, by=by, at=at)
    return claim


class LookCallForm(forms.LookForm):
    """What a second person does: confirm the figures that they read, or send it back with what has to change."""

    act = django_forms.ChoiceField(label="Qué haces", choices=[("confirm", "Confirmar"), ("back", "Regresar")])
    mark = TextField(label="La marca de las sumas que leíste, para confirmar", required=False, max_length=300)


def look(*, claim: Claim, act: str, note: str, mark: str, by: User, at: datetime) -> Decision:
    """Confirm another's decision, or send it back."""
    decision = pages.decision_to_look(claim)
    if decision is None:
        raise Conflict("Esta segunda vista ya se resolvió. Ábrelo para ver cómo quedó.", code="looked")
    if act == "confirm":
        return services.confirm_decision(decision=decision, note=note, shown=mark, by=by, at=at)
    return services.send_decision_back(decision=decision, note=note, by=by, at=at)


def register_condition(*, claim: Claim, began_on: Any, by: User, at: datetime, **told: Any) -> Condition:
    """Register an illness of the affected person."""
    check_began(began_on, on=clock.date_in(at))
    return policies.register_condition(person=claim.affected, began_on=began_on, **told, by=by, at=at)


_DESK = "mesa/tramites/<str:folio>/"
_DECIDES: dict[str, Any] = {"scope": DECIDE, "permission": P.DECIDE_CLAIMS, "thing": "claim"}
_OPENED: dict[str, Any] = {**_DECIDES, "find": opened, "answers": DeskStandTold, "after": stand_of}

RESOURCES = (
    at("mesa/tramites/", "api_desk", lists(listings.DESK, "Trámites de la mesa", scope=READ)),
    at(
        _DESK,
        "api_review",
        shows(_read, "Un trámite de la mesa", scope=READ, permission=P.DECIDE_CLAIMS, answers=DeskClaimTold),
    ),
    at(
        f"{_DESK}tomar/",
        "api_take",
        acts(take, "Tomar un trámite", find=_found, answers=DeskStandTold, after=stand_of, **_DECIDES),
    ),
    at(
        f"{_DESK}abrir/",
        "api_open",
        acts(
            services.open_claim,
            "Decir por qué abres un trámite que no tomaste",
            takes=forms.OpenForm,
            find=_found,
            answers=DeskStandTold,
            after=stand_of,
            example={"reason": "La familia preguntó por teléfono."},
            **_DECIDES,
        ),
    ),
    at(
        f"{_DESK}dictamen/",
        "api_decide",
        acts(
            decide,
            "Dictaminar cada renglón",
            takes=Body(read_decision, DECISION_SCHEMA),
            example=DECISION_EXAMPLE,
            **_OPENED,
        ),
    ),
    at(
        f"{_DESK}segunda-vista/",
        "api_look",
        acts(
            look,
            "Confirmar el dictamen de otra persona, o regresarlo",
            takes=LookCallForm,
            example={"act": "back", "note": "Falta la receta del renglón 2.", "mark": ""},
            **_OPENED,
        ),
    ),
    at(
        f"{_DESK}padecimiento/",
        "api_register_condition",
        acts(
            register_condition,
            "Registrar un padecimiento de la persona afectada",
            takes=forms.ConditionForm,
            example={"code": "K35", "name": "Apendicitis", "began_on": "2026-07-10"},
            **_OPENED | {"answers": ClaimConditionTold, "after": None},
        ),
    ),
)

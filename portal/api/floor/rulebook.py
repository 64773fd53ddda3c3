"""Calls on the rulebook: read it, publish a version, end or activate a rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from rest_framework import serializers as s

from portal.access import Permission as P
from portal.api.answers import Answer
from portal.api.calls import Asked, acts, at, shows
from portal.clock import date_in
from portal.rulebook import forms as rule_forms
from portal.rulebook import selectors as rulebook
from portal.rulebook import services as rule_services

READ, WRITE = "portal:read", "portal:write"


class VersionTold(Answer):
    """One version of a rule: its value, from when until when, and its source."""

    version = s.IntegerField()
    value = s.JSONField()
    unit = s.CharField()
    title = s.CharField()
    valid_from = s.DateField()
    valid_to = s.DateField(allow_null=True)
    active = s.BooleanField()
    enforcement = s.CharField()
    source = s.CharField()  # type: ignore[assignment]
    source_kind = s.CharField()
    note = s.CharField()
    conflict_note = s.CharField()


class RuleTold(Answer):
    """A rule: the version to go by today, and all of them, the newest first."""

    code = s.CharField()
    family = s.CharField()
    shown = VersionTold()
    versions = VersionTold(many=True)

    def view(self, found: rulebook.Sheet) -> Any:
        """Its versions as rules."""
        return {
            "code": found.code,
            "family": found.family,
            "shown": found.shown.rule,
            "versions": [one.rule for one in found.versions],
        }


class RulesTold(Answer):
    """Every rule."""

    rules = RuleTold(many=True)


def _rules(asked: Asked) -> dict[str, Any]:
    return {"rules": [one for _, sheets in rulebook.groups(on=date_in(asked.at)) for one in sheets]}


def _rule(asked: Asked, code: str) -> rulebook.Sheet:
    found = rulebook.sheet(code, on=date_in(asked.at))
    if found is None:
        raise Http404
    return found


def _after_rule(asked: Asked, rule: Any) -> rulebook.Sheet:
    return _rule(asked, rule.code)


class NextVersionForm(rule_forms.VersionForm):
    """The next version of a rule; what it reads is the draft that is published.

    Which fields its value has is the rule's family's to say: most have one, before the rule is known none is asked for.
    """

    takes_more = True

    value: Any = rule_forms.forms.CharField(label="Valor", max_length=60, required=False)

    def __init__(self, *args: Any, current: Any, **kwargs: Any) -> None:
        super().__init__(*args, current=current, **kwargs)
        del self.fields["value"]
        self.fields |= self.asked

    def clean(self) -> dict[str, Any]:
        """The draft, the reason, and the version that was seen."""
        typed = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        return {"draft": self.draft(), "reason": typed["reason"], "seen_version": typed["seen_version"]}


def publish(*, rule: rulebook.Sheet, draft: Any, reason: str, seen_version: int, by: Any, at: datetime) -> Any:
    """Publish the next version of a rule."""
    return rule_services.publish_rule(draft=draft, reason=reason, seen_version=seen_version, by=by, at=at)


def close(*, rule: rulebook.Sheet, closes_on: date, reason: str, by: Any, at: datetime) -> Any:
    """End a rule without a successor."""
    return rule_services.close_rule(code=rule.code, closes_on=closes_on, reason=reason, by=by, at=at)


def activate(*, rule: rulebook.Sheet, reason: str, by: Any, at: datetime) -> Any:
    """Put into force a version that waited."""
    return rule_services.activate_rule(code=rule.code, reason=reason, by=by, at=at)


_RULE: dict[str, Any] = {
    "scope": WRITE,
    "permission": P.MANAGE_RULES,
    "find": _rule,
    "thing": "rule",
    "answers": RuleTold,
    "after": _after_rule,
    "fresh": True,
}

RESOURCES = (
    at("reglas/", "rules", shows(_rules, "Todas las reglas", scope=READ, permission=P.MANAGE_RULES, answers=RulesTold)),
    at("reglas/<str:code>/", "rule", shows(_rule, "Una regla y sus versiones", scope=READ, answers=RuleTold)),
    at(
        "reglas/<str:code>/versiones/",
        "publish_rule",
        acts(
            publish,
            "Publicar la versión siguiente de una regla",
            takes=NextVersionForm,
            given=lambda _, rule: {"current": rule.shown.rule},
            example={
                "value": "4",
                "valid_from": "2027-01-01",
                "enforcement": "required",
                "source_kind": "operator",
                "source": "operador",
                "title": "Días de espera",
                "reason": "Lo acordó la operación.",
                "seen_version": 1,
            },
            **_RULE,
        ),
    ),
    at(
        "reglas/<str:code>/terminar/",
        "close_rule",
        acts(
            close,
            "Terminar una regla",
            takes=rule_forms.ClosingForm,
            example={"closes_on": "2027-01-01", "reason": "La ley terminó."},
            **_RULE,
        ),
    ),
    at(
        "reglas/<str:code>/activar/",
        "activate_rule",
        acts(
            activate,
            "Activar una regla que espera",
            takes=rule_forms.ActivationForm,
            example={"reason": "La confirmó el área fiscal."},
            **_RULE,
        ),
    ),
)

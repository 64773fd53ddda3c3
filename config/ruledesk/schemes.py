"""Withholding schemes by the code that people name (domain.md 1.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from config.ruledesk.lines import Unjudged
from portal.errors import RuleBroken
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import RuleInForce

PREFIX = "withholding."


def scheme_rule(code: str, *, on: date) -> RuleInForce:
    """The scheme's rule on a date, active or not. Raises Unjudged for one that does not exist or does not hold."""
    _check_known(code)
    try:
        return rulebook.named_on(PREFIX + code, on=on)
    except RuleBroken as broken:
        raise Unjudged(
            "scheme_not_in_force", f"El esquema {code} no rige el {on.isoformat()}. Usa el que rige en esa fecha."
        ) from broken


def candidates(code: str, *, on: date) -> list[RuleInForce]:
    """What an invoice of that date may follow when its physician has this scheme: all of its regime and state.

    An inactive one counts only when it is the one named. Raises Unjudged for a code that does not exist.
    """
    _check_known(code)
    versions = rulebook.versions(PREFIX + code)
    kind = {name: versions[-1].value[name] for name in ("regime", "state")}
    holding = rulebook.rules_on(PREFIX, on=on, include_inactive=True)
    active = {rule.code for rule in holding if rule.active}
    return [
        rule
        for rule in holding
        if kind.items() <= rule.value.items()
        and (rule.active or (rule.code == PREFIX + code and rule.code not in active))
    ]


def as_context(rule: RuleInForce) -> dict[str, Any]:
    """What the check of an invoice needs of a scheme."""
    return {
        "code": rule.code.removeprefix(PREFIX),
        "enforcement": rule.enforcement,
        "components": rule.value["components"],
        "regime": rule.value["regime"],
        "rule": rule.reference,
    }


def _check_known(code: str) -> None:
    known = rulebook.codes(PREFIX)
    if PREFIX + code not in known:
        names = ", ".join(name.removeprefix(PREFIX) for name in known)
        raise Unjudged("scheme_unknown", f"No existe el esquema «{code[:40]}». Usa uno de: {names}.")

"""Withholding schemes by the code that people name (domain 1.2)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from billing.selectors.schemes import PREFIX, Scheme, scheme_of, schemes_in_force
from config.ruledesk.lines import Unjudged
from portal.errors import RuleBroken
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import RuleInForce


def scheme_rule(code: str, *, on: date) -> RuleInForce:
    """The scheme's rule on a date, active or not. Raises Unjudged for one that does not exist or does not hold."""
    _check_known(code)
    try:
        return rulebook.named_on(PREFIX + code, on=on)
    except RuleBroken as broken:
        raise Unjudged(
            "scheme_not_in_force", f"El esquema {code} no rige el {on.isoformat()}. Usa el que rige en esa fecha."
        ) from broken


def regime_of(code: str) -> str:
    """The fiscal regime that a scheme is for. Raises Unjudged for a code that does not exist."""
    return str(_newest(code).value["regime"])


def candidates(code: str, *, on: date) -> list[Scheme]:
    """What an invoice of that date may follow when its physician has this scheme: all of its regime and state.

    An inactive one counts only when it is the one named. Raises Unjudged for a code that does not exist.
    """
    kind = _newest(code).value
    found = schemes_in_force(regime=kind["regime"], state=kind["state"], on=on)
    if code not in {scheme.code for scheme in found}:
        with suppress(Unjudged):
            found.append(scheme_of(scheme_rule(code, on=on)))
    return found


def _newest(code: str) -> RuleInForce:
    _check_known(code)
    return rulebook.versions(PREFIX + code)[-1]


def _check_known(code: str) -> None:
    known = rulebook.codes(PREFIX)
    if PREFIX + code not in known:
        names = ", ".join(name.removeprefix(PREFIX) for name in known)
        raise Unjudged("scheme_unknown", f"No existe el esquema «{code[:40]}». Usa uno de: {names}.")

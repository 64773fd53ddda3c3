"""Reading the rulebook: the rule of a code on a date."""

from __future__ import annotations

from datetime import date

from portal.errors import RuleBroken
from portal.rulebook.models import Rule
from portal.rulebook.rules import RuleInForce


def rule_on(code: str, *, on: date) -> RuleInForce:
    """The active version of a rule on a date. Raises RuleBroken when none holds (the operator closed it)."""
    row = Rule.objects.in_force(on=on).filter(code=code).first()
    if row is None:
        raise RuleBroken(
            f"No hay una regla vigente para «{code}» el {on.isoformat()}. Pide a Administración que la publique en Reglas.",
            code="rule_missing",
        )
    return row.as_rule()


def rules_on(prefix: str, *, on: date, include_inactive: bool = False) -> list[RuleInForce]:
    """Every rule whose code starts with `prefix` and holds on a date, by code; inactive ones only when asked."""
    rows = Rule.objects.filter(code__startswith=prefix, valid_from__lte=on).exclude(valid_to__lte=on)
    if not include_inactive:
        rows = rows.filter(active=True)
    return [row.as_rule() for row in rows.order_by("code", "version")]


def whole(code: str, *, on: date) -> int:
    """The value of a whole-number rule (days, hours, months) on a date."""
    return int(rule_on(code, on=on).value)


def days(code: str, *, on: date) -> int:
    """The value of a rule counted in days on a date."""
    return whole(code, on=on)


def version_of(code: str, version: int) -> RuleInForce | None:
    """One version of a rule, in force or not: what a stored figure was computed with."""
    row = Rule.objects.filter(code=code, version=version).first()
    return row.as_rule() if row else None


def history(code: str) -> list[Rule]:
    """Every version of a rule, newest first."""
    return list(Rule.objects.filter(code=code).select_related("published_by").order_by("-version"))

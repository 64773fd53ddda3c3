"""Reading the rulebook: the rule of a code on a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from portal.design import dates
from portal.errors import RuleBroken
from portal.reading import once_a_reading
from portal.rulebook import rules
from portal.rulebook.models import Rule
from portal.rulebook.rules import RuleInForce

# A version is never edited: when it ends and whether it is active is all that may change of it.
_STAMP = "SELECT md5(string_agg(concat(id, valid_to, active), '' ORDER BY id)) FROM rulebook_rule"


def rule_on(code: str, *, on: date) -> RuleInForce:
    """The active version of a rule on a date. Raises RuleBroken when none holds (the operator closed it)."""
    found = rules.pick_in_force(versions(code), on=on)
    if found is None:
        raise RuleBroken(
            f"No hay una regla vigente el {dates.short(on)}. Pide a Administración que la publique en Reglas: {code}.",
            code="rule_missing",
        )
    return found


@once_a_reading
def _book() -> Mapping[str, Sequence[RuleInForce]]:
    """Every rule's versions by code, both in order: one query, one more after a rule changed."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        (stamp,) = cursor.fetchone()
    return _kept_under(stamp or "")


@lru_cache(maxsize=4)
def _kept_under(stamp: str) -> Mapping[str, Sequence[RuleInForce]]:
    """What a process keeps of the rulebook under its stamp.

    Rows are read after the stamp, so that they are as new as it or newer: a stamp never stands for older ones.
    """
    found: dict[str, list[RuleInForce]] = {}
    for row in Rule.objects.order_by("code", "version"):
        found.setdefault(row.code, []).append(row.as_rule())
    return found


def rules_on(prefix: str, *, on: date, include_inactive: bool = False) -> list[RuleInForce]:
    """Every rule whose code starts with `prefix` and holds on a date, by code; inactive ones only when asked."""
    found = (rule for code, kept in _book().items() if code.startswith(prefix) for rule in kept)
    return [rule for rule in found if rule.holds_on(on) and (rule.active or include_inactive)]


def named_on(code: str, *, on: date) -> RuleInForce:
    """The rule that somebody names: the active version on a date, otherwise the newest inactive one that would hold.

    Raises RuleBroken when no version covers the date.
    """
    holding = [rule for rule in versions(code) if rule.holds_on(on)]
    found = rules.pick_in_force(holding, on=on) or next(iter(holding[::-1]), None)
    return found or rule_on(code, on=on)


def codes(prefix: str) -> list[str]:
    """Every code that starts with `prefix`, whatever its dates and whether active or not."""
    return [code for code in _book() if code.startswith(prefix)]


def versions(code: str) -> list[RuleInForce]:
    """Every version of a rule, oldest first, in force or not."""
    return list(_book().get(code, ()))


def whole(code: str, *, on: date) -> int:
    """The value of a whole-number rule (days, hours, months) on a date."""
    return int(rule_on(code, on=on).value)


def version_of(code: str, version: int) -> RuleInForce | None:
    """One version of a rule, in force or not: what a stored figure was computed with."""
    return next((rule for rule in versions(code) if rule.version == version), None)


def explain_due(
    *,
    title: str,
    formula: str,
    start: tuple[str, date],
    due_on: date,
    due_rule: str,
    more: tuple[tuple[str, str], ...] = (),
) -> dict[str, Any]:
    """Why a stored deadline is on its day, by the rule that was stored with it (the text of a `RuleRef`).

    `start` is the day from which it counts, with its label; `more` is what else the page tells, (label, text). Whatever
    the rulebook says by now changes nothing.
    """
    cited, rule = _kept(due_rule)
    applied = ((rule.unit.capitalize(), str(rule.value)),) if rule else ()
    inputs = ((start[0], dates.short(start[1])), *applied, *more)
    return rules.Explanation(title, formula, inputs, dates.short(due_on), cited).as_json()


def explain_kept(*, title: str, formula: str, given: tuple[str, str], result: str, rule: str) -> dict[str, Any]:
    """Why a stored figure is what it is, by the rule stored with it (the text of a `RuleRef`), named by its own title.

    `given` is what it was computed from, (label, text). Whatever the rulebook says by now changes nothing.
    """
    cited, applied = _kept(rule)
    inputs = (given, (applied.title, rules.value_words(applied))) if applied else (given,)
    return rules.Explanation(title, formula, inputs, result, cited).as_json()


def _kept(text: str) -> tuple[tuple[rules.RuleRef, ...], RuleInForce | None]:
    """The rule that a stored text names, as it is cited, and the version itself; nothing where none was kept."""
    reference = rules.RuleRef.read(text)
    return ((reference,), version_of(reference.code, reference.version)) if reference else ((), None)


@dataclass(frozen=True, slots=True)
class Version:
    """One version as the detail page shows it: in words, with what it changed."""

    rule: rules.RuleInForce
    value: str
    state: str
    tone: str
    differences: list[tuple[str, str, str]]
    by: str
    at: datetime | None
    reason: str
    enforcement: str
    source_kind: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One code: its versions newest first and the one to show (in force today, otherwise the newest)."""

    code: str
    family: str
    versions: list[Version]
    shown: Version

    @property
    def history(self) -> list[tuple[Version, bool]]:
        """Its versions, each with whether it is the one that is shown."""
        return [(one, one is self.shown) for one in self.versions]

    @property
    def waits(self) -> bool:
        """Whether the newest version waits for the operator to activate it."""
        return not self.versions[0].rule.active


def sheet(code: str, *, on: date) -> Sheet | None:
    """Everything about one rule, one query; None for an unknown code."""
    rows = list(Rule.objects.filter(code=code).select_related("published_by").order_by("version"))
    return _sheet(code, rows, on=on) if rows else None


def groups(*, on: date) -> list[tuple[str, list[Sheet]]]:
    """Every rule by family label, in the order of the families; one query."""
    by_code: dict[str, list[Rule]] = {}
    for row in Rule.objects.select_related("published_by").order_by("code", "version"):
        by_code.setdefault(row.code, []).append(row)
    found: dict[str, list[Sheet]] = {family.label: [] for family in rules.FAMILIES.values()}
    for code, rows in by_code.items():
        one = _sheet(code, rows, on=on)
        found[one.family].append(one)
    return [(label, sheets) for label, sheets in found.items() if sheets]


def _sheet(code: str, rows: list[Rule], *, on: date) -> Sheet:
    versions = [_version(row, earlier, on=on) for row, earlier in zip(rows, [None, *rows], strict=False)][::-1]
    in_force = next((v for v in versions if v.rule.active and v.rule.holds_on(on)), versions[0])
    return Sheet(code=code, family=rules.family_of(code).label, versions=versions, shown=in_force)


def _version(row: Rule, earlier: Rule | None, *, on: date) -> Version:
    rule = row.as_rule()
    state, tone = rules.state_of(rule, on=on)
    return Version(
        rule=rule,
        value=rules.value_words(rule),
        state=state,
        tone=tone,
        differences=rules.differences(earlier.as_rule(), rule) if earlier else [],
        by=str(row.published_by) if row.published_by else "Viene con el producto",
        at=row.published_at,
        reason=row.reason,
        enforcement=rules.ENFORCEMENT_LABELS[rules.Enforcement(rule.enforcement)],
        source_kind=rules.SOURCE_KIND_LABELS[rules.SourceKind(rule.source_kind)],
    )

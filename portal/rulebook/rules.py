"""Rules about rules: which one holds, whether a draft may be published, how a figure explains itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.declared import Declared
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.money import EXPONENT, format_money


class SourceKind(StrEnum):
    """Where a rule comes from (domain 1.2): a source document, the law, or the operator's own word."""

    SOURCE_DOCUMENT = "source_document"
    STATUTE = "statute"
    OPERATOR = "operator"


class Enforcement(StrEnum):
    """What a match with this rule means: accepted as it is, or accepted but looked at by a person (C1)."""

    REQUIRED = "required"
    ACCEPTED_WITH_WARNING = "accepted_with_warning"


SOURCE_KIND_LABELS: dict[SourceKind, str] = {
    SourceKind.SOURCE_DOCUMENT: "Documento fuente",
    SourceKind.STATUTE: "Ley",
    SourceKind.OPERATOR: "Operador",
}
ENFORCEMENT_LABELS: dict[Enforcement, str] = {
    Enforcement.REQUIRED: "Obligatoria",
    Enforcement.ACCEPTED_WITH_WARNING: "Se acepta con revisión",
}


@dataclass(frozen=True, slots=True)
class ValueKind:
    """The shape of a rule's value: `clean(value, family)` gives its one stored form or raises RuleBroken,
    `words(value, unit)` writes it. An app may bring its own (`registry.register_value_kind`, with its form fields)."""

    name: str
    clean: Callable[[object, Family], Any]
    words: Callable[[Any, str], str]


@dataclass(frozen=True, slots=True)
class Family:
    """A group of codes with one value shape: `prefix` is a whole code or ends with a dot.

    `least` and `most` are the sane range of the value in its unit, both ends included.
    """

    prefix: str
    label: str
    kind: ValueKind
    least: int = 0
    most: int = 0

    def holds(self, code: str) -> bool:
        """Whether a code belongs to this family."""
        return code.startswith(self.prefix) if self.prefix.endswith(".") else code == self.prefix


# Every code that may exist, and the rows that the product is born with: each app declares its own.
FAMILIES: Declared[Family] = Declared("the family of rules")
SHIPPED: Declared[Draft] = Declared("the rule")
# Activating the first ends the second where the first begins (domain 1.2).
ENDS_WITH_ACTIVATION: Declared[str] = Declared("what ends with the rule")


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """One version of one rule as other rooms see it. `valid_to` is excluded; None = no end."""

    id: UUID
    code: str
    version: int
    value: Any
    unit: str
    valid_from: date
    valid_to: date | None
    source: str
    source_kind: str
    title: str
    note: str
    enforcement: str
    active: bool
    conflict_note: str

    def holds_on(self, on: date) -> bool:
        """Whether the date lies in [valid_from, valid_to)."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    @property
    def reference(self) -> str:
        """How a stored figure names its rule: source ID and version."""
        return f"{self.source} · v{self.version}"


def pick_in_force(candidates: Iterable[RuleInForce], *, on: date) -> RuleInForce | None:
    """The active version that holds on a date. More than one is impossible (`one_rule_in_force_per_code`)."""
    return next((rule for rule in candidates if rule.active and rule.holds_on(on)), None)


def state_of(rule: RuleInForce, *, on: date) -> tuple[str, str]:
    """Where a version stands on a date: words and tone."""
    if not rule.active:
        return "Inactiva", "neutral"
    if on < rule.valid_from:
        return "Por entrar en vigor", "info"
    if not rule.holds_on(on):
        return "Terminada", "neutral"
    return ("Vigente, con conflicto", "warn") if rule.conflict_note else ("Vigente", "ok")


def family_of(code: str) -> Family:
    """The family a code belongs to. Raises RuleBroken for an unknown code."""
    for family in FAMILIES.values():
        if family.holds(code):
            return family
    raise RuleBroken("Esa regla no existe. Elige una de la lista.", code="rule_unknown", field="code")


# --- values --------------------------------------------------------------------------------------------------------


def _whole(value: object, family: Family) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise RuleBroken("Escribe un número entero, sin decimales ni signos.", code="rule_whole", field="value")
    number = int(str(value))
    if not family.least <= number <= family.most:
        raise RuleBroken(f"Escribe un número entre {family.least} y {family.most}.", code="rule_range", field="value")
    return number


def _amount(value: object, family: Family) -> str:
    try:
        amount = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation as error:
        raise RuleBroken("Escribe un monto, por ejemplo 500000.00.", code="rule_amount", field="value") from error
    if not amount.is_finite() or not family.least <= amount <= family.most or amount != round(amount, 2):
        raise RuleBroken(
            f"Escribe un monto entre {family.least} y {family.most:,}, con dos decimales a lo más.",
            code="rule_range",
            field="value",
        )
    return f"{amount:.2f}"


def _whole_list(value: object, family: Family) -> list[int]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Sequence) or not parts:
        raise RuleBroken("Escribe los días separados por comas, por ejemplo 5, 2, 0.", code="rule_list", field="value")
    return sorted({_whole(part, family) for part in parts}, reverse=True)


def _number_words(value: Any, unit: str) -> str:
    if unit.startswith("día del "):
        return unit.replace("día", f"día {value}", 1)
    return f"{value} {unit}".strip()


def _amount_words(value: Any, unit: str) -> str:
    """In its currency's own form, without the sign: a rule names the currency."""
    if unit in EXPONENT:
        return format_money(Decimal(value), unit, code=True).replace("$", "")
    return f"{Decimal(value):,.2f} {unit}".strip()


WHOLE = ValueKind("whole", _whole, _number_words)
AMOUNT = ValueKind("amount", _amount, _amount_words)
WHOLE_LIST = ValueKind("whole_list", _whole_list, lambda value, unit: f"{', '.join(map(str, value))} {unit}".strip())


def clean_value(code: str, value: object) -> Any:
    """The value in its one stored shape (amounts with two decimals, as text). Raises RuleBroken with the cure."""
    family = family_of(code)
    return family.kind.clean(value, family)


def describe_value(code: str, value: Any, unit: str = "") -> str:
    """The value in words for lists, history and differences."""
    return family_of(code).kind.words(value, unit)


def value_words(rule: RuleInForce | Draft) -> str:
    """The value of a rule in words."""
    return describe_value(rule.code, rule.value, rule.unit)


# --- drafts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person proposes as the next version of a rule."""

    code: str
    value: Any
    unit: str
    valid_from: date
    valid_to: date | None
    source: str
    source_kind: str
    title: str
    note: str
    enforcement: str
    active: bool = True
    conflict_note: str = ""

    def is_past(self, *, on: date) -> bool:
        """Whether it would be in force since before a day: what was computed meanwhile keeps its own version."""
        return self.valid_from < on


OPEN = date(2014, 1, 1)  # "open" in domain 1.2: the law of 2014 is the oldest that CFDI practice still meets


def ship(code: str, value: Any, *, source: str, source_kind: SourceKind, title: str, **more: Any) -> Draft:
    """A rule that the product is born with, in force since ever and required unless said otherwise (Draft's fields)."""
    rest = {"unit": "", "note": "", "valid_from": OPEN, "valid_to": None, "enforcement": Enforcement.REQUIRED.value}
    return Draft(code=code, value=value, source=source, source_kind=source_kind.value, title=title, **{**rest, **more})


def check_draft(draft: Draft) -> Draft:
    """The draft with its value in stored shape. Raises RuleBroken naming the field and the cure."""
    if draft.valid_to is not None and draft.valid_to <= draft.valid_from:
        raise RuleBroken("La fecha final debe ser posterior a la inicial.", code="rule_dates", field="valid_to")
    if not draft.source.strip():
        raise RuleBroken("Di de dónde sale la regla: artículo, documento u oficio.", code="rule_source", field="source")
    if not draft.title.strip():
        raise RuleBroken("Ponle un nombre a la regla.", code="rule_title", field="title")
    if draft.source_kind not in set(SourceKind) or draft.enforcement not in set(Enforcement):
        raise RuleBroken("Elige el tipo de fuente y el efecto de la lista.", code="rule_choice")
    return replace(draft, value=clean_value(draft.code, draft.value))


@dataclass(frozen=True, slots=True)
class Step:
    """What publishing does to one earlier version: close it on a date, or withdraw it before it ever ruled."""

    id: UUID
    version: int
    closes_on: date | None  # None = withdrawn


def steps_to_publish(
    existing: Iterable[RuleInForce], *, valid_from: date, valid_to: date | None, active: bool
) -> list[Step]:
    """What happens to earlier active versions so that two never hold on the same day."""
    if not active:
        return []
    steps = []
    for rule in existing:
        overlaps = (valid_to is None or rule.valid_from < valid_to) and (
            rule.valid_to is None or valid_from < rule.valid_to
        )
        if rule.active and overlaps:
            steps.append(Step(rule.id, rule.version, valid_from if rule.valid_from < valid_from else None))
    return steps


def check_reason(reason: str) -> None:
    """Every change of a rule says why. Raises RuleBroken."""
    if not reason.strip():
        raise RuleBroken("Di por qué cambia la regla; queda en la auditoría.", code="rule_reason", field="reason")


def check_seen(*, newest: int, seen: int | None) -> None:
    """Nobody publishes over a version they did not see. Raises Conflict."""
    if seen is not None and seen != newest:
        raise Conflict(
            f"Alguien publicó la versión {newest} mientras escribías. Revísala y vuelve a empezar.", code="rule_seen"
        )


def draft_of(rule: RuleInForce) -> Draft:
    """The same rule as an active draft."""
    same = {name.name: getattr(rule, name.name) for name in fields(Draft)}
    return Draft(**{**same, "active": True})


def check_close(rule: RuleInForce | None, *, closes_on: date, reason: str) -> None:
    """Whether the active version of a rule may end on a date (excluded). Raises RuleBroken with the cure."""
    check_reason(reason)
    if rule is None:
        raise RuleBroken("Esta regla no está activa: no hay nada que terminar.", code="rule_inactive")
    if closes_on <= rule.valid_from:
        raise RuleBroken("La fecha final debe ser posterior a la inicial.", code="rule_dates", field="closes_on")
    if rule.valid_to is not None and closes_on >= rule.valid_to:
        raise RuleBroken(
            "Esta versión ya termina ese día o antes. Escribe una fecha anterior.",
            code="rule_closed",
            field="closes_on",
        )


def differences(old: RuleInForce | None, new: Draft | RuleInForce) -> list[tuple[str, str, str]]:
    """What changes between two versions: (label, before, after), only the fields that differ."""
    rows = []
    for label, read in _COMPARED:
        before, after = (read(old) if old is not None else ""), read(new)
        if before != after:
            rows.append((label, before, after))
    return rows


def _until(rule: Any) -> str:
    return dates.short(rule.valid_to) if rule.valid_to else "sin fecha final"


_COMPARED: tuple[tuple[str, Any], ...] = (
    ("Valor", lambda r: describe_value(r.code, r.value, r.unit)),
    ("Rige desde", lambda r: dates.short(r.valid_from)),
    ("Rige hasta", _until),
    ("Fuente", lambda r: r.source),
    ("Efecto", lambda r: ENFORCEMENT_LABELS[Enforcement(r.enforcement)]),
    ("Nombre", lambda r: r.title),
    ("Nota", lambda r: r.note),
    ("Conflicto", lambda r: r.conflict_note),
    ("Activa", lambda r: "sí" if r.active else "no"),
)


# --- explanations (N2) ---------------------------------------------------------------------------------------------


_REFERENCE = re.compile(r"(\S+) v([0-9]+) · (.+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class RuleRef:
    """The rule a figure was computed with, by code and version. Its text is what a stored deadline keeps beside it."""

    code: str
    version: int
    source: str

    def __str__(self) -> str:
        return f"{self.code} v{self.version} · {self.source}"

    @classmethod
    def read(cls, stored: str) -> RuleRef | None:
        """The reference that a deadline keeps as text; None where it keeps none."""
        found = _REFERENCE.fullmatch(stored)
        return cls(found[1], int(found[2]), found[3]) if found else None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "¿De dónde sale este número?": final Spanish texts, stored beside the figure they explain."""

    title: str
    formula: str
    inputs: tuple[tuple[str, str], ...]
    result: str
    rules: tuple[RuleRef, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain dict for a JSON column; the first rule stands at the top too, for the figure component."""
        first = self.rules[0] if self.rules else None
        return {
            "title": self.title,
            "formula": self.formula,
            "inputs": [list(pair) for pair in self.inputs],
            "result": self.result,
            "code": first.code if first else "",
            "version": first.version if first else 0,
            "source": first.source if first else "",
            "rules": [{"code": r.code, "version": r.version, "source": r.source} for r in self.rules],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Explanation:
        """The explanation that `as_json` wrote."""
        return cls(
            stored["title"],
            stored["formula"],
            tuple((str(label), str(text)) for label, text in stored["inputs"]),
            stored["result"],
            tuple(RuleRef(r["code"], r["version"], r["source"]) for r in stored.get("rules", ())),
        )


def refer(rule: RuleInForce) -> RuleRef:
    """The reference to store for a rule that was applied."""
    return RuleRef(rule.code, rule.version, rule.source)

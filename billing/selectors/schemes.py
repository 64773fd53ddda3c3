"""What the rulebook says of an invoice on a date: schemes, and the limits every CFDI is held to.

The portal asks for a physician's invoice, the rule desk for anybody's: both get it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from billing.models import SchemeAssignment
from billing.rules import SchemeComponent
from portal.errors import RuleBroken
from portal.fiscal import expectations
from portal.people.models import Party
from portal.prepared import prepared
from portal.reading import once_a_reading
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import RuleInForce

PREFIX = "withholding."


@dataclass(frozen=True, slots=True)
class Scheme:
    """A withholding scheme in force on a date, with the rule row it comes from; rates as fractions."""

    code: str
    enforcement: str
    components: tuple[SchemeComponent, ...]
    rule_code: str
    rule_version: int
    source: str
    title: str
    conflict_note: str
    reference: str

    def as_context(self) -> expectations.Scheme:
        """What the invoice check needs of it."""
        return {
            "code": self.code,
            "enforcement": self.enforcement,
            "components": [{"component": part.component, "rate": str(part.rate)} for part in self.components],
            "rule": self.reference,
        }


def scheme_of(rule: RuleInForce) -> Scheme:
    """The scheme that a rule row describes."""
    parts = tuple(SchemeComponent(row["component"], Decimal(row["rate"])) for row in rule.value["components"])
    return Scheme(
        code=rule.code.removeprefix(PREFIX),
        enforcement=rule.enforcement,
        components=parts,
        rule_code=rule.code,
        rule_version=rule.version,
        source=rule.source,
        title=rule.title,
        conflict_note=rule.conflict_note,
        reference=rule.reference,
    )


def schemes_in_force(*, regime: str, state: str, on: date) -> list[Scheme]:
    """Every active scheme of a regime and state on a date, required ones first (domain 1.2)."""
    matching = [
        scheme_of(rule)
        for rule in rulebook.rules_on(PREFIX, on=on)
        if (rule.value["regime"], rule.value["state"]) == (regime, state)
    ]
    return sorted(matching, key=lambda scheme: (scheme.enforcement != "required", scheme.code))


def limits_of_cfdi(*, on: date) -> expectations.Limits:
    """Tolerance of a withholding (MXN) and hours until the stamp, as the checks of portal/fiscal take them."""
    return {
        "tolerance": str(rulebook.rule_on("amount.tolerance", on=on).value),
        "stamp_hours": rulebook.whole("stamp.max_hours", on=on),
    }


def oldest_invoice(*, on: date) -> date:
    """The earliest date an invoice handed in on this day may have."""
    return on - timedelta(days=rulebook.whole("invoice.max_age_days", on=on))


def told_regime(party: UUID) -> bool:
    """Whether a physician told a regime: the first one counts before its day too (`assignment_on`)."""
    return SchemeAssignment.objects.filter(party=party).exists()


@once_a_reading
def assignment_on(party: Party | UUID, *, on: date) -> SchemeAssignment | None:
    """The regime and state that count for a physician on a date; before the first one, the first one."""
    key = party if isinstance(party, UUID) else party.pk
    return _assignment.first(key, on) or _first_assignment.first(key)


@prepared
def _assignment(party_id: UUID, on: date) -> QuerySet[SchemeAssignment]:
    there = Q(valid_to=None) | Q(valid_to__gt=on), Q(valid_from__lte=on)
    return SchemeAssignment.objects.filter(*there, party=party_id).order_by("-valid_from")[:1]


@prepared
def _first_assignment(party_id: UUID) -> QuerySet[SchemeAssignment]:
    return SchemeAssignment.objects.filter(party=party_id).order_by("valid_from")[:1]


def schemes_for(party: Party | UUID, *, on: date) -> list[Scheme]:
    """Every active scheme of the physician's regime and state on a date, required ones first (domain 1.2)."""
    assignment = assignment_on(party, on=on)
    if assignment is None:
        return []
    return schemes_in_force(regime=assignment.regime, state=assignment.state, on=on)


def scheme_for(party: Party, *, on: date) -> Scheme:
    """The scheme shown to a physician before they invoice. Raises RuleBroken until they have told their regime."""
    schemes = schemes_for(party, on=on)
    if not schemes:
        raise RuleBroken(
            "Antes de facturar dinos tu régimen fiscal: de él depende tu retención.", code="no_regime", field="regime"
        )
    return schemes[0]


def scheme_by_code(code: str, *, party: Party, on: date | None) -> Scheme | None:
    """One of the physician's schemes on a date, by code."""
    return next((scheme for scheme in schemes_for(party, on=on) if scheme.code == code), None) if on else None

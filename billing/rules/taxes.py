"""What is withheld from an invoice (S0.14, S0.20-S0.23, C1-C3). Money in MXN, rates as fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.fiscal.expectations import Component
from portal.fiscal.rules import withholding
from portal.fiscal.rules.withholding import WithheldLine

REGIME_LABELS: dict[str, str] = {
    "612": "Persona física con actividad profesional (612)",
    "626": "RESICO, régimen simplificado de confianza (626)",
}
STATE_LABELS: dict[str, str] = {"": "Otra entidad o no pago impuesto cedular", "JAL": "Jalisco, con impuesto cedular"}


@dataclass(frozen=True, slots=True)
class SchemeComponent:
    """One tax withheld: `ISR` or `LOCAL`, its rate as a fraction."""

    component: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class WithholdingSum:
    """Base minus each withheld tax is what is paid (S0.14, C3): total = base - sum of lines."""

    base: Decimal
    lines: tuple[WithheldLine, ...]
    payable: Decimal

    def amount_of(self, component: str) -> Decimal:
        """What is withheld for one component, zero if the scheme has none."""
        return sum((line.amount for line in self.lines if line.component == component), Decimal("0.00"))


def withhold(base: Decimal, components: Sequence[SchemeComponent]) -> WithholdingSum:
    """The sum of S0.20-S0.23: each component is `base x rate`, rounded half-up once; MXN cents."""
    parts: list[Component] = [{"component": part.component, "rate": str(part.rate)} for part in components]
    lines = tuple(withholding.withhold(base, parts))
    return WithholdingSum(base, lines, base - sum((line.amount for line in lines), Decimal(0)))


def withhold_each(bases: Sequence[Decimal], components: Sequence[SchemeComponent]) -> list[WithholdingSum]:
    """What each concept of one invoice carries of its withholdings; they add up to `withhold` of the whole.

    A concept's tax is what the running sum gained by it: its own product rounded down or up, as PACs take it
    (domain 1.1). Rounding each by itself would leave the total cents beside the one that is owed.
    """
    running, before, each = Decimal(0), withhold(Decimal(0), components), []
    for base in bases:
        running += base
        after = withhold(running, components)
        lines = tuple(
            WithheldLine(now.component, now.rate, base, now.amount - past.amount)
            for now, past in zip(after.lines, before.lines, strict=True)
        )
        each.append(WithholdingSum(base, lines, base - sum((line.amount for line in lines), Decimal(0))))
        before = after
    return each

"""What a policy covers and how: its years, its coverages, what shares one deductible in each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.errors import RuleBroken
from portal.money import round_money
from portal.states import choices

_PESOS = "MXN"


class CoverageKind(StrEnum):
    """The two coverages of a policy."""

    MAJOR = "major"
    MINOR = "minor"


COVERAGE_LABELS = {
    CoverageKind.MAJOR: "Gastos médicos mayores",
    CoverageKind.MINOR: "Gastos médicos menores",
}


class Scope(StrEnum):
    """What shares one deductible within a coverage."""

    CONDITION_YEAR = "condition-year"
    CONDITION = "condition"
    PERSON_YEAR = "person-year"


SCOPE_LABELS = {
    Scope.CONDITION_YEAR: "Padecimiento y año",
    Scope.CONDITION: "Padecimiento",
    Scope.PERSON_YEAR: "Persona y año",
}
COVERAGE_CHOICES = choices(COVERAGE_LABELS)
SCOPE_CHOICES = choices(SCOPE_LABELS)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coverage gives in a policy year, in pesos; `coaseguro` is a fraction, no cap or sum insured is None."""

    deductible: Decimal
    coaseguro: Decimal
    coaseguro_cap: Decimal | None = None
    sum_insured: Decimal | None = None


def check_year(since: date, until: date) -> None:
    """A policy year ends after it begins. Raises RuleBroken."""
    if until <= since:
        raise RuleBroken(
            "El año de la póliza termina antes de empezar. Corrige sus fechas: el último día es el primero que ya no "
            "está cubierto.",
            code="year_reversed",
            field="until",
        )


def check_terms(terms: Terms) -> None:
    """Amounts from zero in whole cents, a coaseguro from 0 to 1 with six decimals at most. Raises RuleBroken."""
    named = {
        "deductible": terms.deductible,
        "coaseguro_cap": terms.coaseguro_cap,
        "sum_insured": terms.sum_insured,
    }
    for field, amount in named.items():
        if amount is not None and (amount < 0 or amount != round_money(amount, _PESOS)):
            raise RuleBroken(
                "Ese importe no puede ser. Escribe pesos desde cero, con dos decimales.",
                code="amount_wrong",
                field=field,
            )
    if not 0 <= terms.coaseguro <= 1 or terms.coaseguro != round(terms.coaseguro, 6):
        raise RuleBroken(
            "El coaseguro va de 0 a 100 %, con cuatro decimales a lo más. Corrígelo.",
            code="coaseguro_wrong",
            field="coaseguro",
        )

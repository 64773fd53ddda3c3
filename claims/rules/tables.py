"""The tables that claims take in: hospitals under an agreement, and what buckets held before this portal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from claims.rules.settlement import Bucket, Expense, Figures, Line, YearTerms, settle
from memberships.rules.certificates_file import COVERAGES, OLDEST
from memberships.rules.policies import CoverageKind, Scope
from portal.imports.rules.cells import Unreadable
from portal.imports.rules.layouts import Field, Layout, Total
from portal.imports.rules.readers import choice, code, day, identifier, money, optional, text

MOST_HOSPITALS, MOST_OPENINGS, MOST_CALLED = 10_000, 20_000, 1_000
_CURRENCY = "MXN"


def _needed(reader: Callable[[Any], Any], cure: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not (found := reader(value)):
            raise Unreadable("missing", cure)
        return found

    return read


# --- hospitals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HospitalRow:
    """A hospital under an insurer's agreement; `until` is the first day without it, None while there is none."""

    insurer_rfc: str
    key: str
    name: str
    city: str
    state: str
    since: date
    until: date | None

    @property
    def place(self) -> tuple[str, str]:
        """Which hospital of which insurer it is."""
        return self.insurer_rfc, self.key


HOSPITALS = Layout(
    fields=(
        Field("insurer_rfc", "rfc_aseguradora", read=identifier("rfc")),
        Field("key", "clave", read=_needed(code, "Escribe la clave del hospital.")),
        Field("name", "nombre", read=_needed(text(200), "Escribe el nombre del hospital.")),
        Field("city", "ciudad", read=_needed(text(120), "Escribe la ciudad.")),
        Field("state", "estado", read=_needed(text(120), "Escribe el estado.")),
        Field("since", "desde", read=day()),
        Field("until", "hasta", required=False, read=optional(day())),
    ),
    build=HospitalRow,
    max_rows=MOST_HOSPITALS,
    max_called=MOST_CALLED,
    noun=("hospital", "hospitales"),
)

NOT_AN_INSURER = "Ninguna aseguradora de este portal tiene ese RFC. Corrígelo."
HOSPITAL_TWICE = "Este hospital viene dos veces. Deja un renglón por clave."
REVERSED = "«hasta» no es posterior a «desde». Corrige las dos fechas."
Wrong = tuple[str, str, str]  # column, code, sentence


def wrong_hospital(row: HospitalRow, insurers: Mapping[str, Any], seen: set[tuple[str, str]]) -> Wrong | None:
    """Why a hospital does not enter; None for one that does. `seen` are the places of the rows before it."""
    if row.insurer_rfc not in insurers:
        return "insurer_rfc", "insurer_unknown", NOT_AN_INSURER
    if row.until is not None and row.until <= row.since:
        return "until", "agreement_reversed", REVERSED
    if row.place in seen:
        return "key", "hospital_twice", HOSPITAL_TWICE
    return None


# --- what buckets held before ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """What somebody's bucket had covered before its claims came here, and what of it was paid."""

    policy: str
    certificate: str
    name: str
    born_on: date
    coverage: CoverageKind
    condition: str
    year: date | None
    covered: Decimal
    paid: Decimal


OPENINGS = Layout(
    fields=(
        Field("policy", "poliza", read=_needed(text(40), "Escribe el número de la póliza.")),
        Field("certificate", "certificado", read=_needed(code, "Escribe el número del certificado.")),
        Field("name", "nombre", read=_needed(text(240), "Escribe el nombre como está en el certificado.")),
        Field("born_on", "nacimiento", read=day(earliest=OLDEST)),
        Field("coverage", "cobertura", read=choice(COVERAGES)),
        Field("condition", "padecimiento", required=False, read=code),
        Field("year", "inicio_del_anio", required=False, read=optional(day())),
        Field("covered", "cubierto", read=money(_CURRENCY)),
        Field("paid", "pagado", read=money(_CURRENCY)),
    ),
    build=OpeningRow,
    max_rows=MOST_OPENINGS,
    max_called=MOST_CALLED,
    noun=("acumulado", "acumulados"),
    totals=(Total("covered", "Cubierto en total", _CURRENCY), Total("paid", "Pagado en total", _CURRENCY)),
)

CONDITION_UNSAID = "El deducible de esta cobertura es por padecimiento. Escribe su clave."
CONDITION_TOO_MANY = "El deducible de esta cobertura es de la persona en el año. Deja vacío el padecimiento."
YEAR_UNSAID = "Escribe el primer día de un año de esta póliza."
YEAR_TOO_MANY = "Esta cobertura acumula por padecimiento, sin años. Deja vacío «inicio_del_anio»."
NO_TERMS = "Esta cobertura no tiene términos de ningún año. Captúralos antes en su póliza."
NOTHING_COVERED = "Lo cubierto es más que cero. Quita el renglón si no se ha cubierto nada."


@dataclass(frozen=True, slots=True)
class OpenedBucket:
    """A bucket as it opens: its terms, and who bore what of all that it covers."""

    bucket: Bucket
    terms: YearTerms
    figures: Figures


def open_bucket(
    row: OpeningRow, scope: Scope, years: Sequence[YearTerms], *, person: str, condition: str, began_on: date | None
) -> OpenedBucket | Wrong:
    """A row's bucket under the terms of its coverage, or why it is none; settled by the very rule of a claim.

    `condition` and `began_on` are of the registered illness that the row names, "" and None where it names none.
    """
    if wrong := _wrong_key(row, scope, years):
        return wrong
    day_of = row.year or years[0].since
    line = Line(day_of, row.covered, row.covered)
    found = settle(scope, years, [Expense("", person, condition, began_on, (line,))])
    (settled,) = found.expenses[0].lines
    assert settled.bucket is not None and settled.terms is not None  # the day begins a year of these
    if settled.figures.paid != row.paid:
        return (
            "paid",
            "paid_differs",
            f"Con los términos de ese año se pagan {settled.figures.paid:,.2f} de {row.covered:,.2f} cubiertos. "
            "Revisa los dos importes.",
        )
    return OpenedBucket(settled.bucket, settled.terms, settled.figures)


def _wrong_key(row: OpeningRow, scope: Scope, years: Sequence[YearTerms]) -> Wrong | None:
    of_person, of_year = scope is Scope.PERSON_YEAR, scope is not Scope.CONDITION
    told: dict[Wrong, bool] = {
        ("coverage", "coverage_without_terms", NO_TERMS): not years,
        ("condition", "condition_unsaid", CONDITION_UNSAID): not of_person and not row.condition,
        ("condition", "condition_too_many", CONDITION_TOO_MANY): of_person and bool(row.condition),
        ("year", "year_unsaid", YEAR_UNSAID): of_year and row.year not in {one.since for one in years},
        ("year", "year_too_many", YEAR_TOO_MANY): not of_year and row.year is not None,
        ("covered", "nothing_covered", NOTHING_COVERED): not row.covered,
    }
    return next((wrong for wrong, holds in told.items() if holds), None)

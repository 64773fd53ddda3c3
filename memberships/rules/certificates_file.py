"""An insurer's certificates as a table: one row a person, a certificate all or nothing (domain 2.11). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from memberships.rules.certificates import policy_key
from memberships.rules.policies import CoverageKind
from memberships.rules.states import KINSHIP_LABELS, Kinship, Sex
from portal.errors import RuleBroken
from portal.imports.rules.cells import Unreadable, read_day
from portal.imports.rules.layouts import Count, Field, Layout
from portal.imports.rules.readers import choice, code, day, identifier, optional, plain_text, text
from portal.names import word_key

# Each row is some writes, about ten milliseconds: a call takes what a request can, a file of more than 5,000 a drain.
MOST_ROWS, MOST_CALLED, MOST_CODE = 20_000, 1_000, 20
OLDEST = date(1900, 1, 1)
_CONTROL = ("certificates", "people")
_SHAPE = "Manda un objeto con «control» (certificates, people: números enteros) y «people» (una lista de personas)."
Days = tuple[date, date | None]  # half-open; without an end while there is none
COVERAGES = {"GMM": CoverageKind.MAJOR, "GMM_MENORES": CoverageKind.MINOR}
KINSHIPS: dict[str, Kinship] = {
    KINSHIP_LABELS[Kinship.TITULAR]: Kinship.TITULAR,
    "Cónyuge": Kinship.SPOUSE,
    "Pareja": Kinship.PARTNER,
    "Madre": Kinship.PARENT,
    "Padre": Kinship.PARENT,
    "Hija": Kinship.CHILD,
    "Hijo": Kinship.CHILD,
}
# «M» is a woman to the CURP and a man to many insurers: it is not guessed.
SEXES = {"Mujer": Sex.FEMALE, "Hombre": Sex.MALE, "No binario": Sex.OTHER}
SEXES |= {"Femenino": Sex.FEMALE, "Masculino": Sex.MALE, "F": Sex.FEMALE, "H": Sex.MALE, "X": Sex.OTHER}
_APART = re.compile(r"\s*;\s*")


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """An illness as the insurer's file has it."""

    code: str
    name: str
    began_on: date


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One person of a certificate; `until` is the first day no longer covered, None while there is none."""

    policy: str
    certificate: str
    kinship: Kinship
    given_name: str
    first_surname: str
    second_surname: str
    born_on: date
    sex: Sex
    curp: str
    rfc: str
    since: date
    until: date | None
    coverages: tuple[CoverageKind, ...]
    conditions: str = field(repr=False)  # as the file has them: no kept copy holds the column

    @property
    def as_printed(self) -> str:
        """The whole name, as the insurer's papers have it."""
        return " ".join(part for part in (self.given_name, self.first_surname, self.second_surname) if part)

    @property
    def place(self) -> tuple[str, str]:
        """Which certificate of which policy it is of."""
        return place_of(self.policy, self.certificate)

    @property
    def who(self) -> tuple[str, date]:
        """Who it is without a CURP: the same words in any order, born the same day."""
        return word_key(self.as_printed), self.born_on


def place_of(policy: str, certificate: str) -> tuple[str, str]:
    """A certificate's place, whatever case and signs its policy is written with."""
    return policy_key(policy), certificate.strip().upper()


def row_errors(rows: Iterable[CertificateRow], offered: Mapping[CoverageKind, Any]) -> list[tuple[int, str, str, str]]:
    """What is wrong with the rows of one certificate by themselves: (place, column, code, sentence)."""
    told, seen = list[tuple[int, str, str, str]](), set[Any]()
    for place, row in enumerate(rows):
        keys = {row.who, *([row.curp] if row.curp else [])}
        if keys & seen:
            told.append((place, "given_name", "person_twice", "Esta persona viene dos veces. Deja una."))
        seen |= keys
        if row.until is not None and row.until <= row.since:
            told.append((place, "until", "stay_reversed", "«hasta» no es posterior a «desde». Corrige las dos fechas."))
        if row.born_on > row.since:
            told.append((place, "born_on", "not_born_yet", "Nació después de «desde». Corrige la fecha."))
        lacking = [one for one in row.coverages if one not in offered]
        if wrong := _wrong_conditions(row.conditions):
            told.append((place, "conditions", *wrong))
        if lacking:
            told.append(
                (
                    place,
                    "coverages",
                    "coverage_unknown",
                    "La póliza no tiene esa cobertura. Corrígela.",
                )
            )
    return told


def overlap(one: Days, other: Days) -> bool:
    """Whether two stretches share a day."""
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


def takes_days_away(stood: Days, until: date | None, *, on: date) -> bool:
    """Whether an end would take from a stay a day before `on` on which it covered."""
    begins, ends = stood
    return until is not None and max(until, begins) < (on if ends is None else min(ends, on))


def coverage_days(
    stood: Sequence[Days], row: CertificateRow, *, kind: CoverageKind, stay_ended: date | None, on: date
) -> list[Days]:
    """On which days of a stay a coverage covers once its row was taken in: past days stay as they were.

    One that the row names covers the whole stay; dropped before and named again it covers anew from `on`, not the days
    between. One that it does not name ends on `on`. `stay_ended` is the stay's end as it stood.
    """
    if kind not in row.coverages:
        return [(since, on if until is None else min(until, on)) for since, until in stood if since < on]
    if not stood:
        return [(row.since, row.until)]
    days = [*stood]
    since, until = days[-1]
    if until is None or until >= on or until == stay_ended:
        days[-1] = since, row.until
    else:
        days.append((on, row.until))
    days[0] = row.since, days[0][1]
    return [(begins, ends) for begins, ends in days if ends is None or begins < ends]


def _wrong_conditions(cell: str) -> tuple[str, str] | None:
    try:
        named_conditions(cell)
    except Unreadable as error:
        return error.code, error.message
    return None


def _coverages(value: Any) -> tuple[CoverageKind, ...]:
    found = [part.upper() for part in _APART.split(plain_text(value)) if part]
    if not found or any(part not in COVERAGES for part in found) or len({*found}) < len(found):
        raise Unreadable("bad_coverages", "Escribe GMM, GMM_MENORES o las dos separadas por punto y coma.")
    return tuple(COVERAGES[part] for part in found)


def named_conditions(cell: str) -> tuple[NamedCondition, ...]:
    """The illnesses of a cell, `clave:nombre:inicio;…`. Raises Unreadable."""
    found = [_condition(part) for part in _APART.split(cell.strip()) if part]
    if len({one.code for one in found}) < len(found):
        raise Unreadable("condition_twice", "Un padecimiento viene dos veces. Deja uno por clave.")
    return tuple(found)


def _condition(part: str) -> NamedCondition:
    key, colon, rest = part.partition(":")
    name, other, began = rest.rpartition(":")
    if not (colon and other and key.strip() and name.strip() and len(key.strip()) <= MOST_CODE):
        raise Unreadable(
            "bad_condition", "Escribe cada padecimiento como clave:nombre:inicio, como K35:Apendicitis:2026-07-10."
        )
    return NamedCondition(key.strip().upper(), _clean(name), read_day(began.strip(), first=OLDEST))


def _clean(name: str) -> str:
    found: str = text(200)(name)
    return found


def needed(reader: Any, cure: str) -> Any:
    """A reader of a cell that is never empty."""

    def read(value: Any) -> Any:
        if not (found := reader(value)):
            raise Unreadable("missing", cure)
        return found

    return read


CERTIFICATES = Layout(
    fields=(
        Field("policy", "poliza", read=needed(text(40), "Escribe el número de la póliza.")),
        Field("certificate", "certificado", read=needed(code, "Escribe el número del certificado.")),
        Field("kinship", "parentesco", read=choice(KINSHIPS)),
        Field("given_name", "nombre", read=needed(text(80), "Escribe el nombre.")),
        Field("first_surname", "apellido_paterno", read=needed(text(80), "Escribe el apellido.")),
        Field("second_surname", "apellido_materno", required=False, read=text(80)),
        Field("born_on", "nacimiento", read=day(earliest=OLDEST)),
        Field("sex", "sexo", read=choice(SEXES)),
        Field("curp", "curp", required=False, read=lambda value: optional(identifier("curp"))(value) or ""),
        Field("rfc", "rfc", required=False, read=lambda value: optional(identifier("rfc"))(value) or ""),
        Field("since", "desde", read=day()),
        Field("until", "hasta", required=False, read=optional(day())),
        Field("coverages", "coberturas", read=_coverages),
        Field("conditions", "padecimientos", required=False, read=plain_text),
    ),
    build=CertificateRow,
    max_rows=MOST_ROWS,
    max_called=MOST_CALLED,
    noun=("persona", "personas"),
    secret="conditions",
    counts=(
        Count("certificates", "Cuántos certificados trae", ("certificado", "certificados"), of=lambda row: row.place),
    ),
)


def read_delivery(body: Any) -> dict[str, Any]:
    """A call of an insurer's system: its control totals, and its people as rows. Raises RuleBroken for its shape."""
    told = body if isinstance(body, dict) else {}
    control, people = told.get("control"), told.get("people")
    control = control if isinstance(control, dict) else {}
    counts = [control.get(name) for name in _CONTROL]
    fits = set(told) == {"control", "people"} and isinstance(people, list) and set(control) == {*_CONTROL}
    if not (fits and all(type(one) is int for one in counts)):
        raise RuleBroken(_SHAPE, code="bad_shape")
    assert isinstance(people, list)  # `fits`
    return {"certificates": counts[0], "people": counts[1], "read": CERTIFICATES.read_rows(people)}

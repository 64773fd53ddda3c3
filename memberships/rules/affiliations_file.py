"""Families as a table: one row a person, a family all or nothing (domain 2.11). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from memberships.rules.certificates_file import KINSHIPS, MOST_CALLED, MOST_ROWS, OLDEST, SEXES, needed
from memberships.rules.joining import Contact, NewPerson
from memberships.rules.states import Kinship, Sex
from portal.imports.rules.cells import Unreadable
from portal.imports.rules.layouts import Count, Field, Layout
from portal.imports.rules.readers import choice, day, identifier, optional, plain_text, text
from portal.text import folded

_DIGITS = 5


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """One person of a family; how it is reached, its plan and its first payment stand in the titular's row."""

    family: str
    kinship: Kinship
    given_name: str
    first_surname: str
    second_surname: str
    born_on: date
    sex: Sex
    curp: str
    rfc: str
    nss: str
    email: str
    phone: str
    street: str
    neighbourhood: str
    zip_code: str
    municipality: str
    region: str
    plan: str
    paid_on: date | None
    means: str

    @property
    def place(self) -> str:
        """Which family of the file it is of."""
        return place_of(self.family)

    @property
    def person(self) -> NewPerson:
        """The person, as the desk would type them."""
        names = (self.given_name, self.first_surname, self.second_surname)
        return NewPerson(self.kinship, *names, self.born_on, self.sex.value, self.curp, self.rfc, self.nss)

    @property
    def contact(self) -> Contact:
        """How the family is reached."""
        told = ("email", "phone", "street", "neighbourhood", "zip_code", "municipality", "region")
        return Contact(**{name: getattr(self, name) for name in told})


def place_of(family: str) -> str:
    """What tells the families of a file apart."""
    return folded(family).strip()


def place_of_cells(cells: Mapping[str, Any]) -> str | None:
    """The family of a row that could not be read, where that much can be."""
    return place_of(str(cells.get("family") or "")) or None


def titular_of(rows: Iterable[FamilyRow]) -> FamilyRow | None:
    """Who of a family is its titular: the first one that says so."""
    return next((row for row in rows if row.kinship is Kinship.TITULAR), None)


def digest_of(rows: Iterable[FamilyRow]) -> str:
    """By what a family that came in a file is known again: plan, day and people, in whatever order and file."""
    told = sorted(
        f"{row.kinship}|{folded(row.person.full_name)}|{row.born_on}|{row.curp}|{folded(row.plan)}|{row.paid_on or ''}"
        for row in rows
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _identifier(kind: str) -> Any:
    return lambda value: optional(identifier(kind))(value) or ""


def _zip_code(value: Any) -> str:
    """Five digits, or nothing; a spreadsheet takes the zero in front away."""
    found = plain_text(value) if value is not None else ""
    if found and not (len(found) == _DIGITS and found.isascii() and found.isdecimal()):
        raise Unreadable("zip_code", "El código postal lleva 5 dígitos, por ejemplo 06700. Escríbelo como texto.")
    return found


_MORE = (
    ("email", "correo", text(254)),
    ("phone", "telefono", text(20)),
    ("street", "calle", text(120)),
    ("neighbourhood", "colonia", text(80)),
    ("zip_code", "codigo_postal", _zip_code),
    ("municipality", "municipio", text(80)),
    ("region", "estado", text(40)),
    ("plan", "plan", text(120)),
)
AFFILIATIONS = Layout(
    fields=(
        Field("family", "familia", read=needed(text(40), "Escribe qué familia es: el mismo texto en cada renglón.")),
        Field("kinship", "parentesco", read=choice(KINSHIPS)),
        Field("given_name", "nombre", read=needed(text(80), "Escribe el nombre.")),
        Field("first_surname", "apellido_paterno", read=needed(text(80), "Escribe el apellido.")),
        Field("second_surname", "apellido_materno", required=False, read=text(80)),
        Field("born_on", "nacimiento", read=day(earliest=OLDEST)),
        Field("sex", "sexo", read=choice(SEXES)),
        Field("curp", "curp", required=False, read=_identifier("curp")),
        Field("rfc", "rfc", required=False, read=_identifier("rfc")),
        Field("nss", "nss", required=False, read=text(20)),
        *(Field(name, heading, required=False, read=read) for name, heading, read in _MORE),
        Field("paid_on", "pagado_el", required=False, read=optional(day())),
        Field("means", "medio_de_pago", required=False, read=text(40)),
    ),
    build=FamilyRow,
    max_rows=MOST_ROWS,
    max_called=MOST_CALLED,
    noun=("persona", "personas"),
    counts=(Count("families", "Cuántas familias trae", ("familia", "familias"), of=lambda row: row.place),),
)

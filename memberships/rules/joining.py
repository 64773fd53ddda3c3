"""What a family needs to join: its people checked one by one and together (S1.10). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from memberships.rules.family import of_age_on
from memberships.rules.states import KINSHIP_LABELS, Kinship
from portal import identifiers
from portal.errors import RuleBroken
from portal.text import clean_text

MOST_PEOPLE = 12
LONGEST_NAME = 254  # in capitals: some letters become two
MOST: dict[Kinship, int] = {Kinship.TITULAR: 1, Kinship.SPOUSE: 1, Kinship.PARTNER: 1, Kinship.PARENT: 4}
OLDEST_YEARS = 130
PERSONS_RFC = 13  # letters and digits: four of the name, the birth date, three of the SAT


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who joins, as typed; identifiers may lack."""

    kinship: Kinship
    given_name: str
    first_surname: str
    second_surname: str
    born_on: date
    sex: str
    curp: str = ""
    rfc: str = ""
    nss: str = ""

    @property
    def full_name(self) -> str:
        """Names then surnames."""
        return " ".join(part for part in (self.given_name, self.first_surname, self.second_surname) if part)


@dataclass(frozen=True, slots=True)
class Contact:
    """How a family is reached."""

    email: str
    phone: str = ""
    street: str = ""
    neighbourhood: str = ""
    zip_code: str = ""
    municipality: str = ""
    region: str = ""


def checked_person(person: NewPerson, *, on: date) -> NewPerson:
    """The person as it is stored: names clean, identifiers canonical. Raises RuleBroken with cause and cure."""
    if not person.born_on <= on or on.year - person.born_on.year > OLDEST_YEARS:
        raise RuleBroken(
            f"La fecha de nacimiento de {person.given_name} no puede ser {person.born_on:%d/%m/%Y}. Corrígela.",
            code="born_on_impossible",
            field="born_on",
        )
    if len(person.full_name.upper()) > LONGEST_NAME:
        raise RuleBroken(
            f"El nombre completo pasa de {LONGEST_NAME} caracteres. Acórtalo.", code="name_too_long", field="given_name"
        )
    return replace(
        person,
        given_name=clean_text(person.given_name, max_length=80, what="El nombre"),
        first_surname=clean_text(person.first_surname, max_length=80, what="El primer apellido"),
        second_surname=clean_text(person.second_surname, max_length=80, what="El segundo apellido"),
        curp=_checked("curp", person),
        rfc=_checked("rfc", person),
        nss=_checked("nss", person),
    )


def _checked(kind: str, person: NewPerson) -> str:
    typed = str(getattr(person, kind))
    if not typed.strip():
        return ""
    found = identifiers.check(kind, typed)
    if found.canonical is None:
        why = found.error.message if found.error else ""
        raise RuleBroken(
            f"{kind.upper()} de {person.given_name}: {why} Corrígelo o déjalo vacío.", code=f"{kind}_wrong", field=kind
        )
    return found.canonical


def checked_rfc(typed: str, *, born_on: date) -> str:
    """A person's own RFC as it is stored. Raises RuleBroken for one that is none, or of another birth date."""
    found = identifiers.check("rfc", typed).canonical or ""
    if len(found) != PERSONS_RFC or found[4:10] != f"{born_on:%y%m%d}":
        raise RuleBroken(
            f"Ese RFC no es de una persona que nació el {born_on:%d/%m/%Y}. Cópialo de su constancia.",
            code="rfc_wrong",
            field="rfc",
        )
    return found


def check_identified(person: NewPerson) -> None:
    """Who joins by themselves gives an RFC or a CURP: by it they pay without signing in. Raises RuleBroken."""
    if not person.rfc and not person.curp:
        raise RuleBroken("Escribe tu RFC o tu CURP: con uno de los dos basta.", code="identifier_missing", field="rfc")


def check_family(people: Sequence[NewPerson], *, on: date) -> None:
    """One titular, of age; at most one partner and four parents; nobody twice. Raises RuleBroken."""
    counted = Counter(one.kinship for one in people)
    titulars = [one for one in people if one.kinship is Kinship.TITULAR]
    if len(titulars) != 1:
        raise RuleBroken("Una familia tiene una persona titular. Deja una sola.", code="one_titular", field="kinship")
    if on < of_age_on(titulars[0].born_on):
        raise RuleBroken(
            "Quien es titular tiene 18 años o más. Elige a otra persona de la familia.",
            code="titular_minor",
            field="born_on",
        )
    if len(people) > MOST_PEOPLE:
        raise RuleBroken(
            f"Una familia lleva hasta {MOST_PEOPLE} personas. Haz otra afiliación para las demás.", code="too_many"
        )
    if counted[Kinship.SPOUSE] + counted[Kinship.PARTNER] > 1:
        raise RuleBroken("Una familia lleva un cónyuge o una pareja. Deja a una persona.", code="two_partners")
    if crowd := next((one for one, most in MOST.items() if counted[one] > most), None):
        raise RuleBroken(
            f"Son demasiadas personas como «{KINSHIP_LABELS[crowd]}»: caben {MOST[crowd]}. Quita a quien sobra.",
            code="too_many_of_a_kind",
        )
    _check_nobody_twice(people)


def _check_nobody_twice(people: Sequence[NewPerson]) -> None:
    curps = Counter(one.curp for one in people if one.curp)
    alike = Counter((one.full_name.casefold(), one.born_on) for one in people)
    if any(times > 1 for times in [*curps.values(), *alike.values()]):
        raise RuleBroken(
            "Dos personas de la familia son la misma: llevan el mismo CURP, o el mismo nombre y nacimiento. Quita una.",
            code="person_twice",
        )

"""Who sees whom within a family (AC-05). Pure.

The titular sees everything of a minor, of an adult without account all but the clinical, of an adult with account
enrolment, dues and what that adult shares. One's own things are one's own, except the family's dues, which are the
titular's. Other dependants see enrolment only. The question is asked of the day on which somebody looks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ADULT = 18
INVITED, INVITED_WINDOW = 10, 3600  # addresses that one titular may name, and in how many seconds


class Viewer(StrEnum):
    """Who looks at a dependant's things; `self` is that dependant."""

    TITULAR = "titular"
    SELF = "self"
    DEPENDANT = "dependant"


class Datum(StrEnum):
    """What is looked at; enrolment is name, relationship and state."""

    ENROLMENT = "enrolment"
    DUES = "dues"
    CARD = "card"
    IMSS = "imss"
    CLINICAL = "clinical"


# What an adult with an account may let the titular see.
SHAREABLE = (Datum.CARD, Datum.IMSS, Datum.CLINICAL)


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether a datum may be seen, and why: a code and a sentence for whoever looks."""

    visible: bool
    code: str
    message: str


_OWN = Sight(True, "own", "Es información tuya.")
_TITULARS_DUES = Sight(False, "dues_of_titular", "Las mensualidades las ve quien es titular. Pídele el dato.")
_ENROLMENT = Sight(True, "enrolment", "Toda la familia ve quién está inscrito.")
_NOT_YOURS = Sight(
    False, "of_another_dependant", "De otra persona de la familia solo ves su inscripción. Pídele el dato a ella."
)
_MINOR = Sight(True, "minor", "Es menor de edad: quien es titular ve toda su información.")
_TITULAR = Sight(True, "titular", "Quien es titular ve la inscripción y las mensualidades de su familia.")
_NO_ACCOUNT = Sight(True, "adult_without_account", "No tiene perfil propio: quien es titular lo lleva por ella.")
_CLINICAL = Sight(
    False,
    "clinical_of_adult",
    "Lo clínico de una persona adulta es solo de ella. Invítala a abrir su perfil: desde ahí puede compartirlo.",
)
_SHARED = Sight(True, "shared", "Esa persona lo comparte contigo.")
_NOT_SHARED = Sight(
    False, "not_shared", "Es una persona adulta con perfil propio y no lo comparte. Pídele que lo comparta contigo."
)


def of_age_on(born_on: date) -> date:
    """The day of the 18th birthday, from which a person is an adult; born on 29 February: 1 March."""
    try:
        return born_on.replace(year=born_on.year + ADULT)
    except ValueError:  # a leap year and 18 more is never one
        return date(born_on.year + ADULT, 3, 1)


def sight(
    *, viewer: Viewer, what: Datum, born_on: date, has_account: bool, shares: Collection[Datum], on: date
) -> Sight:
    """Answers whether `viewer` may see a datum of the dependant born on `born_on`, on the day `on`, and why.

    `shares` is what the dependant lets the titular see; it counts only with an account, for without one nobody shared.
    """
    if viewer is Viewer.SELF:
        return _TITULARS_DUES if what is Datum.DUES else _OWN
    if viewer is Viewer.DEPENDANT:
        return _ENROLMENT if what is Datum.ENROLMENT else _NOT_YOURS
    if on < of_age_on(born_on):
        return _MINOR
    if what in {Datum.ENROLMENT, Datum.DUES}:
        return _TITULAR
    if not has_account:
        return _CLINICAL if what is Datum.CLINICAL else _NO_ACCOUNT
    return _SHARED if what in shares else _NOT_SHARED

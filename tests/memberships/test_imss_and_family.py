"""Where the IMSS guide leads (S1.13-S1.17), and who sees whom in a family (AC-05)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from memberships.rules.family import SHAREABLE, Datum, Viewer, of_age_on, sight
from memberships.rules.imss import TO_WINDOW, Clinic, Path, imss_path

ON = date(2027, 5, 10)
BORN = {"minor": date(2009, 5, 11), "adult": date(2009, 5, 10)}


def test_s1_13_to_17_three_answers_lead_to_one_path() -> None:
    led = {
        (rights, clinic, card): imss_path(rights=rights, clinic=clinic, has_card=card)
        for rights, clinic, card in product((True, False), Clinic, (True, False))
    }
    assert {path for (rights, *_), path in led.items() if not rights} == {Path.ASK_US}
    assert {key[1:]: path for key, path in led.items() if key[0]} == {
        (Clinic.RIGHT, True): Path.NOTHING_TO_DO,
        (Clinic.RIGHT, False): Path.WINDOW,
        (Clinic.NONE, True): Path.REGISTER,
        (Clinic.NONE, False): Path.REGISTER,
        (Clinic.FORMER, True): Path.CHANGE,
        (Clinic.FORMER, False): Path.CHANGE,
    }
    assert set(Path) - TO_WINDOW == {Path.ASK_US, Path.NOTHING_TO_DO}


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2009, 5, 10), date(2027, 5, 10)),
        (date(2012, 2, 29), date(2030, 3, 1)),
        (date(2008, 2, 28), date(2026, 2, 28)),
        (date(2009, 12, 31), date(2027, 12, 31)),
    ],
)
def test_of_age_from_the_18th_birthday_on(born: date, of_age: date) -> None:
    assert of_age_on(born) == of_age
    asked = {"viewer": Viewer.TITULAR, "what": Datum.CLINICAL, "born_on": born, "has_account": True, "shares": ()}
    assert [sight(**asked, on=of_age - timedelta(days=1)).visible, sight(**asked, on=of_age).visible] == [True, False]


# viewer, age, account, what is shared -> what is seen
EVERYTHING = {*Datum}
SEEN = [
    (Viewer.SELF, "adult", True, (), EVERYTHING - {Datum.DUES}),
    (Viewer.SELF, "minor", True, (), EVERYTHING - {Datum.DUES}),
    (Viewer.DEPENDANT, "adult", True, SHAREABLE, {Datum.ENROLMENT}),
    (Viewer.DEPENDANT, "minor", False, (), {Datum.ENROLMENT}),
    (Viewer.TITULAR, "minor", False, (), EVERYTHING),
    (Viewer.TITULAR, "minor", True, (), EVERYTHING),
    (Viewer.TITULAR, "adult", False, (), EVERYTHING - {Datum.CLINICAL}),
    (Viewer.TITULAR, "adult", False, SHAREABLE, EVERYTHING - {Datum.CLINICAL}),
    (Viewer.TITULAR, "adult", True, (), {Datum.ENROLMENT, Datum.DUES}),
    *(
        (Viewer.TITULAR, "adult", True, (one,), {Datum.ENROLMENT, Datum.DUES, one})
        for one in (Datum.CARD, Datum.IMSS, Datum.CLINICAL)
    ),
    (Viewer.TITULAR, "adult", True, SHAREABLE, EVERYTHING),
]


@pytest.mark.parametrize(("viewer", "age", "has_account", "shares", "seen"), SEEN)
def test_ac_05_each_viewer_sees_what_the_table_says_and_is_told_why(viewer, age, has_account, shares, seen) -> None:
    told = {
        what: sight(viewer=viewer, what=what, born_on=BORN[age], has_account=has_account, shares=shares, on=ON)
        for what in Datum
    }
    assert {what for what, one in told.items() if one.visible} == seen
    assert all(one.code and one.message.endswith(".") for one in told.values())

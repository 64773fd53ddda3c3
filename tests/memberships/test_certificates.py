"""Registration against a certificate (S3.3, domain 6): what is the same policy, the same name, the same day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from memberships.rules.certificates import Differs, Named, differences, policy_key

PRINTED = Named("GC-00417-02", "NÚÑEZ D’ANGELO ROSA MARÍA", date(1991, 11, 3))


@pytest.mark.parametrize(
    "name", ["Rosa María Núñez D'Angelo", " rosa  maria nunez dangelo", "Núñez, D´Angelo; Rosa-María"]
)
@pytest.mark.parametrize("policy", ["GC-00417-02", "gc 00417/02", "ＧＣ0041702"])
def test_s3_3_signs_case_accents_and_order_do_not_count(name: str, policy: str) -> None:
    assert differences(PRINTED, Named(policy, name, PRINTED.born_on)) == []


@pytest.mark.parametrize(
    ("typed", "differs"),
    [
        (replace(PRINTED, name="Rosa Ma. Núñez D'Angelo"), [Differs.NAME]),
        (replace(PRINTED, name="Rosa Núñez D'Angelo"), [Differs.NAME]),
        (replace(PRINTED, name="Rosa Rosa María Núñez D'Angelo"), [Differs.NAME]),
        (replace(PRINTED, name="Rosa María Núñez D Angelo"), [Differs.NAME]),
        (replace(PRINTED, policy="GC-417-02"), [Differs.POLICY]),
        (Named("GC-00417-03", "Ana", date(1991, 3, 11)), [Differs.POLICY, Differs.NAME, Differs.BORN_ON]),
    ],
)
def test_s3_3_every_datum_that_differs_is_named(typed: Named, differs: list[Differs]) -> None:
    assert differences(PRINTED, typed) == differs


def test_what_has_neither_letters_nor_digits_is_nobodys() -> None:
    nobody = Named("--", "…", PRINTED.born_on)
    assert differences(nobody, nobody) == [Differs.POLICY, Differs.NAME]
    assert policy_key("00417") != policy_key("417")


def test_letters_of_every_alphabet_count_and_those_without_an_accent_to_take_are_written_plainly() -> None:
    def same(one: str, other: str) -> bool:
        born_on = PRINTED.born_on
        return not differences(Named("P-1", one, born_on), Named("P-1", other, born_on))

    assert same("Łukasz Bąk", "Lukasz Bak") and same("Søren Ærø", "SOREN AERO") and same("Иван Петров", "петров иван")
    assert not same("Søren", "Særen") and not same("Иван", "Пётр") and not same("Νίκος", "Μαρία")

"""look-alikes: the pairs of a list that may be one expense, by every reason (N9)."""

from __future__ import annotations

from typing import Any

import pytest

from .asking import ask, codes, lines, one

pytestmark = pytest.mark.django_db


def receipt(name: str, **changes: Any) -> dict[str, Any]:
    letter = name * 8
    told = {"uuid": f"{letter}-1111-4222-8333-ABCDEFABCDEF", "sha256": name * 64, "use": "claims.invoice"}
    told |= {"issuer_rfc": "XAMA620210DQ5", "total": "875.00", "issued_on": "2027-01-08", "patient": "Rosa Núñez"}
    return {"id": name, **told, **changes}


A = receipt("a")


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ([], []),
        ([receipt("b", patient="Otra Persona")], []),
        ([receipt("b", uuid=A["uuid"].lower(), total="9.00")], [("a", "b", ["same_cfdi"])]),
        ([receipt("b", uuid=None, sha256=A["sha256"], patient=None)], [("a", "b", ["same_file"])]),
        ([receipt("b", issued_on="2027-01-11", patient="NUÑEZ ROSA", use="x")], [("a", "b", ["look_alike"])]),
        ([receipt("b", issued_on="2027-01-11", patients=["Ana", "NUÑEZ ROSA"])], [("a", "b", ["look_alike"])]),
        ([receipt("b", issued_on="2027-01-12")], []),
        ([receipt("b", total="875.01"), receipt("c", patient=None), receipt("d", total=None, issued_on="")], []),
        (
            [receipt("b", uuid=A["uuid"]), receipt("c")],
            [("a", "b", ["same_cfdi", "look_alike"]), ("a", "c", ["look_alike"]), ("b", "c", ["look_alike"])],
        ),
    ],
)
def test_n9_each_pair_once_with_every_reason(others: list[Any], found: list[Any]) -> None:
    answer = one("look-alikes", "-", stdin=lines({"receipts": [A, *others]}))
    assert [(pair["a"], pair["b"], pair["why"]) for pair in answer["pairs"]] == found


def test_a_line_that_cannot_be_judged_says_why_and_the_others_go_on() -> None:
    asked = [{"receipts": [A]}, {}, {"receipts": [1]}, {"receipts": [receipt("")]}]
    asked += [{"receipts": [receipt("b", **wrong)]} for wrong in ({"issued_on": "ayer"}, {"patients": "Ana"})]
    answers, ended = ask("look-alikes", "-", stdin=lines(*asked, {"receipts": [receipt("b", total="mucho")]}))
    wrong = ["datum_missing"] * 3 + ["date_unreadable", "datum_unreadable"]
    assert ended == 2 and codes(answers)[:6] == ["", *wrong] and codes(answers)[6]

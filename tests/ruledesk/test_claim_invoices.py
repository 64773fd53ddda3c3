"""check-file --as claim-invoice: a family's invoice against family, insurer, policy years and the day (S3.26)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.demo import samples
from tests.factories import papers

from .asking import ask, codes

pytestmark = pytest.mark.django_db

FAMILY: dict[str, Any] = {"family": [{"name": "Plan Seguro", "rfc": papers.RECEIVER["rfc"].lower()}]}
FAMILY |= {"insurer_rfc": "AVA010203AB1", "years": [["2026-06-01", "2027-06-01"]], "on": papers.ON}


def judged(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """The answer to one right invoice of the mill, its authority trusted."""
    (folder / "a.xml").write_bytes(papers.invoice())
    trusted = [folder / f"{number}.cer" for number, _ in enumerate(samples.trust_der())]
    for path, der in zip(trusted, samples.trust_der(), strict=True):
        path.write_bytes(der)
    words = [str(folder / "a.xml"), "--as", "claim-invoice", "--facts", json.dumps(facts), "--trust"]
    (answer,), ended = ask("check-file", *words, *map(str, trusted))
    assert ended == 0, answer
    return answer


def test_a_familys_invoice_is_held_against_family_years_and_day(tmp_path: Path) -> None:
    answer = judged(tmp_path, FAMILY)
    assert (answer["verdict"], answer["findings"]) == ("accepted", []) and len(answer["facts"]["lines"]) == 2
    for on, told in (("2028-11-19", []), ("2028-11-20", ["issued_long_ago"])):  # 730 days, and one more
        later = judged(tmp_path, FAMILY | {"on": on})
        assert [finding["code"] for finding in later["findings"]] == told
    for missing in FAMILY:
        less = {name: value for name, value in FAMILY.items() if name != missing}
        answer = judged(tmp_path, less)
        assert [finding["code"] for finding in answer["findings"]] == ["not_checked"], missing
        assert answer["verdict"] == "accepted"


def test_facts_of_a_family_that_nobody_can_read_are_an_error_on_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(papers.invoice())
    wrong = [{"family": "Rosa"}, {"family": ["Rosa"]}, {"family": [{"rfc": None}]}, {"years": [["2026-06-01"]]}]
    wrong += [{"years": [["2026-06-01", "2026-06-01"]]}, {"years": [["2026-06-01", "mañana"]]}, {"on": "ayer"}]
    for facts in wrong:
        words = [str(tmp_path / "a.xml"), "--as", "claim-invoice", "--facts", json.dumps(facts)]
        answers, ended = ask("check-file", *words)
        assert ended == 2 and codes(answers)[0] in {"facts_unreadable", "datum_missing", "date_unreadable"}, facts

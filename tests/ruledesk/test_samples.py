"""The worked samples of the rule desk, every line of each file, answered as written; skipped where they are absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .asking import ask

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "rule-desk"
OWN = "…"  # a text, number or list of our own
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of worked samples is absent"),
]
# Where the order of a list does not count.
FREE = {"findings", "reasons", "refusals", "missing", "roles", "needs", "pairs", "transfers"}


def agrees(wanted: Any, given: Any, name: str = "") -> bool:
    """Whether an answer says what a sample says; it may carry more keys, never fewer."""
    if wanted == OWN:
        return isinstance(given, str | int | list)
    if isinstance(wanted, dict):
        return isinstance(given, dict) and all(key in given and agrees(wanted[key], given[key], key) for key in wanted)
    if isinstance(wanted, list):
        if name in FREE:
            return len(wanted) == len(given) and all(any(agrees(one, other) for other in given) for one in wanted)
        return isinstance(given, list) and len(wanted) == len(given) and all(map(agrees, wanted, given))
    return type(wanted) is type(given) and wanted == given


COMMANDS = ["dues", "family-view", "imss-path", "match-deposits", "reference", "settle", "claim-clock", "claim-files"]
COMMANDS += ["claim-missing", "claim-auto", "match-certificate", "look-alikes"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_line_of_the_samples_is_answered_as_written(command: str) -> None:
    told = (SAMPLES / f"{command}.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in told]
    answers, ended = ask(command, "-", stdin="".join(json.dumps(case["ask"]) + "\n" for case in cases))
    wanted = [case.get("answer", case.get("answer_has")) for case in cases]
    wrong = [
        (case["why"], answer)
        for case, right, answer in zip(cases, wanted, answers, strict=True)
        if not agrees(right, answer)
    ]
    assert cases and not wrong, wrong
    assert ended == (2 if any("error" in right for right in wanted) else 0)


def test_every_file_of_movements_is_read_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES)
    told = (SAMPLES / "import-movements.jsonl").read_text(encoding="utf-8").splitlines()
    wrong = []
    for case in map(json.loads, told):
        (answer,), ended = ask(*case["ask"])
        if not agrees(case["answer"], answer) or ended != (2 if "error" in case["answer"] else 0):
            wrong.append((case["why"], answer, ended))
    assert told and not wrong, wrong


def test_every_invoice_of_a_family_is_judged_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES.parents[1])  # «../shared» is the folder itself, as from the root of the project
    told = (SAMPLES / "check-file-claim-invoice.jsonl").read_text(encoding="utf-8").splitlines()
    trust = [str(path) for path in sorted((SAMPLES.parent / "certs").iterdir())]
    wrong = []
    for case in map(json.loads, told):
        words = [one if isinstance(one, str) else json.dumps(one) for one in case["ask"][:-1]]
        (answer,), ended = ask(*words, *trust)
        if not agrees(case["answer_has"], answer) or ended:
            wrong.append((case["why"], answer, ended))
    assert told and not wrong, wrong


def test_an_answer_that_differs_in_type_order_or_key_does_not_agree() -> None:
    assert agrees({"a": [1, OWN], "missing": [1, 2]}, {"a": [1, "x"], "missing": [2, 1], "more": 0})
    for wrong in ({"a": [1]}, {"a": [OWN, "x"], "missing": [1, 2]}, {"a": [True, "x"], "missing": [1, 2]}, [], {}):
        assert not agrees({"a": [1, OWN], "missing": [1, 2]}, wrong)

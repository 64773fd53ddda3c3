"""House rules of services: each use case leaves its one event on record. Told by ways through the code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.paths import most
from tests.sources import ROOT, dotted, named, nodes, none, of_kind, planted, tree

RECORDS = {"record", "record_access", "record_many"}
Function = tuple[Path, ast.FunctionDef]

# Told who acts, and records nothing by itself → which.
NO_EVENT_OF_ITS_OWN = {
    "the record itself": {"record", "record_access", "record_export", "record_many"},
    "asked before an act: it locks or refuses": {"hold_to_file", "refuse_own", "require_taken"},
    "ends a hold within the decision, which is recorded": {"settle_hold", "settle"},
    "part of its caller's act, which is recorded": {
        "free_payables",
        "release_transfers",
        "shrink_batch",
        "tell_approvers",
        "tell_preparer",
    },
    "hands a file to its kind of import, which records what it applies": {
        "apply_read",
        "apply_run",
        "apply_staged",
        "ask",
        "import_bank_result",
        "receive_certificates",
        "receive_orders",
        "take_in",
    },
    "writes nothing": {"judge_file"},
    "a page's sign of life": {"look"},
}


def _defined(path: Path) -> dict[str, Function]:
    return {node.name: (path, node) for node in tree(path).body if isinstance(node, ast.FunctionDef)}


@cache
def _named_in(path: Path) -> dict[str, Function]:
    """What a file of services calls of services, under the names that it says."""
    found = dict[str, Function]()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= dict(_imported(node.module, node.names))
    return found | _defined(path)


def _imported(module: str, names: list[ast.alias]) -> Iterator[tuple[str, Function]]:
    for one in names:
        folder, said = ROOT / module.replace(".", "/"), one.asname or one.name
        if "services" in module.split(".") and (file := folder.with_suffix(".py")).exists():
            yield from [(said, _defined(file)[one.name])] if one.name in _defined(file) else ()
        if "services" in {*module.split("."), one.name}:
            for file in (folder / f"{one.name}.py", folder / one.name / "__init__.py"):
                within = _named_in(file) if file.exists() else {}
                yield from ((f"{said}.{name}", function) for name, function in within.items())


def _use_cases() -> Iterator[Function]:
    for path in of_kind("services"):
        for _path, function in _defined(path).values():
            if not function.name.startswith("_") and "by" in {one.arg for one in function.args.kwonlyargs}:
                yield path, function


def _is_recorded(path: Path, function: ast.FunctionDef, seen: set[int]) -> bool:
    """Whether it records, or something does that it calls or hands on."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name | ast.Attribute):
            name = dotted(node)
            if name.rpartition(".")[2] in RECORDS:
                return True
            of = _named_in(path).get(name)
            if of is not None and id(of[1]) not in seen:
                seen.add(id(of[1]))
                if _is_recorded(*of, seen):
                    return True
    return False


def test_each_use_case_is_on_record_or_says_why_not() -> None:
    excused = [name for names in NO_EVENT_OF_ITS_OWN.values() for name in names]
    cases = [*_use_cases()]
    silent = {function.name: named(path) for path, function in cases if not _is_recorded(path, function, set())}
    none([f"{where}: {name}" for name, where in silent.items() if name not in excused])


def test_who_is_excused_from_the_record_exists_and_needs_it() -> None:
    excused = [name for names in NO_EVENT_OF_ITS_OWN.values() for name in names]
    silent = {function.name for path, function in _use_cases() if not _is_recorded(path, function, set())}
    assert len(excused) == len(set(excused)) and len([*_use_cases()]) > 300
    none(sorted(set(excused) - silent))


def _events(node: ast.AST | None) -> int:
    """Events that an expression says itself: `record(…)`, or its room's `_record_…(…)`."""
    if node is None:
        return 0
    if isinstance(node, ast.IfExp):
        return _events(node.test) + max(_events(node.body), _events(node.orelse))
    last = dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
    one = last in RECORDS or last.startswith("_record")
    return int(one) + sum(map(_events, ast.iter_child_nodes(node)))


def test_no_way_through_a_use_case_records_its_act_twice() -> None:
    """Of each thing in a loop one; what else was moved has an event of its own, by the service that moved it."""
    counted = [(path, function.name, most(function.body, _events, rounds=1)) for path, function in _use_cases()]
    assert sum(found == 1 for _path, _name, found in counted) > 150
    none([f"{named(path)}: {name} {found}" for path, name, found in counted if found > 1])


@pytest.mark.parametrize(
    ("convention", "content"),
    [
        (test_each_use_case_is_on_record_or_says_why_not, "def pay(*, by, at):\n    row.save()"),
        (test_each_use_case_is_on_record_or_says_why_not, "def pay(*, by, at):\n    _pay()\ndef _pay(): ..."),
    ],
)
def test_a_planted_breach_is_found(convention: Callable[[], None], content: str, tmp_path: Path) -> None:
    good = "def pay(*, by, at):\n    if by:\n        return _pay()\n    record()\ndef _pay():\n    record()"
    with planted(tmp_path / "good", "services.py", good):
        convention()
    with planted(tmp_path / "bad", "services.py", content), pytest.raises(AssertionError):
        convention()


def test_two_events_on_one_way_are_counted() -> None:
    twice = "if a:\n    record()\n_record_order()"
    once = "if a:\n    record()\nelse:\n    history.record()"
    each = "for one in rows:\n    history.record()"
    assert [most(ast.parse(code).body, _events, rounds=1) for code in (twice, once, each)] == [2, 1, 1]

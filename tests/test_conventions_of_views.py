"""House rules of views and calls: who answers translates, and asks for one use case. Told by path through the code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.paths import most
from tests.sources import ROOT, dotted, named, nodes, none, of_kind, planted, tree

# Machines of the floor around an act: how often somebody may try, and that something was read. No use case of a room.
AROUND = ("portal.once", "portal.history")


class Module:
    """What a file of views calls: use cases of services, and functions of its own or of another file of views."""

    def __init__(self, path: Path) -> None:
        """Read the file's imports and its functions."""
        self.cases: set[str] = set()
        self.doors: set[str] = set()
        self.own: dict[str, tuple[Module, ast.FunctionDef]] = {}
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(AROUND):
                self._import(node.module, node.names)
        self.functions = [node for node in tree(path).body if isinstance(node, ast.FunctionDef)]
        self.own |= {node.name: (self, node) for node in self.functions}

    def _import(self, module: str, names: list[ast.alias]) -> None:
        inside = "services" in module.split(".")
        for one in names:
            said = one.asname or one.name
            if one.name == "services" or (inside and (ROOT / module.replace(".", "/") / f"{one.name}.py").exists()):
                self.doors.add(said)
            elif inside and one.name.islower():
                self.cases.add(said)
            elif one.name.islower() and (file := ROOT / f"{module.replace('.', '/')}.py").exists() and _answers(file):
                found = next((node for node in tree(file).body if getattr(node, "name", "") == one.name), None)
                if isinstance(found, ast.FunctionDef):
                    self.own[said] = (_module(file), found)

    def is_case(self, name: str) -> bool:
        """Whether a dotted name is a use case: `services.pay`, or `pay` of services."""
        door, _, case = name.partition(".")
        return name in self.cases or (door in self.doors and case.islower() and "." not in case)


_modules: dict[Path, Module] = {}


def _module(path: Path) -> Module:
    if path not in _modules:
        _modules[path] = Module(path)
    return _modules[path]


def _answers(path: Path) -> bool:
    return "views" in {path.stem, path.parent.name}


def _within(module: Module, node: ast.AST | None, seen: frozenset[str]) -> int:
    """Use cases that an expression asks for; of two sides of a condition one is taken."""
    if node is None:
        return 0
    if isinstance(node, ast.IfExp):
        sides = max(_within(module, node.body, seen), _within(module, node.orelse, seen))
        return _within(module, node.test, seen) + sides
    found = 0
    if isinstance(node, ast.Name | ast.Attribute) and module.is_case(dotted(node)):
        found = 1
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in seen:
        if of := module.own.get(node.func.id):
            found = _most(*of, seen | {node.func.id})
    return found + sum(_within(module, one, seen) for one in ast.iter_child_nodes(node))


def _most(module: Module, function: ast.FunctionDef, seen: frozenset[str]) -> int:
    return most(function.body, lambda node: _within(module, node, seen))


def _counted(path: Path) -> Iterator[tuple[str, int]]:
    module = Module(path)
    for function in module.functions:
        if not {"request", "by"} & {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}:
            continue  # a table of what is offered: it acts for nobody
        inner = {node.name: (module, node) for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
        module.own |= inner
        yield function.name, _most(module, function, frozenset({function.name}))


def test_a_view_or_a_call_asks_for_one_use_case() -> None:
    """On each way through it at most one service takes effect: what belongs together is one service, all or nothing."""
    faults = []
    for path in of_kind("views", "api"):
        faults += [f"{named(path)}: {name} {most}" for name, most in _counted(path) if most > 1]
    none(faults)


def test_views_open_no_transaction_of_their_own() -> None:
    """What is all or nothing is one service."""
    bad = [path for path in of_kind("views", "api") for name in _imported(path) if name == "django.db.transaction"]
    none([named(path) for path in bad])


def _imported(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)


PAGE = "from billing import services\nfrom portal.once.services import throttle\n"


@pytest.mark.parametrize(
    ("convention", "content"),
    [
        (test_a_view_or_a_call_asks_for_one_use_case, "def page(request):\n services.pay()\n services.tell()"),
        (
            test_a_view_or_a_call_asks_for_one_use_case,
            "def page(request):\n if a:\n  services.pay()\n return _told()\ndef _told():\n return services.tell()",
        ),
        (test_a_view_or_a_call_asks_for_one_use_case, "def act(*, thing, by):\n return services.a(b=services.b())"),
        (test_a_view_or_a_call_asks_for_one_use_case, "def page(request):\n for one in rows:\n  services.pay(one)"),
        (test_views_open_no_transaction_of_their_own, "from django.db import transaction"),
    ],
)
def test_a_planted_breach_is_found(convention: Callable[[], None], content: str, tmp_path: Path) -> None:
    good = "def page(request):\n throttle()\n if a:\n  return services.pay()\n try:\n  services.a()\n except E:\n  b()"
    with planted(tmp_path / "good", "views.py", PAGE + good):
        convention()
    with planted(tmp_path / "bad", "views.py", PAGE + content), pytest.raises(AssertionError):
        convention()

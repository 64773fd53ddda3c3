"""Every named constraint of the house refuses the row it was written against, by the tables of `tests/breakers`.

A constraint that a room's own tests break by name needs no line there: the name stands in what they expect to be
raised, or in the table that tells it. One that nobody breaks fails the first test; being called so breaks nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from tests.breakers import Breaker, copied
from tests.guards import guards_asleep
from tests.sources import PACKAGES, ROOT, dotted

_FOLDER = ROOT / "tests" / "breakers"
BREAKERS: dict[str, Breaker] = {}
for _path in sorted(_FOLDER.glob("[a-z]*.py")):
    _table = import_module(f"tests.breakers.{_path.stem}").BREAKERS
    assert not BREAKERS.keys() & _table.keys(), f"{_path.name} names a constraint of another app"
    BREAKERS |= _table


def _constraints() -> dict[str, str]:
    """Each constraint that a model of ours declares, and its model."""
    ours = [one for one in apps.get_models() if one.__module__.split(".")[0] in PACKAGES]
    return {one.name: model.__name__ for model in ours for one in model._meta.constraints}


_EXPECTS = {"raises", "refuses", "refused", "broken", "parametrize"}


def _texts(node: ast.AST) -> Iterator[str]:
    return (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _expected(path: Path) -> Iterator[str]:
    """What a file of tests expects to be refused: the texts in such calls, and in a loop's table around them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _EXPECTS:
            yield from _texts(node)
        elif isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple) and not _EXPECTS.isdisjoint(_called(node)):
            yield from _texts(node.iter)


def _called(node: ast.AST) -> Iterator[str]:
    return (dotted(one.func).rpartition(".")[2] for one in ast.walk(node) if isinstance(one, ast.Call))


def test_every_named_constraint_is_broken_by_name_in_some_test() -> None:
    elsewhere = "\n".join(text for path in sorted((ROOT / "tests").rglob("test_*.py")) for text in _expected(path))
    found = _constraints()
    assert len(found) > 100
    assert [f"{model}: {name}" for name, model in found.items() if name not in BREAKERS and name not in elsewhere] == []
    assert sorted(set(BREAKERS) - set(found)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREAKERS)
def test_the_table_refuses_what_the_constraint_was_written_against(name: str) -> None:
    breaker = BREAKERS[name]
    row = breaker.row()
    values = breaker.change(row)
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        if breaker.twin:
            copied(row, values)
        else:
            with guards_asleep(type(row), breaker.without):
                type(row)._base_manager.filter(pk=row.pk).update(**values)

"""Ways through a function's code, for conventions that count what may happen on one of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

# How much may have happened when a piece of code is left: at its end (None: it never gets there), by a return in it.
Left = tuple[int | None, int]
Count = Callable[[ast.AST | None], int]


def most(body: Sequence[ast.stmt], count: Count, *, rounds: int = 2) -> int:
    """The most that `count` finds on any way through some statements, each loop gone round so often."""
    end, left = _through(body, count, rounds)
    return max(end or 0, left)


def _through(body: Sequence[ast.stmt], count: Count, rounds: int) -> Left:
    at, left = 0, 0
    for one in body:
        end, within = _step(one, count, rounds)
        left = max(left, at + within)
        if end is None:
            return None, left
        at += end
    return at, left


def _either(ways: Sequence[Left], before: int = 0) -> Left:
    ends = [end for end, _left in ways if end is not None]
    return before + max(ends) if ends else None, before + max(left for _end, left in ways)


def _step(one: ast.stmt, count: Count, rounds: int) -> Left:
    """One statement: what raised took no effect, a nested function is counted where it is called."""
    if isinstance(one, ast.Return):
        return None, count(one.value)
    if isinstance(one, ast.Raise):
        return None, 0
    if isinstance(one, ast.If):
        return _either([_through(one.body, count, rounds), _through(one.orelse, count, rounds)], count(one.test))
    if isinstance(one, ast.Try):
        tried = _through([*one.body, *one.orelse], count, rounds)
        return _either([tried, *(_through(handler.body, count, rounds) for handler in one.handlers)])
    if isinstance(one, ast.With):
        return _either([_through(one.body, count, rounds)], sum(count(item.context_expr) for item in one.items))
    if isinstance(one, ast.For | ast.While):
        head = one.iter if isinstance(one, ast.For) else one.test
        return _either([_through(one.body * rounds, count, rounds)], count(head))
    return (0 if isinstance(one, ast.FunctionDef) else count(one)), 0

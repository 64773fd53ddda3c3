"""The product's own source files, parsed once, for the tests of conventions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = tuple(sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"))


@cache
def product() -> tuple[Path, ...]:
    """Every Python file of the product, migrations left out."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def named(path: Path) -> str:
    """A path as people say it."""
    return str(path.relative_to(ROOT))


def of_kind(*kinds: str) -> Iterator[Path]:
    """Files that are `kind.py` or lie in a package `kind/`: rules, services, views…"""
    for path in product():
        if path.stem in kinds or path.parent.name in kinds:
            yield path


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's syntax tree; walked once, however many conventions ask."""
    return tuple(ast.walk(tree(path)))


@cache
def calls(path: Path) -> tuple[tuple[int, str], ...]:
    """Each call in a file: its line and what is called, dotted (`etree.XMLParser`, `row.save`)."""
    return tuple((node.lineno, dotted(node.func)) for node in nodes(path) if isinstance(node, ast.Call))


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; whatever else is below becomes `…`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "…"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, nested ones too."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def templates() -> list[Path]:
    """Every template of ours."""
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml", ".svg"})

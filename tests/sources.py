"""The product's own source files, parsed once, for the tests of conventions; `planted` judges a breach instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = tuple(sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"))


_judged = [ROOT]


@contextmanager
def planted(folder: Path, name: str, content: str) -> Iterator[None]:
    """Inside, the product is one file `name` with this content: a convention that passes does not bite."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    _judged.append(folder)
    try:
        yield
    finally:
        _judged.pop()


def product() -> tuple[Path, ...]:
    """Every Python file of the product, migrations left out."""
    return _below(_judged[-1])


@cache
def _below(folder: Path) -> tuple[Path, ...]:
    packages = [folder / name for name in PACKAGES] if folder == ROOT else [folder]
    found = [path for package in packages for path in package.rglob("*.py")]
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


def mentioning(*words: str) -> Iterator[Path]:
    """Those of them whose text has one of these words: the others need no parsing by who looks for calls of it."""
    return (path for path in product() if any(word in _text(path) for word in words))


@cache
def _text(path: Path) -> str:
    return path.read_text()


def none(faults: list[str]) -> None:
    """Fail with the whole list, one a line."""
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults)


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(_text(path), str(path))


def named(path: Path) -> str:
    """A path as people say it."""
    return str(path.relative_to(next(one for one in reversed(_judged) if path.is_relative_to(one))))


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
    return sorted(
        path for path in (_judged[-1] / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml", ".svg"}
    )

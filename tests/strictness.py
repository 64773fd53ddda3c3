"""Two habits that hide faults, made loud: an undefined template variable, and a list whose order is luck."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from django.db.models import QuerySet
from django.template.base import Node

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class UndefinedVariable(AssertionError):
    """A template under `templates/` shows something that its view never gave."""


class Undefined(str):
    """Django's `string_if_invalid`: raises for our own templates, stays empty for those of libraries."""

    def __new__(cls) -> Undefined:
        """Any text with %s: Django then asks `%` for what to show."""
        return super().__new__(cls, "%s")

    def __mod__(self, variable: object) -> str:
        """Called by Django with the expression that came to nothing."""
        origin = _template_being_rendered()
        if origin is None or not origin.is_relative_to(TEMPLATES):
            return ""
        raise UndefinedVariable(f"{origin.relative_to(TEMPLATES)}: «{variable}» is not defined")


def _template_being_rendered() -> Path | None:
    """The file of the innermost template node on the stack; Django does not tell it otherwise."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None) is not None:
            return Path(node.origin.name)
    return None


def shuffle_unordered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every fetched queryset without an order come back in another order, as PostgreSQL is free to."""
    fetch = QuerySet._fetch_all

    def fetch_all(self: QuerySet) -> None:
        fresh = self._result_cache is None
        fetch(self)
        if fresh and self._result_cache and not self.ordered:
            random.shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_all)

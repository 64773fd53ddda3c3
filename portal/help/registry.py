"""What higher rooms tell the help pages: the table of findings, which only the roof can gather from every room; whether
the guides that apps declare are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from portal.declared import Declared, hear
from portal.errors import Finding
from portal.help.rules import GUIDES


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Everything that may be said of one kind of paper."""

    title: str
    lead: str
    findings: Sequence[Finding]


_tellers: Declared[Callable[[], Sequence[FindingGroup]]] = Declared("the table of findings")


def register_findings(tell: Callable[[], Sequence[FindingGroup]]) -> None:
    """Name the function that tells the table; called in an app's `ready`."""
    hear(_tellers, tell)


def findings() -> list[FindingGroup]:
    """The whole table, in the order in which it was registered."""
    return [group for tell in _tellers.values() for group in tell()]


def check_guides(app_configs: Any = None, **_given: Any) -> list[CheckMessage]:
    """Django's check at start: every guide that an app declares has its text."""
    return [Error(f"help/guides/{slug}.html is missing", id="help.E001") for slug in GUIDES if not _has_text(slug)]


def _has_text(slug: str) -> bool:
    try:
        return bool(get_template(f"help/guides/{slug}.html"))
    except TemplateDoesNotExist:
        return False

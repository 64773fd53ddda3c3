"""What a check says of a file: findings for the person, facts for the rooms that asked."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.errors import Finding, Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings and facts of one file. `facts` holds JSON values only: it crosses a pipe and rests in a row.

    `attached` are bytes for the caller alone, `replacement` those that are kept instead of the file's.
    """

    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    attached: bytes = field(default=b"", repr=False)
    replacement: bytes = field(default=b"", repr=False)

    @property
    def verdict(self) -> Verdict:
        """The gravest finding decides."""
        return verdict_of(self.findings)

    def as_json(self) -> dict[str, Any]:
        """Plain dict for the pipe and the row."""
        return {"findings": [finding.as_json() for finding in self.findings], "facts": self.facts}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Judgement:
        """The judgement that `as_json` wrote; findings may already be `Finding` objects."""
        findings = stored.get("findings", ())
        return cls(
            tuple(item if isinstance(item, Finding) else Finding.from_json(item) for item in findings),
            dict(stored.get("facts", {})),
        )


def named(path: str) -> Callable[..., Any]:
    """The function at a dotted path: a check or a reader that another room registered, called in the limited child."""
    module, _, name = path.rpartition(".")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function

"""How tests ask the examiner."""

from __future__ import annotations

from typing import Any

from portal.errors import Level, Verdict
from portal.papers import examiner
from portal.papers.examiner import Report

ALL = {"xml", "pdf", "jpeg", "csv", "txt"}


def seen(content: bytes, name: str, kinds: set[str] | None = None, check: str = "", **context: Any) -> Report:
    return examiner.examine(content=content, name=name, kinds=kinds or ALL, check=check, context=context)


def refused(content: bytes, name: str, kinds: set[str] | None = None) -> str:
    """The one error of a refused file: code and sentence."""
    report = seen(content, name, kinds)
    errors = [finding for finding in report.judgement.findings if finding.level is Level.ERROR]
    assert report.judgement.verdict is Verdict.REJECTED
    assert len(errors) == 1
    return f"{errors[0].code} {errors[0].message} {errors[0].cure}"

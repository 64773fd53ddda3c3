"""Reading what claims need from other rooms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on, whole


def envelope_limits(on: date) -> tuple[int, int]:
    """How many files, and how many bytes together, one sending may have on a day (S3.24, S3.25)."""
    return whole("claim.max_files", on=on), whole("claim.max_bytes", on=on)


def estimate_limits(on: date) -> tuple[int, int]:
    """From how many decided claims on an estimate is shown, and on how many of the last it stands (N8)."""
    return whole("claim.estimate_min", on=on), whole("claim.estimate_window", on=on)


def report_months(on: date) -> int:
    """How many months a folio's last medical report serves its complements."""
    return whole("claim.medical_report_months", on=on)


def oldest_expense(on: date) -> date:
    """The first day of issue that is not too long ago for a claim of that day (LCS 81)."""
    return on - timedelta(days=whole("claim.max_age_days", on=on))


def most_drafts(on: date) -> int:
    """How many drafts that follow no folio somebody may have at once."""
    return whole("claim.most_drafts", on=on)


def draft_warn_days(on: date) -> int:
    """How many days before a draft falls its filer is told."""
    return whole("claim.draft_warn_days", on=on)


def draft_days(on: date) -> dict[str, Any]:
    """What a draft that is changed on a day is kept until: when it falls, by which rule, and when it is told of."""
    rule = rule_on("claim.draft_days", on=on)
    falls = on + timedelta(days=int(rule.value))
    looks = max(on + timedelta(days=1), falls - timedelta(days=draft_warn_days(on)))
    return {"draft_falls_on": falls, "draft_rule": str(refer(rule)), "looks_again_on": min(looks, falls)}

"""Reading what claims need from other rooms."""

from __future__ import annotations

from datetime import date, timedelta

from portal.rulebook.selectors import whole


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

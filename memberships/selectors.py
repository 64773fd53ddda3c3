"""Reading what memberships need from other rooms."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from memberships.rules.dues import DuesTerms
from portal.rulebook.selectors import whole

_CODES = {one.name: f"dues.{one.name}" for one in fields(DuesTerms)}


def dues_terms(on: date) -> DuesTerms:
    """The numbers of dues and standing that the rulebook has in force on a day (domain 2.11).

    Raises RuleBroken (`rule_missing`) for a day on which one of them does not hold. Of many days ask in one reading.
    """
    return DuesTerms(**{name: whole(code, on=on) for name, code in _CODES.items()})

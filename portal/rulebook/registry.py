"""What apps that live by rules declare here at start: families of codes, the rows that ship, kinds of values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from portal.rulebook import rules
from portal.rulebook.forms import FIELDS, ValueFields
from portal.rulebook.rules import Draft, Family, ValueKind


def register_value_kind(kind: ValueKind, fields: ValueFields) -> None:
    """Declare a shape of values that is more than a number, an amount or a list of numbers, and how it is typed."""
    FIELDS.declare(kind.name, fields)


def register_rules(
    families: Collection[Family], shipped: Collection[Draft], *, ends_with_activation: Mapping[str, str] | None = None
) -> None:
    """Declare families of codes and the rows that the product is born with; the app's migration loads them.

    `ends_with_activation`: activating the first ends the second where the first begins. Raises ValueError or
    RuleBroken, which stop the start, for a code of two families, a row of two apps, or a value out of shape.
    """
    for family in families:
        if any(
            one.holds(family.prefix) or family.holds(one.prefix) for one in rules.FAMILIES.values() if one != family
        ):
            raise ValueError(f"two families of rules hold {family.prefix!r}")
        rules.FAMILIES.declare(family.prefix, family)
    for draft in shipped:
        rules.SHIPPED.declare(draft.code, rules.check_draft(draft))
    for code, ended in (ends_with_activation or {}).items():
        rules.ENDS_WITH_ACTIVATION.declare(code, ended)

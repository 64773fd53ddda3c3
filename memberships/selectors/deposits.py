"""What deposits may pay of memberships: slips, and families by folio, RFC or the titular's name (domain 2.9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet

from memberships.models import Charge, Membership, Slip
from memberships.models.shared import CURRENCY
from memberships.rules import MEMBERSHIP, ChargeState, MembershipState
from memberships.selectors.slips import expected_slips, slip_target
from portal.listing.search import How, Name, as_code, as_rfc, as_words
from portal.money import format_money
from portal.treasury.rules.collecting import Target
from portal.treasury.rules.matching import Debtor, Expected

_AT_MOST = 10
_OF_SLIPS = (Name("folio", How.START, as_code), Name("reference", How.START, as_code))
_NAMES = (
    Name("folio", How.START, as_code),
    Name("titular__rfc", How.START, as_rfc),
    Name("titular__as_printed", How.WORDS, as_words),
)


def offered_to_deposits(currency: str) -> tuple[list[Expected], list[Debtor]]:
    """Every slip, and every complete family with its open months, oldest first.

    A family that was cancelled is known by its folio alone.
    """
    if currency != CURRENCY:
        return [], []
    owed: dict[object, list[tuple[str, Decimal]]] = defaultdict(list)
    charges = Charge.objects.filter(state=ChargeState.OPEN, undone_at=None).order_by("due_on", "pk")
    for membership, period, due_on, amount in charges.values_list("membership", "period", "due_on", "amount"):
        owed[membership].append((f"{period or due_on:%Y-%m}", amount))
    told = Membership.objects.dues().exclude(folio="").order_by("pk")
    rows = told.values_list("pk", "folio", "titular__rfc", "titular__as_printed", "state")
    return expected_slips(), [
        Debtor(folio, *(("", "") if state == MembershipState.CANCELLED else (rfc, name)), tuple(owed[pk]))
        for pk, folio, rfc, name, state in rows
    ]


def targets_of_deposits(keys: Sequence[str]) -> list[Target]:
    """Slips and families by folio, as they stand now: whatever comes to a family is its credit."""
    slips = _slips().filter(folio__in=keys).order_by("folio")
    rows = Membership.objects.dues().filter(folio__in=[key for key in keys if key])
    families = rows.select_related("titular", "plan").order_by("folio")
    return [*map(slip_target, slips), *map(_target, families)]


def find_for_deposits(text: str, currency: str) -> list[Target]:
    """Slips by folio or reference, families by folio, RFC or the titular's name: a handful of each."""
    if currency != CURRENCY:
        return []
    rows = Membership.objects.dues().exclude(folio="").select_related("titular", "plan")
    found: dict[str, Target] = {}
    for name in _OF_SLIPS:
        named = name.among(_slips(), text.strip())
        found |= {one.folio: slip_target(one) for one in named[:_AT_MOST]} if named is not None else {}
    for name in _NAMES:
        named = name.among(rows, text.strip())
        found |= {row.folio: _target(row) for row in named[:_AT_MOST]} if named is not None else {}
    return list(found.values())


def _slips() -> QuerySet[Slip]:
    return Slip.objects.prefetch_related("lines__membership__titular")


def _target(row: Membership) -> Target:
    assert row.titular is not None and row.joined_on is not None  # complete
    owed = f"Debe {format_money(row.owed, CURRENCY)}." if row.owed else "No debe nada."
    state = MEMBERSHIP.desk_label(row.state)
    detail = f"{row.titular.as_printed}. {row.plan.name}, {state.lower()}. {owed}"
    return Target(row.folio, f"Membresía {row.folio}", detail, row.titular.party_id, row.joined_on, None)

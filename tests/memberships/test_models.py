"""What the database of memberships keeps as it was, and what stands in one table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from memberships.models import Membership
from tests.breakers.memberships import (
    NEXT,
    birthday,
    change,
    charge,
    dues_date,
    met_birthday,
    met_date,
    met_price_date,
    payment,
    posting,
    price,
    price_date,
    taken_back,
)
from tests.factories import memberships as a

pytestmark = pytest.mark.django_db
KEPT: list[tuple[Callable[[], models.Model], str, dict[str, Any]]] = [
    (price, "append_only", {"amount": Decimal("1.00")}),
    (price, "append_only", {}),
    (
        payment,
        "dues_payment_is_frozen",
        {"amount": Decimal("1.00"), "value_on": NEXT, "means": "card", "source_type": "z", "source_id": "2"},
    ),
    (taken_back, "dues_payment_is_taken_back_once", {"taken_back_on": NEXT, "taken_back_at": None}),
    (payment, "append_only", {}),
    (posting, "dues_posting_is_frozen", {"act": "dues_settled", "on": NEXT, "amount": Decimal("1.00")}),
    (posting, "append_only", {}),
    (change, "standing_change_is_frozen", {"on": NEXT, "standing": "cancelled"}),
    (change, "append_only", {}),
    (charge, "append_only", {}),
    (dues_date, "dues_date_is_frozen", {"anchor": NEXT, "due_on": NEXT, "rolled_on": NEXT, "due_rule": "otra"}),
    (met_date, "dues_date_is_met_once", {"met_at": None}),
    (dues_date, "append_only", {}),
    (birthday, "birthday_is_frozen", {"anchor": NEXT, "due_on": NEXT, "rolled_on": NEXT, "due_rule": "otra"}),
    (met_birthday, "birthday_is_met_once", {"met_at": None}),
    (birthday, "append_only", {}),
    (price_date, "price_date_is_frozen", {"anchor": NEXT, "due_on": NEXT, "rolled_on": NEXT, "due_rule": "otra"}),
    (met_price_date, "price_date_is_met_once", {"met_at": None}),
    (price_date, "append_only", {}),
]


@pytest.mark.parametrize(("row", "name", "changes"), KEPT, ids=[f"{row.__name__}-{name}" for row, name, _ in KEPT])
def test_what_was_paid_posted_and_priced_stays_as_it_was(
    row: Callable[[], models.Model], name: str, changes: dict[str, Any]
) -> None:
    made = row()
    stands = type(made)._base_manager.filter(pk=made.pk)
    for column, value in changes.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            stands.update(**{column: value})
    if not changes:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            stands._raw_delete(using="default")


def test_certificates_and_families_are_one_table() -> None:
    """A certificate is a membership of a policy's plan: the insurer's number, no folio of ours, no dues."""
    assert Membership.objects.count() == 0
    a.bare()
    a.a_certificate()
    assert [one.kind for one in Membership.objects.order_by("kind")] == ["membership", "policy"]
    assert Membership.objects.dues().count() == 1

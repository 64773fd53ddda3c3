"""What a file told and what was decided of a deposit: nobody changes it, nobody deletes it (N12, MO-02)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal import clock
from portal.treasury import services
from portal.treasury.models import Allocation
from tests.breakers.collections import allocation, allocation_share, movement
from tests.factories import collections as a
from tests.factories import people

pytestmark = pytest.mark.django_db
LATER = clock.real_now() + timedelta(days=1)


def undone() -> Allocation:
    row = movement()
    made = services.discard_deposit(movement=row, comment="No es de aquí", by=a.clerk(), at=clock.now())
    services.undo_allocation(allocation=made, by=people.reviewer(), at=clock.now())
    return Allocation.objects.get(pk=made.pk)


FROZEN: list[tuple[str, Callable[[], Any], dict[str, Any]]] = [
    (
        "movement_is_frozen",
        movement,
        {
            "account": a.stores,
            "row": 9,
            "on": LATER.date(),
            "amount": Decimal("6.00"),
            "currency": "CLP",
            "text": "Otro",
            "reference": "2",
            "tracking": "K",
            "identity": "f" * 64,
        },
    ),
    (
        "allocation_is_frozen",
        allocation,
        {
            "act": "discarded",
            "result": "late",
            "score": 9,
            "message": "Otro",
            "comment": "Otro",
            "settles": a.stores,
            "fee": Decimal("1.00"),
            "at": LATER,
            "by": people.a_person,
        },
    ),
    ("allocation_is_undone_once", undone, {"undone_at": LATER, "undone_by": people.a_person}),
    ("append_only", allocation_share, {"key": "FP-9", "amount": Decimal("1.00")}),
]


@pytest.mark.parametrize(("name", "row", "changes"), FROZEN, ids=[name for name, *_ in FROZEN])
def test_what_a_file_told_and_what_was_decided_is_never_edited_nor_deleted(
    name: str, row: Callable[[], Any], changes: dict[str, Any]
) -> None:
    made = row()
    stands = type(made)._base_manager.filter(pk=made.pk)
    for column, value in changes.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            stands.update(**{column: value() if callable(value) else value})
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        stands._raw_delete(using="default")

"""A page of the orders' lists is read in the order of an index, never sorted: as quick deep in millions as at first."""

from __future__ import annotations

import pytest
from django.db import connection, models

from billing.models import CareOrder
from portal import ids

pytestmark = pytest.mark.django_db


def _plan(rows: models.QuerySet[CareOrder], *order: str) -> str:
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):  # a handful of rows is sorted faster than it is looked up
            cursor.execute(f"SET LOCAL enable_{way} = off")
    return rows.order_by(*(order or ("-created_at", "-pk")))[:51].explain()


def test_a_physician_s_list_comes_from_its_index() -> None:
    plan = _plan(CareOrder.objects.of_parties([ids.uuid7()]))
    assert "order_of_physician" in plan and "Sort" not in plan


def test_the_desk_s_list_comes_from_its_index() -> None:
    plan = _plan(CareOrder.objects.all())
    assert "order_newest" in plan and "Sort" not in plan


def test_what_waits_to_be_invoiced_comes_in_order_without_reading_what_was_paid() -> None:
    plan = _plan(CareOrder.objects.of_parties([ids.uuid7()]).to_invoice(), "insurer", "service_on", "pk")
    assert "order_to_invoice" in plan and "Sort" not in plan

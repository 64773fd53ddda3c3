"""What stands around a physician's list of orders costs no query that the list itself answers (G11)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
INVOICE = f'href="{reverse("billing:start")}"'


def test_a_page_that_shows_an_order_to_invoice_offers_it_without_asking_again() -> None:
    who = a.doctor()
    a.orders(who, 2)
    client = people.signed_in(who.user)
    with CaptureQueriesContext(connection) as seen:
        shown = client.get(reverse("billing:orders")).content.decode()
    assert INVOICE in shown and "Por facturar" in shown
    assert not [row["sql"] for row in seen.captured_queries if 'SELECT 1 AS "a" FROM "billing_careorder"' in row["sql"]]


def test_a_page_that_shows_none_asks_whether_any_waits() -> None:
    who = a.doctor()
    a.orders(who)
    client = people.signed_in(who.user)
    narrowed = client.get(reverse("billing:orders"), {"estado": "withdrawn"})
    assert not narrowed.context["page"].rows and INVOICE in narrowed.content.decode()

"""Billing's lists: how many queries, the same rows as a file, what their filters find (AC-06)."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Complement
from tests.factories import billing as a
from tests.pages import heads_of_rows

from .pages import text, url

pytestmark = pytest.mark.django_db

LISTS = {
    "orders": "owner",
    "invoices": "owner",
    "payments": "owner",
    "accountant": "owner",
    "reviews": "reviewer",
    "complements": "reviewer",
    "overdue": "reviewer",
    "desk_orders": "reviewer",
}


def test_lists_ask_the_same_number_of_queries_for_one_row_and_for_twenty(scene) -> None:
    def queries() -> dict[str, int]:
        counted = {}
        for name, actor in LISTS.items():
            scene.browsers[actor].get(url(name))
            with CaptureQueriesContext(connection) as seen:
                assert scene.browsers[actor].get(url(name)).status_code == 200
            counted[name] = len(seen)
        for name in ("home", "statement"):
            with CaptureQueriesContext(connection) as seen:
                scene.browsers["owner"].get(url(name))
            counted[name] = len(seen)
        return counted

    late = a.TODAY - timedelta(days=30)
    a.bare(scene.who, paid_on=late, complement_due_on=late)
    few = queries()
    a.orders(scene.who, 20)
    for _ in range(19):
        a.bare(scene.who)
        owing = a.bare(scene.who, paid_on=late, complement_due_on=late)
        Complement.objects.create(
            party=scene.who.party,
            transfer=owing.transfer,
            state="in_review",
            xml=scene.complement.xml,
            uuid=str(uuid.uuid4()),
            handed_in_by=scene.who.user,
            handed_in_at=a.NOW,
        )
    many = queries()
    assert many == few
    assert max(many.values()) < 30


def test_a_home_page_asks_nine_queries_and_a_review_fourteen(scene) -> None:
    """Session, person, grants and notices are four of them, on every page; all that waits is one at home."""
    owing = a.bare(scene.who, paid_on=a.TODAY, complement_due_on=a.TODAY)
    asked = {}
    for name, actor, of in (("home", "owner", ()), ("review", "reviewer", (scene.sent.folio,))):
        scene.browsers[actor].get(url(name, *of))
        with CaptureQueriesContext(connection) as seen:
            page = scene.browsers[actor].get(url(name, *of)).content.decode()
        asked[name] = len(seen)
        assert (owing.folio if name == "home" else "Aceptar factura") in page
    assert asked == {"home": 9, "review": 14}


@pytest.mark.parametrize("name", LISTS)
def test_ac_06_every_list_has_the_same_rows_as_a_file(scene, name) -> None:
    late = a.TODAY - timedelta(days=30)
    a.bare(scene.who, paid_on=late, complement_due_on=late)
    answer = scene.browsers[LISTS[name]].get(url(name), {"formato": "csv"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    shown = heads_of_rows(scene.browsers[LISTS[name]].get(url(name)).content.decode())
    assert len(rows) == len(shown) > 0
    assert [cell for cell in shown if cell != "—" and not any(cell in row for row in rows)] == []


def test_lists_filter_and_search(scene) -> None:
    owner, desk = scene.browsers["owner"], scene.browsers["reviewer"]
    assert scene.order.account in text(owner.get(url("orders"), {"buscar": "nunez"}))
    assert "No hay órdenes" in text(desk.get(url("desk_orders"), {"buscar": "nadie", "estado": "available"}))
    assert scene.sent.folio in text(desk.get(url("reviews"), {"buscar": scene.sent.folio[:8], "estado": "submitted"}))
    assert scene.sent.folio not in text(owner.get(url("invoices"), {"pago": "complement_due"}))
    seen = heads_of_rows(desk.get(url("reviews")).content.decode())
    assert sorted(seen) == sorted([scene.sent.folio, scene.paid.folio]), "a draft is nobody's at the desk"

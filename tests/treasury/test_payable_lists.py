"""What is to be paid, by day and person: a line leads to its own rows and to no others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import QueryDict

from portal import clock
from portal.listing.paging import page
from portal.listing.selection import Selection
from portal.people.models import Party
from portal.treasury.listings import PAYABLES, PAYABLES_BY_DAY
from tests.factories import treasury as a

pytestmark = pytest.mark.django_db
# Names that hold each other, RFCs that begin alike, nobody's RFC, and a name longer than a filter takes.
PAYEES = (
    ("ANA LOPEZ", ""),
    ("ANA LOPEZ RUIZ", ""),
    ("EVA SOL", "XEXX010101000"),
    ("IVO LUZ", "XEXX010101004"),
    ("Ñ" * 140, ""),
)


def test_a_line_of_a_day_and_person_leads_to_exactly_the_payments_it_adds_up() -> None:
    for at, (name, rfc) in enumerate(PAYEES, start=1):
        party = Party.objects.create(kind="person", name=name, rfc=rfc, created_at=clock.now())
        for _ in range(at):
            a.payable(SimpleNamespace(party=party), f"{at}00.00")
    preparer = a.desk().preparer
    lines = page(Selection(PAYABLES_BY_DAY, preparer, QueryDict()))
    assert len(lines.rows) == len(PAYEES)
    for row in lines.rows:
        cells = {column.name: cell for column, cell in zip(lines.columns, row, strict=True)}
        drilled = page(Selection(PAYABLES, preparer, QueryDict(row[0].href.partition("?")[2])))
        assert len(drilled.rows) == int(cells["count"].text)
        assert drilled.totals is not None
        assert cells["amount"].text in [cell.text for cell in drilled.totals]

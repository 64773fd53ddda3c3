"""A column that rests encrypted is whole on the page and in every file, and a text there as the others (issue 9)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from pypdf import PdfReader

from portal import clock
from portal.access import Permission
from portal.listing import Column, Listing, as_json, export, paging
from portal.listing.models import SavedView
from portal.listing.selection import Selection
from portal.people.models import User
from tests.factories import people

pytestmark = pytest.mark.django_db
VIEWS = Listing(
    name="sealed",
    title="Vistas",
    rows=lambda user: SavedView.objects.filter(user=user),
    permission=Permission.SEE_DESK,
    order=("name", "pk"),
    columns=(
        Column("name", "Nombre"),
        Column("query", "Filtro", sealed=True, nothing="Sin filtro"),
        Column("path", "Página"),
    ),
)
SAID = [
    "",
    "estado=a&b<c>",
    'dos\nlíneas, "entre comillas"',
    "=1+1",
    "Ana;=2+2",
    "_x0041_",
    "<sealed n='1'>v1.AAAA</sealed>",
    "v1.AAAA",
]


@pytest.fixture
def desk(db: None) -> User:
    user = people.reviewer()
    for number, text in enumerate(SAID):
        # The open column beside it holds the same: what is sealed is opened there alone.
        SavedView.objects.create(
            user=user, path=f"/{text}", name=f"{number}", query=text, listing="x", created_at=clock.now()
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM listing_savedview WHERE query LIKE 'v1.%' AND query <> 'v1.AAAA'")
        assert cursor.fetchone() == (len(SAID) - 1,), "each rests sealed"
    return user


def test_page_and_json_tell_it_whole(desk: User) -> None:
    asked = Selection(VIEWS, desk, QueryDict())
    whole = [text or "Sin filtro" for text in SAID]
    assert [row[1].text for row in paging.page(asked, address="/").rows] == whole
    assert [row["query"] or "Sin filtro" for row in as_json(asked)["rows"]] == whole


def _file(desk: User, file: str) -> bytes:
    return b"".join(export.content(Selection(VIEWS, desk, QueryDict()), file, at=clock.now()))


def test_the_spreadsheet_tells_it_whole_and_as_a_text(desk: User) -> None:
    rows = [list(row) for row in load_workbook(io.BytesIO(_file(desk, "xlsx"))).worksheets[0].values][1:]
    assert [unescape(str(row[1])) for row in rows] == [text or "Sin filtro" for text in SAID]
    assert [unescape(str(row[2])) for row in rows] == [f"/{text}" for text in SAID], "its neighbour is untouched"


def test_the_csv_tells_it_whole_and_guards_it_as_its_open_neighbours(desk: User) -> None:
    rows = list(csv.reader(io.StringIO(_file(desk, "csv").decode("utf-8-sig"))))[1:]
    assert [row[2].removeprefix("/") for row in rows] == [SAID[0], *SAID[1:3], "=1+1", "Ana;'=2+2", *SAID[5:]]
    assert [row[1] for row in rows] == [
        "Sin filtro",
        *SAID[1:3],
        "'=1+1",
        "Ana;'=2+2",
        *SAID[5:],
    ]


def test_the_pdf_tells_it_too(desk: User) -> None:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(_file(desk, "pdf"))).pages)
    assert "estado=a&b<c>" in text and "Sin filtro" in text


@pytest.mark.parametrize("told", [{"sort": True}, {"total": True}, {"labels": {"a": "A"}}])
def test_the_database_neither_orders_nor_names_what_is_sealed(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sealed"):
        Column("query", "Filtro", sealed=True, **told)


def test_no_list_hands_out_what_rests_sealed_without_saying_so(desk: User) -> None:
    """Its file would hold what is stored; every list of the house is made a file of (tests/security/test_lists.py)."""
    bare = replace(VIEWS, columns=(Column("query", "Filtro"),))
    with pytest.raises(ValueError, match="exactly where its field is"):
        list(export.content(Selection(bare, desk, QueryDict()), "csv", at=clock.now()))

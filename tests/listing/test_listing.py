"""Lists: the same rows on the page and in the CSV, in two queries, by keyset, escaped."""

import csv
import io
import threading
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import django_filters
import pytest
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from openpyxl import load_workbook
from psycopg2.errors import DivisionByZero

from portal import clock, ids
from portal.access import Permission
from portal.calendars.models import Calendar, Holiday
from portal.listing import (
    Column,
    Filters,
    Kind,
    Listing,
    as_json,
    export,
    from_day,
    paging,
    registry,
    to_day,
    xlsx,
)
from portal.listing.cursor import read_cursor, write_cursor
from portal.listing.export import csv_response
from portal.listing.how import Told
from portal.listing.selection import Selection
from portal.people.models import User
from tests.factories import people
from tests.factories.threads import LONG

pytestmark = pytest.mark.django_db

SOMEBODY = User(pk=ids.uuid7())  # a place in a list is theirs who was shown it
FIRST = date(2000, 1, 1)
TOLD = Told(filters=[], at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC), by="Ana")


class HolidayFilter(Filters):
    name = django_filters.CharFilter(label="Nombre", lookup_expr="icontains")
    kept = django_filters.BooleanFilter(label="Decidido por una persona")

    class Meta:
        model = Holiday
        fields = ["name", "kept"]


def a_listing(size=5, **changes):
    values = dict(
        name="holidays",
        title="Inhábiles",
        rows=lambda user: Holiday.objects.all(),
        permission=Permission.MANAGE_CALENDARS,
        order=("-date", "-pk"),
        size=size,
        nouns=("día", "días"),
        filters=HolidayFilter,
        columns=(
            Column("date", "Fecha", kind=Kind.DATE),
            Column("name", "Nombre", href=lambda row: f"/dias/{row['pk']}/"),
            Column("calendar", "Calendario", path="calendar__label"),
            Column(
                "kept", "Estado", kind=Kind.STATE, labels={False: "importado", True: "decidido"}, tones={True: "ok"}
            ),
        ),
    )
    return Listing(**{**values, **changes})


def holidays_of(calendar, count, name="Día"):
    Holiday.objects.bulk_create(
        Holiday(calendar=calendar, date=FIRST + timedelta(days=n), name=f"{name} {n}") for n in range(count)
    )
    return Holiday.objects.filter(calendar=calendar)


def ask(query=""):
    request = RequestFactory().get(f"/{query}")
    request.user = SOMEBODY
    return request


def selected(request, listing, rows):
    return Selection(replace(listing, rows=lambda user: rows), request.user, request.GET)


def page(request, listing, rows, *, address=""):
    return paging.page(selected(request, listing, rows), address=address)


def names(found):
    return [row[1].text for row in found.rows]


@pytest.mark.parametrize(("count", "queries"), [(0, 1), (1, 1), (20, 1), (50, 1), (60, 2)])
def test_a_page_counts_only_when_it_does_not_show_every_row(calendar, count, queries, django_assert_num_queries):
    rows = holidays_of(calendar, count)
    with django_assert_num_queries(queries):
        found = page(ask(), a_listing(size=50), rows)
    assert len(found.rows) == min(count, 50)
    assert found.count_label == f"{count} {'día' if count == 1 else 'días'}"


def test_walking_forward_and_back_shows_every_row_once_in_order(calendar):
    rows, listing = holidays_of(calendar, 13), a_listing()
    expected = [f"Día {n}" for n in reversed(range(13))]
    seen, pages, query = [], [], ""
    while True:
        found = page(ask(query), listing, rows)
        seen += names(found)
        pages.append(names(found))
        if not found.next:
            break
        query = found.next
    assert seen == expected
    back = [names(found)]
    while found.previous:
        found = page(ask(found.previous), listing, rows)
        back.append(names(found))
    assert back[::-1] == pages
    assert found.next


def test_mixed_directions_keep_the_order_with_ties(calendar):
    other = Calendar.objects.create(code="u", label="Otro", zone="America/Mexico_City")
    holidays_of(calendar, 7), holidays_of(other, 7, name="Otro")
    listing = a_listing(size=3, order=("date", "-pk"))
    rows = Holiday.objects.filter(calendar__in=[calendar, other])
    expected = list(rows.order_by("date", "-pk").values_list("name", flat=True))
    seen, query = [], ""
    for _ in range(5):
        found = page(ask(query), listing, rows)
        seen += names(found)
        query = found.next
    assert seen == expected
    assert len(set(seen)) == 14
    assert not found.next


def closed_people(days):
    """One person a day of `days` (None: still open), in an order of their own."""
    made = [people.a_person() for _ in days]
    for one, day in zip(made, days, strict=True):
        User.objects.filter(pk=one.pk).update(disabled_at=day and datetime(2026, 11, day, 12, tzinfo=UTC))
    return User.objects.filter(pk__in=[one.pk for one in made])


@pytest.mark.parametrize("start", ["", "-"])
@pytest.mark.parametrize("days", [[3, None, 1, 3, None, 2, None], [None] * 5, [1, 2, 3], [2, 2, 2, None]])
def test_sorted_by_a_column_nothing_comes_last_and_every_row_once_both_ways(start, days):
    rows = closed_people(days)
    closed = Column("closed", "Cerrada", path="disabled_at", kind=Kind.INSTANT, sort=True)
    listing = a_listing(size=2, columns=(Column("email", "Correo"), closed), order=("email",), filters=None)
    told = sorted((day for day in days if day), reverse=bool(start))
    query, walked, ranges = f"?orden={start}closed", [], []
    while query:
        shown = page(ask(query), listing, rows)
        walked.append([(row[0].text, row[1].text) for row in shown.rows])
        ranges.append(shown.range_label)
        query = shown.next
    flat = [row for part in walked for row in part]
    assert [closed for _, closed in flat] == [f"{day} nov 2026, 06:00" for day in told] + ["—"] * days.count(None)
    assert len({email for email, _ in flat}) == len(days)
    firsts = range(1, len(days) + 1, 2)
    assert ranges == [f"{first}–{min(first + 1, len(days))} de {len(days)}" for first in firsts]
    back = [walked[-1]]
    while shown.previous:
        shown = page(ask(shown.previous), listing, rows)
        back.append([(row[0].text, row[1].text) for row in shown.rows])
        assert shown.range_label == ranges[-len(back)]
    assert back[::-1] == walked
    assert [row[0] for row in exported(listing, selected(ask(f"?orden={start}closed"), listing, rows).ordered)[1:]] == [
        email for email, _ in flat
    ]


def test_only_columns_that_say_so_are_sorted_and_a_place_belongs_to_its_order(calendar):
    rows = holidays_of(calendar, 6)
    columns = (Column("name", "Nombre", sort=True), Column("date", "Fecha", kind=Kind.DATE))
    listing = a_listing(size=2, columns=columns)
    plain, by_name, other = (page(ask(query), listing, rows) for query in ("", "?orden=-name&name=D", "?orden=date"))
    assert [row[0].text for row in plain.rows] == [row[0].text for row in other.rows] == ["Día 5", "Día 4"]
    assert [(head.sort_href, head.sorted) for head in by_name.heads] == [("?name=D&orden=name", "desc"), ("", "")]
    assert (by_name.order, other.order) == ("-name", "")
    turned = by_name.next.replace("-name", "name")
    assert [row[0].text for row in page(ask(turned), listing, rows).rows] == ["Día 0", "Día 1"]


def test_a_row_that_appears_meanwhile_neither_repeats_nor_hides_another(calendar):
    rows, listing = holidays_of(calendar, 10), a_listing()
    first = page(ask(), listing, rows)
    Holiday.objects.create(calendar=calendar, date=date(2001, 1, 1), name="nuevo")
    second = page(ask(first.next), listing, rows)
    assert names(second) == [f"Día {n}" for n in range(4, -1, -1)]


@pytest.mark.parametrize("cursor", ["x", "W10:bad", "%00", "a" * 4000])
def test_an_invalid_cursor_shows_the_first_page(calendar, cursor):
    rows = holidays_of(calendar, 10)
    assert names(page(ask(f"?despues={cursor}"), a_listing(), rows)) == names(page(ask(), a_listing(), rows))


def test_a_cursor_of_another_list_is_no_cursor():
    text = write_cursor("holidays", [FIRST, 1])
    assert read_cursor("holidays", text, 2) == (FIRST, 1)
    assert read_cursor("other", text, 2) is None
    assert read_cursor("holidays", text, 3) is None


def test_count_is_capped_and_totals_with_it(calendar, monkeypatch):
    monkeypatch.setattr("portal.listing.paging.COUNT_CAP", 10)
    listing = a_listing(
        columns=(Column("date", "Fecha", kind=Kind.DATE), Column("pk", "Suma", kind=Kind.NUMBER, total=True))
    )
    few, many = page(ask(), listing, holidays_of(calendar, 3)), None
    assert few.count_label == "3 días"
    assert few.totals is not None
    Holiday.objects.filter(calendar=calendar).delete()
    many = page(ask(), listing, holidays_of(calendar, 11))
    assert (many.count_label, many.totals) == ("más de 10 días", None)


@pytest.mark.parametrize(("count", "queries"), [(3, 1), (12, 3)])
def test_totals_sum_the_filtered_rows_not_the_page(calendar, count, queries, django_assert_num_queries):
    rows = holidays_of(calendar, count)
    listing = a_listing(columns=(Column("name", "Nombre"), Column("pk", "Suma", kind=Kind.NUMBER, total=True)))
    with django_assert_num_queries(queries):
        found = page(ask(), listing, rows)
    assert found.totals[1].text == f"{sum(rows.values_list('pk', flat=True)):,}"
    assert found.totals[0].text == ""


def test_filters_narrow_and_their_chips_take_them_back(calendar):
    rows = holidays_of(calendar, 12)
    found = page(ask("?name=D%C3%ADa+1&despues=x"), a_listing(), rows)
    assert names(found) == ["Día 11", "Día 10", "Día 1"]
    (chip,) = found.chips
    assert (chip.label, chip.text, chip.remove_href) == ("Nombre", "Día 1", "?")
    assert [(name, "despues" in href, href[-12:]) for name, href in found.files] == [
        ("CSV", False, "&formato=csv"),
        ("Excel", False, "formato=xlsx"),
        ("PDF", False, "&formato=pdf"),
    ]


@pytest.mark.parametrize(
    ("name", "parts", "query", "told"),
    [
        ("treasury.deposits", {"state": "waiting"}, "", [("Estado", "Por asignar")]),
        (
            "treasury.accounts",
            {"state": "rejected"},
            "buscar=ana",
            [("Estado", "Rechazadas"), ("Titular, RFC o últimos 4 dígitos", "ana")],
        ),
        ("treasury.accounts", {"state": "all"}, "", []),
        ("orders_to_invoice", {"rfc": "OERL850603AB1"}, "", [("RFC del médico", "OERL850603AB1")]),
        ("collected", {}, "", [("Desde", "1 dic 2025 (los últimos doce meses)")]),
        (
            "collected",
            {},
            "tipo=store",
            [("Desde", "1 dic 2025 (los últimos doce meses)"), ("Medio de pago", "Tienda")],
        ),
        ("collected", {}, "desde=2026-01-05", [("Desde", "5 ene 2026")]),
    ],
)
def test_a_file_says_all_that_leaves_rows_out_and_days_as_people_say_them_D11(monkeypatch, name, parts, query, told):
    """The tab that is open and the last twelve months are filters too: such a file is not «la lista entera»."""
    monkeypatch.setattr(clock, "today", lambda zone="": date(2026, 11, 22))
    asked = Selection(registry.listings()[name], people.collector(), QueryDict(query), parts)
    assert export.told(asked, TOLD.at).filters == told


def test_cells_are_escaped_on_the_page(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name="<script>alert(1)</script>&\"'")
    found = page(ask(), a_listing(), Holiday.objects.filter(calendar=calendar))
    shown = render_to_string("components/table.html", {"page": found})
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_an_empty_cell_that_names_its_row_says_what_the_row_is(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name="")
    listing = a_listing(
        columns=(Column("name", "Nombre", nothing="Día sin nombre"), Column("date", "Fecha", kind=Kind.DATE))
    )
    assert page(ask(), listing, Holiday.objects.filter(calendar=calendar)).rows[0][0].text == "Día sin nombre"


def test_states_carry_words_and_tone_and_nothing_is_a_dash(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name="", kept=True)
    (row,) = page(ask(), a_listing(), Holiday.objects.filter(calendar=calendar)).rows
    assert (row[3].text, row[3].tone) == ("decidido", "ok")
    assert row[1].text == "—"
    assert row[0].exact == "2000-01-01"


def exported(listing, rows):
    content = b"".join(csv_response(listing, rows, "dias")).decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:])))


def test_csv_holds_what_the_filter_left_in_the_lists_order(calendar):
    rows, listing = holidays_of(calendar, 12), a_listing()
    request = ask("?name=D%C3%ADa+1")
    head, *body = exported(listing, selected(request, listing, rows).ordered)
    assert head == ["Fecha", "Nombre", "Calendario", "Estado"]
    assert [line[1] for line in body] == ["Día 11", "Día 10", "Día 1"]
    assert body[0] == ["2000-01-12", "Día 11", "Prueba", "importado"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_csv_never_starts_a_cell_like_a_formula(calendar, start):
    Holiday.objects.create(calendar=calendar, date=FIRST, name=f'{start}cmd("x"),%s')
    _, line = exported(a_listing(), Holiday.objects.filter(calendar=calendar))
    assert line[1] == f'\'{start}cmd("x"),%s'


@pytest.mark.parametrize("name", ["a;=1+1", "a\t+1", "a|@x", 'a;"=1+1"', "a; -1", "a;;\t＝1", 'a";=1+1'])
def test_csv_hides_no_formula_behind_another_countrys_separator(calendar, name):
    Holiday.objects.create(calendar=calendar, date=FIRST, name=name)
    content = b"".join(csv_response(a_listing(), Holiday.objects.filter(calendar=calendar), "dias")).decode()
    for separator in ",;\t|":
        _, line = list(csv.reader(io.StringIO(content[1:]), delimiter=separator))
        assert not [cell for cell in line if cell.lstrip(' "')[:1] in set("=+@＝＋－＠-")], separator


def test_csv_leaves_ordinary_texts_alone(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name='A-B; C+D, 1=1 | E "x"')
    _, line = exported(a_listing(), Holiday.objects.filter(calendar=calendar))
    assert line[1] == 'A-B; C+D, 1=1 | E "x"'


def test_what_is_missing_is_called_the_same_in_the_file_as_on_the_page(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name="")
    listing = a_listing(
        columns=(Column("name", "Nombre", nothing="=Día sin nombre"), Column("name2", "N", path="name"))
    )
    assert exported(listing, Holiday.objects.filter(calendar=calendar))[1] == ["'=Día sin nombre", ""]


def test_several_slugs_in_one_cell_are_words_on_the_page_and_in_the_file(calendar):
    Holiday.objects.create(calendar=calendar, date=FIRST, name="b a ghost")
    listing = a_listing(columns=(Column("name", "Papeles", labels={"a": "=Uno", "b": "Dos"}, many=True),))
    rows = Holiday.objects.filter(calendar=calendar)
    assert page(ask(), listing, rows).rows[0][0].text == "Dos, =Uno, ghost"
    assert exported(listing, rows)[1] == ["Dos, =Uno, ghost"]


@pytest.mark.parametrize(
    ("instant", "day"), [("2026-11-22T05:59:59Z", "2026-11-21"), ("2026-11-22T06:00:00Z", "2026-11-22")]
)
def test_the_day_of_an_instant_is_central_mexicos_on_the_page_and_in_the_file(instant, day):
    person = people.a_person()
    User.objects.filter(pk=person.pk).update(created_at=datetime.fromisoformat(instant))
    listing = a_listing(
        columns=(Column("created_at", "Desde", kind=Kind.DATE), Column("disabled_at", "Cerrada", kind=Kind.DATE)),
        order=("email",),
        filters=None,
    )
    rows = User.objects.filter(pk=person.pk)
    assert exported(listing, rows)[1] == [day, ""]
    assert page(ask(), listing, rows).rows[0][0].text == f"{int(day[8:])} nov 2026"


class LocalFilter(Filters):
    desde = from_day("created_at", "Desde", zone="name")
    hasta = to_day("created_at", "Hasta", zone="name")


@pytest.mark.parametrize(
    ("zone", "day", "told", "exact"),
    [
        ("America/Santiago", "2026-11-23", "23 nov 2026, 01:30", "2026-11-23T01:30:00-03:00"),
        ("America/Mexico_City", "2026-11-22", "22 nov 2026, 22:30", "2026-11-22T22:30:00-06:00"),
        ("", "2026-11-22", "22 nov 2026, 22:30", "2026-11-22T22:30:00-06:00"),
    ],
)
def test_a_row_with_a_zone_of_its_own_is_shown_filtered_and_exported_in_it(zone, day, told, exact):
    person = people.a_person()
    User.objects.filter(pk=person.pk).update(created_at=datetime(2026, 11, 23, 4, 30, tzinfo=UTC), name=zone)
    at = Column("at", "Instante", path="created_at", kind=Kind.INSTANT, zone_path="name")
    on = Column("on", "Día", path="created_at", kind=Kind.DATE, zone_path="name")
    listing = a_listing(columns=(at, on), order=("email",), filters=LocalFilter)
    rows = User.objects.filter(pk=person.pk)
    (row,) = page(ask(), listing, rows).rows
    assert (row[0].text, row[0].exact, row[1].text) == (told, exact, told[:11])
    assert exported(listing, rows)[1] == [exact[:19].replace("T", " "), day]
    assert as_json(selected(ask(), listing, rows))["rows"] == [{"id": person.email, "at": exact, "on": day}]
    sheet = load_workbook(io.BytesIO(b"".join(xlsx.workbook(listing, rows, told=TOLD)))).worksheets[0]
    assert [sheet["A2"].value.isoformat(), sheet["B2"].value.date().isoformat()] == [exact[:19], day]
    before, after = (date.fromisoformat(day) + timedelta(days=days) for days in (-1, 1))
    for asked, found in ((f"?desde={day}&hasta={day}", 1), (f"?desde={after}", 0), (f"?hasta={before}", 0)):
        assert len(page(ask(asked), listing, rows).rows) == found, asked


def test_a_list_on_the_page_of_another_act_leads_to_its_own(calendar):
    shown = page(ask("?name=D"), a_listing(), holidays_of(calendar, 12), address="/dias/")
    assert shown.next.startswith("/dias/?") and dict(shown.files)["CSV"] == "/dias/?name=D&formato=csv"
    assert [chip.remove_href for chip in shown.chips] == ["/dias/?"]


def test_csv_response_is_an_attachment():
    response = csv_response(a_listing(), Holiday.objects.none(), "dias")
    assert response["Content-Disposition"] == 'attachment; filename="dias.csv"'
    assert response["Content-Type"].startswith("text/csv")


def test_csv_of_nothing_is_its_header():
    assert len(exported(a_listing(), Holiday.objects.none())) == 1


def test_csv_of_twenty_thousand_rows_stays_small_in_memory(calendar):
    rows = holidays_of(calendar, 20_000, name="x" * 90)
    tracemalloc.start()
    size = sum(len(chunk) for chunk in csv_response(a_listing(), rows, "dias"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 2_000_000
    assert peak < 1_500_000


def test_a_reader_who_leaves_early_leaves_no_broken_connection():
    """In a thread with a connection of its own, over the holidays that migrations committed."""
    wide = Column("wide", "Ancho", expression=RawSQL("repeat(calendars_holiday.name, 2000)", []))
    left = []

    def read_a_little():
        stream = csv_response(a_listing(columns=(wide,)), Holiday.objects.all(), "dias")._iterator
        next(stream), next(stream)
        stream.close()
        left.append(Holiday.objects.count())
        connection.close()

    reader = threading.Thread(target=read_a_little)
    reader.start()
    reader.join(LONG)
    assert left == [Holiday.objects.count()]


def test_a_failure_in_the_middle_breaks_the_download(calendar):
    holidays_of(calendar, 3)
    listing = a_listing(columns=(Column("bad", "Malo", expression=RawSQL("1 / (date - date '2000-01-02')", [])),))
    with pytest.raises(DivisionByZero):
        exported(listing, Holiday.objects.filter(calendar=calendar))

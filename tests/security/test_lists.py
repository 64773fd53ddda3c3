"""No file differs from its page: every list of the house, by every filter and order, right and wrong (AC-06, D26).

The lists are found by walking the source, their pages by walking the addresses: one that nobody shows, or that answers
in a way of its own, fails here without anybody naming it.
"""

from __future__ import annotations

import csv
import importlib
import io
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlencode, urljoin

import django_filters
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from billing.models import ComplementDue, Invoice
from claims.models import Accumulator
from config import matrix
from portal import clock
from portal.access import Permission
from portal.fiscal.services import add_catalogue_key
from portal.history.services import record, record_access, record_export
from portal.listing import Kind, Listing, Page, as_json, paging, registry
from portal.listing.cells import Cell
from portal.listing.columns import NOTHING, Column
from portal.listing.selection import Selection
from portal.papers import services as papers
from portal.papers.models import StoredFile
from portal.people.services import give_own_token, issue_token
from portal.proofs.models import RfcMove
from portal.treasury.models import BankAccount, Transfer
from tests.factories import claims as of_claims
from tests.factories import people
from tests.guards import guards_asleep
from tests.pages import undrawn
from tests.security.conftest import World, undone
from tests.sources import calls, mentioning, named

pytestmark = pytest.mark.django_db
BLANK = ("", NOTHING)


@cache
def lists() -> dict[str, Listing]:
    """Every `Listing` that a module of the product makes, by name."""
    found: dict[str, Listing] = {}
    for path in mentioning("Listing("):
        if any(c.rpartition(".")[2] == "Listing" for _line, c in calls(path)):
            module = importlib.import_module(
                named(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            )
            found |= {one.name: one for one in vars(module).values() if isinstance(one, Listing)}
    return found


@dataclass(frozen=True)
class Place:
    """Where a list is shown, and a browser of somebody who may see it."""

    path: str
    client: Client


def shown(answer: Any) -> list[Page]:
    """The lists on a page that was rendered."""
    given = getattr(answer, "context", None) or []
    contexts = given if isinstance(given, list) else [given]  # one alone when one template was asked for
    values = [value for context in contexts for level in context.dicts for value in level.values()]
    return list({id(value): value for value in values if isinstance(value, Page)}.values())


@pytest.fixture(scope="module")
def places(world: World, django_db_blocker: Any) -> dict[str, Place]:
    """The address of each list, found by opening every page without an object."""
    found: dict[str, Place] = {}
    with django_db_blocker.unblock():
        record_export(name="audit", model=Invoice, by=world.users["auditor"], at=clock.now())
        record_access(subject=Invoice.objects.order_by("pk")[0], by=world.users["reviewer"], at=clock.now())
        late, yesterday = ComplementDue.objects.open(), clock.today() - timedelta(days=1)
        with guards_asleep(ComplementDue):
            assert late.update(anchor=yesterday, due_on=yesterday), "the sample world has nothing overdue"
        for held in (people.reviewer(), people.physician()):  # nobody of the sample world has roles that conflict
            people.Grant.objects.create(
                user=held, party=people.the_operator(), role=people.Role.PAYMENT_APPROVER, since=people.LONG_AGO
            )
        out_of_the_ordinary()
        vouched_for(world)
        some_claims(world)
        for _name, path, view in matrix.routes():
            entry = matrix.entry_of(view)
            if "<" in path or entry is None or entry.kind == "public":
                continue
            may = (one for one, user in world.users.items() if user and entry.permissions & user.permissions)
            if actor := next(may, "") if entry.permissions else "owner":
                with undrawn():
                    seen = shown(undone(world.clients[actor], "get", f"/{path}"))
                for page in seen:
                    found.setdefault(page.listing.name, Place(f"/{path}", world.clients[actor]))
    return found


def vouched_for(world: World) -> None:
    """A key that the SAT published since, a credential of a system, another of a person's own, a list that is made."""
    admin, owner, at = world.users["administrator"], world.users["owner"], clock.now()
    assert admin is not None and owner is not None
    add_catalogue_key(catalogue="c_ClaveProdServ", key="85999902", meaning="Una clave nueva", by=admin, at=at)
    told = {"name": "Sistema", "expires_at": clock.real_now() + timedelta(days=9), "at": at}
    issue_token(user=people.a_person(), party=people.an_insurer(), scopes=["orders:write"], by=admin, **told)
    papers.ask_export(listing="downloads", file="csv", asked="", parts={}, by=owner, at=at)
    give_own_token(name="Mía", scopes=["billing:read"], until=clock.today(), factor="passkey", by=owner, at=at)


def some_claims(world: World) -> None:
    """The family that looks has claims of each kind, under way and over: the sample world's are another's."""
    family = of_claims.a_family(user=world.users["member"])
    over = {"state": "decided", "decided_at": of_claims.AT, "elapsed_minutes": 60}
    minor = {"kind": "minor", "coverage": family.plan.coverages.get(kind="minor")}
    for told in ({}, minor, over, over | {"affected": family.child}):
        of_claims.bare(family, **told)
    terms = {"of_deductible": Decimal(0), "of_rate": Decimal(0), "year": of_claims.ON}
    wrong = {"covered": Decimal(1), "over_limit": Decimal(1)}  # nothing was booked on it
    Accumulator.objects.create(person=family.titular, coverage=minor["coverage"], **terms, **wrong)


def out_of_the_ordinary() -> None:
    """What an auditor looks at and the sample world never does: undone, read without a task, changed and paid."""
    at, file = clock.now(), StoredFile.objects.filter(party__isnull=False).order_by("pk")[0]
    nosy = people.reviewer()
    record(action="billing.invoice_decision_undone", subject=file, by=nosy, at=at)
    record_access(subject=file, by=people.reviewer(), at=at, party_id=file.party_id)
    told = {"email": "duena@ejemplo.mx", "name": "Nora Luna", "evidence": "Llamó.", "file": file, "asked_at": at}
    RfcMove.objects.create(party=file.party, asked_by=people.administrator(), **told)
    paid = Transfer.objects.filter(paid_on__isnull=False).order_by("pk")[0]
    other = BankAccount.objects.exclude(pk=paid.account_id).order_by("pk")[0]
    changed = datetime.combine(paid.paid_on - timedelta(days=2), time(18), tzinfo=UTC)
    with guards_asleep(BankAccount):
        BankAccount.objects.filter(pk=paid.account_id).update(
            replaces=other, reviews_needed=2, decided_at=changed, usable_from=changed
        )


def test_every_list_of_the_source_has_a_page_and_asks_what_the_page_asks(places: dict[str, Place]) -> None:
    assert len(lists()) > 10
    assert sorted(places) == sorted(lists()) == sorted(registry.listings())
    asked = {f"/{path}": matrix.entry_of(view) for _, path, view in matrix.routes()}
    wrong = [
        name for name, place in places.items() if asked[place.path].permissions != {lists()[name].permission} - {None}
    ]
    assert wrong == []


def test_lists_stand_where_they_are_looked_for_and_call_one_thing_by_one_word() -> None:
    made = [path for path in mentioning("Listing(") for _, called in calls(path) if called == "Listing"]
    assert {"listings"} & {path.stem for path in made} & {path.parent.name for path in made}
    assert [named(path) for path in made if "listings" not in {path.stem, path.parent.name}] == []
    words = {name for one in lists().values() if one.filters for name in one.filters.base_filters}
    known = (
        "estado pago espera tipo acto que persona desde hasta mes plan buscar hallazgos poliza semilla cuantos ultimo"
    )
    assert words == {*known.split(), "ultimo"}


def test_a_list_answers_in_one_way_only() -> None:
    """Whoever asks for a page or a file beside `listing.answer` could give the two different rows.

    The drain that makes a long list has no request to answer: it asks the list's own selection.
    """
    makers = {"csv_response", "xlsx_response", "workbook", "Selection"}
    beside = [
        f"{named(path)}:{line}"
        for path in mentioning(*makers, "from portal.listing")
        if not named(path).startswith(("portal/listing/", "portal/papers/services/exports.py"))
        for line, called in calls(path)
        if called.rpartition(".")[2] in makers
        or (called in {"page", "export", "window"} and "from portal.listing" in path.read_text())
    ]
    assert beside == []


def asked_of(page: Page, html: str) -> Iterator[dict[str, str]]:
    """What people ask of a list: nothing, each filter with a value that is there, one that is not, one that is wrong;
    the tabs that the page itself offers; what no list knows."""
    yield {}
    yield {"nadie": "1", "formato": "odt", "orden": "nadie"}
    sorting = [column.name for column in page.columns if column.sort]
    yield from ({"orden": asked} for asked in (*sorting[:1], *(f"-{name}" for name in sorting[-1:])))
    first = page.rows[0][0].text.split()[0] if page.rows else "nada"
    for name, one in page.filterset.filters.items():
        if isinstance(one, django_filters.ChoiceFilter):
            values = [str(value) for value, _ in one.field.choices if value][:2]
        elif isinstance(one, django_filters.DateFilter):
            values = ["2100-01-01"]
        else:
            values = [first[:6], "\x00%"]
        yield from ({name: value} for value in (*values, "zzz-nada-así"))
    for tab in dict.fromkeys(re.findall(r'href="\?(\w+)=([\w-]+)"', html)):
        if tab[0] in {"formato", "orden"}:
            continue
        yield dict([tab])
        yield {**dict([tab]), next(iter(page.filterset.filters)): first[:3]}


def all_pages(place: Place, query: str, *, drawn: bool = False) -> Iterator[Page]:
    """Every page of the list, one after the other.

    The first two are those that the address shows, the others are those that `answer` would: no browser draws them.
    """
    with nullcontext() if drawn else undrawn():
        (page,) = shown(undone(place.client, "get", f"{place.path}{query}"))
    yield page
    if page.next:
        with nullcontext() if drawn else undrawn():
            (page,) = shown(undone(place.client, "get", urljoin(place.path, page.next)))
        yield page
    while page.next:
        onwards = QueryDict(page.next.partition("?")[2])
        page = paging.page(Selection(page.listing, page.asked.user, onwards, page.asked.parts), address=page.address)
        yield page


def file_of(place: Place, asked: dict[str, str], wanted: str) -> bytes:
    answer = undone(place.client, "get", f"{place.path}?{urlencode({**asked, 'formato': wanted})}")
    kind = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats", "pdf": "application/pdf"}[wanted]
    assert answer.headers["Content-Type"].startswith(kind), (place, asked, answer.status_code)
    whole: bytes = answer.whole
    return whole


def in_csv(place: Place, asked: dict[str, str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file_of(place, asked, "csv").decode("utf-8-sig"))))


def in_xlsx(place: Place, asked: dict[str, str], columns: list[Column]) -> tuple[list[list[str]], dict[str, str]]:
    """The sheet of rows as a CSV would have them, and the sums that the sheet «Cómo se obtuvo» tells."""
    book = load_workbook(io.BytesIO(file_of(place, asked, "xlsx")), read_only=True)
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    kinds = [column.kind for column in columns]
    told = {str(row[0]): str(row[1]) for row in book.worksheets[-1].iter_rows(values_only=True)}
    return [list(head), *([_typed(*one) for one in zip(row, kinds, strict=True)] for row in rows)], told


def not_in_pdf(place: Place, asked: dict[str, str], rows: list[list[Cell]], totals: dict[str, str]) -> list[str]:
    """Rows of the page that do not follow one another in the PDF, and sums or a count that it does not tell.

    Compared without blanks: a cell may be parted into lines.
    """
    reader = PdfReader(io.BytesIO(file_of(place, asked, "pdf")))
    told = _bare("".join(page.extract_text() for page in reader.pages))
    wanted = ["".join(cell.text for cell in row) for row in rows]
    wanted += [
        "Cómo se obtuvo",
        f"Renglones{len(rows):,}",
        *(f"Suma de {label}{total}" for label, total in totals.items()),
    ]
    wrong, at = [], 0
    for line in map(_bare, wanted):
        found = told.find(line, at)
        wrong += [line] if found < 0 else []
        at = max(at, found + len(line))
    return wrong


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _typed(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if kind == Kind.DATE else "%Y-%m-%d %H:%M:%S")
    return re.sub("_x005F_", "_", str(value))


def in_json(pages: list[Page], columns: list[Column]) -> tuple[list[list[str]], dict[str, Any] | None]:
    """Every page as the API has it, asked of the same selection without a request, and the sums."""
    rows, asked, sums = [], pages[0].asked, None
    while True:
        found = as_json(asked)
        rows += [[_worded(column, row[column.name]) for column in columns] for row in found["rows"]]
        sums = sums or found["sums"]
        if not found[paging.AFTER]:
            return [[column.label for column in columns], *rows], sums
        onwards = asked.asked.copy()
        onwards[paging.AFTER] = found[paging.AFTER]
        asked = Selection(asked.listing, asked.user, onwards, asked.parts)


def _worded(column: Column, value: Any) -> str:
    if value is None:
        return column.nothing
    if column.kind == Kind.MONEY:
        return str(value["amount"])
    if column.many:
        return ", ".join(column.labels.get(one, one) for one in value)
    if column.kind == Kind.INSTANT:
        return value[:19].replace("T", " ")
    return str(column.labels.get(value, value))


def number(text: str) -> Decimal:
    """The amount of a page's cell: pesos of Mexico have two decimals, those of Chile none and points for thousands."""
    bare = re.sub(r"[^\d.,-]", "", text)
    return Decimal(bare.replace(",", "") if re.search(r"\.\d\d$", bare) or "." not in bare else bare.replace(".", ""))


TYPED = {Kind.DATE, Kind.INSTANT, Kind.MONEY, Kind.NUMBER}


def same(column: Column, cell: Cell, written: str) -> bool:
    """Whether a file says what the page says."""
    # What the page says of a missing day («Siempre») is no day: a cell of days has none.
    blank = {*BLANK, column.nothing} if column.kind in TYPED else BLANK
    if cell.text in blank or written in blank:
        return cell.text in blank and written in blank
    if column.kind == Kind.DATE:
        return written == cell.exact[:10]
    if column.kind == Kind.INSTANT:
        return written == cell.exact[:19].replace("T", " ")
    if column.kind in {Kind.MONEY, Kind.NUMBER}:
        return Decimal(written) == number(cell.text)
    return written.removeprefix("'") == cell.text.removeprefix("'")


def differences(place: Place, asked: dict[str, str], *, spreadsheet: bool) -> tuple[list[str], int]:
    """What a file or the API says otherwise than the page (headings, rows in order, sums), and how many rows it has."""
    pages = list(all_pages(place, f"?{urlencode(asked)}", drawn=spreadsheet))
    columns = [column for column in pages[0].columns if column.export]
    places = [number for number, column in enumerate(pages[0].columns) if column.export]
    seen = [[row[at] for at in places] for page in pages for row in page.rows]
    forms = {"csv": in_csv(place, asked)}
    totals = {
        column.label: pages[0].totals[at].text
        for at, column in zip(places, columns, strict=True)
        if column.total and pages[0].totals and seen
    }
    forms["json"], sums = in_json(pages, columns)
    wrong = [f"{asked}: no file says {name}" for name in pages[0].asked.parts if name not in pages[0].listing.parts]
    if spreadsheet:
        forms["xlsx"], told = in_xlsx(place, asked, columns)
        wrong += [f"{asked}: {told} of {label}" for label in totals if told[f"Suma de {label}"] != totals[label]]
        wrong += [f"{asked}: the PDF says otherwise {line}" for line in not_in_pdf(place, asked, seen, totals)]
        wrong += [] if told["Renglones"] == f"{len(seen):,}" else [f"{asked}: {told['Renglones']} rows are told"]
    for form, (head, *rows) in forms.items():
        if head != [column.label for column in columns] or len(rows) != len(seen):
            wrong.append(f"{asked}: {len(seen)} rows on the page, {len(rows)} in {form} below {head}")
            continue
        for on_page, in_file in zip(seen, rows, strict=True):
            pairs = zip(columns, on_page, in_file, strict=True)
            wrong += [
                f"{asked}: {cell.text!r} is {text!r} in {form}"
                for column, cell, text in pairs
                if not same(column, cell, text)
            ]
        for at, column in enumerate(columns):
            summed = sum(Decimal(row[at] or 0) for row in rows) if column.label in totals else None
            if summed is not None and number(totals[column.label]) != summed:
                wrong.append(f"{asked}: {column.name} adds to {summed} in {form}")
            added = (sums or {}).get(column.name)
            if summed and sums and Decimal(added["amount"] if isinstance(added, dict) else added) != summed:
                wrong.append(f"{asked}: {column.name} adds to {sums[column.name]} in the API")
    return wrong, len(seen)


OTHERWISE = {"audit", "readings", "orders_to_invoice"}  # the record has no call; what may be billed is told by insurer


def test_each_list_names_the_call_that_gives_just_what_it_shows(places: dict[str, Place]) -> None:
    """N12: one menu offers the files and the API's call of exactly this list."""
    without, wrong = set(), []
    for name, place in places.items():
        (page,) = shown(undone(place.client, "get", place.path))
        if not page.call:
            without.add(name)
            continue
        answer = undone(place.client, "get", page.call)
        if answer.status_code != 200 or len(answer.json()["rows"]) != len(page.rows):
            wrong.append((name, page.call, answer.status_code))
    assert wrong == []
    assert without <= OTHERWISE


@pytest.mark.parametrize("name", sorted(lists()))
def test_no_file_differs_from_its_page(places: dict[str, Place], name: str) -> None:
    place = places[name]
    answer = undone(place.client, "get", place.path)
    (page,) = shown(answer)
    asked = list({urlencode(one): one for one in asked_of(page, answer.content.decode())}.values())
    # A sheet and a PDF, which take long to read, of all rows, of a sorted list and of a filter's.
    found = [(one, *differences(place, one, spreadsheet=at in {1, 2, 4})) for at, one in enumerate(asked)]
    assert [line for _, wrong, _ in found for line in wrong] == []
    counts = {count for _, _, count in found}
    assert max(counts) > 0, "the sample world shows something on every list"
    assert len(counts) > 1, "some filter leaves fewer rows than another, or nothing was compared"


# The columns that count a line's rows and add them up, where called otherwise; "" for no sum on the other page.
# Reports of claims name nobody: whoever reads the sums may see no claim (AC-05), so that their lines lead nowhere.
SUMS_ALONE = {Permission.SEE_CLAIM_REPORTS}
COUNTS = {"active_by_plan": ("families", ""), "collected": ("count", "sum")}


def test_a_group_leads_to_its_rows_which_are_as_many_and_add_up_to_its_sums(places: dict[str, Place]) -> None:
    """Of every grouped list: the page a line leads to has the rows that the line counts, with the line's sum."""
    grouped = {name for name, one in lists().items() if one.groups and one.permission not in SUMS_ALONE}
    assert grouped > COUNTS.keys()
    for name in sorted(grouped):
        counted, added = COUNTS.get(name, ("count", "amount"))
        page, client = next(all_pages(places[name], "")), places[name].client
        assert page.rows and page.totals
        for row in page.rows:
            cells = {column.name: cell for column, cell in zip(page.columns, row, strict=True)}
            path, _, query = row[0].href.partition("?")
            rows = list(all_pages(Place(path, client), f"?{query}"))
            assert sum(len(one.rows) for one in rows) == number(cells[counted].text), (name, query)
            assert not added or cells[added].text in [cell.text for cell in rows[0].totals or []], (name, query)


def one_of_each_group(page: Page) -> list[Any]:
    """The keys of twenty rows of different groups: what its order goes by tells them apart."""
    keys = [name.lstrip("-") for name in page.listing.order]
    found: dict[Any, Any] = {}
    for pk, *group in page.asked.seen.order_by(*keys).values_list("pk", *keys):
        found.setdefault(tuple(group), (pk,))
    return [*found.values()][:20]


def test_a_list_asks_the_same_queries_for_one_row_and_for_twenty(places: dict[str, Place]) -> None:
    """Of every list, as a page and for the API."""
    many = 0
    for name, place in places.items():
        page = next(all_pages(place, ""))
        pks = one_of_each_group(page) if page.listing.groups else page.asked.rows.order_by("pk").values_list("pk")[:20]
        pks = [pk for pk, *_ in pks]
        counts = {}
        for how_many in (1, len(pks)):
            few = page.asked.seen.filter(pk__in=pks[:how_many])
            asked = Selection(replace(page.listing, rows=lambda user, few=few: few), page.asked.user, QueryDict())
            with CaptureQueriesContext(connection) as seen:
                assert len(paging.page(asked).rows) == len(as_json(asked)["rows"]) == how_many
            counts[how_many] = len(seen)
        assert set(counts.values()) == {2}, (name, counts)
        many += len(counts) == 2
    assert many > 8, "most lists of the sample world have more than one row"


@pytest.mark.parametrize("actor", ["reviewer", "preparer", "approver", "support"])
def test_each_figure_of_the_desk_is_the_length_of_the_list_it_leads_to(world: World, actor: str) -> None:
    work = undone(world.clients[actor], "get", reverse("desk:queue")).context["work"]
    checked = 0
    for label, count, href in work:
        path, _, query = href.partition("?")
        with undrawn():
            is_list = bool(shown(undone(world.clients[actor], "get", href)))
        if not is_list:
            continue  # a page of its own, not a list
        place = Place(path, world.clients[actor])
        assert sum(len(page.rows) for page in all_pages(place, f"?{query}")) == count, (label, href)
        checked += 1
    assert checked


def test_each_figure_of_the_account_is_the_length_and_the_sum_of_its_list(world: World) -> None:
    client = world.clients["owner"]
    kpis = undone(client, "get", reverse("billing:statement")).context["kpis"]
    for label, amount, how_many, href in kpis:
        path, _, query = href.partition("?")
        pages = list(all_pages(Place(path, client), f"?{query}"))
        assert sum(len(page.rows) for page in pages) == number(how_many.split()[0]), (label, href)
        sums = [cell.text for cell in pages[0].totals or []]
        assert not pages[0].rows or amount in sums, (label, amount, sums)
    assert len(kpis) > 5

"""Lists too long for a request: offered, asked for once, made by a drain as one may see them by then, kept a while."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from portal import clock, queue
from portal.access import Role
from portal.errors import RuleBroken
from portal.history.models import AccessEvent
from portal.listing import registry
from portal.listing.export import content
from portal.listing.selection import Selection
from portal.notices.models import Notice
from portal.once.rules import FIELD
from portal.papers import services, store, tasks
from portal.papers.models import ListExport, StoredFile
from portal.papers.services import exports
from portal.people.models import User
from tests.factories import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PAGE = "/descargas/"


@pytest.fixture(autouse=True)
def three_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.listing.export.AT_ONCE", dict.fromkeys(("csv", "xlsx", "pdf"), 2))


def offered(client: Client, query: str) -> str:
    """The signed question of the page that offers the file."""
    page = client.get(reverse("desk:people") + query).content.decode()
    assert "Personas es una lista larga" in page
    return re.findall(r'name="asked" value="([^"]+)"', page)[0]


def ask(client: Client, token: str, key: str = "k" * 20) -> Any:
    return client.post(PAGE, {"asked": token, FIELD: key})


def asked_for(file: str = "csv", **more: Any) -> ListExport:
    by = more.pop("by", None) or people.administrator()
    told = {"listing": "people", "file": file, "asked": "", "parts": {}, **more}
    return services.ask_export(**told, by=by, at=clock.now())


@pytest.mark.parametrize("file", ["csv", "xlsx", "pdf"])
def test_a_long_list_is_asked_for_once_made_told_and_downloaded_by_who_asked_alone(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ana Long", "Eva Long", "Ada Long", "Otra Persona"):
        people.a_person(name=name)
    owner = people.administrator()
    client, others = people.signed_in(owner), people.signed_in(people.administrator())
    assert others.get(reverse("desk:people") + "?formato=csv&buscar=Otra")["Content-Type"].startswith("text/csv")
    token = offered(client, f"?formato={file}&buscar=Long&orden=-name")
    assert not ListExport.objects.exists(), "a page that is looked at writes nothing"
    assert [ask(client, token).status_code for _ in range(2)] == [302, 302]
    row = ListExport.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked FROM papers_listexport")
        assert "Long" not in cursor.fetchone()[0], "what somebody searched for is sealed"
    waiting = client.get(PAGE).content.decode()
    assert "En espera" in waiting and 'http-equiv="refresh"' in waiting
    assert tasks.make_exports() == 1 and tasks.make_exports() == 0
    row.refresh_from_db()
    assert Notice.objects.get(user=owner, kind="list_ready").title == "Tu lista está lista: Personas"
    assert AccessEvent.objects.filter(by=owner, subject_id=f"{file}:people").count() == 1
    shown = client.get(PAGE).content.decode()
    address = reverse("papers:download", args=[row.made_id])
    assert ">Lista</span>" in shown and address in shown and "refresh" not in shown
    answer = client.get(address)
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == f'attachment; filename="personas.{file}"'
    if file == "csv":
        names = [line[1] for line in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    elif file == "pdf":
        told = re.sub(r"\s", "", PdfReader(io.BytesIO(content)).pages[0].extract_text())
        names = re.findall("Nombre|EvaLong|AnaLong|AdaLong", told)
        names = [re.sub("Long", " Long", name) for name in names][:4]  # its filter is told below
    else:
        names = [line[1] for line in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]
    assert names == ["Nombre", "Eva Long", "Ana Long", "Ada Long"]
    assert others.get(address).status_code == 404 and address not in others.get(PAGE).content.decode()
    owner.grants.filter(role=Role.ADMINISTRATOR).delete()
    assert people.signed_in(owner).get(address).status_code == 404, "the file is theirs while they may see the list"


def test_what_was_offered_to_another_or_long_ago_or_never_is_refused() -> None:
    for _ in range(3):
        people.a_person()
    client, others = (people.signed_in(people.administrator()) for _ in range(2))
    token = offered(client, "?formato=csv")
    assert ask(others, token).status_code == 404
    assert [ask(client, told).status_code for told in ("", token[:-3])] == [422, 422]
    assert not ListExport.objects.exists()
    by = people.administrator()
    for _ in range(3):
        asked_for(by=by)
    with pytest.raises(RuleBroken, match="Ya preparamos tres listas tuyas"):
        asked_for(by=by)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("permission", exports.NO_LONGER),
        ("list", exports.NO_LONGER),
        ("size", exports.TOO_LONG),
        ("pages", exports.TOO_LONG_PDF),
    ],
)
def test_a_list_that_cannot_be_made_says_why_and_leaves_no_file(
    why: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = asked_for("pdf" if why == "pages" else "csv")
    if why == "permission":
        row.by.grants.all().delete()
    elif why == "list":
        ListExport.objects.update(listing="gone")
    elif why == "pages":
        monkeypatch.setattr(exports, "MOST_IN_PDF", 1)
        people.a_person()
    else:
        monkeypatch.setattr(exports, "MOST", 10)
    assert tasks.make_exports() == 1
    row.refresh_from_db()
    assert row.refused == said and row.done_at is not None and not StoredFile.objects.exists()
    assert Notice.objects.get(user=row.by, kind="list_ready").body.endswith(said)
    assert said in people.signed_in(row.by).get(PAGE).content.decode()
    with pytest.raises(queue.LostLease):
        services.make_export(export=row, at=clock.now())


def test_how_far_it_is_is_told_while_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a connection of its own: here the test's, for no other sees its rows."""

    class Beside:
        cursor, close = connection.cursor, lambda self: None

    monkeypatch.setattr(exports.connections, "create_connection", lambda alias: Beside())
    row, at = asked_for(), iter([0.0, 1.0, 2.5, 2.5, 9.0, 9.0])
    monkeypatch.setattr(exports.time, "monotonic", lambda: next(at))
    ListExport.objects.update(rows=2_000)
    note, seen = exports._noting(row), []
    for lines in (500, 1_000, 9_000):
        note(lines)
        seen.append(ListExport.objects.get().made_rows)
    assert seen == [0, 1_000, 2_000]
    shown = re.sub(r"<[^>]+>", "|", people.signed_in(row.by).get(PAGE).content.decode())
    assert re.search(r"Preparando\|+2,000\|+2,000\|", shown)


@pytest.mark.parametrize("file", ["csv", "xlsx", "pdf"])
def test_each_file_tells_how_many_rows_of_it_are_written(file: str) -> None:
    by, before, seen = people.administrator(), User.objects.count(), []
    User.objects.bulk_create(User(email=f"larga{n}@ejemplo.mx", created_at=clock.now()) for n in range(150))
    asked = Selection(registry.listings()["people"], by, QueryDict(""))
    assert b"".join(content(asked, file, at=clock.now(), note=seen.append))
    assert seen == sorted(seen) and 0 < seen[-1] <= before + 150
    assert len(set(seen)) > 1 and seen[-1] < before + 150 if file == "pdf" else seen[-1] == before + 150


def test_a_file_is_deleted_when_its_days_are_over_and_the_page_says_so(django_capture_on_commit_callbacks: Any) -> None:
    row, at = asked_for(), clock.now()
    services.make_export(export=row, at=at)
    row.refresh_from_db()
    file = StoredFile.objects.get()
    assert row.keep_until == clock.date_in(at) + timedelta(days=30)
    assert services.drop_exports(at=at + timedelta(days=29)) == 0
    assert store.path_of(file.storage_key).exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert services.drop_exports(at=at + timedelta(days=30)) == 1
    assert not store.path_of(file.storage_key).exists()
    assert tasks.drop_exports() == 0
    row.refresh_from_db()
    assert row.made_at is not None and not StoredFile.objects.exists()
    assert "Ya se borró" in people.signed_in(row.by).get(PAGE).content.decode()


def test_a_parked_list_says_that_somebody_looks_after_it() -> None:
    row = asked_for()
    queue.park(row, error="x")
    assert "No se pudo preparar" in people.signed_in(row.by).get(PAGE).content.decode()

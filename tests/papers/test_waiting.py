"""A file that the drain of its own room examines: kept unseen first, then its verdict, or another copy of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.demo.uploads import upload_of
from portal import clock
from portal.errors import Finding, Level, Verdict
from portal.papers import services, store
from portal.papers.models import StoredFile
from portal.papers.selectors import open_file
from tests.factories import people

pytestmark = pytest.mark.django_db
AT = clock.real_now()
BAD = Finding("not_a_table", Level.ERROR, "No es una tabla.", "Guárdalo otra vez.")


def examined(content: bytes = b"clave,pin\nA,secreto\n", kind: str = "csv", **more: Any) -> Any:
    return services.Examined(
        f"cosas.{kind}", kind, Verdict.ACCEPTED, upload=upload_of(f"cosas.{kind}", content), **more
    )


def kept(said: Any, party: Any, by: Any) -> StoredFile:
    return services.store_unexamined(examined=said, purpose="things", party=party, by=by, at=AT)


def settled(file: StoredFile, said: Any = None, **more: Any) -> StoredFile:
    services.settle_waiting(file=file, examined=said, at=AT, **more)
    return StoredFile.objects.get(pk=file.pk)


def test_it_waits_unseen_for_the_drain_of_its_room_and_stands_once() -> None:
    by, party = people.reviewer(), people.an_insurer()
    file = kept(examined(), party, by)
    assert (file.verdict, file.is_readable, file.done_at is None) == ("pending", False, False)
    assert kept(examined(), party, by) == file and StoredFile.objects.count() == 1
    done = settled(file, examined(facts={"lines": 2, "_rows": []}))
    assert (done.verdict, done.facts, b"secreto" in b"".join(open_file(done))) == ("accepted", {"lines": 2}, True)
    with pytest.raises(ValueError, match="arrived"):
        kept(replace(examined(), upload=None), party, by)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_copy_that_a_check_made_is_kept_instead_and_its_own_bytes_go(
    kind: str, django_capture_on_commit_callbacks: Any
) -> None:
    by, party = people.reviewer(), people.an_insurer()
    file = kept(examined(kind=kind), party, by)
    old = store.path_of(file.storage_key)
    said = examined(kind=kind, replacement=b"clave,pin\nA,\n")
    with django_capture_on_commit_callbacks(execute=True):
        done = settled(file, said)
    assert b"".join(open_file(done)) == b"clave,pin\nA,\n" and not old.exists()
    assert (done.kind, done.original_name, done.content_type[:8]) == ("csv", "cosas.csv", "text/csv")
    again = kept(examined(b"otra", kind=kind), party, by)
    assert services.settle_waiting(file=again, examined=said, at=AT) == done
    again.refresh_from_db()
    assert (again.verdict, [one.code for one in again.found]) == ("rejected", ["file.repeated"])


def test_a_refused_one_keeps_its_reason_and_loses_its_bytes(django_capture_on_commit_callbacks: Any) -> None:
    file = kept(examined(), people.an_insurer(), people.reviewer())
    with django_capture_on_commit_callbacks(execute=True):
        done = settled(file, refused=BAD)
    assert (done.verdict, done.found, store.path_of(file.storage_key).exists()) == ("rejected", [BAD], False)

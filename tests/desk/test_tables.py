"""ADR 0014: tables that migrations of before made are refused with their cure, never half migrated (OP-01)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config import tables
from tests import copies
from tests.copies import Run
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import ground, postgres, up  # the runner lives beside its commands
from _runner.places import Data
from _runner.say import Stop

OURS = set(MigrationLoader(None).disk_migrations)
# As far as a database of before goes: names that stayed, and one for each room that has other files now.
BEFORE = {one for one in OURS if one[1] not in {"0003_shipped", "0003_guards"}} | {
    ("treasury", "0003_states_are_whole"),
    ("history", "0003_append_only"),
}
CURE = r"antes de la primera publicada.*No se tocó nada.*respáldalo.*bin/up --fresh"


@pytest.mark.parametrize(
    ("applied", "of_before"),
    [
        (set(), False),
        (OURS, False),
        ({one for one in OURS if one[0] != "billing"}, False),  # ours of yesterday: the rest is migrated now
        (OURS | {("billing", "0009_invoice_paid_on")}, False),  # of a newer version, which only adds
        (OURS - {("demo", "0001_initial")} | {("gone", "0001_initial")}, False),  # an app that is not installed today
        (BEFORE, True),
        ({("billing", "0001_initial"), ("billing", "0002_pages_by_index")}, True),
    ],
)
def test_only_what_other_files_of_a_room_made_is_of_before(applied: set[tuple[str, str]], of_before: bool) -> None:
    assert tables.are_of_before(applied) is of_before


def test_what_a_library_squashed_is_no_database_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {("lib", "0001_initial"), ("lib", "0002_more")}
    squashed = {("lib", "0001_squashed"): SimpleNamespace(replaces=sorted(parts))}
    monkeypatch.setattr(tables, "MigrationLoader", lambda _: SimpleNamespace(disk_migrations=squashed))
    assert [tables.are_of_before(done) for done in (parts, set(squashed), {("lib", "0001_initial")})] == [
        *(False, False),
        True,  # half of it: the files that would bring the rest are gone
    ]


@pytest.fixture
def of_before(run: Run, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of today's tables whose record of migrations is one of before."""
    name = f"{run.name}_{os.getpid()}_of_before"
    with django_db_blocker.unblock():
        copies.copy(run.migrated, name)
        with psycopg2.connect(_address(name)) as owner, owner.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations")
            cursor.executemany(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", sorted(BEFORE)
            )
        owner.close()
        yield name
        copies.drop(name)


def _address(name: str) -> str:
    return urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path=f"/{name}").geturl()


def _content(name: str) -> str:
    """What pg_dump writes of it, whole."""
    return subprocess.check_output(
        [str(postgres._binaries() / "pg_dump"), "--restrict-key=x", _address(name)], text=True
    )


def test_a_database_of_before_is_refused_by_every_way_in_and_stays_as_it_was(of_before: str, tmp_path: Path) -> None:
    told, dump = _content(of_before), tmp_path / "cauce.dump"
    with copies.living_in(of_before, tmp_path):
        for command in ("migrate", "check-start"):
            with pytest.raises(CommandError, match=CURE):
                call_command(command)
    environment = {**os.environ, "DATABASE_OWNER_URL": _address(of_before), "DATABASE_URL": _address(of_before)}
    with pytest.raises(Stop, match=rf"(?s)migrate.*{CURE}"):  # what bin/up says, and ends with
        up.migrate(
            Data.at(tmp_path / "data"),
            ground.environment(Data.at(tmp_path / "data"), {}, base_url="http://localhost:8000", demo=True)
            | environment,
        )
    assert _content(of_before) == told

    empty = f"{of_before}_restored"
    subprocess.check_call(
        [str(postgres._binaries() / "pg_dump"), "--format=custom", f"--file={dump}", _address(of_before)]
    )
    copies.drop(empty)
    copies.as_owner("CREATE DATABASE {}", empty)
    try:
        with copies.living_in(empty, tmp_path):
            with pytest.raises(CommandError, match=CURE):
                call_command("restore", str(dump))
            assert connection.introspection.table_names() == []
    finally:
        copies.drop(empty)

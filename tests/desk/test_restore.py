"""`restore`: never over tables that stand (the whole order is followed in tests/runner/test_moved.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

pytestmark = pytest.mark.django_db


def test_a_database_with_tables_is_not_touched(tmp_path: Path) -> None:
    dump = tmp_path / "cauce.dump"
    dump.write_bytes(b"PGDMP")
    tables = connection.introspection.table_names()
    with pytest.raises(CommandError, match=r"ya tiene tablas y no se tocó.*--data"):
        call_command("restore", str(dump))
    assert connection.introspection.table_names() == tables


def test_a_dump_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nada.dump"):
        call_command("restore", str(tmp_path / "nada.dump"))


def test_what_is_no_dump_is_told_in_the_tools_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dump = tmp_path / "cauce.dump"
    dump.write_bytes(b"no dump")
    monkeypatch.setattr(type(connection.introspection), "table_names", lambda self: [])
    with pytest.raises(CommandError, match="no se pudo restaurar"):
        call_command("restore", str(dump))

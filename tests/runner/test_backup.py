"""OP-03, F-12: a backup made as docs/operations.md says, everything destroyed, brought back on another cluster."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from config.demo.people import BY_SLUG
from tests.browser.house import House, a_world
from tests.copies import Run
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import ground, postgres, up  # the runner lives beside its commands
from _runner.places import Data
from _runner.processes import Family

pytestmark = pytest.mark.slow
MANUAL = (ROOT / "docs" / "operations.md").read_text()
NAME, SECRET = BY_SLUG["lucia"].email, "ventana-azul-de-otoño-7"
KEYS = ("SECRET_KEY", "VAULT_KEYS", "AUDIT_KEY")
A_PASSWORD = f"""
from portal.history.services import seal_events
from portal.people.models import User
person = User.objects.get(email={NAME!r})
person.set_password({SECRET!r})
person.save(update_fields=["password"])
answer = seal_events()
"""
SIGN_IN = f"""
from django.test import Client
came = Client(HTTP_HOST="localhost").post("/entrar/", {{"identifier": {NAME!r}, "password": {SECRET!r}}})
answer = [came.status_code, came.headers.get("Location")]
"""


def _command(tool: str) -> str:
    """The one line of the manual that runs this tool."""
    (line,) = set(re.findall(rf"`({tool} --[^`]+)`", MANUAL))
    return line


@contextmanager
def _a_cluster(folder: Path, **secrets: str) -> Iterator[House]:
    """A new PostgreSQL with its two roles and an empty database; cluster and files are gone at the end."""
    data = Data.at(folder)
    family = Family(data)
    try:
        addresses = postgres.start(data, family, careless=True) | {"REDIS_URL": os.environ["REDIS_URL"]}
        made = ground.environment(data, addresses, base_url="http://localhost:8000", demo=True)
        own = {"DATA_DIR": str(data.folder / "files"), "STATIC_DIR": str(data.folder / "static"), "DEBUG": "true"}
        yield House(data, made | addresses | own | {"DATABASE_AS_OWNER": "false"} | secrets)
    finally:
        ground.stop(data, family)
        data.wipe()


def _run(command: str, house: House, folder: Path) -> None:
    path = f"{postgres._binaries()}{os.pathsep}{os.environ['PATH']}"
    environment = house.environment | {"PATH": path}
    done = subprocess.run(command, shell=True, check=False, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _as_owner(house: House, *arguments: str) -> None:
    up.django(house.environment | {"DATABASE_AS_OWNER": "true"}, *arguments, "--verbosity", "0")


def _tables(house: House) -> dict[str, tuple[int, str]]:
    """Rows and a hash over every row of every table, and where each sequence stands."""
    with psycopg2.connect(house.environment["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")  # each cluster tells instants in its own
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        told: dict[str, tuple[int, str]] = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t")
            told[table] = cursor.fetchone() or (0, "")
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
        return told | {name: (last, "sequence") for name, last in cursor.fetchall()}


def test_a_backup_comes_back_whole_on_another_cluster(
    run: Run, django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    with django_db_blocker.unblock():
        run.world  # noqa: B018 - made here, where Django is set up
    with a_world(run, name=f"{run.name}_before") as before:
        assert before.python(A_PASSWORD) > 0
        sealed, read = before.manage("audit-verify"), before.manage("verify-files")
        told = _tables(before)
        files = Path(before.environment["DATA_DIR"])
        keys = {name: before.environment[name] for name in KEYS}
        shutil.copy2(files / "audit-head", kept / "audit-head")
        _run(_command("pg_dump"), before, kept)
        shutil.copytree(files, kept / "files")
    assert not list(files.rglob("*"))
    assert read.split()[1] != "0" and read.split()[2:] == "Faltan: 0 Dañados: 0 Huérfanos: 0".split()
    assert told["treasury_ledgerline"][0] and told["papers_storedfile"][0] and told["history_auditseal"][0]

    with _a_cluster(tmp_path / "after", **keys) as after:
        _run(_command("pg_restore"), after, kept)
        shutil.copytree(kept / "files", after.environment["DATA_DIR"], dirs_exist_ok=True)
        shutil.copy2(kept / "audit-head", after.environment["DATA_DIR"])
        _as_owner(after, "migrate", "--no-input")
        assert _tables(after) == told  # so the books' sums too
        assert after.manage("audit-verify") == sealed and sealed.startswith("BIEN")
        assert after.manage("verify-files") == read  # each file opened with its key, its SHA-256 compared
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            after.rows("DELETE FROM history_auditevent RETURNING 1")
        assert after.python(SIGN_IN) == [302, "/"]

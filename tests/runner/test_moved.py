"""OP-14 for real: the data folder moves, is copied, loses its database; and docs/operations.md's restore to the letter.

Each start is `bin/up` in a copy of the checkout; as root the cluster lies outside of the folder, which is the point.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.factories.threads import LONG
from tests.runner.portal import OURS, Portal, Stood, copy_owned, free_port
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import places, postgres  # the runner lives beside its commands

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bin_up")]
MANUAL = (ROOT / "docs" / "operations.md").read_text()
KEEP_A_FILE = """
from portal import clock
from portal.papers import services
services.store_bytes(content=CONTENT, name="banco.txt", kind="txt", purpose="prueba", party=None, by=None,
                     at=clock.now())
"""
LOOK_AND_SWEEP = """
from django.core.management import call_command
from portal.papers import services
call_command("verify-files")
call_command("audit-verify")
services.sweep()
"""


def manage(checkout: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [str(checkout / "bin" / "manage"), "--data", str(data), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def keep(checkout: Path, data: Path, content: bytes) -> None:
    done = manage(checkout, data, "shell", "--no-imports", "-c", KEEP_A_FILE.replace("CONTENT", repr(content)))
    assert done.returncode == 0, done.stderr


@contextmanager
def standing(checkout: Path, data: Path) -> Iterator[Portal]:
    """A portal that started and answers; stopped at the end."""
    portal = Portal(checkout, free_port(), "--data", str(data))
    try:
        portal.wait_ready()
        assert portal.status() == 200
        yield portal
    finally:
        portal.end()


def refuses(checkout: Path, data: Path) -> str:
    portal = Portal(checkout, free_port(), "--data", str(data))
    assert portal.process.wait(2 * LONG) == 1, portal.said()
    said = portal.said()
    portal.out.close()
    return said


def wait_for(what: Callable[[], bool], seconds: float = LONG) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)


def files(data: Path) -> set[Path]:
    return {path.relative_to(data) for path in (data / "files" / "store").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def home(checkout: Path) -> Path:
    return checkout.parent


def test_moved_copied_and_lost_data_folders(checkout: Path, home: Path, stood: Stood) -> None:
    first, second, copy = stood.at(home / "first"), home / "second", home / "copy"
    keep(checkout, first, b"one")
    told = files(first)
    assert len(told) == 1

    first.rename(second)
    with standing(checkout, second) as portal:
        assert f"estaban en «{first}»" in portal.said()
    checked = manage(checkout, second, "verify-files").stdout.split()
    assert checked == ["Revisados:", "1", "Faltan:", "0", "Dañados:", "0", "Huérfanos:", "0"]

    shutil.copytree(second, copy, symlinks=True)
    assert f"es copia de «{second}»" in refuses(checkout, copy)
    assert files(copy) == told

    stranger = home / "stranger"
    assert manage(checkout, stranger, "check").returncode == 0  # a folder with a database of its own
    ours, theirs = places.Data(second).cluster_home / "cluster", places.Data(stranger).cluster_home / "cluster"
    aside = ours.with_name("aside")
    ours.rename(aside)
    copy_owned(theirs, ours)
    assert "es de otra carpeta de datos" in refuses(checkout, second)
    shutil.rmtree(ours)

    assert "Falta la base de datos" in refuses(checkout, second)
    done = manage(checkout, second, "verify-files")
    assert (done.returncode, "Falta la base de datos" in done.stderr) == (1, True), "bin/manage makes none either"
    assert files(second) == told
    aside.rename(ours)
    assert manage(checkout, second, "verify-files").stdout.split() == checked


def test_yesterdays_database_and_todays_files_as_the_manual_says(checkout: Path, home: Path, stood: Stood) -> None:
    old, new = stood.at(home / "old"), home / "new"
    with standing(checkout, old):
        head = old / "files" / "audit-head"
        before = head.read_bytes() if head.exists() else b""
        keep(checkout, old, b"yesterday")
        wait_for(lambda: head.exists() and head.read_bytes() != before)
        shutil.copy2(head, home)
        (dump,) = set(re.findall(r"`(pg_dump --[^`]+)`", MANUAL))
        known = places.read_json(old / "run" / "environment.json")
        path = f"{postgres._binaries()}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(dump, shell=True, check=True, cwd=home, env={"PATH": path} | known)
        keep(checkout, old, b"today")
    todays = files(old)
    assert len(todays) == 2

    _as_the_manual_says(checkout, home, old, new)
    with standing(checkout, new) as portal:
        assert "no conoce (se conservan): 1" in portal.said()
        assert files(new) == todays
        looked = manage(checkout, new, "shell", "--no-imports", "-c", LOOK_AND_SWEEP)
        assert looked.returncode == 0, looked.stderr
        assert looked.stdout.split()[:6] == ["Revisados:", "1", "Faltan:", "0", "Dañados:", "0"]
        assert "\nBIEN" in looked.stdout
        assert files(new) == todays, "younger than a day, and then aside, never gone"

    again = manage(checkout, new, "restore", str(home / "cauce.dump"))
    assert (again.returncode, "ya tiene tablas" in again.stderr) == (1, True)

    empty = stood.at(home / "empty")  # the step that is forgotten most easily: the dump
    assert (empty / "secrets.json").read_bytes() == (old / "secrets.json").read_bytes()
    shutil.copytree(old / "files", empty / "files", dirs_exist_ok=True)
    assert "no conoce ninguno de los 2 archivos" in refuses(checkout, empty)
    assert files(empty) == todays


def _as_the_manual_says(checkout: Path, home: Path, old: Path, new: Path) -> None:
    """Type the manual's lines in `home`, the last one (which starts the portal) left out."""
    block = MANUAL.partition("### Restoring with `bin/up`")[2].partition("```sh\n")[2].partition("```")[0]
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    assert [line.split()[0] for line in lines] == ["mkdir", "cp", "bin/manage", "cp", "cp", "bin/up"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    for line in lines[:-1]:
        typed = line.replace("NUEVA", new.name).replace("VIEJA", old.name)
        typed = typed.replace("bin/manage", f"'{checkout}/bin/manage'")
        done = subprocess.run(typed, shell=True, check=False, cwd=home, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert lines[-1] == "bin/up --no-demo --data NUEVA"

"""bin/up for real, in a copy of the checkout whose path has a space, without the demo world.

The copy shares this checkout's .venv; its databases are its own. A run starts one portal from nothing; what it made is
kept, and whoever needs a folder where a portal has stood takes a copy of it under an id of its own: `Stood.at`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import psycopg2

from tests import copies
from tests.factories.threads import LONG
from tests.sources import PACKAGES, ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import places, processes  # the runner lives beside its commands

OURS = (
    "DATABASE",
    "REDIS",
    "SECRET",
    "VAULT",
    "AUDIT",
    "BASE_URL",
    "DATA_DIR",
    "STATIC_DIR",
    "DEMO",
    "CAUCE_",
    "DJANGO",
    "COV_",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def a_checkout() -> Iterator[Path]:
    """The copy; gone at the end with the databases of every data folder in it."""
    home = Path(tempfile.mkdtemp(prefix="cauce copy "))
    copy = home / "the house"
    copy.mkdir()
    names = [
        *PACKAGES,
        "bin",
        "templates",
        "static",
        "manage.py",
        "requirements.lock",
        "requirements-servers.lock",
        "requirements-dev.lock",
        "pyproject.toml",
    ]
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy2(source, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    if (ROOT / "static_build" / "made").is_dir():
        shutil.copytree(ROOT / "static_build" / "made", copy / "static_build" / "made")
    yield copy
    for data in (copy / ".data", *home.iterdir()):
        shutil.rmtree(places.Data(data).cluster_home, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class Stood:
    """What the first portal of this run left when it stopped: its data folder, and beside it its cluster."""

    folder: Path

    def make(self, checkout: Path) -> None:
        """Start a portal from nothing, see that it answers and stop it."""
        data = places.Data(checkout.parent / "from nothing")
        portal = Portal(checkout, free_port(), "--data", str(data.folder))
        try:
            portal.wait_ready()
            assert portal.status() == 200
            assert set(portal.running()) == {"postgres", "valkey", "web", "worker", "beat"}
            owner = psycopg2.connect(places.read_json(data.run / "environment.json")["DATABASE_OWNER_URL"])
            with owner, owner.cursor() as cursor:  # the copies are of other folders
                cursor.execute("COMMENT ON DATABASE cauce IS NULL")
                tables = copies.schema(cursor)
            owner.close()
        finally:
            portal.end()
        self.folder.mkdir()
        (self.folder / "tables.json").write_text(json.dumps(tables))
        skipped = shutil.ignore_patterns("postgres") if data.cluster_home.is_relative_to(data.folder) else None
        shutil.copytree(data.folder, self.folder / "data", ignore=skipped)
        copy_owned(data.cluster_home, self.folder / "cluster")

    def tables(self) -> set[str]:
        """What its tables were made of, by `migrate` as everybody runs it."""
        return set(json.loads((self.folder / "tables.json").read_text()))

    def at(self, folder: Path) -> Path:
        """A data folder whose portal stood and was stopped, as if it had always been there."""
        shutil.copytree(self.folder / "data", folder, dirs_exist_ok=True)  # .data may hold the lock of .venv
        known = {"id": token_hex(16)}
        places.write_private(folder / "database.json", known)
        home = places.Data(folder).cluster_home
        copy_owned(self.folder / "cluster", home)
        places.write_private(home / "holder.json", known | {"folder": str(folder.resolve())})
        return folder


def copy_owned(source: Path, target: Path) -> None:
    """A copy of a cluster's folder: as root its files are another user's, and PostgreSQL insists."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


class Portal:
    """One run of bin/up without the demo world."""

    def __init__(self, checkout: Path, port: int, *arguments: str) -> None:
        self.port, self.data = port, checkout / ".data"
        if "--data" in arguments:
            self.data = Path(arguments[arguments.index("--data") + 1])
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environment["DEBUG"] = "true"  # plain static files: compressing them takes half a minute
        self.out = tempfile.TemporaryFile("w+")  # closed in `end`
        self.process = subprocess.Popen(
            [str(checkout / "bin" / "up"), "--port", str(port), "--no-demo", *arguments],
            stdout=self.out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            preexec_fn=processes._die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - it goes with these tests
        )

    def said(self) -> str:
        self.out.seek(0)
        return self.out.read()

    def wait_ready(self, seconds: float = 2 * LONG) -> None:
        until = time.monotonic() + seconds
        while "está listo" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.1)

    def status(self) -> int:
        way = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG)
        way.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
        status = way.getresponse().status
        way.close()
        return status

    def running(self) -> dict[str, dict]:
        """Children written down and still alive."""
        record = places.read_json(self.data / "run" / "processes.json")
        return {name: one for name, one in record.items() if processes.started(one["pid"]) == one["started"]}

    def end(self, with_signal: int = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(with_signal)
        code = self.process.wait(LONG)
        self.out.close()
        return code

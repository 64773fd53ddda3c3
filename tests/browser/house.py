"""A whole portal for the browser: its own database with the demo world, web server, Celery worker and beat, all real.

It is started by the very pieces of `bin/up`, with the least privileged database role, on a free port.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests import copies
from tests.copies import Run
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import commands, ground, up, valkey  # the runner lives beside its commands
from _runner.places import PYTHON, Data
from _runner.processes import Child, Family

ORDERS = """
import itertools, time
from tests.factories import billing as a, people
people._numbers = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
a._number = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
answer = a.deliver([a.row("RFC") for _ in range(3)]).rows
"""
MOVES = """
from datetime import date
from config.demo import days, services
from portal import clock
services.move_clock(days=(date.fromisoformat("DAY") - clock.today()).days, by=None)
days.play()
assert clock.today() == date.fromisoformat("DAY")
answer = None
"""
# Seconds that anything here may take: the machine runs all tests at once, and who does not wait pays nothing for it.
PATIENCE = 180.0


class House:
    """A running portal: where it is, and what the tests may ask behind its back."""

    def __init__(self, data: Data, environment: dict[str, str]) -> None:
        self.data, self.environment = data, environment
        self.address = environment["BASE_URL"]
        self.gateway = environment.get("GATEWAY_URL", "")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query answers, asked as the application's own role."""
        connection = psycopg2.connect(self.environment["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def value(self, query: str, *values: Any) -> Any:
        """The one value of a query."""
        ((value,),) = self.rows(query, *values)
        return value

    def comes_to(self, value: Any, query: str, *values: Any, seconds: float = PATIENCE) -> None:
        """Wait until a query answers this: a sum on a page may read the same while drains are half-way."""
        until = time.monotonic() + seconds
        while (now := self.value(query, *values)) != value and time.monotonic() < until:
            time.sleep(0.3)
        assert now == value, self.log()

    def manage(self, *arguments: str) -> str:
        """Run a Django command of this portal; its output. Fails loudly."""
        done = subprocess.run(
            ground.manage(*arguments), env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> Any:
        """Run a few lines with this portal's Django; answers what they put into `answer` (JSON)."""
        told = f"{code}\nimport json as _json\nprint('\\n' + _json.dumps(answer))"
        return json.loads(self.manage("shell", "--no-imports", "-c", told).strip().splitlines()[-1])

    def delivers_orders(self, rfc: str) -> None:
        """Three more orders for a physician, of another insurer: other tests may have billed all there were."""
        assert self.python(ORDERS.replace("RFC", rfc)) == 3

    def moves_to(self, day: date, *, then: str = "") -> Any:
        """The clock stands on a day; what is dated until then is done in its order, as after nights without beat.

        Answers what the lines of `then`, run that day, put into `answer`.
        """
        return self.python(MOVES.replace("DAY", str(day)) + then)

    def log(self) -> str:
        """What the processes said, for a failing test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in self.data.log.glob("*.log")
        )


@contextmanager
def shared(folder: Path, build: Callable[[], AbstractContextManager[House]]) -> Iterator[House]:
    """One house for all processes of a run: the first builds it, and takes it down when the others have left."""
    known = folder / "house.json"
    with (folder / "house.lock").open("w") as lock, (folder / "house.users").open("w") as users:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if known.exists():
            fcntl.flock(users, fcntl.LOCK_SH)
            fcntl.flock(lock, fcntl.LOCK_UN)
            told = json.loads(known.read_text())
            yield House(Data(Path(told["folder"])), told["environment"])
            return
        with build() as house:
            known.write_text(json.dumps({"folder": str(house.data.folder), "environment": house.environment}))
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield house
            fcntl.flock(lock, fcntl.LOCK_EX)
            known.unlink()
            fcntl.flock(users, fcntl.LOCK_EX)


@contextmanager
def a_world(run: Run, *, name: str) -> Iterator[House]:
    """A copy of the demo world without processes, gone at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="cauce-house-", ignore_cleanup_errors=True) as folder,
        _database(name, run.world),
    ):
        data = Data.at(Path(folder))
        shutil.copytree(run.world_files, data.folder / "files", dirs_exist_ok=True)
        yield House(data, _environment(data, name, f"http://localhost:{_free_port()}"))


@contextmanager
def a_house(run: Run, *, name: str, gateway: bool = False) -> Iterator[House]:
    """A copy of the demo world with its processes and a Valkey of its own, gone at the end: no other house's worker
    hears its kicks. `gateway` starts the sample gateway of cards beside it.
    """
    with a_world(run, name=name) as world:
        data, environment, port = world.data, world.environment, urlsplit(world.address).port
        family = Family(data)
        assert port is not None
        cards = up._name_gateway(port, environment) if gateway else 0
        try:
            environment |= valkey.start(data, family)
            up.django(environment, "make_static", "--verbosity", "0")
            up.django(environment, *commands.collect_static(), "--verbosity", "0")
            up._spawn(port, data, family, environment, gateway=cards)
            up._wait_ready(port, environment["BASE_URL"], data, family)
            yield House(data, environment)
        finally:
            family.stop(patience=4)


@contextmanager
def giving_time(house: House, seconds: int) -> Iterator[House]:
    """A second web server of a running portal, which lets who decides undo; its worker and beat do the rest."""
    port = _free_port()
    address = f"http://localhost:{port}"
    environment = house.environment | {"BASE_URL": address, "UNDO_SECONDS": str(seconds)}
    with tempfile.TemporaryDirectory(prefix="cauce-time-", ignore_cleanup_errors=True) as folder:
        data = Data.at(Path(folder))
        family = Family(data)
        command = [str(PYTHON), *commands.web(f"127.0.0.1:{port}")]
        try:
            family.add(Child("web", command, environment, data.log / "web.log", folder=ROOT))
            up._wait_ready(port, address, data, family)
            yield House(data, environment)
        finally:
            family.stop(patience=4)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _renamed(address: str, path: str) -> str:
    return urlsplit(address)._replace(path=f"/{path}").geturl()


def _environment(data: Data, name: str, base_url: str) -> dict[str, str]:
    addresses = {variable: _renamed(os.environ[variable], name) for variable in ground.DATABASES}
    addresses["REDIS_URL"] = os.environ["REDIS_URL"]
    made = ground.environment(data, addresses, base_url=base_url, demo=True)
    made |= {"BASE_URL": base_url, "DATA_DIR": str(data.folder / "files"), "STATIC_DIR": str(data.folder / "static")}
    made |= {"DATABASE_AS_OWNER": "false", "DEBUG": "false", "DEMO": "true"}
    return {key: value for key, value in made.items() if not key.startswith(("PYTEST", "COV_"))}


@contextmanager
def _database(name: str, template: str) -> Iterator[None]:
    """A database of its own, dropped at the end."""
    copies.copy(template, name)
    try:
        yield
    finally:
        with suppress(psycopg2.Error):
            copies.drop(name)

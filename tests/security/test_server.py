"""What the web server believes of a request's headers, as `bin/up` and the compose file start it (AC-02, AU-10)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from portal.design.middleware import HEADERS, HSTS
from tests.factories.threads import LONG

sys.path.insert(0, str(Path(settings.ROOT) / "bin"))
from _runner import commands, processes  # the runner is no package of the product


def as_started() -> Config:
    """gunicorn's configuration from the very command of ours."""
    config = Config()
    asked: Any = config.parser().parse_args(commands.web("127.0.0.1:0")[2:])
    for name, value in vars(asked).items():
        if value is not None and name in config.settings:
            config.set(name, value)
    return config


def headers_of(raw: bytes) -> dict[str, str]:
    """What reaches the portal of a request that comes from loopback, where a proxy would stand."""
    (request, *_rest) = [next(RequestParser(as_started(), iter([raw]), ("127.0.0.1", 5)))]
    return dict(request.headers)


def test_nobody_tells_the_portal_its_own_path() -> None:
    """SCRIPT_NAME and PATH_INFO sent as headers would move every address and every link; both are dropped."""
    got = headers_of(b"GET /medico/ HTTP/1.1\r\nHost: a\r\nSCRIPT_NAME: /malo\r\nPATH_INFO: /mesa/\r\nA_B: c\r\n\r\n")
    assert got == {"HOST": "a"}


# --- what the server answers by itself -------------------------------------------------------------------------------

A_LOT = b"a" * 9000
REFUSED = {
    "no request line": (b"hola\r\n\r\n", 400, "No entendimos la solicitud"),
    "a header without a name": (b"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400, "No entendimos la solicitud"),
    "a version of nobody": (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400, "No entendimos la solicitud"),
    "a long address": (b"GET /?q=" + A_LOT + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "demasiado larga"),
    "a long header": (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + A_LOT + b"\r\n\r\n", 431, "Borra las cookies"),
    "too many headers": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 300 + b"\r\n", 431, "Borra las cookies"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The portal behind gunicorn, with the very command of ours; nothing asked here needs its database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = tmp_path_factory.mktemp("server") / "web.log"
    environment = {**os.environ, "DATABASE_AS_OWNER": "false", "DEBUG": "true", "BASE_URL": "https://a"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *commands.web(f"127.0.0.1:{port}")],
            cwd=settings.ROOT,
            env=environment,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=processes._die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509
        )
    try:
        until = time.monotonic() + LONG
        while not _answers(port):
            assert time.monotonic() < until and process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield port, log
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _ask(port: int, raw: bytes) -> tuple[int, dict[str, str], str]:
    with socket.create_connection(("127.0.0.1", port), LONG) as way:
        way.sendall(raw)
        answer = b""
        with suppress(ConnectionResetError):
            while piece := way.recv(65_536):
                answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return (
        int(status.split()[1]),
        {name.lower(): one for name, _, one in (a.partition(": ") for a in lines)},
        body.decode(),
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", REFUSED)
def test_what_the_server_refuses_itself_has_our_headers_and_our_language(kind: str, served: tuple[int, Path]) -> None:
    raw, status, words = REFUSED[kind]
    port, _log = served
    got, headers, body = _ask(port, raw)
    assert got == status, body
    assert words in body
    assert 'lang="es-MX"' in body
    assert headers["content-language"] == "es-MX"
    for name, value in {**HEADERS, "Strict-Transport-Security": HSTS, "Cache-Control": "no-store"}.items():
        assert headers[name.lower()] == value
    assert headers["x-request-id"] in body
    assert "gunicorn" not in (body + repr(headers)).lower()


@pytest.mark.slow
def test_the_log_does_not_repeat_what_the_server_refused(served: tuple[int, Path]) -> None:
    port, log = served
    _ask(port, b"GET /?clabe=032180000118359719 SMTP\r\n\r\n")
    _ask(port, b"GET / HTTP/1.1\r\nHost: a\r\nClabe 032180000118359719: x\r\n\r\n")
    until = time.monotonic() + LONG
    while log.read_text().count("refused before it was a request: Invalid") < 2:
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)
    assert "032180000118359719" not in log.read_text()
    assert {json.loads(line)["level"] for line in log.read_text().splitlines() if "refused" in line} == {"WARNING"}

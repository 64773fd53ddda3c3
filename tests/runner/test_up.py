"""bin/up for real, in a copy of the checkout whose path has a space: it starts, survives a SIGKILL, stops whole.

The copy shares this checkout's .venv; its database is its own and empty, so no demo world is loaded.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import PACKAGES, ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import places, processes  # noqa: E402 - the runner lives beside its commands

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bin_up")]
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
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
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    if (ROOT / "static_build" / "made").is_dir():
        shutil.copytree(ROOT / "static_build" / "made", copy / "static_build" / "made")
    yield copy
    for data in (copy / ".data", home / "second"):
        shutil.rmtree(places.Data(data).cluster_home, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


class Portal:
    """One run of bin/up without the demo world."""

    def __init__(self, checkout: Path, port: int, *arguments: str) -> None:
        self.port, self.data = port, checkout / ".data"
        if "--data" in arguments:
            self.data = Path(arguments[arguments.index("--data") + 1])
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environment["DEBUG"] = "true"  # plain static files: compressing them takes half a minute
        self.out = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in `end`
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

    def wait_ready(self, seconds: float = 150) -> None:
        until = time.monotonic() + seconds
        while "está listo" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.1)

    def status(self) -> int:
        way = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
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
        code = self.process.wait(60)
        self.out.close()
        return code


def test_up_starts_survives_sigkill_and_stops_whole(checkout: Path) -> None:
    port = _free_port()
    first = Portal(checkout, port)
    second = None
    try:
        first.wait_ready()
        assert first.status() == 200
        assert set(first.running()) == {"postgres", "valkey", "web", "worker", "beat"}

        refused = Portal(checkout, _free_port())
        assert refused.process.wait(30) == 1
        assert "ya corre" in refused.said()
        refused.out.close()

        first.end(signal.SIGKILL)
        second = Portal(checkout, port)
        began = time.monotonic()
        second.wait_ready(60)
        print(f"the second start took {time.monotonic() - began:.1f} s beside other tests")
        assert second.status() == 200

        neighbour = Portal(checkout, _free_port(), "--data", str(checkout.parent / "second"), "--check")
        assert neighbour.process.wait(150) == 0, neighbour.said()
        assert neighbour.said().strip().splitlines()[-1].startswith("0 de 0 personas entraron")
        neighbour.out.close()
        assert second.status() == 200

        known = second.running()
        assert second.end(signal.SIGINT) == 0
        assert [name for name, one in known.items() if processes.started(one["pid"]) == one["started"]] == []
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    finally:
        for portal in (first, second):
            if portal is not None and portal.process.poll() is None:
                portal.end()


def test_busy_port_is_named_with_its_cure(checkout: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        portal = Portal(checkout, port, "--data", str(checkout.parent / "second"))
        assert portal.process.wait(60) == 1
        assert f"El puerto {port} está ocupado. Elige otro: ./bin/up --port {port + 1}" in portal.said()
        portal.out.close()

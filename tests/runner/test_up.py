"""bin/up for real: it starts, survives a SIGKILL, stops whole."""

from __future__ import annotations

import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from portal import queue
from tests import copies
from tests.factories.threads import LONG
from tests.runner.portal import Portal, Stood, free_port
from tests.sources import ROOT

sys.path.insert(0, str(ROOT / "bin"))
from _runner import processes  # the runner lives beside its commands

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bin_up")]


def test_up_starts_survives_sigkill_and_stops_whole(checkout: Path, stood: Stood) -> None:
    """From nothing is how `stood` was started."""
    port = free_port()
    stood.at(checkout / ".data")
    began = time.monotonic()
    first = Portal(checkout, port)
    second = None
    try:
        first.wait_ready()
        took = time.monotonic() - began
        assert first.status() == 200
        assert set(first.running()) == {"postgres", "valkey", "web", "worker", "beat"}

        refused = Portal(checkout, free_port())
        assert refused.process.wait(LONG) == 1
        assert "ya corre" in refused.said()
        refused.out.close()

        first.end(signal.SIGKILL)
        second = Portal(checkout, port)
        began = time.monotonic()
        second.wait_ready()
        again = time.monotonic() - began
        print(f"the starts took {took:.1f} and {again:.1f} s beside other tests")
        assert again < took + 0.9 * queue.LEASE.total_seconds(), "it waited for a lease of who was killed"
        assert second.status() == 200

        _a_neighbour_is_checked(checkout, stood)
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


def _a_neighbour_is_checked(checkout: Path, stood: Stood) -> None:
    neighbour = Portal(checkout, free_port(), "--data", str(stood.at(checkout.parent / "neighbour")), "--check")
    assert neighbour.process.wait(2 * LONG) == 0, neighbour.said()
    assert neighbour.said().strip().splitlines()[-1].startswith("0 de 0 personas entraron")
    neighbour.out.close()


@pytest.mark.django_db
def test_every_test_stands_on_the_tables_that_bin_up_makes(stood: Stood) -> None:
    """The tests' have the demo's tables besides."""
    with connection.cursor() as cursor:
        ours = {told for told in copies.schema(cursor) if "demo_" not in told}
    assert ours ^ stood.tables() == set()
    assert len(ours) > 1_000


@pytest.mark.django_db
def test_migrations_make_of_an_empty_database_what_the_models_say() -> None:
    """By the short way too: `tables.each_model_rendered_once`. What SQL of a migration adds stands besides."""
    with connection.cursor() as cursor:
        ours = set(copies.schema(cursor))
    told = copies.declared()
    assert told - ours == set()
    assert len(told) > 1_000


def test_busy_port_is_named_with_its_cure(checkout: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        portal = Portal(checkout, port, "--data", str(checkout.parent / "second"))
        assert portal.process.wait(LONG) == 1
        assert f"El puerto {port} está ocupado. Elige otro: ./bin/up --port {port + 1}" in portal.said()
        portal.out.close()

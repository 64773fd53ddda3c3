"""JB-04, F-05: the broker is stopped, emptied and restarted under load, again and again: nothing stays undone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from celery.app.control import Control

from config import pulse
from config.celery import app
from portal import clock, queue
from portal.notices.models import Notice
from portal.once.services import last_runs
from portal.papers.models import IssuedDocument
from tests.faults import ground, invariants
from tests.faults.ground import HOST, Process, Web, celery, wait_for
from tests.faults.test_redis_away import calls, nothing_waits, submitted
from tests.faults.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AWAY = (0.05, 1.5, 4)  # seconds without a broker: less than a look, a retry, several


class Broker:
    """A broker that can be stopped and started again on the same port, empty."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self._stack = folder, ground.steady_port(), ExitStack()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        self._stack.enter_context(ground.broker(self.folder, self.port))

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[Broker]:
    made = Broker(folder)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def redis_url(broker: Broker) -> str:
    return broker.url


class Supervisor:
    """Starts again what ended, as bin/up and compose do; counts how often."""

    def __init__(self, *processes: Process) -> None:
        self.processes, self.again = processes, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tend, daemon=True)

    def __enter__(self) -> Supervisor:
        for process in self.processes:
            process.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for process in self.processes:
            process.kill()

    def _tend(self) -> None:
        while not self._ended.wait(0.5):
            for process in self.processes:
                if process.child is not None and process.child.poll() is not None:
                    self.again += 1
                    process.start()


def keep_calling(url: str, ended: threading.Event) -> None:
    """A busy portal's kicks, whether anybody hears them or not."""
    names = cycle(f"drain.{name}" for name, _model in queue.drains())
    with app.connection_for_write(url) as way:
        while not ended.wait(0.2):
            with suppress(Exception):
                app.send_task(next(names), connection=way, retry=False, expires=10)


def was_seen(name: str, since: datetime) -> bool:
    run = last_runs().get(name)
    return run is not None and run.at > since


def of_the_tests_before() -> None:
    for model in (IssuedDocument, Notice):
        model.objects.filter(done_at=None).update(parked_at=clock.real_now())


def test_stopped_emptied_and_started_again_under_load_nothing_stays_undone(
    place: Town, web: Web, broker: Broker, folder: Path
) -> None:
    of_the_tests_before()
    doctor, ended, began_at = place.doctor(), threading.Event(), clock.real_now()
    load = threading.Thread(target=keep_calling, args=(broker.url, ended), daemon=True)
    with Supervisor(celery(folder, broker.url), celery(folder, broker.url, beat=True)) as house:
        wait_for(lambda: was_seen(pulse.WORKER, began_at) and was_seen(pulse.BEAT, began_at), ground.LONG)
        load.start()
        for number, seconds in enumerate(AWAY, 1):
            submitted(place, web, doctor)
            broker.stop()
            time.sleep(seconds)
            submitted(place, web, doctor)
            broker.start()  # nothing is kept: what was in it is gone
            began = time.monotonic()
            wait_for(nothing_waits, ground.LONG)  # who ended by itself may have left a lease
            print(f"round {number}: caught up {time.monotonic() - began:.1f} s after the broker came back")
        ended.set()
        load.join()
        since = clock.real_now()
        seen = {pulse.WORKER, pulse.BEAT, *(f"drain.{name}" for name, _model in queue.drains())}
        wait_for(lambda: all(was_seen(name, since) for name in seen))
        print(f"ended by themselves and started again: {house.again}")
    invariants.all_hold(orphans_at_most=0)


@contextmanager
def remote(url: str) -> Iterator[Control]:
    """Remote control of the workers at that broker.

    By an app of its own: the portal's publishes by its pool, to the broker of its settings, whatever connection is
    given, and nobody there would answer.
    """
    with Celery("remote", broker=url, set_as_current=False) as caller:
        yield caller.control


def tells(url: str) -> dict[str, Any]:
    """What the one worker says of itself, its children's process ids among it; empty while it does not answer.

    Connections are pooled by address, so the first asked may be one to the broker that was stopped before this one:
    that is no answer either, and the next try opens its own.
    """
    told: dict[str, Any] = {}
    with suppress(redis.ConnectionError), remote(url) as control:
        told = control.inspect(timeout=2).stats() or {}
    return next(iter(told.values()), {})


def deafen(url: str) -> None:
    """The worker goes on living and answers; its consumer takes nothing any more."""
    with remote(url) as control:
        (answer,) = control.cancel_consumer("celery", reply=True, timeout=ground.LONG, limit=1)
    assert all("ok" in said for said in answer.values()), answer


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("loaded", [False, True], ids=["quiet", "loaded"])
def test_a_deaf_worker_ends_by_itself_with_its_children_and_the_next_one_drains(
    loaded: bool, place: Town, web: Web, broker: Broker, folder: Path
) -> None:
    """Nobody kills it: what the watch in the live process sees is what ends it.

    Deaf under load, or idle when it goes deaf: from then on beat's calls wait, as they do each five seconds.
    """
    of_the_tests_before()
    doctor, ended = place.doctor(), threading.Event()
    worker = celery(folder, broker.url, app="tests.faults.hasty")
    with redis.Redis.from_url(broker.url) as asked:
        asked.delete(pulse.QUEUE)
    load = threading.Thread(target=keep_calling, args=(broker.url, ended), daemon=True)
    worker.start()
    try:
        stats = wait_for(lambda: tells(broker.url), ground.LONG)
        assert worker.child is not None
        deaf, children = worker.child, stats["pool"]["processes"]
        assert (stats["pid"], len(children)) == (deaf.pid, 2)
        if loaded:
            load.start()
            time.sleep(3)  # it has taken some
        deafen(broker.url)
        submitted(place, web, doctor)  # its kicks wait, unless they were lost with the broker of the test before
        if not loaded:
            load.start()
        began, said = time.monotonic(), len(worker.text())
        with suppress(subprocess.TimeoutExpired):
            deaf.wait(ground.PATIENCE)
        assert deaf.returncode == 1, (calls(broker.url), last_runs().get(pulse.WORKER), worker.text()[said:])
        print(f"deaf worker ended {time.monotonic() - began:.1f} s after it went deaf")
        assert "worker is deaf" in worker.text()
        wait_for(lambda: all(map(is_gone, children)))
        assert not nothing_waits()
        with Supervisor(worker):
            wait_for(nothing_waits)
    finally:
        ended.set()
        worker.kill()


def test_health_check_of_a_container_asks_without_django(broker: Broker) -> None:
    def asks(name: str, environment: dict[str, str]) -> int:
        command = [sys.executable, "-m", "config.pulse", name]
        return subprocess.run(command, env=environment, cwd=ground.ROOT, check=False, capture_output=True).returncode

    environment: dict[str, Any] = ground.environment(broker.url)
    pulse._note("worker")
    assert asks("worker", environment) == 0
    assert asks("nobody", environment) == 1
    assert asks("worker", environment | {"DATABASE_URL": "postgres://a@127.0.0.1:1/b"}) == 1

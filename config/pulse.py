"""Whether worker and beat are at work: each says so in the database, and one that went deaf ends itself.

Deaf is a process that lives, whose broker answers, and that nothing reaches any more: a consumer or a sender that did
not survive the broker's restart. Whoever started it (bin/up, compose, systemd) starts it again; rows wait in the
database meanwhile, so nothing is lost. `python -m config.pulse worker` asks for a container's health check.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any

from celery import signals

if TYPE_CHECKING:
    from celery import Celery

log = logging.getLogger("cauce.pulse")

LOOK_SECONDS = 10.0
DEAF_LOOKS = 3  # so many in a row: half a minute in which work waited and none was taken
SILENT_SECONDS = 60.0  # beat sends something every five seconds
QUEUE = "celery"
WORKER, BEAT = "worker", "beat"
ALIVE_WITHIN = "90 seconds"


def watch(app: Celery, tasks: Container[str]) -> None:
    """Listen to the app's signals: note what ran, and watch over whichever of worker and beat this process becomes."""

    def ran(sender: Any = None, result: Any = None, **_told: Any) -> None:
        if sender is not None and sender.name in tasks:
            _note(sender.name, result)

    def worker_ready(**_told: Any) -> None:
        from config.start import tell_soon  # Django is ready when a worker is

        _start(WORKER, DeafWorker(app).is_deaf)
        tell_soon()

    def beat_ready(**_told: Any) -> None:
        _start(BEAT, SilentBeat(app).is_deaf)

    signals.task_success.connect(ran, weak=False)
    signals.worker_ready.connect(worker_ready, weak=False)
    signals.beat_init.connect(beat_ready, weak=False)


class DeafWorker:
    """A worker that takes nothing although calls wait for it and it has nothing to do."""

    def __init__(self, app: Celery) -> None:
        self._app, self._taken = app, -1

    def is_deaf(self) -> bool:
        """At this look."""
        from celery.worker import state  # a worker's own module

        taken = sum(state.total_count.values())
        rests = taken == self._taken and not state.active_requests and not state.reserved_requests
        self._taken = taken
        return rests and _waiting_calls(self._app) > 0


class SilentBeat:
    """A beat that has sent nothing for a minute although the broker answers."""

    def __init__(self, app: Celery) -> None:
        self._app, self._sent = app, time.monotonic()
        signals.after_task_publish.connect(self._note_sent, weak=False)

    def _note_sent(self, **_told: Any) -> None:
        self._sent = time.monotonic()

    def is_deaf(self) -> bool:
        """At this look."""
        return time.monotonic() - self._sent > SILENT_SECONDS and _waiting_calls(self._app) >= 0


def keep_watch(name: str, is_deaf: Callable[[], bool], *, end: Callable[[], None], pause: Callable[[], None]) -> None:
    """Look again and again: note that the process is alive, or end it after `DEAF_LOOKS` deaf looks in a row."""
    deaf = 0
    _note(name)
    while deaf < DEAF_LOOKS:
        pause()
        deaf = deaf + 1 if is_deaf() else 0
        if not deaf:
            _note(name)
    log.critical("%s is deaf: the broker answers and nothing reaches it; it ends to be started again", name)
    end()


def _start(name: str, is_deaf: Callable[[], bool]) -> None:
    thread = threading.Thread(
        target=keep_watch,
        args=(name, is_deaf),
        kwargs={"end": lambda: os._exit(1), "pause": lambda: time.sleep(LOOK_SECONDS)},
        name="pulse",
        daemon=True,
    )
    thread.start()


def _waiting_calls(app: Celery) -> int:
    """How many calls wait in the broker; -1 when it does not answer."""
    import redis  # only the watch asks the broker itself

    client = redis.Redis.from_url(str(app.conf.broker_url), socket_timeout=2, socket_connect_timeout=2, retry=None)
    try:
        return int(client.llen(QUEUE))  # type: ignore[arg-type]
    except (redis.RedisError, OSError):
        return -1
    finally:
        client.close()


def _note(name: str, told: Any = None) -> None:
    """In the database, where health looks; a database that is away costs the note and nothing else."""
    from django.db import Error, connection  # Django is ready when a process works

    from portal import clock
    from portal.once import services

    try:
        services.note_run(name=name, at=clock.real_now(), told=told)
    except Error:
        log.warning("not noted that %s is at work: the database is away", name)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connection.close()


def main(name: str) -> int:
    """0 when the process of that name was seen at work a moment ago; for health checks, without Django."""
    import psycopg2

    try:
        way = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)
        with way, way.cursor() as cursor:
            cursor.execute("SELECT at > now() - %s::interval FROM once_lastrun WHERE name = %s", [ALIVE_WITHIN, name])
            row = cursor.fetchone()
        way.close()
    except psycopg2.Error as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0 if row and row[0] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Several people at the same moment, each in a thread and on a connection of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

Act = Callable[[], Any]
# For what only has to begin or to end: a guard against waiting for ever, no measure; a starved machine is no fault.
LONG = 300.0
WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@contextmanager
def people_at(places: int) -> Iterator[Callable[[Sequence[Act]], list[Any]]]:
    """So many people who stay, round for round on the same connections: every act of a round begins together.

    A round answers what each act returned or raised, in their order.
    """
    from django.db import connections

    gate, pool = threading.Barrier(places), ThreadPoolExecutor(places)

    def run(act: Act) -> Any:
        try:
            gate.wait(timeout=LONG)
            return act()
        except Exception as error:  # the test looks at it
            return error

    def together(acts: Sequence[Act]) -> list[Any]:
        assert len(acts) == places
        waits = [pool.submit(run, act) for act in acts]
        return [one.result(timeout=LONG) for one in waits]  # an act that never ends fails its test

    try:
        yield together
    finally:
        together([connections.close_all] * places)
        pool.shutdown(wait=False)


def at_once(acts: Sequence[Act]) -> list[Any]:
    """Run every act in a thread of its own, started together; what each returned or raised, in their order."""
    with people_at(len(acts)) as together:
        return together(acts)


def somebody_waits() -> bool:
    """Whether anybody comes to wait for a lock in this database: asked until it is so, inside of a transaction too."""
    from django.db import connection

    until = time.monotonic() + LONG
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITS)
            if cursor.fetchone():
                return True
            time.sleep(0.05)
    return False

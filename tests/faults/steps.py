"""Steps of one process with its database, and what happens to it at one of them: it dies, or it waits.

A step is a statement before it is sent, a commit before it is sent, and the moment after a commit was acknowledged.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Act = Callable[[], None]


def die() -> None:
    """SIGKILL to this very process: no handler, no finally, no flush."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


class Steps:
    """Counts the steps of the default connection and acts at step `at`, or before any commit when `never_commit`."""

    def __init__(self, act: Act = die, *, at: int = 0, never_commit: bool = False, seen: Act | None = None) -> None:
        self._act, self._at, self._never_commit, self._seen = act, at, never_commit, seen
        self.taken = 0

    def step(self, *, commit: bool = False) -> None:
        """One step more; the moment of truth if it is the one."""
        self.taken += 1
        if self.taken == self._at or (commit and self._never_commit):
            if self._seen:
                self._seen()
            self._act()

    def _statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.step()
        return execute(sql, params, many, context)

    @contextmanager
    def watching(self) -> Iterator[Steps]:
        """Count while inside."""
        real: Act = connection._commit

        def commit() -> None:
            self.step(commit=True)
            real()
            self.step()

        connection._commit = commit  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self._statement):
                yield self
        finally:
            del connection._commit

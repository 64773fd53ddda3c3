"""Run an act in a forked child that is killed at a chosen step with the database."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import connections

from tests.faults.steps import Steps


@dataclass(frozen=True)
class Death:
    """How a child ended: killed or not, how many steps it had taken, what it raised if it lived."""

    killed: bool
    steps: int
    error: str = ""


def in_child(act: Callable[[], Any], *, at: int = 0, never_commit: bool = False) -> Death:
    """Fork, run `act` until its death at step `at` (0: none) or before its first commit."""
    connections.close_all()  # two processes never speak on one connection
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(act, writing, at=at, never_commit=never_commit)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _pid, status = os.waitpid(child, 0)
    steps, error = pickle.loads(told) if told else (0, "the child said nothing")  # our own child
    return Death(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, steps, error)


def _be_child(act: Callable[[], Any], writing: int, *, at: int, never_commit: bool) -> None:
    code = 1
    with suppress(BaseException):

        def tell(error: str = "") -> None:
            os.write(writing, pickle.dumps((steps.taken, error)))

        steps = Steps(at=at, never_commit=never_commit, seen=tell)
        try:
            with steps.watching():
                act()
            tell()
            code = 0
        except BaseException:
            tell(traceback.format_exc()[-3000:])
    os._exit(code)

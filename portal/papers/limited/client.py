"""The caller's side: starts the server when first needed, again when it dies, and anew in every forked process.

Each lane is a socket pair and serves one job at a time; threads wait for a free lane. A process that forked (gunicorn
preload, Celery prefork) drops the inherited lanes, so that two processes never speak on one.
"""

from __future__ import annotations

import os
import queue
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from portal.papers.limited import wire

ROOT = Path(__file__).resolve().parents[3]
# The server gets no secret: neither keys nor database address are in its environment.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "FONTCONFIG_FILE")


class ServerGone(Exception):
    """The server died twice under one job, or no lane came free in time: try again later."""


_ATTEMPTS = 2
_WAITS = 3  # answers of others that a job may wait for


class Client:
    """Asks one kind of server (`module`, run with -m) for work, `lanes` jobs at once."""

    def __init__(self, module: str, *, lanes: int, answer_seconds: float) -> None:
        self._module, self._lane_count, self._answer_seconds = module, lanes, answer_seconds
        self._warm_ups: list[str] = []
        self._reset()
        _clients.add(self)

    @property
    def longest_seconds(self) -> float:
        """The longest that `ask` takes before it answers or raises."""
        return _ATTEMPTS * (_WAITS + 1) * self._answer_seconds

    def register_warm_up(self, path: str) -> None:
        """Dotted path of a function without arguments that the server calls once before its first job."""
        if path not in self._warm_ups:
            self._warm_ups.append(path)

    def ask(self, head: dict[str, Any], body: bytes = b"") -> wire.Message:
        """Send a job and wait for its answer; a dead server is started again once. Raises ServerGone.

        What only lacked a processor is tried once more too: the machine was busy, nothing is said against the file.
        """
        for _attempt in range(_ATTEMPTS):
            lane = self._borrow()
            try:
                lane.settimeout(self._answer_seconds)
                lane.sendall(wire.pack(head, body))
                answer = wire.receive(lane)
            except OSError:
                answer = None
            if answer is not None:
                self._give_back(lane)
                if answer[0].get("ended") == wire.BUSY:
                    continue
                return answer
            self.stop(only=lane)
            lane.close()
        raise ServerGone(self._module)

    def stop(self, *, only: socket.socket | None = None) -> None:
        """End the server and forget its lanes; with `only`, do nothing when that lane belongs to an older server.

        A lane that a thread has is closed by that thread: closed here, its number would be the next server's at once,
        and who waits for an answer would wait on that one, until the time is over.
        """
        with self._lock:
            if only is not None and only not in self._lanes:
                return
            for lane in self._lanes:
                with suppress(OSError):
                    lane.shutdown(socket.SHUT_RDWR)  # wakes threads that wait for its answer; they start over
            with suppress(queue.Empty):
                while True:
                    if idle := self._free.get_nowait():
                        idle.close()
            self._free.put(None)  # and those that wait for a lane
            self._lanes, self._free = [], queue.LifoQueue()
            process, self._process = self._process, None
        if process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
            process.kill()
            process.wait()

    def _borrow(self) -> socket.socket:
        while True:
            with self._lock:
                if not self._lanes:
                    self._start()
                free = self._free
            try:
                lane = free.get(timeout=self._answer_seconds * _WAITS)
            except queue.Empty as error:
                raise ServerGone(self._module) from error
            if lane is not None:
                return lane
            free.put(None)  # this server has ended: tell the next in line, then look for the new one

    def _give_back(self, lane: socket.socket) -> None:
        with self._lock:
            if lane in self._lanes:
                self._free.put(lane)
            else:  # its server ended meanwhile
                lane.close()

    def _start(self) -> None:
        pairs = [socket.socketpair() for _ in range(self._lane_count)]
        theirs = [their_end.fileno() for _ours, their_end in pairs]
        self._process = subprocess.Popen(  # our own module, no shell
            [sys.executable, "-m", self._module, ",".join(map(str, theirs)), *self._warm_ups],
            pass_fds=theirs,
            cwd=ROOT,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for our_end, their_end in pairs:
            their_end.close()
            self._lanes.append(our_end)
            self._free.put(our_end)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._lanes: list[socket.socket] = []
        self._free: queue.LifoQueue[socket.socket | None] = queue.LifoQueue()
        self._process: subprocess.Popen[bytes] | None = None

    def _forget_parent(self) -> None:
        inherited, process = self._lanes, self._process
        self._reset()
        for lane in inherited:
            with suppress(OSError):
                lane.close()
        if process:
            process.returncode = 0  # not our child: nothing to wait for, nothing to warn about


_clients: weakref.WeakSet[Client] = weakref.WeakSet()


def _after_fork(clients: Iterable[Client]) -> None:
    for client in list(clients):
        client._forget_parent()


os.register_at_fork(after_in_child=lambda: _after_fork(_clients))

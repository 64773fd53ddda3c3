"""The server's loop: one thread, one forked child a lane, a wall clock for each; it never opens a file itself."""

from __future__ import annotations

import gc
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.papers.judgement import named
from portal.papers.limited import cage, scratch, wire

log = logging.getLogger("cauce.limited")
Work = Callable[[dict[str, Any], bytes], wire.Message]
OUT_OF_MEMORY = 77
MAX_ANSWER = 96 * 1024 * 1024


@dataclass
class _Job:
    lane: socket.socket
    child: int
    deadline: float
    answer: bytearray = field(default_factory=bytearray)
    ended_by_us: str = ""


class Server:
    """Serves lanes (inherited socket ends) until all of them are closed."""

    def __init__(self, lanes: list[socket.socket], work: Work, limits: cage.Limits, report: dict[str, Any]) -> None:
        self._lanes, self._work, self._limits, self._report = lanes, work, limits, report
        self._watch = selectors.DefaultSelector()
        self._jobs: dict[int, _Job] = {}
        for lane in lanes:
            self._watch.register(lane, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the last lane is closed by its client."""
        while self._lanes or self._jobs:
            wait = min((job.deadline - time.monotonic() for job in self._jobs.values()), default=None)
            for key, _events in self._watch.select(None if wait is None else max(0.0, wait)):
                if isinstance(key.fileobj, socket.socket):
                    self._take(key.fileobj)
                else:
                    self._collect(key.fd)
            self._end_late_jobs()

    def _take(self, lane: socket.socket) -> None:
        try:
            message = wire.receive(lane)
        except OSError:
            message = None
        if message is None:
            self._drop(lane)
        elif message[0].get("op") == "report":
            self._answer(lane, wire.pack(self._report))
        else:
            self._start(lane, *message)

    def _start(self, lane: socket.socket, head: dict[str, Any], body: bytes) -> None:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._be_child(writing, head, body)
        os.close(writing)
        self._watch.unregister(lane)  # one job a lane at a time
        self._jobs[reading] = _Job(lane, child, time.monotonic() + self._limits.wall_seconds)
        self._watch.register(reading, selectors.EVENT_READ)

    def _be_child(self, writing: int, head: dict[str, Any], body: bytes) -> None:
        status = 1
        try:
            for lane in self._lanes:
                lane.close()
            cage.enter(self._limits)
            answer = wire.pack(*self._work(head, body))
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(answer)
            status = 0
        except MemoryError:
            status = OUT_OF_MEMORY
        finally:
            os._exit(status)  # never back into the server's loop, never its atexit

    def _collect(self, reading: int) -> None:
        job = self._jobs[reading]
        piece = os.read(reading, 1 << 20)
        job.answer += piece
        if len(job.answer) > MAX_ANSWER:
            self._kill(job, "memory")
        if not piece:
            self._finish(reading, job)

    def _finish(self, reading: int, job: _Job) -> None:
        self._watch.unregister(reading)
        os.close(reading)
        del self._jobs[reading]
        _pid, status = os.waitpid(job.child, 0)
        complete = not job.ended_by_us and status == 0 and wire.unpack(bytes(job.answer)) is not None
        reply = bytes(job.answer) if complete else wire.pack({"ended": job.ended_by_us or _why(status)})
        self._watch.register(job.lane, selectors.EVENT_READ)
        self._answer(job.lane, reply)

    def _answer(self, lane: socket.socket, reply: bytes) -> None:
        try:
            lane.sendall(reply)
        except OSError:
            self._drop(lane)

    def _drop(self, lane: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self._watch.unregister(lane)
        if lane in self._lanes:
            self._lanes.remove(lane)
        lane.close()

    def _end_late_jobs(self) -> None:
        for job in self._jobs.values():
            if job.deadline <= time.monotonic() and not job.ended_by_us:
                self._kill(job, wire.BUSY if _is_starved(job.child, self._limits.cpu_seconds / 4) else "time")

    def _kill(self, job: _Job, why: str) -> None:
        job.ended_by_us, job.deadline = why, time.monotonic() + 3600  # its end is near: wait for the pipe to close
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(job.child, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(job.child, signal.SIGKILL)


def _is_starved(child: int, seconds: float) -> bool:
    """Whether a child still wants to compute and got less than so much processor: others had it, it does not hang."""
    try:
        state, *told = Path("/proc", str(child), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False  # gone, or not Linux
    used = (int(told[10]) + int(told[11])) / os.sysconf("SC_CLK_TCK")  # in user mode, in the kernel
    return state in {"R", "D"} and used < seconds


def _why(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "time" if os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL} else "crash"
    return "memory" if os.WEXITSTATUS(status) == OUT_OF_MEMORY else "crash"


def serve(work: Work, limits: cage.Limits, warm_ups: list[Callable[[], object]]) -> None:
    """Entry of `python -m …`: lane numbers come first in argv, dotted paths of further warm-ups after them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web server; our end is the end of the lanes
    lanes = [socket.socket(fileno=int(number)) for number in sys.argv[1].split(",")]
    scratch.folder()
    without_network = cage.leave_network()
    for warm_up in warm_ups:
        warm_up()
    for path in sys.argv[2:]:
        try:
            named(path)()
        except Exception:  # a cold check is slow, not wrong
            log.warning("warm-up %s failed", path)
    gc.collect()
    gc.freeze()  # what is prepared stays shared: a collection in a child would touch, and so copy, all of it
    report = {"network": without_network, "memory": cage.memory_is_limited(), "pid": os.getpid()}
    Server(lanes, work, limits, report).run()

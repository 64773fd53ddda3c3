"""Children: started from argument lists, told to die with us, recognised again by process id and start time."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .places import Data, read_json, write_private
from .say import say

PR_SET_PDEATHSIG = 1
LOG_BYTES, LOGS_KEPT = 10 * 1024**2, 5  # of each process: 60 MB at most
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def started(pid: int) -> str:
    """When a process started, in the system's own words; empty if there is none. Ids are reused, this pair is not."""
    if sys.platform == "linux":
        try:
            content = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        fields = content.rpartition(")")[2].split()
        return "" if fields[0] in {"Z", "X"} else f"{_boot()}:{fields[19]}"
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, when = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else when.strip()


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _die_with(parent: int, with_signal: int) -> Callable[[], None] | None:
    """Linux only: the kernel sends `with_signal` to the child when we die, SIGKILL included."""
    if _libc is None:
        return None
    libc = _libc

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, with_signal)
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    return ask


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal end the command in order, once: a second one does not cut the end short."""

    def leave(number: int, frame: object) -> None:
        deaf()
        raise SystemExit(128 + number)

    for number in SIGNALS:
        signal.signal(number, leave)


def deaf() -> None:
    """From here on nothing interrupts the orderly stop."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def in_front(command: list[str], environment: dict[str, str], folder: Path | None = None) -> int:
    """Run a command that has the terminal, and answer its code; it ends itself in its own way.

    Ctrl-C reaches it directly, as below a shell; SIGTERM and SIGHUP are passed on.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}
    process: subprocess.Popen | None = None

    def pass_on(number: int, frame: object) -> None:
        if process is not None and number != signal.SIGINT:
            process.send_signal(number)

    for number in SIGNALS:
        signal.signal(number, pass_on)
    try:
        with subprocess.Popen(command, env=environment, cwd=folder) as process:
            code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


@dataclass
class Child:
    """One process of ours: how to start it, how to ask it to stop."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    stop_signal: int = signal.SIGTERM
    stdin: str = ""
    user: int | None = None
    group: int | None = None
    folder: Path | None = None
    process: subprocess.Popen | None = None
    began: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches only the runner, which stops all in order."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                preexec_fn=_die_with(os.getpid(), self.stop_signal),  # noqa: PLW1509 - we are single-threaded
            )
        if self.stdin and self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(self.stdin.encode())
                self.process.stdin.close()
        self.began = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send its own signal of farewell."""
        if self.process is not None and self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, self.stop_signal)

    def wait_gone(self, seconds: float) -> None:
        """Wait, then end the whole family."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        end_group(self.process.pid)
        self.process.wait()


def rotate(log: Path) -> None:
    """Put a full log aside as `.1` and so on, and let its process go on in the same, now empty, file.

    The process holds the file open and appends to it: it is copied and emptied, never renamed under it.
    """
    if not log.exists() or log.stat().st_size < LOG_BYTES:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


def end_group(pid: int) -> None:
    """SIGKILL to what is left of a child's own session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@dataclass
class Family:
    """All children of one data folder, written down so that the next start can recognise leftovers."""

    data: Data
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> Child:
        """Start a child and write it down."""
        self.children.append(child)
        child.start()
        self._write_down()
        return child

    def _write_down(self) -> None:
        seen = {}
        for child in self.children:
            if child.process is not None and child.alive:
                seen[child.name] = {
                    "pid": child.process.pid,
                    "started": started(child.process.pid),
                    "signal": int(child.stop_signal),
                }
        write_private(self.data.run / "processes.json", seen)

    def tend(self) -> None:
        """Start again what died, waiting longer each time (1, 2, 4 … 30 s); a minute of health forgives."""
        changed = False
        now = time.monotonic()
        for child in self.children:
            rotate(child.log)
            if child.alive:
                if child.failures and now - child.began > 60:
                    child.failures = 0
                continue
            if child.not_before == 0:
                code = child.process.returncode if child.process else "?"
                pause = min(30, 2**child.failures)
                say(
                    f"! {child.name} terminó solo (código {code}); arranca de nuevo en {pause} s. Bitácora: {child.log}"
                )
                if child.process is not None:
                    end_group(child.process.pid)
                child.failures += 1
                child.not_before = now + pause
            elif now >= child.not_before:
                child.not_before = 0
                child.start()
                changed = True
        if changed:
            self._write_down()

    def stop(self, patience: float = 12) -> None:
        """Stop the children, last started first: the web before the database it uses."""
        services = [child for child in self.children if child.name in {"postgres", "valkey"}]
        others = [child for child in self.children if child not in services]
        for group in (others, services):
            for child in reversed(group):
                child.ask_to_stop()
            until = time.monotonic() + patience
            for child in reversed(group):
                child.wait_gone(max(0.1, until - time.monotonic()))
        write_private(self.data.run / "processes.json", {})


def stop_leftovers(data: Data, patience: float = 15) -> None:
    """End what an earlier run left behind: only processes whose id and start time are the ones written down."""
    record = read_json(data.run / "processes.json")
    ours = {name: one for name, one in record.items() if one.get("started") and started(one["pid"]) == one["started"]}
    # Children told to die by the kernel may be on their way; the signal again does no harm.
    for one in ours.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(one["pid"], one["signal"])
    until = time.monotonic() + patience
    while ours and time.monotonic() < until:
        ours = {name: one for name, one in ours.items() if started(one["pid"]) == one["started"]}
        time.sleep(0.05)
    for one in ours.values():
        end_group(one["pid"])

"""What a child may not do (XP-03): take time or memory, reach a network, write. Linux gives all of it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of processor and of the wall clock, bytes of address space (what the server preloaded counts too)."""

    cpu_seconds: int
    wall_seconds: float
    memory_bytes: int


def leave_network() -> bool:
    """Move this process, and so all its children, into a network of its own with nothing in it. False: not possible."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWUSER | CLONE_NEWNET, CLONE_NEWNET))


@lru_cache(maxsize=1)
def network_can_be_left() -> bool:
    """Whether this system lets a process of ours do that: tried once in a child, the answer lasts as long as we."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; from {__name__} import leave_network; sys.exit(not leave_network())"],
        cwd=Path(__file__).resolve().parents[3],
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def enter(limits: Limits) -> None:
    """Limit this forked child for good. Called before the first byte of the file is looked at."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _linux_only()
    cap = limits.cpu_seconds
    for name, soft, hard in (
        ("RLIMIT_CPU", cap, cap + 1),
        ("RLIMIT_AS", limits.memory_bytes, limits.memory_bytes),
        ("RLIMIT_FSIZE", 0, 0),
        ("RLIMIT_CORE", 0, 0),
        ("RLIMIT_NOFILE", 64, 64),
    ):
        with suppress(ValueError, OSError):  # macOS refuses some; the wall clock still ends the child
            resource.setrlimit(getattr(resource, name), (soft, hard))
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silent, descriptor)  # a traceback could quote the file (AD-05)


def memory_is_limited() -> bool:
    """Whether this system takes a limit on address space."""
    return sys.platform == "linux"


def _linux_only() -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

"""What the runner tells the person at the terminal, in Spanish, one line a thing."""

import sys
from pathlib import Path


class Stop(Exception):
    """The command cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)


def step(text: str) -> None:
    """What is being done now."""
    print(f"· {text}", flush=True)


def warn(text: str) -> None:
    """Something is missing, and the work goes on."""
    print(f"! {text}", file=sys.stderr, flush=True)


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log, for a message about a process that did not start."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""

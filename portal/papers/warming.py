"""The examiner of a web process starts before its first upload, so that nobody waits for its libraries to load."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from portal.papers import examiner
from portal.papers.limited.client import ServerGone

AFTER_SECONDS = 1.0  # readiness and the first page come first


def warm_workers() -> None:
    """Ask that each process forked from this one (gunicorn --preload) starts its own examiner, in the background.

    Not here: this process only forks, and an examiner is never shared across a fork.
    """
    os.register_at_fork(after_in_child=warm_up_soon)


def warm_up_soon() -> threading.Thread:
    """Start the examiner of this process a moment from now, in a thread that holds nobody up."""
    thread = threading.Thread(target=_warm_up, name="warm-examiner", daemon=True)
    thread.start()
    return thread


def _warm_up() -> None:
    time.sleep(AFTER_SECONDS)
    with suppress(ServerGone, OSError):  # cold is slow, not wrong: the first upload tries again
        examiner.warm_up()

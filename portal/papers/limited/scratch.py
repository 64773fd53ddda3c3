"""Where a server keeps its temporary files: a folder that goes with it, however it ends.

WeasyPrint and fontconfig want files on disk. A server that is killed cannot remove them, so the next one does: each
holds a lock on its folder for as long as it lives, and a folder without a holder is nobody's.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path


@cache
def folder() -> Path:
    """This process's own folder, where `tempfile` also puts its files from now on; leftovers of others are removed."""
    shelf = _shelf()
    with _locked(shelf, wait=True):
        for left in shelf.iterdir():
            with suppress(OSError), _locked(left, wait=False):
                shutil.rmtree(left, ignore_errors=True)
        mine = Path(tempfile.mkdtemp(dir=shelf))
        fcntl.flock(os.open(mine, os.O_RDONLY), fcntl.LOCK_EX)  # never closed: held until this process ends
    tempfile.tempdir = str(mine)
    atexit.register(shutil.rmtree, mine, ignore_errors=True)
    return mine


def _shelf() -> Path:
    """The folder of all servers of this user; one of its own when somebody else owns that name."""
    shelf = Path(tempfile.gettempdir()) / f"cauce-{os.getuid()}"
    with suppress(FileExistsError):
        shelf.mkdir(mode=0o700)
    found = shelf.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
        return shelf
    return Path(tempfile.mkdtemp(prefix="cauce-"))


@contextmanager
def _locked(place: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of a folder. Raises BlockingIOError when it has a holder and we do not wait."""
    opened = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)

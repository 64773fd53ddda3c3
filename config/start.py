"""What an operator must know when a process starts, told in its log: a missing key, a missing wall."""

from __future__ import annotations

import logging
import os
import threading
import time

from django.db import Error, connection

from config import keys
from portal.papers.limited import cage

log = logging.getLogger("cauce.start")

AFTER_SECONDS = 1.0  # readiness and the first page come first


def tell() -> None:
    """One line a fault; nothing when all is well."""
    try:
        if closed := keys.what_stays_closed():
            log.critical("a key is missing, it does not open: %s", ", ".join(closed))
    except Error:
        log.warning("keys not compared: the database is away")
    if not cage.network_can_be_left():
        log.warning("the examiner cannot leave the network on this system: people's files are read with it")


def tell_soon() -> threading.Thread:
    """In a thread that holds nobody up."""
    thread = threading.Thread(target=_tell, name="tell-start", daemon=True)
    thread.start()
    return thread


def tell_in_workers() -> None:
    """Each process forked from this one tells (gunicorn --preload); this one only forks."""
    os.register_at_fork(after_in_child=tell_soon)


def _tell() -> None:
    time.sleep(AFTER_SECONDS)
    try:
        tell()
    finally:
        connection.close()

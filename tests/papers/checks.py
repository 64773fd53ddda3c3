"""Checks that the examiner imports by name in these tests."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

from portal.errors import Finding, Level
from portal.papers.judgement import Judgement


def look(content: bytes, context: dict[str, Any]) -> Judgement:
    """Says how long the file is and what it was told."""
    facts = {"length": len(content), "told": context["told"], "pages": context["base"]["pages"], "_clabe": "secreta"}
    return Judgement((Finding("test.seen", Level.OK, "Se abrió."),), facts)


def doubt(content: bytes, context: dict[str, Any]) -> dict[str, Any]:
    """A plain dict is a judgement too."""
    return {"findings": [Finding("test.doubt", Level.REVIEW, "Hay duda.").as_json()], "facts": {}}


def abort(content: bytes, context: dict[str, Any]) -> Judgement:
    """Dies as a segmentation fault does."""
    os.abort()


def sleep(content: bytes, context: dict[str, Any]) -> Judgement:
    """Never answers."""
    time.sleep(60)
    raise AssertionError


def swell(content: bytes, context: dict[str, Any]) -> Judgement:
    """Wants more memory than there is."""
    held = [bytearray(64 * 1024 * 1024) for _ in range(64)]
    return Judgement(facts={"held": len(held)})


def broken(content: bytes, context: dict[str, Any]) -> Judgement:
    """A bug of the check."""
    raise ZeroDivisionError


def reach_out(content: bytes, context: dict[str, Any]) -> Judgement:
    """Tries the network, the disk and the environment."""
    said: dict[str, Any] = {}
    try:
        socket.create_connection(("127.0.0.1", context["port"]), timeout=1).close()
        said["network"] = "reached"
    except OSError as error:
        said["network"] = type(error).__name__
    try:
        Path(context["path"]).write_text("x" * 100)
        said["disk"] = "written"
    except OSError as error:
        said["disk"] = type(error).__name__
    said["secrets"] = [name for name in ("SECRET_KEY", "VAULT_KEYS", "DATABASE_URL", "AUDIT_KEY") if name in os.environ]
    return Judgement(facts=said)

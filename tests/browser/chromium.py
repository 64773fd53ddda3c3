"""The system's Chromium, quiet: no network of its own, nothing of the person who runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@contextmanager
def launched(play: Playwright, path: str) -> Iterator[Browser]:
    """A headless browser with a throw-away profile. As root it has no sandbox: it only opens our own pages."""
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = play.chromium.launch(executable_path=path, args=[*QUIET, *alone])
    try:
        yield browser
    finally:
        browser.close()

"""The portal's Celery app, whose first rendering of a paper never ends: there the worker can be killed in its middle.

`CAUCE_TEST_TIRED` names a folder: a file `tired` in it makes the next rendering write `busy` with its process id and
sleep; without it everything is as always.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from config import celery

app = celery.app


@worker_process_init.connect
def _tire(**_told: Any) -> None:
    from portal.papers import rendering  # models come after Celery loaded Django

    really = rendering.render

    def render(document: Any) -> bytes:
        folder = Path(os.environ.get("CAUCE_TEST_TIRED", "/nonexistent"))
        if (folder / "tired").exists():
            (folder / "tired").unlink()
            (folder / "busy").write_text(str(os.getpid()))
            time.sleep(600)
        return really(document)

    rendering.render = render

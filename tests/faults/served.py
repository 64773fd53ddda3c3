"""The portal as gunicorn serves it, with one thing more: a request may ask for its own process's death.

Header `X-Fault: kill:12` kills the serving process at the request's 12th step with the database, `pause:12:FILE` lets
it rest there: it writes that file, and goes on when somebody removed it. Only these tests serve this module.

Its processes, killed by the dozen, start an examiner when they have something to examine, and not for whoever may come.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest  # noqa: F401 - settings see it and serve static files without collecting them

from config import wsgi
from portal.papers import warming
from tests.faults.steps import Steps, die

portal, celery_app = wsgi.application, wsgi.celery_app
warming.AFTER_SECONDS = 3600.0


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The portal's answer, or a death."""

    def named(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        return start_response(status, [*headers, ("X-Pid", str(os.getpid()))], exc_info)

    kind, _, rest = environ.get("HTTP_X_FAULT", "").partition(":")
    if not kind:
        return portal(environ, named)
    at, _, file = rest.partition(":")
    act = die if kind == "kill" else lambda: _rest(Path(file))
    with Steps(act, at=int(at)).watching() as steps:
        response = portal(environ, named)
        response.steps = steps.taken
        return response


def _rest(file: Path) -> None:
    file.touch()
    while file.exists():
        time.sleep(0.02)

"""What the web server believes of a request's headers, as `bin/up` and the compose file start it (AC-02, AU-10)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

sys.path.insert(0, str(Path(settings.ROOT) / "bin"))
from _runner import commands  # noqa: E402 - the runner is no package of the product


def as_started() -> Config:
    """gunicorn's configuration from the very command of ours."""
    config = Config()
    asked: Any = config.parser().parse_args(commands.web("127.0.0.1:0")[2:])
    for name, value in vars(asked).items():
        if value is not None and name in config.settings:
            config.set(name, value)
    return config


def headers_of(raw: bytes) -> dict[str, str]:
    """What reaches the portal of a request that comes from loopback, where a proxy would stand."""
    (request, *_rest) = [next(RequestParser(as_started(), iter([raw]), ("127.0.0.1", 5)))]
    return dict(request.headers)


def test_nobody_tells_the_portal_its_own_path() -> None:
    """SCRIPT_NAME and PATH_INFO sent as headers would move every address and every link; both are dropped."""
    got = headers_of(b"GET /medico/ HTTP/1.1\r\nHost: a\r\nSCRIPT_NAME: /malo\r\nPATH_INFO: /mesa/\r\nA_B: c\r\n\r\n")
    assert got == {"HOST": "a"}

"""gunicorn's own lines in the form of all others; bin/_runner/commands.py names this class."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from config.logs import JsonLines


class ServerLog(Logger):
    """gunicorn's logger with our formatter."""

    def _set_handler(self, log: logging.Logger, output: str, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, JsonLines(), stream)

"""Logs as one JSON object a line, UTC, without anything a person typed (OP-06, AD-05)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """`{"at","level","logger","message","request"?}`; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for one record; a traceback becomes one escaped string."""
        line = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", None):
            line["request"] = request_id
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

"""Logs as one JSON object a line, UTC, without anything a person typed (OP-06, AD-05).

Addresses that a request asked for become the pattern they matched, and what PostgreSQL quotes of a refused row is left
out: both may hold what somebody typed.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from portal.history.context import current

# «Key (rfc)=(…) already exists.», «Failing row contains (…).»
_QUOTED_ROW = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)


class JsonLines(logging.Formatter):
    """`{"at","level","logger","message","request"?}`; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for one record; a traceback becomes one escaped string."""
        line = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_address(record),
        }
        if request_id := _request_id(record):
            line["request"] = request_id
        if record.exc_info:
            line["traceback"] = _QUOTED_ROW.sub(r"\1: (left out)", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _request_id(record: logging.LogRecord) -> str:
    """The reference of the request: of the one that is being answered, or the one that Django names."""
    found: str = current().request_id or getattr(getattr(record, "request", None), "request_id", "")
    return found


def _without_address(record: logging.LogRecord) -> str:
    """The message, with the pattern in place of the path that was asked for."""
    request, message = getattr(record, "request", None), record.getMessage()
    if not (path := getattr(request, "path", "")):
        return message
    match = getattr(request, "resolver_match", None)
    return message.replace(path, f"/{match.route}" if match else "(no such address)")

"""Who is asking, from where: set once per request by the middleware, read by whoever writes an event or a log line."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: the request's reference code and the client's address (None outside a request)."""

    request_id: str = ""
    ip: str | None = None


_NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("cauce_origin", default=_NOWHERE)


def current() -> Origin:
    """The origin of what is being done now; empty in commands, drains and tests."""
    return origin.get()

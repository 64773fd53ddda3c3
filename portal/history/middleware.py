"""Middleware of this room: where a request comes from, and the promise that a GET never writes (AC-10)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from portal import ids
from portal.history.context import Origin, origin
from portal.history.guard import is_recording_access
from portal.reading import one_reading

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# The session and the throttle; the third, the access event, only through `guard.recording_access`.
MAY_BE_WRITTEN = frozenset({"django_session", "once_throttle"})
_READS = re.compile(
    r"(?:SELECT|SHOW|EXPLAIN|VALUES|DECLARE|FETCH|CLOSE|BEGIN|SAVEPOINT|RELEASE|ROLLBACK|COMMIT|SET|RESET|LOCK)\b", re.I
)
_WRITE = re.compile(
    r'\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\s+(?:ONLY\s+)?(?:"?public"?\.)?"?(\w+)"?', re.IGNORECASE
)
_SELECT_WRITES = re.compile(r"^WITH\b", re.IGNORECASE)
_LITERALS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
# `FOR UPDATE` only locks, `DO UPDATE SET` belongs to the INSERT before it: neither names a table.
_LOCKING = re.compile(r"\b(?:FOR\s+(?:NO\s+KEY\s+)?UPDATE|DO\s+UPDATE\s+SET)\b", re.IGNORECASE)


class ReadWrote(RuntimeError):
    """A GET tried to change a table: a bug of the view, never of the person."""


class ReadsDoNotWrite:
    """Names the request (`request.request_id`, `X-Request-Id`) and refuses writes in GET, HEAD, OPTIONS and TRACE.

    What cannot write reads nothing twice (`portal.reading`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Answer the request inside its origin and, when it only reads, inside the guard."""
        here = Origin(request_id=ids.short_code(2), ip=client_ip(request))
        request.request_id = here.request_id  # type: ignore[attr-defined]
        token = origin.set(here)
        try:
            with ExitStack() as stack:
                if request.method in READING_METHODS:
                    stack.enter_context(connection.execute_wrapper(refuse_writes))
                    stack.enter_context(one_reading())
                response: HttpResponse = self.get_response(request)
        finally:
            origin.reset(token)
        if request.method in READING_METHODS and isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _guarded(response.streaming_content)
        response.headers.setdefault("X-Request-Id", here.request_id)
        return response


def _guarded(parts: Any) -> Iterator[Any]:
    """A streamed answer is made after the middleware returned: it reads under the same guard."""
    with connection.execute_wrapper(refuse_writes):
        yield from parts


def refuse_writes(execute: Any, sql: Any, params: Any, many: bool, facts: Any) -> Any:
    """Database wrapper: lets reads through, and writes to the named tables only."""
    statement = sql if isinstance(sql, str) else str(sql)
    for table in written_tables(statement):
        if table not in MAY_BE_WRITTEN and not (table == "history_accessevent" and is_recording_access()):
            raise ReadWrote(f"a GET must not write, and this one writes {table or 'something'}: {statement[:120]}")
    return execute(sql, params, many, facts)


@lru_cache(maxsize=2048)  # a process asks the same few hundred statements again and again
def written_tables(sql: str) -> tuple[str, ...]:
    """The tables a statement changes; `("",)` for a statement that is neither a reading nor a plain write."""
    bare = _LOCKING.sub("", _LITERALS.sub("''", sql)).strip().lstrip("(").lstrip()
    found = tuple(table.lower() for table in _WRITE.findall(bare))
    if found or _READS.match(bare) or _SELECT_WRITES.match(bare) or re.match(r"COPY\s*\(", bare, re.IGNORECASE):
        return found
    return ("",)


def client_ip(request: HttpRequest) -> str | None:
    """The client's address: the peer, or behind a trusted proxy the last forwarded one that is no proxy (AU-10)."""
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    trusted = [ipaddress.ip_network(one) for one in settings.TRUSTED_PROXIES]
    if peer is None or not _is_among(peer, trusted):
        return peer
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _address(hop.strip())
        if address is None:
            return peer
        if not _is_among(address, trusted):
            return address
    return peer


def _is_among(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(ipaddress.ip_address(address) in network for network in networks)


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None

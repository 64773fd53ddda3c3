"""The named door through which a reading is recorded in a request that must not write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_recording: ContextVar[bool] = ContextVar("cauce_recording_access", default=False)


@contextmanager
def recording_access() -> Iterator[None]:
    """While open, `history_accessevent` may be written even in a GET; only `services.record_…` of readings open it."""
    token = _recording.set(True)
    try:
        yield
    finally:
        _recording.reset(token)


def is_recording_access() -> bool:
    """Whether the door is open now."""
    return _recording.get()

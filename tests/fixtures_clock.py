"""A clock that stands, as a fixture: `from tests.fixtures_clock import *` in a conftest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture
def still_clock() -> Iterator[None]:
    """No throttle's window, one-time code or printed second changes between two lines of a test.

    Identifiers made meanwhile share their millisecond, so their order is luck: do not sort by them.
    """
    with time_machine.travel(datetime.now(tz=UTC), tick=False):
        yield


@pytest.fixture
def at_noon() -> Iterator[None]:
    """The counters' fixed windows begin together at noon: none ends in the middle of a test."""
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield

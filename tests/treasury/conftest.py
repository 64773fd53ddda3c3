"""What every database test of treasury stands on."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal.treasury import registry


@pytest.fixture
def doctor(db: None) -> SimpleNamespace:
    """A physician: party and person."""
    from . import situations

    return situations.physician()


@pytest.fixture
def people(db: None) -> SimpleNamespace:
    """Everybody of the desk who touches money."""
    from . import situations

    return situations.desk()


@pytest.fixture
def barred() -> Iterator[set]:
    """People whom the vertical bars from batches of the kind `test`."""
    people: set = set()
    registry.register_barred("test", lambda payables: people)
    yield people
    registry._barred.pop("test")


@pytest.fixture
def told() -> Iterator[list]:
    """What the vertical heard about payables of the kind `test`."""
    heard: list = []
    for name in ("on_paid", "on_rejected", "on_returned", "on_scheduled", "on_released"):
        getattr(registry, name)("test", lambda _name=name, **said: heard.append((_name, said["payable"].pk)))
    yield heard
    for table in (registry._paid, registry._rejected, registry._returned, registry._scheduled, registry._released):
        table.pop("test")


@pytest.fixture(scope="package", autouse=True)
def _servers_end() -> Iterator[None]:
    """The readers of files and the maker of PDFs end with the package."""
    yield
    from portal.papers import examiner, rendering

    examiner.stop()
    rendering.stop()

"""What every database test of treasury stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest


@pytest.fixture
def doctor(db: None) -> SimpleNamespace:
    """A physician: party and person."""
    from tests.factories import treasury as situations

    return situations.physician()


@pytest.fixture
def people(db: None) -> SimpleNamespace:
    """Everybody of the desk who touches money."""
    from tests.factories import treasury as situations

    return situations.desk()


@pytest.fixture
def barred() -> Iterator[set]:
    """People whom the vertical bars from batches of the kind `test`."""
    from tests.factories import treasury as situations

    people: set = set()
    with situations.kind(barred=lambda payables: {(row.pk, person) for row in payables for person in people}):
        yield people


@pytest.fixture
def told() -> Iterator[list]:
    """What the vertical heard about payables of the kind `test`."""
    from tests.factories import treasury as situations

    heard: list = []

    def hears(name: str) -> Callable[..., None]:
        return lambda **said: heard.append((f"on_{name}", said["payable"].pk))

    with situations.kind(**{name: hears(name) for name in ("paid", "rejected", "returned", "scheduled", "released")}):
        yield heard

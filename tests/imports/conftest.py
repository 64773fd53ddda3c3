"""A shelf of things that an import fills, and who takes them in."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal.imports import registry
from tests.imports.things import Shelf


@pytest.fixture
def shelf(monkeypatch) -> Shelf:
    monkeypatch.setattr(registry, "_specs", registry._specs.copy())
    made = Shelf()
    registry.register_import(made.spec())
    return made


@pytest.fixture
def desk(db) -> SimpleNamespace:
    from tests.factories import people

    return SimpleNamespace(by=people.reviewer(), sender=people.an_insurer())


@pytest.fixture(scope="package", autouse=True)
def _servers_end() -> Iterator[None]:
    """The reader of files ends with the package."""
    yield
    from portal.papers import examiner

    examiner.stop()

"""A shelf of things that an import fills, and who takes them in."""

from __future__ import annotations

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

"""One copy of the checkout a module, and what the first portal of the run left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner import portal


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A copy of the checkout that the tests of a module start from."""
    with portal.a_checkout() as copy:
        yield copy


@pytest.fixture(scope="module")
def stood(checkout: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> portal.Stood:
    """A portal that started from nothing, answered and stopped: to be copied."""
    base = tmp_path_factory.getbasetemp()
    made = portal.Stood((base if worker_id == "master" else base.parent) / "stood")
    made.make(checkout)
    return made

"""One copy of the checkout a module, and what the first portal of the run left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copies import Run
from tests.runner import portal


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A copy of the checkout that the tests of a module start from."""
    with portal.a_checkout() as copy:
        yield copy


@pytest.fixture(scope="module")
def stood(checkout: Path, run: Run) -> portal.Stood:
    """A portal that started from nothing, answered and stopped, once a run: to be copied."""
    made = portal.Stood(run.folder / "stood")
    run.once(f"{run.name}_stood", lambda _name: made.make(checkout))
    return made

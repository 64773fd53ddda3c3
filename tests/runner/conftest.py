"""One copy of the checkout a module."""

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

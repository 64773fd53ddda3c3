"""Actors, and a folder of files of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_people import *  # noqa: F403 - actors


@pytest.fixture(autouse=True)
def store_folder(tmp_path: Path, settings: Any) -> Path:
    """Where this test's ciphertexts lie."""
    settings.DATA_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture(scope="module")
def server_ends() -> Iterator[None]:
    """A module that troubles the examiner leaves none behind."""
    yield
    from portal.papers import examiner

    examiner.stop()


from tests.fixtures_clock import *  # noqa: E402, F403 - still_clock, at_noon

"""One town, one database copy and one web server a module: an accident must not empty them between tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # a conftest is read before the settings are; models come after them
    from tests.copies import Run
    from tests.faults.ground import Web
    from tests.faults.town import Town


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, logs and schedules of this module."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def place(folder: Path, run: Run, django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The town, in a database of its own."""
    from portal.papers import examiner
    from tests.faults import ground, town

    with django_db_blocker.unblock(), ground.own_database(run, folder / "files"):
        yield town.found()
        examiner.stop()


@pytest.fixture
def _django_db_helper(place: Town) -> None:
    """What `@pytest.mark.django_db` asks for: here rows stay, in the module's own database."""


@pytest.fixture(scope="module")
def redis_url(folder: Path) -> Iterator[str]:
    """An own broker."""
    from tests.faults import ground

    with ground.broker(folder) as address:
        yield address


@pytest.fixture(scope="module")
def web(place: Town, folder: Path, redis_url: str) -> Iterator[Web]:
    """The web server, as `bin/up` starts it."""
    from tests.faults import ground

    server = ground.Web(folder, redis_url)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def chance() -> Random:
    """Seeded choice; the seed is printed and `CAUCE_TEST_SEED` repeats it."""
    seed = int(os.environ.get("CAUCE_TEST_SEED", "0")) or int.from_bytes(os.urandom(3))
    print(f"CAUCE_TEST_SEED={seed}")
    return Random(seed)

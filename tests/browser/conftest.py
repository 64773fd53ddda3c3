"""One portal for all browser tests of a run, and a fresh Chromium for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import looks
from tests.browser.chromium import launched
from tests.browser.house import House, a_house, shared
from tests.browser.person import Person
from tests.copies import Run

if TYPE_CHECKING:
    from tests.browser.walk import Walked

Enter = Callable[..., Person]


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, run: Run, django_db_setup: None, django_db_blocker: Any
) -> Iterator[House]:
    """The running portal: the first process that needs it builds it, the others use the same."""

    def build() -> Any:
        return a_house(run, name=f"{run.name}_house", broker=7)

    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    looks.remember_in(run.folder / "looked-at")
    with django_db_blocker.unblock():
        run.world  # noqa: B018 - made here, where Django is set up
    with shared(folder, build) as running:
        yield running


@pytest.fixture(scope="session")
def walked(run: Run, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """What every sample person met who followed every link; whoever asks first walks."""
    from tests.browser import walk  # a conftest is read before the settings are; models come after them

    with django_db_blocker.unblock():
        return walk.walked(run, tmp_path_factory.mktemp("walked") / "files")


@pytest.fixture
def enter(house: House) -> Iterator[Enter]:
    """Opens a browser profile of its own for each person; at the end nobody may have met an error."""
    people: list[Person] = []
    with ExitStack() as stack:
        play = stack.enter_context(sync_playwright())
        chromium = stack.enter_context(launched(play, _chromium()))

        def one(slug: str = "", *, at: House | None = None, **options: Any) -> Person:
            person = Person(at or house, chromium, **options)
            people.append(person)
            if slug:
                person.enter_demo(slug)
            return person

        yield one
        for person in people:
            person.was_spared()
            person.close()


def _chromium() -> str:
    """The browser that bin/test found or installed."""
    from _runner import install  # the runner lives beside its commands; `house` knows the way

    if path := install.find_chromium():
        return path
    raise RuntimeError("Falta Chromium o Chrome. Corre ./bin/test, que lo busca o lo instala.")

"""One portal for all browser tests of a run, a Chromium for each module, a profile for each person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, sync_playwright

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
        return a_house(run, name=f"{run.name}_house")

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

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # a browser may be open: nothing here waits
        return walk.walked(run, tmp_path_factory.mktemp("walked") / "files")


@pytest.fixture(scope="module")
def chromium(house: House) -> Iterator[Browser]:
    """A browser for the tests of a module; it is a second's work to start one. Not for a run: while Playwright's loop
    stands, Django refuses to ask a database, which the tests of other modules do."""
    with sync_playwright() as play, launched(play, _chromium()) as browser:
        yield browser


@pytest.fixture
def enter(house: House, chromium: Browser) -> Iterator[Enter]:
    """Opens a browser profile of its own for each person; at the end nobody may have met an error."""
    people: list[Person] = []

    def one(slug: str = "", *, at: House | None = None, **options: Any) -> Person:
        person = Person(at or house, chromium, **options)
        people.append(person)
        if slug:
            person.arrive(slug)
        return person

    try:
        yield one
        for person in people:
            person.was_spared()
    finally:
        for person in people:
            person.close()


def _chromium() -> str:
    """The browser that bin/test found or installed."""
    from _runner import install  # the runner lives beside its commands; `house` knows the way

    if path := install.find_chromium():
        return path
    raise RuntimeError("Falta Chromium o Chrome. Corre ./bin/test, que lo busca o lo instala.")

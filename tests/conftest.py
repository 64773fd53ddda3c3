"""The ground every test stands on: its environment, strict templates, shuffled lists.

`./bin/test` gives the tests a PostgreSQL and a Valkey of their own. Whoever runs `pytest` by hand must name them.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_django
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers

from tests import copies

# How long an example takes says what else the machine does, never whether a rule holds. What is found is in the
# message: no folder of examples is kept.
hypothesis_settings.register_profile(
    "house", max_examples=50, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")
# It would read every module of the house for constants to try: each process of a run, for seconds.
providers._get_local_constants = lambda: providers._local_constants

ASK = (
    "Los tests necesitan PostgreSQL y Valkey de verdad: corre ./bin/test (acepta los argumentos de pytest), "
    "o exporta DATABASE_URL, DATABASE_OWNER_URL y REDIS_URL."
)
NEEDED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")

# Keys that protect nothing: tests make their own rows and throw them away.
_TEST_ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
    "VAULT_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "AUDIT_KEY": "HxwdHh8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRo=",
    "BASE_URL": "http://localhost:8000",
    "DATABASE_AS_OWNER": "true",
    "DEMO": "true",
    "DEBUG": "false",
    "ADMIN_ENABLED": "false",
    "UNDO_SECONDS": "0",
    "LOG_LEVEL": "WARNING",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
_OURS_TO_CLEAR = ("EMAIL_URL", "EMAIL_FROM", "TRUSTED_PROXIES", "TRUST_DIR", "SECRET_KEY_FALLBACKS")
_folder: Path | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings with the tests' environment, and give this process a folder of its own.

    A worker inherits the environment of the process that started it, and pytest-django reads the settings from it
    before this runs: without the last lines all workers would share one folder, which the demo's reset empties.
    """
    global _folder  # noqa: PLW0603 - one folder a process, removed at the end
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        raise pytest.UsageError(f"Falta {', '.join(missing)}. {ASK}")
    _folder = Path(tempfile.mkdtemp(prefix="cauce-test-"))
    for name in _OURS_TO_CLEAR:
        os.environ.pop(name, None)
    for name in ("files", "static"):  # apart: the demo's reset empties the first; whitenoise wants the second
        (_folder / name).mkdir()
    os.environ.update(_TEST_ENVIRONMENT, DATA_DIR=str(_folder / "files"), STATIC_DIR=str(_folder / "static"))
    from django.conf import settings

    settings.DATA_DIR, settings.STATIC_ROOT = _folder / "files", _folder / "static"
    # argon2id on purpose costs 50 ms a password; the test of the real hasher asks for it by name.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    from tests.strictness import Undefined

    # In the settings, not in an engine: Django makes new engines whenever a test changes DEBUG.
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined()
    _read_the_tests_from_elsewhere_on(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of this process's files."""
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)


class _InOneOrder:
    """Before anything shuffles or deals them out, all processes have the tests in the same order."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        items.sort(key=lambda item: item.nodeid.partition("::")[0])
        return (yield)


def _read_the_tests_from_elsewhere_on(config: pytest.Config) -> None:
    """Each process of a whole run begins to read the tests at another folder.

    Who reads a file first rewrites its assertions, which takes most of the time, and keeps them beside it for the
    others. Side by side on a fresh copy of the house all processes would rewrite all of them.
    """
    told, here = getattr(config, "workerinput", None), Path(__file__).parent
    if told is None or [config.rootpath / one for one in config.args] != [here]:
        return
    ignored = {config.rootpath / one for one in config.getoption("ignore") or ()}
    folders = sorted({path.relative_to(here).parts[0] for path in here.rglob("test_*.py")})
    places = [str(here / name) for name in folders if here / name not in ignored]
    begin = len(places) * int(told["workerid"].removeprefix("gw")) // int(told["workercount"])
    config.args = [*places[begin:], *places[:begin]]
    config.pluginmanager.register(_InOneOrder())


# Each takes seconds to minutes a test: begun last, one would end a run alone on one core. Who opens the pages that a
# walk met does so before others put an end to what they show; bin/up needs no database and begins while another process
# makes the one that all others copy.
LONG = (
    ("browser/test_crawl", "browser/test_every_page", "browser/"),
    ("runner/",),
    ("faults/", "planted/", "memberships/test_who_sees_whom", "resume/", "claims/test_clock", "treasury/test_machine"),
    ("security/", "demo/"),
)


def _begins(item: pytest.Item, beginning: str) -> bool:
    return item.nodeid.startswith(f"tests/{beginning}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker gets its share of the long tests first, and then short ones, which others may steal from its end.

    What was shuffled stays so within its part. Workers begin with equal shares of the whole, one after the other.
    """
    if named := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(
            f"Estos tests llevan en su nombre una dirección de memoria, otra en cada proceso: {named}"
        )
    workers = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    heads = [dict.fromkeys(item for begin in part for item in items if _begins(item, begin)) for part in LONG]
    rest = [item for item in items if not any(item in head for head in heads)]
    shares = [list(heads[number]) for number in range(min(workers, len(heads)))]
    shares[-1] += [item for head in heads[workers:] for item in head]
    told: list[pytest.Item] = []
    for number in range(workers):
        share = shares[number] if number < len(shares) else []
        room = max(0, (len(items) - len(told)) // (workers - number) - len(share))
        told += [*share, *rest[:room]]
        del rest[:room]
    items[:] = [*told, *rest]


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: to look for garbage in it, every 700 new things, takes a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)  # nor at the end, when pytest has looked what was left open


@pytest.fixture(autouse=True)
def _unordered_lists_are_shuffled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.strictness import shuffle_unordered

    shuffle_unordered(monkeypatch)
    yield


# Where the demo's clock is moved. Everywhere else nobody moves it, and the time is read without asking the database, as
# in a portal at work: that is one query in ten of all that tests send.
MOVES_THE_CLOCK = ("demo/", "test_constraints")


@pytest.fixture(autouse=True, scope="session")
def _the_time_is_no_question() -> Iterator[None]:
    from portal import clock

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_offset", timedelta)
        yield


@pytest.fixture(autouse=True)
def _the_demos_clock_moves(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.demo import time
    from portal import clock

    # Said anew each time: a test that changes INSTALLED_APPS makes every app ready again, the demo with its clock too.
    moves = any(_begins(request.node, beginning) for beginning in MOVES_THE_CLOCK)
    monkeypatch.setattr(clock, "_offset", time.offset if moves else timedelta)


@pytest.fixture(autouse=True, scope="session")
def _readers_and_writers_of_files_end() -> Iterator[None]:
    """Of each there is one a process, for all tests: to start one takes seconds of a core."""
    yield
    from portal.papers import examiner, rendering

    examiner.stop()
    rendering.stop()


# --- databases -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[copies.Run]:
    """What all processes of this run make once: the migrated database and the demo world.

    The names of its databases hold the process that began it, so that two runs never meet on one server.
    """
    from django.db import connection

    alone = worker_id == "master"
    folder = (tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent) / "run"
    folder.mkdir(exist_ok=True)
    name = connection.settings_dict["TEST"]["NAME"]
    keeps = request.config.getvalue("reuse_db") and not request.config.getvalue("create_db")
    kept = f"{name}_kept_{copies.fingerprint()}" if keeps else ""
    with copies.shared_run(folder, f"{name}_{os.getpid() if alone else os.getppid()}", kept=kept) as shared:
        yield shared


@pytest.fixture(scope="session")
def django_db_setup(
    run: copies.Run, worker_id: str, django_test_environment: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """The database of this process, a copy of the migrated one (pytest-django would migrate in each process)."""
    from django.db import connection, connections

    name = f"{run.name}_{worker_id}"
    with django_db_blocker.unblock():
        copies.copy(run.migrated, name)
        connections.close_all()
        connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        copies.drop(name)


@pytest.fixture(autouse=True, scope="session")
def _a_transactional_test_is_undone_by_a_copy() -> Iterator[None]:
    """Instead of emptying every table and loading again what migrations load: faster, and nothing is forgotten."""
    from django.test import TransactionTestCase

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: copies.copy_again())
    yield
    patch.undo()


@pytest.fixture(scope="module")
def demo_world(
    run: copies.Run,
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """The demo world in a database and a folder of files of this module's own, as if just loaded.

    Modules that use it carry `pytest.mark.django_db`: each test's changes are then rolled back.
    """
    with django_db_blocker.unblock(), run.a_world(tmp_path_factory.mktemp("world") / "files"):
        yield

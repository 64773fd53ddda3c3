"""The ground every test stands on: its environment, strict templates, shuffled lists.

`./bin/test` gives the tests a PostgreSQL and a Valkey of their own. Whoever runs `pytest` by hand must name them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# How long an example takes says what else the machine does, never whether a rule holds.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

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


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of this process's files."""
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)


# Tests of the whole house, and of pages. Rules and services are covered by the tests of their own rooms: measuring
# costs half of the time again, and a line that only a walk or a page reaches has no test that states its fact.
HOUSE = ("access", "bench", "browser", "design", "faults", "ruledesk", "runner", "security")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers first: one of their walks takes two minutes, and begun last it would end a run alone on one core."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/browser/"))  # stable: what was shuffled stays so
    for item in items:
        if item.nodeid.startswith(tuple(f"tests/{name}/" for name in HOUSE)) or "/test_views" in item.nodeid:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _unordered_lists_are_shuffled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.strictness import shuffle_unordered

    shuffle_unordered(monkeypatch)
    yield


@pytest.fixture(autouse=True, scope="session")
def _shipped_rows_survive_a_flush() -> Iterator[None]:
    """A transactional test empties every table; what migrations load (rules, calendars, notice) is loaded again."""
    from django.test import TransactionTestCase

    from tests.shipped import load_shipped

    flush = TransactionTestCase._fixture_teardown

    def flush_and_load(case: TransactionTestCase) -> None:
        flush(case)
        load_shipped()

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", flush_and_load)
    yield
    patch.undo()

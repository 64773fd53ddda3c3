"""A person to act, and a data folder of one's own for the chain's head."""

from datetime import UTC, datetime

import pytest

AT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def person(db):
    from tests.factories import people

    return people.a_person()

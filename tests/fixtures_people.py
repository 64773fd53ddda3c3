"""Actors as fixtures: `pytest_plugins` or `from tests.fixtures_people import *` in a conftest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from portal.people.models import User


class _People:
    """`tests.factories.people`, imported when first asked: conftests that take these fixtures load before settings."""

    def __getattr__(self, name: str) -> Any:
        from tests.factories import people

        return getattr(people, name)


people = _People()


@pytest.fixture
def physician(db: None) -> User:
    """A physician with an own party."""
    return people.physician()


@pytest.fixture
def colleague(physician: User) -> User:
    """An assistant of that physician."""
    return people.assistant_of(physician)


@pytest.fixture
def stranger(db: None) -> User:
    """Another physician."""
    return people.stranger()


@pytest.fixture
def reviewer(db: None) -> User:
    """A desk reviewer."""
    return people.reviewer()


@pytest.fixture
def preparer(db: None) -> User:
    """Prepares payments."""
    return people.preparer()


@pytest.fixture
def approver(db: None) -> User:
    """Approves payments."""
    return people.approver()


@pytest.fixture
def administrator(db: None) -> User:
    """Gives roles."""
    return people.administrator()


@pytest.fixture
def anonymous() -> Client:
    """A browser with nobody inside."""
    return Client()

"""A clock at noon, for tests of pages that count tries."""

from tests.fixtures_clock import *  # noqa: F403 - at_noon

"""The clock of these tests stands where they ask for it."""

from tests.fixtures_clock import *  # noqa: F403 - still_clock, at_noon

"""What apps declare is kept by name, once, and what stands in modules of a fixed name is found in every app."""

import pytest

from portal import modules
from portal.declared import Declared, hear


def test_a_row_is_declared_once_and_another_one_of_that_name_stops_the_start():
    rows = Declared("the thing")
    for _twice in range(2):
        rows.declare("a", 1)
    rows.declare("b", 1)
    assert list(rows) == ["a", "b"]
    with pytest.raises(ValueError, match="two apps declare the thing 'a'"):
        rows.declare("a", 2)


def test_a_function_that_a_room_calls_is_kept_once_and_a_copy_hears_alone():
    table = Declared("who hears")
    for _start in range(2):
        hear(table, test_a_row_is_declared_once_and_another_one_of_that_name_stops_the_start)
    other = table.copy()
    other.declare("b", len)
    assert (len(table), len(other), other.what) == (1, 2, "who hears")
    (name,) = table
    assert name.endswith("test_declared.test_a_row_is_declared_once_and_another_one_of_that_name_stops_the_start")


def test_modules_are_found_in_the_order_of_the_settings_also_as_packages():
    assert [app.label for app, _ in modules.named("guides")] == [
        "fiscal",
        "treasury",
        "help",
        "memberships",
        "billing",
        "claims",
    ]
    assert "claims" in {app.label for app, _ in modules.named("listings")}, "a package of that name"
    assert list(modules.named("nobody_has_this")) == []

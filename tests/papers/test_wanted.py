"""What a request for papers may ask for (N14): something, not too much, and once more only with its reason."""

from __future__ import annotations

import pytest

from portal.errors import RuleBroken
from portal.papers.rules import MOST_WANTED, WantedThing, check_wanted

ONE = WantedThing("receipt", "illegible")


@pytest.mark.parametrize(
    ("things", "number", "reason", "code"),
    [
        ([], 1, "", "nothing_wanted"),
        ([ONE] * (MOST_WANTED + 1), 1, "", "too_much_wanted"),
        ([ONE], 2, "  ", "again_without_reason"),
        ([ONE] * MOST_WANTED, 1, "", ""),
        ([ONE], 2, "Llegó otra receta.", ""),
    ],
)
def test_n14_a_request_asks_for_something_not_for_too_much_and_again_with_its_reason(
    things: list[WantedThing], number: int, reason: str, code: str
) -> None:
    if not code:
        check_wanted(things, number=number, reason=reason)
        return
    with pytest.raises(RuleBroken) as refused:
        check_wanted(things, number=number, reason=reason)
    assert refused.value.code == code

"""What deposits pay, as rules: sharing out the oldest first, what is refused, what enters the books (domain 2.9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from portal.errors import Conflict, RuleBroken
from portal.treasury.rules import Line, check_entry, collecting
from portal.treasury.rules.collecting import Portion, Target

ANA, LUIS = UUID(int=1), UUID(int=2)
D = Decimal


def target(key: str, day: int, owed: str | None) -> Target:
    return Target(key, key, "", ANA, date(2026, 11, day), None if owed is None else D(owed))


@pytest.mark.parametrize(
    ("amount", "targets", "parts"),
    [
        ("480", [target("B", 2, "480")], {"B": "480"}),
        ("960", [target("B", 2, "480"), target("A", 1, "480")], {"A": "480", "B": "480"}),
        ("700", [target("B", 2, "480"), target("A", 1, "480")], {"A": "480", "B": "220"}),
        ("480", [target("B", 2, "480"), target("A", 1, "480")], {"A": "480"}),
        ("1000", [target("B", 2, "480"), target("A", 1, "480")], {"A": "480", "B": "520"}),
        ("1000", [target("F", 1, None), target("B", 2, "480")], {"B": "480", "F": "520"}),
        ("500", [target("A", 1, "0")], {"A": "500"}),
        ("500", [target("F", 2, None), target("E", 1, None)], {"E": "500"}),
    ],
    ids=["one", "both whole", "the second in part", "the first alone", "what is left", "credit", "paid already", "two"],
)
def test_a_deposit_is_shared_out_oldest_first(amount: str, targets: list[Target], parts: dict[str, str]) -> None:
    shared = collecting.oldest_first(D(amount), targets)
    assert {one.key: part for one, part in shared} == {key: D(part) for key, part in parts.items()}
    assert sum(part for _one, part in shared) == D(amount)


def share(key: str, amount: str, party: UUID = ANA) -> Portion:
    return Portion("slips", key, party, "credit", D(amount))


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([], "nothing_chosen"),
        ([share("A", "10"), share("A", "20")], "shares_wrong"),
        ([share("A", "0"), share("B", "30")], "shares_wrong"),
        ([share("A", "10")], "shares_differ"),
    ],
)
def test_a_deposit_is_shared_out_whole(shares: list[Portion], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        collecting.check_shares(shares, amount=D("30"), currency="MXN")
    assert refused.value.code == code
    collecting.check_shares([share("A", "10"), share("B", "20")], amount=D("30"), currency="MXN")


def test_each_entry_of_section_D_balances_and_names_its_accounts() -> None:
    shares = [share("A", "10.00"), share("B", "15.00"), share("C", "5.00", LUIS)]
    entries = {
        "received": collecting.received(ledger="collections_bank", amount=D("30.00"), currency="MXN"),
        "matched": collecting.matched(shares, currency="MXN"),
        "discarded": collecting.discarded(D("30.00"), currency="MXN"),
        "settled": collecting.settled(D("30.00"), fee=D("1.50"), clearing="store_clearing", currency="MXN"),
        "settled whole": collecting.settled(D("30.00"), fee=D("0"), clearing="store_clearing", currency="MXN"),
    }
    for lines in entries.values():
        check_entry(lines)
    told = {name: [(line.code, str(line.amount), line.party) for line in lines] for name, lines in entries.items()}
    assert told == {
        "received": [("collections_bank", "30.00", None), ("unmatched_deposits", "-30.00", None)],
        "matched": [("unmatched_deposits", "30.00", None), ("credit", "-25.00", ANA), ("credit", "-5.00", LUIS)],
        "discarded": [("unmatched_deposits", "30.00", None), ("other_deposits", "-30.00", None)],
        "settled": [
            ("unmatched_deposits", "30.00", None),
            ("collection_fees", "1.50", None),
            ("store_clearing", "-31.50", None),
        ],
        "settled whole": [("unmatched_deposits", "30.00", None), ("store_clearing", "-30.00", None)],
    }
    assert isinstance(entries["received"][0], Line)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: collecting.check_comment("  "), "comment_missing"),
    (lambda: collecting.check_not_own(own=True), "own_deposit"),
    (lambda: collecting.check_channel(cleared=False, own=False, same=True), "not_a_channel"),
    (lambda: collecting.check_channel(cleared=True, own=True, same=True), "not_a_channel"),
    (lambda: collecting.check_channel(cleared=True, own=False, same=False), "not_a_channel"),
    (lambda: collecting.check_settles(D("10"), fee=D("-1"), waiting=D("10"), currency="MXN"), "fee_negative"),
    (lambda: collecting.check_settles(D("10"), fee=D("1"), waiting=D("10"), currency="MXN"), "settles_too_much"),
    (lambda: collecting.check_live(undone=True), "state_moved_on"),
]


@pytest.mark.parametrize(("act", "code"), REFUSED, ids=[f"{number}-{code}" for number, (_, code) in enumerate(REFUSED)])
def test_what_is_refused_has_a_sentence(act: Callable[[], object], code: str) -> None:
    with pytest.raises((RuleBroken, Conflict)) as refused:
        act()
    assert refused.value.code == code and refused.value.message.endswith(".")


def test_what_may_be_is_not_refused() -> None:
    assert collecting.check_comment(" Es de otra empresa. ") == "Es de otra empresa."
    collecting.check_not_own(own=False)
    collecting.check_channel(cleared=True, own=False, same=True)
    collecting.check_settles(D("9"), fee=D("1"), waiting=D("10"), currency="MXN")
    collecting.check_live(undone=False)

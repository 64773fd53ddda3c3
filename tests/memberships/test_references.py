"""References of shops and banks: published examples, every scheme made and asked back (S1.21, S1.22, domain 2.9)."""

from __future__ import annotations

import random
from datetime import date
from itertools import product

import pytest

from memberships.rules.references import Algorithm, Reference, Scheme, make, read
from memberships.shipped import SCHEMES
from portal.errors import RuleBroken

BASE10, PAYNET, BASE97 = (Scheme(one) for one in (Algorithm.BASE10, Algorithm.PAYNET, Algorithm.BASE97))


def dated(base_year: int = 2014, *, digit_sum: bool = True, constant: str = "2") -> Scheme:
    return Scheme(Algorithm.BASE97_AMOUNT_DATE, base_year, digit_sum, constant)


@pytest.mark.parametrize(
    ("scheme", "ref", "check"),
    [
        (PAYNET, "00003Y10101396539", "9"),  # Paynet's own example
        (BASE10, "18000359700002387", "1"),  # a bank's, algorithm 00
        (BASE10, "0", "0"),
        (BASE10, "9" * 19, "9"),
        (PAYNET, "AJBKSCLTDMUENVFOWGPXHQYIRZ", "9"),  # the whole letter map: 131
        (PAYNET, "ajbkscltdmuenvfowgpxhqyirz", "9"),
        (BASE97, "0", "01"),
        (BASE97, "77120", "47"),
    ],
)
def test_check_digits_of_published_examples(scheme: Scheme, ref: str, check: str) -> None:
    assert make(scheme, ref) == Reference(ref.upper() + check, ref.upper(), check)
    assert read(scheme, ref + check) == make(scheme, ref)


def test_a_contract_s_own_letter_map_counts_its_letters_and_knows_no_other() -> None:
    plain = Scheme(Algorithm.PAYNET, letters="AB CD")
    assert make(plain, "1ABCD").check == make(PAYNET, "11122").check
    with pytest.raises(RuleBroken) as refused:
        make(plain, "1E")
    assert refused.value.code == "reference_sign" and read(plain, "1E0") is None
    for wrong in ("", "A A", "AB  C", "ab", "A1", "Ñ", "A B C D E F G H I J"):
        with pytest.raises(RuleBroken) as refused:
            Scheme(Algorithm.PAYNET, letters=wrong)
        assert refused.value.code == "letters_unreadable", wrong


@pytest.mark.parametrize(
    ("base_year", "first", "last"),
    [
        (1988, date(1988, 1, 1), date(2014, 11, 18)),
        (2013, date(2013, 1, 1), date(2039, 11, 18)),
        (2014, date(2014, 1, 1), date(2040, 11, 18)),
    ],
)
def test_four_digits_hold_the_days_from_the_base_year_on_until_they_are_full(
    base_year: int, first: date, last: date
) -> None:
    for day, digits in ((first, "0000"), (last, "9999")):
        made = make(dated(base_year), "7", pay_by=day, cents=1)
        assert made.full[1:5] == digits and made.pay_by == day
        assert read(dated(base_year), made.full) == made
    for day in (date(base_year - 1, 12, 31), last.replace(day=19)):
        with pytest.raises(RuleBroken, match=f"al {last}") as refused:
            make(dated(base_year), "7", pay_by=day, cents=1)
        assert refused.value.code == "date_does_not_fit"


def test_the_amount_digit_sums_the_digits_of_each_product_or_not() -> None:
    asked = {"pay_by": date(2026, 12, 31), "cents": 41207}  # 7·7 + 0 + 2·1 + 1·7 + 4·3, or 4+9 + 0 + 2 + 7 + 1+2
    made = [make(dated(digit_sum=one), "1", **asked).amount_digit for one in (False, True)]
    assert made == [str((49 + 2 + 7 + 12) % 10), str((13 + 2 + 7 + 3) % 10)]


@pytest.mark.parametrize(
    ("scheme", "full"),
    [
        (BASE10, ""),
        (BASE10, "5"),
        (BASE10, "1" * 21),
        (BASE10, "30045A"),
        (BASE10, "300458"),
        (PAYNET, "8100T3R9K00A"),  # A is worth 1, and is no check digit
        (PAYNET, "8100Ñ1"),
        (BASE97, "7712048"),
        (dated(), "2042"),  # nothing before date, amount and constant
        (dated(constant="3"), make(dated(), "5150", pay_by=date(2026, 12, 31), cents=100).full),
        (dated(), "51504A352242"),
    ],
)
def test_what_cannot_be_a_reference_is_none(scheme: Scheme, full: str) -> None:
    assert read(scheme, full) is None


def test_a_day_that_the_calendar_has_not_is_no_reference_though_its_digits_agree() -> None:
    thirty_first_of_june = "4831"  # 12·372 + 5·31 + 30 = 4649; 30 February: 12·372 + 31 + 29 = 4524
    assert [_read_with(digits) for digits in ("4649", "4524")] == [None, None]
    assert _read_with(thirty_first_of_june) is not None, "a real day made in the same way is read"


def _read_with(digits: str) -> Reference | None:
    """Whatever has these four digits for its day, with right check digits."""
    body = f"5150{digits}12"
    weights = (11, 13, 17, 19, 23)
    check = sum(int(digit) * weights[at % 5] for at, digit in enumerate(reversed(body))) % 97 + 1
    return read(dated(), f"{body}{check:02d}")


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("reference_letters", lambda: make(BASE10, "30O45")),
        ("reference_letters", lambda: make(BASE10, "")),
        ("reference_too_long", lambda: make(BASE10, "1" * 20)),
        ("reference_sign", lambda: make(PAYNET, "")),
        ("reference_sign", lambda: make(PAYNET, "ñ1")),
        ("reference_sign", lambda: make(BASE97, "81 00")),
        ("cents_below_one", lambda: make(dated(), "1", pay_by=date(2026, 1, 1), cents=0)),
        ("datum_missing", lambda: make(dated(), "1", pay_by=date(2026, 1, 1))),
        ("datum_missing", lambda: make(dated(), "1", cents=1)),
        ("constant_unreadable", lambda: dated(constant="")),
        ("constant_unreadable", lambda: dated(constant="A")),
        ("base_year_out_of_range", lambda: dated(1949)),
        ("base_year_out_of_range", lambda: dated(2201)),
    ],
)
def test_what_no_bank_would_take_is_refused_with_its_cure(code, act) -> None:
    with pytest.raises(RuleBroken) as refused:
        act()
    assert refused.value.code == code and refused.value.finding.cure


def test_base_97_misses_no_wrong_digit_and_no_swap_and_base_10_only_swaps_of_0_and_9() -> None:
    chance, missed = random.Random(97), {"base97": 0, "base10": set()}
    for _ in range(40):
        ref = "".join(chance.choices("0123456789", k=12))
        for scheme, name in ((BASE97, "base97"), (BASE10, "base10")):
            full = make(scheme, ref).full
            for at, digit in product(range(12), "0123456789"):
                if digit != full[at]:
                    assert read(scheme, full[:at] + digit + full[at + 1 :]) is None
            for at in range(11):
                swapped = full[:at] + full[at + 1] + full[at] + full[at + 2 :]
                if swapped != full and read(scheme, swapped):
                    assert name == "base10", full
                    missed["base10"].add(frozenset(full[at : at + 2]))
    assert missed == {"base97": 0, "base10": {frozenset("09")}}


@pytest.mark.parametrize("code", [told["code"] for told in SCHEMES])
@pytest.mark.parametrize("key", ["places", "seen"])
def test_where_to_pay_is_said_in_short_sentences_that_hold_for_whoever_pays(code: str, key: str) -> None:
    (text,) = (told[key] for told in SCHEMES if told["code"] == code)
    assert all(len(sentence.split()) <= 20 for sentence in text.split(". ")) and "te llega" not in text

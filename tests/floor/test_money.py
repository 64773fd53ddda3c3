"""Money as people type it, and sums that add up to the cent (MO-01, MO-08, XP-05)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import RuleBroken
from portal.money import EXPONENT, apply_rate, format_money, parse_money, round_money, split_money

D = Decimal
AMOUNTS = st.decimals(min_value=0, max_value=999_999_999, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1,305.00", "1305.00"),
        ("1305", "1305.00"),
        ("1,305.5", "1305.50"),
        ("1 305.00", "1305.00"),
        ("1\u00a0305.00", "1305.00"),
        ("1\u202f305.00", "1305.00"),
        ("$ 1,305", "1305.00"),
        ("  1305.00 ", "1305.00"),
        ("1,305.00 MXN", "1305.00"),
        ("MXN 1,305.00", "1305.00"),
        ("$1,305.00 pesos", "1305.00"),
        ("0", "0.00"),
        ("0.01", "0.01"),
        (".50", "0.50"),
        ("1305.", "1305.00"),
        ("999,999,999.99", "999999999.99"),
        ("12,345,678.9", "12345678.90"),
        ("007", "7.00"),
    ],
)
def test_mexican_amounts_are_read_as_people_type_them(text, amount):
    assert parse_money(text, "MXN") == D(amount)
    assert parse_money(text, "MXN").as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.623.000", "1623000"),
        ("$1.623.000", "1623000"),
        ("1623000", "1623000"),
        ("1 623 000", "1623000"),
        ("0", "0"),
        ("CLP 1.623.000", "1623000"),
        ("999.999.999", "999999999"),
    ],
)
def test_chilean_amounts_are_read_as_people_type_them(text, amount):
    assert parse_money(text, "CLP") == D(amount)
    assert parse_money(text, "CLP").as_tuple().exponent == 0


MXN_REFUSED = {
    "": "money_empty",
    "   ": "money_empty",
    "$": "money_empty",
    "1_000": "money_unreadable",
    "1e3": "money_unreadable",
    "１３０５": "money_digits",
    "١٢٣": "money_digits",
    "१२३": "money_digits",
    "1,305,00": "money_grouping",
    "1,30": "money_grouping",
    "1,3050": "money_grouping",
    "13,05.00": "money_grouping",
    "1.305.00": "money_grouping",
    "1,305 000": "money_grouping",
    "1,,305": "money_grouping",
    "0,500": "money_grouping",
    "000,500.00": "money_grouping",
    "0 500": "money_grouping",
    "-5": "money_negative",
    "−5": "money_negative",
    "(5.00)": "money_negative",
    "$-5": "money_negative",
    "-$5": "money_negative",
    "+5": "money_unreadable",
    "1000000000": "money_too_large",
    "999,999,999.999": "money_decimals",
    "1.234": "money_decimals",
    "NaN": "money_unreadable",
    "Infinity": "money_unreadable",
    "0x10": "money_unreadable",
    "mil": "money_unreadable",
    "1/2": "money_unreadable",
    "5%": "money_unreadable",
    "1\u200b000": "money_unreadable",
    "1\n000": "money_unreadable",
    "9" * 5000: "money_too_large",
    "1.5 USD": "money_unreadable",
    ".": "money_unreadable",
    ",": "money_unreadable",
}


@pytest.mark.parametrize(("text", "code"), MXN_REFUSED.items(), ids=lambda value: ascii(value)[:30])
def test_what_is_not_plainly_an_amount_is_refused_with_a_sentence(text, code):
    with pytest.raises(RuleBroken) as refused:
        parse_money(text, "MXN")
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.623.000,50", "money_decimals"),
        ("1623.5", "money_grouping"),
        ("1.62", "money_grouping"),
        ("1,623,000", "money_grouping"),
        ("1.623.00", "money_grouping"),
        ("0.500", "money_grouping"),
        ("-1.623", "money_negative"),
        ("1000000000", "money_too_large"),
        ("abc", "money_unreadable"),
    ],
)
def test_chilean_amounts_have_no_decimals_and_group_by_dots(text, code):
    with pytest.raises(RuleBroken) as refused:
        parse_money(text, "CLP")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "MXN", "0.01"),
        ("0.004999", "MXN", "0.00"),
        ("2.675", "MXN", "2.68"),
        ("-0.005", "MXN", "-0.01"),
        ("0.5", "CLP", "1"),
        ("1.4999", "CLP", "1"),
        ("2.5", "CLP", "3"),
    ],
)
def test_halves_go_up(amount, currency, rounded):
    assert round_money(D(amount), currency) == D(rounded)


def test_an_unknown_currency_is_a_bug():
    with pytest.raises(KeyError):
        round_money(D(1), "USD")


def test_a_rate_rounds_once():
    assert apply_rate(D("1305.55"), D("0.012500"), "MXN") == D("16.32")
    assert apply_rate(D("1000.00"), D("0.100000"), "MXN") == D("100.00")


@pytest.mark.parametrize(
    ("amount", "currency", "code", "text"),
    [
        ("1305", "MXN", False, "$1,305.00"),
        ("1623000", "CLP", False, "$1.623.000"),
        ("-5.5", "MXN", False, "-$5.50"),
        ("0", "MXN", True, "$0.00 MXN"),
        ("-0.001", "MXN", False, "$0.00"),
        ("999999999.99", "MXN", False, "$999,999,999.99"),
        ("1000", "CLP", True, "$1.000 CLP"),
    ],
)
def test_amounts_are_written_as_people_read_them(amount, currency, code, text):
    assert format_money(D(amount), currency, code=code) == text


@given(amount=AMOUNTS)
def test_what_is_written_is_read_back_mxn(amount):
    for code in (False, True):
        assert parse_money(format_money(amount, "MXN", code=code), "MXN") == amount


@given(amount=st.integers(min_value=0, max_value=999_999_999))
def test_what_is_written_is_read_back_clp(amount):
    assert parse_money(format_money(D(amount), "CLP"), "CLP") == amount


@given(text=st.text(max_size=40))
def test_any_text_is_an_amount_or_a_sentence(text):
    for currency in EXPONENT:
        try:
            amount = parse_money(text, currency)
        except RuleBroken:
            continue
        assert 0 <= amount <= D("999999999.99")
        assert all(letter.isascii() or letter.isspace() for letter in text)


@given(
    total=AMOUNTS,
    sign=st.sampled_from([1, -1]),
    weights=st.lists(st.decimals(min_value=0, max_value=10_000, places=4), min_size=1, max_size=30).filter(any),
)
def test_parts_add_up_to_the_whole_and_none_is_a_cent_off(total, sign, weights):
    total *= sign
    parts = split_money(total, weights, "MXN")
    assert sum(parts) == total
    assert all(part == round_money(part, "MXN") for part in parts)
    whole = sum(weights)
    assert all(abs(part - total * weight / whole) < D("0.01") for part, weight in zip(parts, weights, strict=True))


@given(
    total=st.integers(min_value=0, max_value=10**9),
    weights=st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any),
)
def test_pesos_of_chile_split_whole(total, weights):
    parts = split_money(D(total), weights, "CLP")
    assert sum(parts) == total
    assert all(part == part.to_integral_value() for part in parts)


def test_leftover_cents_go_to_the_largest_remainder_then_to_the_earlier_part():
    assert split_money(D("100.00"), [1, 1, 1], "MXN") == [D("33.34"), D("33.33"), D("33.33")]
    assert split_money(D("0.05"), [D("0.7"), D("0.3")], "MXN") == [D("0.04"), D("0.01")]
    assert split_money(D("-0.01"), [1, 2], "MXN") == [D("0.00"), D("-0.01")]


@pytest.mark.parametrize(
    ("total", "weights"), [("0.001", [1]), ("1.00", []), ("1.00", [0, 0]), ("1.00", [2, -1]), ("1.00", [-1])]
)
def test_a_split_that_makes_no_sense_is_a_bug(total, weights):
    with pytest.raises(ValueError):
        split_money(D(total), weights, "MXN")

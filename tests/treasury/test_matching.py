"""Which deposit pays what (S1.21-S1.24, N12, domain 2.10): the table row by row, then thousands of mangled ones."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.errors import RuleBroken
from portal.treasury.rules.matching import (
    Deposit,
    Match,
    Matcher,
    Outcome,
    match_deposits,
)
from portal.treasury.rules.matching_texts import fold
from portal.treasury.rules.offered import Debtor, Expected, ExpectedState, Given, keys_of

LAST = date(2026, 12, 12)


def asked(
    id: str, reference: str, amount: str = "480.00", *, prefix: str = "", agreement: str = "", state: str = "issued"
) -> Expected:
    return Expected(id, reference, prefix, agreement, Decimal(amount), LAST, ExpectedState(state))


BANK = asked("bank", "000031055248164201", agreement="1482093")
STORE = asked("store", "8100305619982049", "219.50", prefix="8100")
CASH = asked("cash", "0000904177334", "960.00")
LETTERS = asked("letters", "8100T3R9KOIL", "75.00")
GONE = asked("gone", "55500001111", "10.00", state="cancelled")
BACK = asked("back", "55500002222", "10.00", state="refunded")
OVERDUE = asked("overdue", "55500003333", "10.00", state="expired")
DONE = asked("done", "55500004444", "10.00", state="paid")
THIRTY = asked("thirty", "7" * 29 + "6", "30.00")
LONGER = asked("longer", "7" * 30 + "6", "31.00")
ALL = (BANK, STORE, CASH, LETTERS, GONE, BACK, OVERDUE, DONE, THIRTY, LONGER)


def deposit(amount: str, text: str = "", *, cell: str = "", late: int = 0) -> Deposit:
    return Deposit("m", LAST + timedelta(days=late), Decimal(amount), cell, text, "MXN")


def said(match: Match) -> str:
    """`auto paid bank`: outcome, result, whose."""
    return " ".join([match.outcome, match.result, *match.expected])


def judged(one: Deposit, *, debtors: tuple[Debtor, ...] = (), expected: tuple[Expected, ...] = ALL) -> Match:
    (match,) = match_deposits(expected, debtors, [one])
    return match


TABLE: list[tuple[Deposit, str]] = [
    # one, open: in time to the last day, late, short, over
    (deposit("480.00", cell="000031055248164201"), "auto paid bank"),
    (deposit("480.00", cell="31055248164201", late=1), "auto late bank"),
    (deposit("479.99", cell="31055248164201"), "review short bank"),
    (deposit("480.01", cell="31055248164201", late=1), "review over bank"),
    (deposit("10.00", "55500003333"), "auto paid overdue"),
    # one, not open
    (deposit("10.00", "55500004444"), "auto double done"),
    (deposit("10.01", "55500004444"), "review double done"),
    (deposit("10.00", "55500001111"), "review cancelled gone"),
    (deposit("99.00", "55500002222"), "review cancelled back"),
    # several
    (deposit("490.00", "31055248164201 55500003333"), "auto paid bank overdue"),
    (deposit("490.00", "31055248164201", cell="55500003333"), "auto paid overdue bank"),
    (deposit("490.00", "31055248164201 Y 55500003333", late=1), "auto late bank overdue"),
    (deposit("489.99", "31055248164201 Y 55500003333"), "review sum_differs bank overdue"),
    (deposit("490.00", "31055248164201 Y 55500004444"), "review sum_differs bank done"),
    (deposit("490.00", "31055248164201 Y 55500001111"), "review sum_differs bank gone"),
    (deposit("480.00", "31055248164201 31055248164201", cell="31055248164201"), "auto paid bank"),
    # how people write a key: zeros, groups, letters for digits, other letters of the keyboard, small ones
    (deposit("219.50", "00008100305619982049"), "auto paid store"),
    (deposit("219.50", "PAGO TIENDA 3O5619982O49"), "auto paid store"),
    (deposit("219.50", "8100-3056-1998-2049"), "auto paid store"),
    (deposit("219.50", "8 1 0 0 3056 1998 20 4 9"), "auto paid store"),  # nine runs
    (deposit("219.50", "3 0 5 6 1 9 9 8 2049"), "auto paid store"),
    (deposit("219.50", "3 0 5 6 1 9 9 8 20 49"), "review near store"),  # ten: the first nine lack the last two
    (deposit("219.50", "８１００３０５６１９９８２０４９"), "auto paid store"),
    (deposit("75.00", "8ioot3r9koil"), "auto paid letters"),
    # in front of it: letters, agreement, prefix, zeros, in any order; no other digits, nothing behind
    (deposit("480.00", "CIE1482093000031055248164201"), "auto paid bank"),
    (deposit("480.00", "cie0148209300REF31055248164201"), "auto paid bank"),
    (deposit("480.00", "CIE1482O93REF31055248164201"), "auto paid bank"),
    (deposit("480.00", "DEPÓSITO31055248164201"), "auto paid bank"),
    (deposit("219.50", "REF81000000305619982049"), "auto paid store"),
    (deposit("219.50", "1482093305619982049"), "none nothing"),  # another's agreement
    (deposit("480.00", "731055248164201"), "none nothing"),
    (deposit("480.00", "CIE1482099000031055248164201"), "none nothing"),
    (deposit("480.00", "0121800310552481642018"), "none nothing"),
    (deposit("480.00", "31055248164201A"), "none nothing"),
    # near: one wrong, two swapped, one or two missing at the end; only of its amount, only open, only one
    (deposit("960.00", "0000904577334"), "review near cash"),
    (deposit("960.00", "90417XX34"), "none nothing"),
    (deposit("960.00", "904177X34"), "review near cash"),
    (deposit("960.00", "904177343"), "review near cash"),
    (deposit("960.00", cell="90417 7 33"), "review near cash"),
    (deposit("960.00", "9041773"), "review near cash"),
    (deposit("960.00", "904177"), "none nothing"),
    (deposit("960.01", "0000904577334"), "none nothing"),
    (deposit("10.00", "55500001112"), "none nothing"),  # resembles one that is cancelled, and nothing else of 10.00
    (deposit("960.00", "REF904577334"), "none nothing"),  # near looks at runs whole
    # near has its ends: keys of 30 places, whole runs of 500 characters; what is found whole has none
    (deposit("30.00", "7" * 29 + "5"), "review near thirty"),
    (deposit("31.00", "7" * 30 + "5"), "none nothing"),
    (deposit("31.00", "7" * 30 + "6"), "auto paid longer"),
    (deposit("960.00", "PALABRA " * 72 + "904177334"), "auto paid cash"),
    (deposit("960.00", "PALABRA " * 72 + "904577334"), "none nothing"),
    (deposit("960.00", "X" * 491 + " 904577334"), "review near cash"),
    (deposit("960.00", "X" * 492 + " 904577334"), "none nothing"),
    # no deposit
    (deposit("0.00", "31055248164201"), "none not_a_deposit"),
    (deposit("-480.00", "31055248164201"), "none not_a_deposit"),
    (deposit("480.00"), "none nothing"),
]


@pytest.mark.parametrize(("one", "right"), TABLE)
def test_each_row_of_the_table(one: Deposit, right: str) -> None:
    match = judged(one)
    assert said(match) == right
    assert (match.score == 100) is (match.outcome is Outcome.AUTO) and (match.score == 0) is (
        match.outcome is Outcome.NONE
    )
    assert match.code and match.message.endswith(".") and "{" not in match.message


def test_two_that_are_near_are_nobody_and_a_review_changes_nothing_for_the_next() -> None:
    twins = (asked("a", "123456781"), asked("b", "123456782"))
    assert said(judged(deposit("480.00", "123456783"), expected=twins)) == "none nothing"
    assert said(judged(deposit("480.00", "12345678"), expected=twins)) == "none nothing"
    matcher = Matcher(Given([BANK], []))
    told = []
    for amount in ("1.00", "480.00", "480.00", "1.00"):
        match = matcher.match(deposit(amount, "31055248164201"))
        matcher.note_paid(match)
        told.append(said(match))
    assert told == ["review short bank", "auto paid bank", "auto double bank", "review double bank"]
    assert said(matcher.match(deposit("480.00", "31055248164202"))) == "none nothing", "what is paid is near no more"


OWED = (("2026-10", Decimal("480.00")), ("2026-11", Decimal("480.00")), ("2026-12", Decimal("50.50")))
OSCAR = Debtor("ME-2026-000451", "OILM840119KL3", "Óscar Ibáñez Lira", OWED)
TERESA = Debtor("ME-2026-000077", "PEÑT790808AA1", "Teresa Peña Galván", OWED)
OTHER_TERESA = Debtor("ME-2026-000078", "", "Teresa Peña Galván", ())
WORDLESS = Debtor("nobody", "", " ", ())
DEBTORS = (OSCAR, TERESA, OTHER_TERESA, WORDLESS)


@pytest.mark.parametrize(
    ("one", "folio", "code", "periods"),
    [
        (deposit("959.99", "SPEI ME 2026 451"), OSCAR.folio, "by_folio", 1),
        (deposit("1010.50", cell="me2026000451"), OSCAR.folio, "by_folio", 3),
        (deposit("960.00", "ME-2026-0451GRACIAS"), OSCAR.folio, "by_folio", 2),
        (deposit("960.00", "ME\u20132026\u20130451"), OSCAR.folio, "by_folio", 2),
        (deposit("960.00", "ME-2026-4510"), None, "nothing", 0),
        (deposit("960.00", "XME-2026-451"), None, "nothing", 0),
        (deposit("100.00", "rfc oilm 840119 kl3"), OSCAR.folio, "by_rfc", 0),
        (deposit("480.00", "PENT790808AA1"), TERESA.folio, "by_rfc", 1),
        (deposit("480.00", "PAGO DE IBANEZ LIRA OSCAR"), OSCAR.folio, "by_name", 1),
        (deposit("480.00", "PAGO DE IBANEZ", cell="oscar lira"), OSCAR.folio, "by_name", 1),
        (deposit("480.00", "PAGO DE IBANEZ OSCAR"), None, "nothing", 0),
        (deposit("480.00", "TERESA PEÑA GALVAN"), None, "ambiguous", 0),
        (deposit("480.00", "TERESA PEÑA GALVAN OILM840119KL3"), OSCAR.folio, "by_rfc", 1),  # asked before the name
        (deposit("480.00", "ME 2026 451 Y ME 2026 77 OILM840119KL3"), None, "ambiguous", 0),
    ],
)
def test_without_a_reference_a_family_is_proposed_by_folio_rfc_or_name(
    one: Deposit, folio: str | None, code: str, periods: int
) -> None:
    match = judged(one, debtors=DEBTORS)
    assert (match.folio, match.code) == (folio, code)
    assert match.periods == tuple(period for period, _ in OWED[:periods])
    assert match.outcome is (Outcome.REVIEW if folio else Outcome.NONE) and match.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Lucía D'Ángelo Mora", "SPEI D ANGELO MORA LUCIA", True),
        ("Lucía D'Ángelo Mora", "SPEI DANGELO MORA LUCIA", True),
        ("Lucía D'Ángelo Mora", "SPEI D'ANGELO MORA LUCIA", True),
        ("Lucía D\u2019Ángelo Mora", "LUCIA D´ANGELO MORA", True),
        ("Lucía D'Ángelo Mora", "SPEI ANGELO MORA LUCIA", False),  # not every word
        ("Lucía D Ángelo Mora", "LUCIA D'ANGELO MORA", True),
        ("Ana Sofía García-Luna Paz", "PAGO ANA SOFIA GARCIA LUNA PAZ", True),
        ("Ana Sofía García-Luna Paz", "PAGO ANA SOFIA GARCIALUNA PAZ", True),
        ("Ana Sofía García-Luna Paz", "PAGO ANA SOFIA GARCIA PAZ", False),
        ("Ma. de la Luz Ríos", "PAGO MA DE LA LUZ RIOS", True),
        ("Ma. de la Luz Ríos", "PAGO MA DELALUZ RIOS", True),
        ("Ma. de la Luz Ríos", "PAGO MARIA DE LA LUZ RIOS", False),  # «Ma.» is not «María» (domain 6)
        ("Ma. de la Luz Ríos", "PAGO MA LUZ RIOS", False),  # a particle is a word too
        ("Julián Núñez Soto", "JULIAN NUNEZ SOTO", True),
        ("Julián Núñez Soto", "JULIAN NU#EZ SOTO", True),
        ("Julián Núñez Soto", "JULIAN NU?EZ SOTO", True),
        ("Julián Núñez Soto", "JULIAN NU\u00a5EZ SOTO", True),
        ("Julián Núñez Soto", "JULIAN NUEZ SOTO", False),
        ("Julián Nunez Soto", "JULIAN NU#EZ SOTO", False),  # no Ñ of theirs was lost
        ("Íñigo Ñandú Muñoz", "INIGO NANDU MUNOZ", True),  # each word has one
    ],
)
def test_a_name_is_found_as_banks_write_it_and_only_ever_proposed(name: str, text: str, found: bool) -> None:
    family = Debtor("ME-2026-000500", "", name, OWED)
    match = judged(deposit("480.00", text), debtors=[*DEBTORS, family])
    assert (match.folio, match.outcome) == ((family.folio, Outcome.REVIEW) if found else (None, Outcome.NONE))


def test_a_reference_or_one_that_is_near_goes_before_any_family() -> None:
    assert said(judged(deposit("480.00", "ME 2026 451 31055248164201"), debtors=DEBTORS)) == "auto paid bank"
    assert said(judged(deposit("480.00", "ME 2026 451 31055248164202"), debtors=DEBTORS)) == "review near bank"


def test_keys_are_folded_without_zeros_and_without_the_prefix() -> None:
    assert fold(" refº ＡＢ-ñoil ") == "REF0AB011"
    assert [keys_of(one) for one in (BANK, STORE, LETTERS)] == [
        ("31055248164201",),
        ("8100305619982049", "305619982049"),
        ("8100T3R9K011",),
    ]
    assert keys_of(asked("x", "0012345678", prefix="9")) == ("12345678",)


@pytest.mark.parametrize(
    ("code", "expected", "debtors"),
    [
        ("reference_short", [asked("x", "0001234567")], []),
        ("reference_short", [asked("x", "81001234567", prefix="8100")], []),
        ("reference_twice", [STORE, asked("x", "0305619982049")], []),
        ("expected_twice", [STORE, STORE], []),
        ("debtor_twice", [], [OSCAR, OSCAR]),
    ],
)
def test_what_could_not_have_been_issued_is_refused(code: str, expected: Any, debtors: Any) -> None:
    with pytest.raises(RuleBroken) as refused:
        match_deposits(expected, debtors, [])
    assert refused.value.code == code and refused.value.finding.cure


# --- mangled references ----------------------------------------------------------------------------------------------

Mangle = Callable[[random.Random, Expected], str]


def _wrong_digit(chance: random.Random, one: Expected) -> str:
    at = chance.randrange(4, len(one.reference))
    return one.reference[:at] + chance.choice("0123456789".replace(one.reference[at], "")) + one.reference[at + 1 :]


def _swapped(chance: random.Random, one: Expected) -> str:
    at = chance.randrange(4, len(one.reference) - 1)
    return one.reference[:at] + one.reference[at + 1] + one.reference[at] + one.reference[at + 2 :]


def _grouped(chance: random.Random, one: Expected) -> str:
    return chance.choice(" -/.").join(one.reference[at : at + 4] for at in range(0, len(one.reference), 4))


def _letters(chance: random.Random, one: Expected) -> str:
    return "".join({"0": chance.choice("0Oo"), "1": chance.choice("1IlL")}.get(sign, sign) for sign in one.reference)


# what happens to a reference on its way -> how it arrives
FOUND: dict[str, Mangle] = {
    "as it is": lambda chance, one: one.reference,
    "zeros lost": lambda chance, one: one.reference.lstrip("0"),
    "zeros more": lambda chance, one: "0" * chance.randint(1, 9) + one.reference,
    "in groups": _grouped,
    "letters for digits": _letters,
    "without its prefix": lambda chance, one: one.reference.removeprefix(one.prefix),
    "glued to letters": lambda chance, one: chance.choice(("REF", "CIE", "PAGO", "ref")) + one.reference,
    "glued to its agreement": lambda chance, one: f"CIE{one.agreement}{one.reference}",
    "among words": lambda chance, one: f"DEP EFECTIVO SUC {chance.randint(1, 99)} REF {one.reference} GRACIAS",
    "one digit wrong": _wrong_digit,
    "two swapped": _swapped,
    "cut by one": lambda chance, one: one.reference[:-1],
    "cut by two": lambda chance, one: one.reference[:-2],
}
# what only looks like it: nothing may be posted
STRANGE: dict[str, Mangle] = {
    "inside a CLABE": lambda chance, one: f"{chance.randint(1, 9)}{one.reference}{chance.randint(10, 99)}",
    "inside a tracking key": lambda chance, one: f"MBAN{chance.randint(1, 9)}{one.reference}{chance.randint(1, 9)}",
    "another reference": lambda chance, one: str(chance.randint(10**11, 10**12 - 1)),
    "blank": lambda chance, one: "",
    "two digits wrong": lambda chance, one: _wrong_digit(chance, asked("x", _wrong_digit(chance, one))),
}


def _issued(chance: random.Random, count: int) -> list[Expected]:
    """References of three shapes, few amounts: neighbours resemble each other as numbers in a row do."""
    made = []
    for number in range(count):
        serial = f"{chance.randint(1, 9)}{30_000 + number * 7:07d}"
        digit = str(-sum(int(sign) * (3, 7, 1)[at % 3] for at, sign in enumerate(reversed(serial))) % 10)
        kind = number % 3
        reference = {0: f"8100{serial}{digit}", 1: f"000{serial}{digit}", 2: f"{serial}{digit}{digit}7"}[kind]
        more = {"prefix": "8100" if kind == 0 else "", "agreement": "1482093" if kind == 1 else ""}
        made.append(asked(f"FP-{number}", reference, chance.choice(("480.00", "505.50", "960.00")), **more))
    return made


def test_n12_of_thousands_of_mangled_references_none_is_posted_wrongly_and_95_of_100_are_found() -> None:
    chance, began = random.Random(20261212), time.process_time()
    expected = _issued(chance, 2_600)
    matcher, found, asked_of, wrong = Matcher(Given(expected, [])), Counter[str](), Counter[str](), []
    for at, one in enumerate(expected):
        table = STRANGE if at % 9 == 8 else FOUND
        how = chance.choice(sorted(table))
        text = table[how](chance, one)
        amount = one.amount + (Decimal("0.01") if at % 50 == 0 else 0)
        cell, words = (text, "SPEI RECIBIDO") if chance.random() < 0.5 else ("", text)
        match = matcher.match(Deposit(str(at), LAST, amount, cell, words, "MXN"))
        matcher.note_paid(match)
        if match.outcome is Outcome.AUTO and (match.expected != (one.id,) or amount != one.amount or table is STRANGE):
            wrong.append((how, text, one.reference, match))
        if table is FOUND and amount == one.amount:
            asked_of[how] += 1
            found[how] += match.expected == (one.id,)
    share = found.total() / asked_of.total()
    spent = time.process_time() - began
    print(f"\n{len(expected)} deposits in {spent:.2f} s, found {found.total()} of {asked_of.total()} ({share:.1%})")
    print(", ".join(f"{how} {found[how]}/{asked_of[how]}" for how in FOUND))
    assert wrong == [] and share >= 0.95, (wrong[:5], share)


@pytest.mark.parametrize(
    ("currency", "amount", "said"),
    [
        ("MXN", "479.50", "le faltan $0.50"),
        ("MXN", "1784.00", "sobran $1,304.00"),
        ("CLP", "1624000", "sobran $1.623.520"),
        ("CLP", "479", "le faltan $1. "),
    ],
)
def test_mo_08_a_difference_is_said_in_the_money_of_its_account(currency: str, amount: str, said: str) -> None:
    one = Deposit("m", LAST, Decimal(amount), BANK.reference, "", currency)
    assert said in judged(one).message

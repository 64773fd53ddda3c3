"""check-id over generated vectors of every kind, beside python-stdnum and clabe (domain 2, N1)."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import clabe as clabe_package
import pytest
import stdnum.cl.rut
import stdnum.luhn
import stdnum.mx.curp
import stdnum.mx.rfc

from portal.identifiers import BANKS, KINDS, check, clabe, rut
from tests.floor.test_identifiers import FULL_WIDTH, VALID, changed, spaced

from .asking import ask, codes, one

ROOT = Path(__file__).parents[2]
UNKNOWN_BANK = "99918000011835971" + clabe.check_digit("999180000118359710")
# One of each thing that the libraries and the product see differently.
ODD = {
    "rfc": [
        "XAXX010101000",
        "XEXX010101000",
        "GODA800101",
        "GODA800230AB1",
        "AAA010101AAA",
        "BUEI800101AB1",
        "GODA800101 AB1",
        "GODA8001010B1",
    ],
    "curp": ["GODA800101HZZRRN01", "GODA801301HDFRRN01", "MEAR800101HDFRRN07", "GODA800101QDFRRN01"],
    "clabe": ["032180000118359719", UNKNOWN_BANK, "0" * 18, "4152313112345678", "1234567890"],
    "rut": ["1-9", "12.345.678-5", "12345678", "0-0", "12345678-X", "123456789-2"],
    "nss": ["0" * 11, "1234567890A"],
}


def vectors(kind: str) -> Iterator[tuple[str, str]]:
    """(what was done, what is typed): the ways in which people go wrong."""
    for value in VALID[kind]:
        yield "right", value
    for number, value in enumerate(VALID[kind][:24]):
        places = [place for place, letter in enumerate(value) if letter.isdigit()]
        yield "one digit wrong", changed(value, places[number % len(places)])
        place = places[number % (len(places) - 1)] if len(places) > 1 else 0
        swapped = value[:place] + value[place + 1 : place + 2] + value[place] + value[place + 2 :]
        yield "neighbours swapped", swapped
        yield "too short", value[:-1]
        yield "too long", value + "7"
    for value in VALID[kind][:8]:
        yield from (("odd spacing or case", typed) for typed in spaced(kind, value))
        yield "full width", value.translate(FULL_WIDTH)
    yield from (("known oddity", value) for value in ODD[kind])


def bare(kind: str, typed: str) -> str:
    """What the libraries are given: they are not asked to strip every blank and dash."""
    return re.sub(r"[\s.\u2013-]", "", typed).upper()


def library(kind: str, typed: str) -> bool:
    """What python-stdnum, or clabe for the CLABE, thinks; Luhn for the NSS, which has no module there."""
    value = bare(kind, typed)
    if kind == "clabe":
        return bool(clabe_package.validate_clabe(value)) if value.isdigit() and len(value) == 18 else False
    if kind == "nss":
        return len(value) == 11 and value.isdigit() and stdnum.luhn.is_valid(value)
    return bool({"rfc": stdnum.mx.rfc, "curp": stdnum.mx.curp, "rut": stdnum.cl.rut}[kind].is_valid(value))


_RETIRED = [code for code, bank in BANKS.items() if not bank.active]
# Why the product and the library may differ: kind, whether ours says valid, what the value looks like, the reason.
EXPLAINED = (
    ("any", False, r".*[\uff10-\uff5a].*", "full-width: the library reads it, and no authority prints it"),
    ("rfc", False, r"[A-ZÑ&]{3,4}[0-9]{6}", "no homoclave: such an RFC bills nothing"),
    ("rfc", False, r".*[^0-9A]", "the SAT's schema ends an RFC with a digit or A"),
    ("rfc", True, r"BUEI.*", "rude beginning: the SAT changes it, some still carry it, so it is a warning"),
    ("curp", True, r".{10}X.*", "sex X: issued since 2023, unknown to the library"),
    ("curp", True, r"MEAR.*", "rude beginning: people have it on their papers"),
    ("clabe", True, rf"({'|'.join(_RETIRED)}).*", "retired bank: old accounts keep their CLABE"),
    ("clabe", True, rf"(?!{'|'.join(BANKS)}).*", "unknown bank: our table may lag behind, so it is a warning"),
    ("rut", True, r"[0-9]{1,6}[0-9K]", "very low RUT: the library wants eight characters"),
    ("rut", True, r"0+[0-9]{1,8}[0-9K]", "leading zeros: some cards print them, the library counts them"),
    ("rut", False, r".*-", "nothing after the hyphen: the library takes the last digit of the number for it"),
    ("rut", False, r".*-..+", "two characters after the hyphen: the library drops it and reads another RUT"),
    ("nss", False, r"0{11}", "all zeros: passes Luhn and is nobody"),
)


def explanation(kind: str, typed: str, ours: bool) -> str:
    """Why the product and the library may differ on this value; empty = they may not."""
    looks = {bare(kind, typed), typed.strip()}
    for of, valid, pattern, reason in EXPLAINED:
        if of in {kind, "any"} and valid == ours and any(re.fullmatch(pattern, look) for look in looks):
            return reason
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_n1_every_vector_is_answered_as_the_screens_do(kind: str) -> None:
    asked = list(vectors(kind))
    assert len(asked) >= 100
    answers, ended = ask("check-id", kind, "-", stdin="".join(f"{typed}\n" for _, typed in asked))
    assert (len(answers), ended) == (len(asked), 0)
    for (_, typed), answer in zip(asked, answers, strict=True):
        room = check(kind, typed)
        assert list(answer) == ["kind", "value", "valid", "canonical", "warnings", "error"]
        assert (answer["kind"], answer["value"]) == (kind, typed)
        assert (answer["valid"], answer["canonical"]) == (room.valid, room.canonical)
        assert [one["code"] for one in answer["warnings"]] == [finding.code for finding in room.warnings]
        assert (answer["error"] is None) == answer["valid"]
        if room.error:
            assert answer["error"] == {"code": room.error.code, "message": f"{room.error.message} {room.error.cure}"}


EXPECTED_VALID = {"right": True, "odd spacing or case": True, "full width": False, "too short": False}


@pytest.mark.parametrize("kind", KINDS)
def test_n1_right_ones_pass_and_wrong_ones_do_not(kind: str) -> None:
    asked = list(vectors(kind))
    answers, _ = ask("check-id", kind, *("--", *(typed for _, typed in asked)))
    wrong = []
    for (what, typed), answer in zip(asked, answers, strict=True):
        expected = EXPECTED_VALID.get(what)
        if what == "too short" and kind == "rut":
            continue  # what is left may be the right number of somebody else
        if expected is not None and answer["valid"] != expected:
            wrong.append((what, typed))
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_n1_answers_agree_with_the_libraries_or_the_difference_is_explained(kind: str) -> None:
    asked = [typed for _, typed in vectors(kind)]
    answers, _ = ask("check-id", kind, "-", stdin="".join(f"{typed}\n" for typed in asked))
    differing = [
        (typed, answer["valid"])
        for typed, answer in zip(asked, answers, strict=True)
        if answer["valid"] != library(kind, typed)
    ]
    reasons = {typed: explanation(kind, typed, ours) for typed, ours in differing}
    assert [typed for typed, reason in reasons.items() if not reason] == []
    assert reasons, "each kind has its explained differences"


def test_an_rfc_check_digit_is_a_warning_as_the_library_counts_it() -> None:
    asked = [bare("rfc", value) for _, value in vectors("rfc")]
    answers, _ = ask("check-id", "rfc", *asked)
    warned = {typed: {one["code"] for one in answer["warnings"]} for typed, answer in zip(asked, answers, strict=True)}
    judged = [
        typed
        for typed, answer in zip(asked, answers, strict=True)
        if answer["valid"] and not warned[typed] & {"rfc_generic", "rfc_word"}
    ]
    fails = {typed for typed in judged if not stdnum.mx.rfc.is_valid(typed, validate_check_digits=True)}
    assert {typed for typed in judged if "rfc_check_digit" in warned[typed]} == fails
    assert 0 < len(fails) < len(judged)


# --- lines -----------------------------------------------------------------------------------------------------------


def test_an_invalid_value_is_an_answer_and_ends_with_0() -> None:
    answer = one("check-id", "clabe", "4152313112345678")
    assert (answer["valid"], answer["canonical"], answer["error"]["code"]) == (False, None, "clabe_is_card")


def test_generic_rfcs_low_ruts_sex_x_and_retired_banks_are_valid() -> None:
    generic, low = one("check-id", "rfc", "xaxx010101000"), one("check-id", "rut", "1-9")
    assert (generic["valid"], generic["warnings"][0]["code"]) == (True, "rfc_generic")
    assert (low["valid"], low["canonical"]) == (True, rut.check("1-9").canonical)
    assert one("check-id", "curp", next(value for value in VALID["curp"] if value[10] == "X"))["valid"]
    assert one("check-id", "clabe", "032180000118359719")["warnings"][0]["code"] == "clabe_retired_bank"


def test_an_unknown_kind_fails_on_each_line() -> None:
    answers, ended = ask("check-id", "ssn", "1", "2")
    assert (codes(answers), ended) == (["kind_unknown"] * 2, 2)
    assert "rfc, curp, clabe, rut, nss" in answers[0]["error"]["message"]


def test_a_line_that_is_not_utf8_fails_and_the_others_go_on() -> None:
    answers, ended = ask("check-id", "nss", "-", stdin=b"\xff\xfe\n12345678903\r\n\n")
    assert (codes(answers), ended) == (["not_utf8", "", ""], 2)
    assert [answer.get("value") for answer in answers] == [None, "12345678903", ""]


def test_a_byte_order_mark_of_a_windows_file_is_no_part_of_the_first_value() -> None:
    assert one("check-id", "nss", "-", stdin="\ufeff12345678903\r\n")["value"] == "12345678903"


def test_letters_that_end_a_line_elsewhere_stay_inside_of_ours() -> None:
    answer = one("check-id", "rfc", "A\u2028B\u0085C\x1cD")
    assert answer["value"] == "A\u2028B\u0085C\x1cD"


def test_nothing_on_standard_input_is_nothing_to_answer() -> None:
    assert ask("check-id", "rfc", "-") == ([], 0)


# --- as a process ----------------------------------------------------------------------------------------------------


def shell(*words: str, **more: object) -> subprocess.Popen[bytes]:
    """The command as its own process, with neither database nor settings in its environment."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        **more,
    )


def test_a_line_is_answered_as_soon_as_it_comes() -> None:
    with shell("check-id", "clabe", "-") as process:
        for value in VALID["clabe"][:3]:
            process.stdin.write(f"{value}\n".encode())
            process.stdin.flush()
            assert value.encode() in process.stdout.readline()
        process.stdin.close()
        assert process.wait() == 0


def test_needs_no_settings_no_database_and_no_utf8_locale() -> None:
    with shell("check-id", "rfc", "IAÑL750210963") as process:
        said, failed = process.communicate()
    assert (process.returncode, failed) == (0, b"")
    assert "IAÑL750210963" in said.decode()


def test_whoever_stops_reading_gets_no_traceback() -> None:
    with shell("check-id", "rfc", "-") as process:
        process.stdout.close()
        process.stdin.write(b"XAXX010101000\n" * 2000)
        process.stdin.close()
        failed = process.stderr.read()
    assert b"Traceback" not in failed


def test_start_up_and_a_thousand_identifiers_are_timed(capsys: pytest.CaptureFixture[str]) -> None:
    thousand = "".join(f"{value}\n" for value in VALID["clabe"] * 25).encode()
    began = time.monotonic()
    with shell("check-id", "clabe", "-") as process:
        process.stdin.write(thousand[:19])
        process.stdin.flush()
        process.stdout.readline()
        started = time.monotonic()
        said, _ = process.communicate(thousand)
        ended = time.monotonic()
    assert len(said.splitlines()) == 1000
    with capsys.disabled():
        print(f"\ncheck-id: start-up {started - began:.2f} s (goal 1.5), 1,000 in {ended - started:.2f} s (goal 1.0)")

"""What may stand in the record (AD-05) and how it is signed (AD-03)."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.history import rules


class Colour(StrEnum):
    BLUE = "blue"


def test_details_become_plain_json():
    assert rules.safe_details(
        {
            "amount": Decimal("10.50"),
            "on": date(2026, 11, 22),
            "at": datetime(2026, 11, 22, tzinfo=UTC),
            "id": UUID(int=7),
            "state": Colour.BLUE,
            "n": 3,
            "yes": True,
            "none": None,
            "list": ["a", 1],
            "set": {"b", "a"},
            "nested": {"k": (1, 2)},
        }
    ) == {
        "amount": "10.50",
        "on": "2026-11-22",
        "at": "2026-11-22T00:00:00+00:00",
        "id": "00000000-0000-0000-0000-000000000007",
        "state": "blue",
        "n": 3,
        "yes": True,
        "none": None,
        "list": ["a", 1],
        "set": ["a", "b"],
        "nested": {"k": [1, 2]},
    }


@pytest.mark.parametrize("value", [1.5, b"x", object()])
def test_a_float_or_an_object_in_the_details_is_a_bug(value):
    with pytest.raises(TypeError):
        rules.safe_details({"x": value})


def test_long_text_and_large_details_are_bugs():
    rules.safe_text("x" * 500)
    with pytest.raises(ValueError, match="501 characters"):
        rules.safe_text("x" * 501)
    with pytest.raises(ValueError, match="4000 bytes"):
        rules.safe_details({str(number): "x" * 400 for number in range(12)})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hola\r\nERROR falso", "hola\\x0d\\x0aERROR falso"),
        ("\x1b[31mrojo", "\\x1b[31mrojo"),
        ("a\u2028b\u202ec\x00\x85", "a\\u2028b\\u202ec\\x00\\x85"),
        ("\ud800", "\\ud800"),
        ("Peña & Cía. «ok» – ñ", "Peña & Cía. «ok» – ñ"),
    ],
)
def test_controls_are_written_out_ad_05(typed, kept):
    assert rules.safe_text(typed) == kept
    assert rules.safe_details({typed: typed}) == {kept: kept}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("la CLABE 032180000118359719 no coincide", "la CLABE ••••9719 no coincide"),
        ("032 180 00011835971 9", "••••71 9"),
        ("rfc goda800101AB1.", "rfc ••••1AB1."),
        ("CURP BEML920313HMCLNS09", "CURP ••••NS09"),
        ("folio FA-2026-000001, orden 123456789012", "folio FA-2026-000001, orden 123456789012"),
        ("f3" * 32, "f3" * 32),
        ("018f3c1e-7b1a-7c3d-8e4f-123456789012", "018f3c1e-7b1a-7c3d-8e4f-123456789012"),
        ("018f3c1e-7b1a-7c3d-8e4f-bac887813a60", "018f3c1e-7b1a-7c3d-8e4f-bac887813a60"),  # like an RFC
        ("01812345-6789-7123-8456-123456789012", "01812345-6789-7123-8456-123456789012"),  # like a CLABE in groups
        ("BAC887813A60 de 018f3c1e-7b1a-7c3d-8e4f-bac887813a60", "••••3A60 de 018f3c1e-7b1a-7c3d-8e4f-bac887813a60"),
    ],
)
def test_whole_identifiers_do_not_stay_in_the_record_ad_05(typed, kept):
    assert rules.safe_text(typed) == kept


@given(st.text(max_size=400))
def test_any_text_can_be_recorded_and_has_no_controls(text):
    kept = rules.safe_text(text)
    kept.encode()
    assert not any(ord(letter) < 32 for letter in kept)


def test_an_instant_is_signed_in_utc_whatever_its_zone():
    at = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-6)))
    assert rules.instant(at) == "2026-11-22T16:30:00.123456+00:00"


def test_a_signature_holds_for_its_facts_and_key_only():
    signature = rules.sign(b"k" * 32, ["a", 1, {"b": 2, "a": 1}])
    assert rules.signature_holds(b"k" * 32, ["a", 1, {"a": 1, "b": 2}], signature)
    assert not rules.signature_holds(b"k" * 32, ["a", 2, {"a": 1, "b": 2}], signature)
    assert not rules.signature_holds(b"x" * 32, ["a", 1, {"a": 1, "b": 2}], signature)


def test_a_report_without_fault_holds():
    assert rules.Report(3, 0, None).holds
    assert not rules.Report(3, 0, rules.Fault("cut", "x 1", "…")).holds


def test_a_reason_of_full_length_with_line_breaks_still_fits_its_column():
    kept = rules.safe_text("renglón\n" * 62)
    assert len(kept) == rules.MAX_TEXT
    assert kept.endswith("…")
    assert kept.startswith("renglón\\x0arenglón")

"""Typed text and file names (UP-04, C7, D14)."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import RuleBroken
from portal.text import check_filename, clean_text, display_name, folded, listed, name_pattern, search_key, storable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Peña   & Cía. ", "Peña & Cía."),
        ("n\u0303", "ñ"),
        ("a\u00a0b\u2003c", "a b c"),
        ("", ""),
        ("   ", ""),
        ("👩‍⚕️ Dra. Ruiz", "👩‍⚕️ Dra. Ruiz"),
        ("日本 العربية", "日本 العربية"),
    ],
)
def test_text_is_composed_and_trimmed(typed, kept):
    assert clean_text(typed, max_length=50) == kept


def test_several_lines_keep_their_lines():
    assert clean_text(" a\r\nb\rc\td \n", max_length=50, multiline=True) == "a\nb\nc\td"


@pytest.mark.parametrize(
    "letter", "\x00 \x07 \x1b \x7f \x85 \u200e \u202e \u2066 \u2069 \u061c \ud800 \u2028".split(" ")
)
def test_controls_surrogates_and_direction_marks_are_refused_by_name(letter):
    for multiline in (False, True):
        with pytest.raises(RuleBroken) as refused:
            clean_text(f"a{letter}b", max_length=50, multiline=multiline)
        assert refused.value.code == "text_controls"
        assert f"U+{ord(letter):04X}" in refused.value.message
        refused.value.message.encode()


def test_a_line_break_in_single_line_text_is_refused():
    for letter in "\n\r\t\x0b":
        with pytest.raises(RuleBroken, match=r"U\+00"):
            clean_text(f"a{letter}b", max_length=50)


@pytest.mark.parametrize("typed", ["\u200b", "\u3164", "\u2800\u115f", "\u200d\u200c \ufeff", "\u0301", "\u00ad"])
def test_text_that_nobody_can_see_is_refused(typed):
    with pytest.raises(RuleBroken) as refused:
        clean_text(typed, max_length=50)
    assert refused.value.code == "text_invisible"


def test_too_long_says_by_how_much():
    assert clean_text("x" * 50, max_length=50)
    with pytest.raises(RuleBroken, match="tiene 51 caracteres y caben 50"):
        clean_text("x" * 51, max_length=50)


@given(st.text(max_size=80), st.booleans())
def test_any_text_is_clean_or_refused(text, multiline):
    try:
        kept = clean_text(text, max_length=200, multiline=multiline)
    except RuleBroken:
        return
    assert kept == unicodedata.normalize("NFC", kept)
    assert clean_text(kept, max_length=200, multiline=multiline) == kept
    kept.encode()


@pytest.mark.parametrize(
    "name",
    [
        "factura.xml",
        "Factura Ñandú #3 (1) & más.PDF",
        "informe final v2.0.pdf",
        "año 2026 $.jpg",
        "CON.pdf",
        "日本.pdf",
        ".oculto",
        "a" * 255,
    ],
)
def test_names_with_accents_spaces_and_signs_are_welcome_c7(name):
    assert check_filename(name) == name


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("a\x00.pdf", "filename_characters", "U+0000"),
        ("a\r\nb.pdf", "filename_characters", "U+000D, U+000A"),
        ("factura\u202efdp.xml", "filename_characters", "U+202E"),
        ("../../etc/passwd", "filename_characters", "«/»"),
        ("c:\\a.pdf", "filename_characters", "«\\»"),
        ("a\ud800.pdf", "filename_characters", "U+D800"),
        ("a\u200b.pdf", "filename_characters", "U+200B"),
        ("\ufefffactura.xml", "filename_characters", "U+FEFF"),
        ("fac\u00adtura.xml", "filename_characters", "U+00AD"),
        ("a\u2060b\u200d.pdf", "filename_characters", "U+2060, que no se ve, U+200D"),
        ("a\u3164.pdf", "filename_characters", "U+3164"),
        ("a\ufe00.pdf", "filename_characters", "U+FE00"),
        ("a\U000e0041.pdf", "filename_characters", "U+E0041"),
        ("", "filename_empty", "no tiene nombre"),
        (" .. ", "filename_empty", "no tiene nombre"),
        ("\u3164", "filename_empty", "no tiene nombre"),
        ("a" * 256, "filename_too_long", "256"),
    ],
)
def test_a_refused_name_lists_what_was_found_up_04(name, code, said):
    with pytest.raises(RuleBroken) as refused:
        check_filename(name)
    assert refused.value.code == code
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Factura Ñ.pdf", "Factura Ñ.pdf"),
        ("../../etc/passwd", "passwd"),
        ("c:\\x\\a.pdf", "a.pdf"),
        ("a\r\nb\u202e.pdf", "a__b_.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("", "archivo"),
        (" . ", "archivo"),
        ("\u3164", "archivo"),
        ("/", "archivo"),
        ("x" * 300, "x" * 255),
        ("CON.pdf", "_CON.pdf"),
        ("con", "_con"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("Com1 .xml", "_Com1 .xml"),
        ("LPT\u00b9.pdf", "_LPT\u00b9.pdf"),
        ("CONIN$", "_CONIN$"),
        ("con\u200b.pdf", "_con.pdf"),
        ("CONTRATO.pdf", "CONTRATO.pdf"),
        ("COM.pdf", "COM.pdf"),
        ("fac\ufefftura.xml", "factura.xml"),
    ],
)
def test_a_shown_name_is_safe_anywhere(name, shown):
    assert display_name(name) == shown


@given(st.text(max_size=300))
def test_any_name_can_be_shown(name):
    shown = display_name(name)
    assert shown
    assert not set(shown) & set('/\\<>:"|?*\r\n\x00')
    shown.encode()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("José PÉREZ Ñáñez", "jose perez nanez"),
        ("n\u0303 u\u0308", "n u"),
        ("ﬁel 1ª Nº", "fiel 1a no"),
        ("Straße", "strasse"),
        ("A&B 12", "a&b 12"),
        ("", ""),
    ],
)
def test_folded_text_has_no_case_no_accents_and_no_tilde(text, same):
    assert folded(text) == same


@given(st.text(max_size=60))
def test_no_folded_text_keeps_a_mark(text):
    assert not any(unicodedata.combining(letter) for letter in folded(text))


def test_search_ignores_accents_and_case_and_keeps_enye_after_n_d14():
    assert search_key("  José   PÉREZ ") == "jose perez"
    assert search_key("n\u0303") == search_key("Ñ")
    names = ["Ñáñez", "Nuñez", "Nunez", "Nzambi", "Ortega", "Muñoz", "Munoz"]
    assert sorted(names, key=search_key) == ["Munoz", "Muñoz", "Nunez", "Nuñez", "Nzambi", "Ñáñez", "Ortega"]


@pytest.mark.parametrize(
    ("typed", "stored", "found"),
    [
        ("nunez", "María Núñez Peña", True),
        ("NÚÑEZ pena", "MARÍA NUNEZ  PEÑA", True),
        ("maria  nu", "María Núñez", True),
        ("ñuñez", "Nunez", True),
        ("güemes", "GUEMES", True),
        ("peña", "Perea", False),
        ("d'or (a+)", "D'Or (a+)", True),
        ("a.b", "axb", False),
        ("[a", "[A", True),
    ],
)
def test_a_name_is_found_however_it_was_typed(typed, stored, found):
    assert bool(re.search(name_pattern(typed), stored)) is found


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["A"], "A"), (["A", "B"], "A y B"), (["A", "B", "C"], "A, B y C")]
)
def test_names_are_listed_as_people_say_them(names, said) -> None:
    assert listed(names) == said


def test_what_a_column_cannot_hold_becomes_a_mark_wherever_it_stands() -> None:
    held = {"a\x00": ["b\ud800", ("c\ndé", 1, None, True)]}
    assert storable(held) == {"a\ufffd": ["b\ufffd", ["c\ndé", 1, None, True]]}

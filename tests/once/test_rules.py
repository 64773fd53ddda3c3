"""Keys, the hash of what is asked, windows and the sentence of a throttle."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.once import rules


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("a" * 8, True),
        ("a" * 128, True),
        ("018f3c1e-7b1a-7c3d-8e4f-1234", True),
        ("", False),
        ("corta", False),
        ("a" * 129, False),
        ("a b c d e f", False),
        ("ñandú1234", False),
    ],
)
def test_a_key_is_8_to_128_plain_characters(key, good):
    assert rules.is_key(key) is good


def test_the_body_is_address_fields_and_files_but_neither_key_nor_token():
    base = rules.hash_form("/x/", [("a", ["1"]), ("b", ["2", "3"])], [("f", "a.xml", 3, "ab")])
    same = [("b", ["2", "3"]), ("csrfmiddlewaretoken", ["zz"]), ("idempotency_key", ["k"]), ("a", ["1"])]
    assert rules.hash_form("/x/", same, [("f", "a.xml", 3, "ab")]) == base
    assert rules.hash_form("/y/", same, [("f", "a.xml", 3, "ab")]) != base
    assert rules.hash_form("/x/", [("a", ["1"]), ("b", ["3", "2"])], [("f", "a.xml", 3, "ab")]) != base
    assert rules.hash_form("/x/", same, [("f", "a.xml", 3, "ac")]) != base
    assert rules.hash_form("/x/", same, [("f", "a.xml", None, "ab")]) != base


def test_windows_are_fixed_and_count_from_1970():
    at = datetime(2026, 11, 22, 16, 33, 20, tzinfo=UTC)
    assert rules.window_start(at, timedelta(minutes=5)) == datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert rules.length_of(300) == rules.length_of(timedelta(minutes=5)) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("seconds", "instead", "said"),
    [
        (
            300,
            "recupera tu acceso por correo",
            "Hiciste muchos intentos. Espera 5 minutos o recupera tu acceso por correo.",
        ),
        (1, "", "Hiciste muchos intentos. Espera 1 segundo."),
        (59, "", "Hiciste muchos intentos. Espera 59 segundos."),
        (60, "", "Hiciste muchos intentos. Espera 1 minuto."),
        (61, "", "Hiciste muchos intentos. Espera 2 minutos."),
        (7200, "", "Hiciste muchos intentos. Espera 2 horas."),
    ],
)
def test_the_sentence_says_how_long(seconds, instead, said):
    assert rules.wait_sentence(seconds, instead) == said

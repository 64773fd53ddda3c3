"""One cell as people and programs write it."""

from __future__ import annotations

from datetime import date

import pytest

from portal.imports.rules.cells import Unreadable, check_letters, check_plain, plain, quoted, read_day, read_flag


@pytest.mark.parametrize(
    "word",
    [
        "VERDADERO",
        "Verdadero",
        "V",
        "TRUE",
        "true",
        True,
        "SÍ",
        "Sí",
        "si",
        "S",
        "x",
        "X",
        " X ",
        "1",
        1,
        "yes",
        "digital",
        "si\u0301",
        "ＳＩ",
    ],
)
def test_yes_as_spreadsheets_and_people_write_it(word) -> None:
    assert read_flag(word) is True


@pytest.mark.parametrize("word", ["FALSO", "Falso", "F", "FALSE", False, "NO", "no", "N", "0", 0, "", "  "])
def test_no_as_spreadsheets_and_people_write_it(word) -> None:
    assert read_flag(word) is False


@pytest.mark.parametrize("word", ["quizá", "2", "-", "xx", "10", ["x"], 1.5])
def test_what_is_neither_says_what_to_write(word) -> None:
    with pytest.raises(Unreadable, match="Escribe sí o no") as refused:
        read_flag(word)
    assert refused.value.code == "bad_flag"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        (" 20/11/2026 ", date(2026, 11, 20)),
        ("9/1/2026", date(2026, 1, 9)),
        ("2026-1-9", date(2026, 1, 9)),
        ("2000-01-01", date(2000, 1, 1)),
        ("29/02/2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read(text, day) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("19/11/26", "año con dos cifras"),
        ("26-11-19", "año con dos cifras"),
        ("19.11.26", "año con dos cifras"),
        ("9/1/26", "año con dos cifras"),
        ("0026-11-20", "anterior al año 2000"),
        ("1926-11-20", "anterior al año 2000"),
        ("31/12/1999", "31 dic 1999 es anterior al año 2000"),
        ("20/11/0206", "anterior al año 2000"),
        ("2026-02-30", "no es una fecha"),
        ("29/02/2026", "no es una fecha"),
        ("19-11-2026", "no es una fecha"),
        ("11/20/2026", "no es una fecha"),
        ("46346", "no es una fecha"),
        (46346, "no es una fecha"),
        ("20/11/20261", "no es una fecha"),
        ("hoy", "no es una fecha"),
        ("", "no es una fecha"),
        ("٢٠٢٦-١١-٢٠", "no es una fecha"),
        ("2026-11-20\n2026", "no es una fecha"),
        (None, "no es una fecha"),
    ],
)
def test_a_day_that_has_two_readings_or_none_is_refused_with_its_cure(value, said) -> None:
    with pytest.raises(Unreadable, match=said) as refused:
        read_day(value)
    assert refused.value.code == "bad_date" and "2026-11-22" in refused.value.message


NAMES = ("Pérez", "Ñáñez", "María José", "Güereña", "López", "Núñez", "Ángel", "Íñigo", "Óscar", "Úrsula", "Élida")


def misread(name: str, written: str, read: str) -> str:
    return name.encode(written).decode(read, "replace")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("read", ["cp1252", "latin-1", "mac-roman", "cp850", "cp437"])
def test_utf_8_that_another_encoding_broke_is_refused_with_its_cure(name, read) -> None:
    broken = misread(name, "utf-8", read)
    with pytest.raises(Unreadable, match="letras rotas.*CSV UTF-8.*corrige la palabra") as refused:
        check_letters(f"Juana {broken} Ruiz")
    assert refused.value.code == "mojibake"


@pytest.mark.parametrize(
    "broken",
    [
        misread("Pérez", "cp1252", "utf-8"),  # P�rez
        misread(misread("Pérez", "utf-8", "cp1252"), "utf-8", "cp1252"),  # twice
        misread("Muñoz", "cp850", "cp1252"),
        misread("José", "cp850", "cp1252"),
        misread("MUÑOZ", "cp850", "cp1252"),
        misread("García", "cp850", "cp1252"),
        misread("López", "cp850", "cp1252"),
        misread("Núñez", "cp850", "cp1252"),
        misread("Pérez", "mac-roman", "cp1252"),
        misread("Suárez", "mac-roman", "cp1252"),
        "Mu?oz",
        "PE?A",
        "GarcÃa",
        "Â¿Consulta?",
        "3Âª dosis",
        "N.Âº 5",
        "â€œConsultaâ€",
        "Juana\u00c2\u00a0Pérez",
        "P\u0081rez",
    ],
)
def test_other_ways_in_which_letters_break_are_refused_too(broken) -> None:
    with pytest.raises(Unreadable):
        check_letters(broken)


@pytest.mark.parametrize(
    "text",
    [
        *NAMES,
        *map(str.upper, NAMES),
        "O’Farrill",
        "D'Angelo",
        "João Conceição",
        "CONCEIÇÃO",
        "IRMÃ DULCE",
        "«IRM\xc3»",
        "Guimarães",
        "ÂNGELA",
        "«JOS\xc9»",
        "“JO\xc3” SILVA",
        "Zoë Müller",
        "Žižek",
        "Peña & Hijos, S.A.",
        "¿Consulta?",
        "Consulta? Sí",
        "¡Urgente!",
        "50 µg",
        "20 €",
        "£5",
        "US$ 5",
        "3ª dosis",
        "N.º 5",
        "Consulta – control",
        "Consulta—control",
        "√ revisada",
        "√revisada",
        "Consulta…",
        "“Consulta”",
        "",
    ],
)
def test_real_names_and_concepts_pass(text) -> None:
    assert check_letters(text) == text


def test_the_broken_word_is_named_and_short() -> None:
    with pytest.raises(Unreadable, match="^«PÃ©rez» trae"):
        check_letters("Juana PÃ©rez Ruiz")
    assert quoted("x" * 50) == "x" * 30 and quoted("a\x00b") == "a\ufffdb"


@pytest.mark.parametrize("cell", ["=1+1", ' ="0012"', "＝A1", "=VERDADERO()"])
def test_a_formula_is_refused_and_never_computed(cell) -> None:
    with pytest.raises(Unreadable, match="es una fórmula. Pega") as refused:
        check_plain(cell)
    assert refused.value.code == "formula"


@pytest.mark.parametrize("cell", ["", "A=1", "-5.00", "+52 33", "@ana", "'=1+1", "- control"])
def test_what_is_no_formula_is_text(cell) -> None:
    assert check_plain(cell) == cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1", "=1"),
        ("'+52", "+52"),
        ("'-a", "-a"),
        ("'@a", "@a"),
        ("'007", "007"),
        ("'t Hooft", "'t Hooft"),
        ("D'Angelo", "D'Angelo"),
        (" a \r\n b ", "a b"),
        ("", ""),
        ("''1", "''1"),
    ],
)
def test_a_cell_is_one_line_of_text(cell, text) -> None:
    assert plain(cell) == text

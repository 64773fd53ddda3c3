"""A person's name in a text: the same, nearly, cut short, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import names
from portal.names import Found

WHOLE = [
    ("paciente José O'Farrill Díaz.", "José O'Farrill Díaz"),
    *[(f"JOSE O{sign}FARRILL DIAZ", "José O'Farrill Díaz") for sign in "'’‘‛ʼʻʹ′´`＇"],
    ("JOSE OFARRILL DIAZ", "José O'Farrill Díaz"),
    ("JOSE O FARRILL DIAZ", "José O'Farrill Díaz"),
    ("José O´Farrill Díaz", "JOSE OFARRILL DIAZ"),
    ("ANA DANGELO", "Ana D’Angelo"),
    ("Ana García-López", "ANA GARCIA LOPEZ"),
    ("GARCIALOPEZ ANA", "Ana García-López"),
    ("PÉREZ NÚÑEZ, JUANA", "Juana Pérez Núñez"),
    ("Titular: J u a n a P é r e z  N ú ñ e z", "Juana Pérez Núñez"),
    ("Jua na Pé rez Nú ñez", "Juana Pérez Núñez"),
    ("JUANA      PEREZ  \r\n  NUNEZ", "Juana Pérez Núñez"),
]
DOUBTFUL = [
    ("MA. JOSE NUÑEZ PEÑA", "María José Núñez Peña"),
    ("Mª José Núñez Peña", "María José Núñez Peña"),
    ("MA PEREZ", "María Pérez"),
    ("María Pérez", "Ma. Pérez"),
    ("MA.DEL CARMEN RUIZ", "María del Carmen Ruiz"),
    ("Gpe. Hdz. Ruiz", "Guadalupe Hernández Ruiz"),
    ("Ant. Ruiz Soto", "Antonio Ruiz Soto"),
    ("Juan Cruz", "Juan de la Cruz"),
    ("JUANA PEREZ NU EZ", "Juana Pérez Núñez"),
    ("JUANA PEREZ NUEZ", "Juana Pérez Núñez"),
    ("JUANA P?REZ N??EZ", "Juana Pérez Núñez"),
    ("JUANA PÃ©REZ NÃºÃ±EZ", "Juana Pérez Núñez"),
    ("PEÃ‘A NUÃ‘EZ ANA", "Ana Peña Núñez"),
    ("ANA NU\ufffdEZ PE\ufffdA", "Ana Nunez Pena"),
    ("UZCO LUIS IAN", "Luis Ian Ñuzco"),
]
CUT = [
    ("MARIA FERNANDA HERNAN\nCuenta 1", "María Fernanda Hernández Villavicencio"),
    ("MARIA FERNANDA HERNANDEZ\nCuenta", "María Fernanda Hernández Villavicencio Soto"),
    ("Titular MARIA GUADALUPE DE LOS", "María Guadalupe de los Ángeles Hernández Villavicencio"),
    ("Nombre: PEREZ NUÑEZ JUA", "Juana Pérez Núñez"),
    ("JUANA PER", "Juana Pérez"),
]
NOT = [
    ("JUANA PEREZ LOPEZ", "Juana Pérez Núñez"),
    ("JUANA LOPEZ NUÑEZ", "Juana Pérez Núñez"),
    ("Maria Perezuela", "María Pérez"),
    ("Josefina Ruiz", "José Ruiz"),
    ("Ana López García", "Andrea López García"),
    ("Noé Ruiz Soto", "Noelia Ruiz Soto"),
    ("Juan Pérez Soto", "Ana Pérez Soto"),
    ("JOSE HERNANDEZ LOPEZ\n", "María Fernanda Hernández López"),
    ("M. L.", "María López"),
    ("Juana", "Juana Pérez"),
    ("Pérez", "Juana Pérez"),
    ("Ã tilde", "Juana Pérez"),
    ("Ãÿ Juana", "Juana Pérez"),
    ("", "Ana"),
    ("Ana", ""),
    ("Ana", "…"),
]


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [(*pair, found) for found, pairs in zip(Found, (NOT, CUT, DOUBTFUL, WHOLE), strict=True) for pair in pairs],
)
def test_a_name_is_found_as_sure_as_it_stands(text: str, name: str, found: Found) -> None:
    reading = names.find(text, name)
    assert reading.found is found
    assert bool(reading.read) is (found is not Found.NOT)


def test_what_was_read_is_told_as_it_stands() -> None:
    assert names.find("Estado de cuenta de Jua na  Pé rez Nú ñez, RFC", "Juana Pérez Núñez").read == (
        "Jua na Pé rez Nú ñez"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("José O'Farrill", "JOSE OFARRILL", True),
        ("D´Angelo, S.A.", "DANGELO SA", True),
        ("García-López", "Garcia Lopez", True),
        ("Núñez", "NUNEZ", True),
        ("Ma. Pérez", "María Pérez", False),
        ("Pérez Ana", "Ana Pérez", False),
    ],
)
def test_names_of_the_same_letters_are_the_same(one: str, other: str, same: bool) -> None:
    assert names.same(one, other) is same


def test_quotes_around_a_word_are_no_apostrophe() -> None:
    assert names.without_apostrophes("'Ana' d'Angelo’s 5'6") == "'Ana' dAngelos 5'6"


people = st.lists(st.sampled_from("José María O'Farrill Núñez Peña D'Angelo García-López Ruiz".split()), min_size=2)


@given(people, st.text(" .,\n", min_size=1, max_size=2))
def test_a_name_is_found_whole_in_any_spacing(parts: list[str], between: str) -> None:
    assert names.find(f"Paciente: {between.join(parts).upper()}.", " ".join(parts)).found is Found.WHOLE


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_and_any_name_can_be_asked(text: str, name: str) -> None:
    assert names.find(text, name).found in Found

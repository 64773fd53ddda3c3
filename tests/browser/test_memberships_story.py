"""A family's year at the telephone (story H of memberships): joining, a store's slip, the card.

Its house is its own, for its clock moves: what its days bring would change those of every other story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from config.demo import samples
from tests.browser import looks, papers
from tests.browser.conftest import Enter
from tests.browser.house import House, a_house
from tests.browser.person import Person
from tests.copies import Run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TELEPHONE: Any = {"width": 390, "height": 844}
EMAIL, PASSWORD, RFC = "fernanda.ibarra@correo.example", "lluvia en la sierra azul", "IASF850412QX7"
PARTNER = ("partner", "Raúl", "Campos", "Nieto", date(1983, 2, 9), "male")
MOTHER = ("parent", "Olga", "Soto", "Vera", date(1955, 6, 3), "female")


@pytest.fixture(scope="module")
def house(run: Run, django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """A portal of this story's own, with the sample gateway of cards, since its clock moves."""
    looks.remember_in(run.folder / "looked-at")
    with django_db_blocker.unblock():
        run.world  # noqa: B018 - made here, where Django is set up
    with a_house(run, name=f"{run.name}_dues", gateway=True) as running:
        yield running


def test_a_family_joins_pays_at_a_store_and_carries_a_card(house: House, enter: Enter) -> None:
    joined_on = next_month(papers.today()) + timedelta(days=2)
    house.moves_to(joined_on)
    fernanda, ramiro, stranger = enter(), enter("ramiro"), enter()
    joins(house, fernanda, turns_18=next_month(next_month(joined_on)) + timedelta(days=13))
    folio = pays_at_a_store(house, fernanda, ramiro, on=joined_on)
    a_stranger_reads(stranger, is_welcomed(fernanda, folio), "vigente")


def at_the_telephone(person: Person) -> Person:
    """A narrow screen."""
    person.page.set_viewport_size(TELEPHONE)
    return person


def next_month(day: date) -> date:
    """The first of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# --- 1. a family joins -----------------------------------------------------------------------------------------------


def joins(house: House, fernanda: Person, *, turns_18: date) -> None:
    """From the public page to the first payment; left at the third step and gone on with another day (S1.1, S1.10)."""
    at_the_telephone(fernanda).go("/membresias/").sees("FAMILIAR TOTAL").open("Afiliarme")
    signs_up(fernanda)
    fernanda.go("/membresia/afiliarse/")
    fernanda.page.get_by_label("FAMILIAR TOTAL").check()
    fernanda.press("Guardar y seguir")
    says_who(fernanda, "Fernanda", "Ibarra", "Soto", date(1985, 4, 12), "female")
    fernanda.type(rfc=RFC, phone="33 1234 5678", street="Hidalgo 8", neighbourhood="Centro", zip_code="44100")
    fernanda.type(municipality="Guadalajara", region="Jalisco").press("Guardar y seguir")
    adds(fernanda, *PARTNER)
    leaves_and_comes_back(fernanda)
    adds(fernanda, "child", "Iván", "Campos", "Ibarra", turns_18.replace(year=turns_18.year - 18), "male")
    adds(fernanda, *MOTHER)
    fernanda.open("Seguir").sees("Raúl Campos Nieto", "Iván Campos Ibarra", "Olga Soto Vera", "44100")
    fernanda.press("Afiliar a mi familia").sees("aceptes el aviso de privacidad")
    fernanda.page.locator('[name="consent"]').check()
    fernanda.press("Afiliar a mi familia").sees("Falta el primer pago")
    fernanda.go("/membresia/").sees("Iván Campos Ibarra", "menor de edad")


def signs_up(person: Person) -> None:
    """By RFC, confirmed from the mail."""
    person.open("Registrarme").type(rfc=RFC, email=EMAIL, password=PASSWORD)
    person.page.get_by_label("Leí el aviso de privacidad").check()
    person.press("Registrarme").mail("Confirma tu correo para entrar a Cauce", EMAIL)
    person.go(str(person.page.locator("main a[href*='/confirmar/']").first.get_attribute("href")))
    person.press("Confirmar mi correo")
    signs_in(person)


def signs_in(person: Person) -> None:
    """With the address that was confirmed."""
    person.go("/entrar/").type(identifier=EMAIL, password=PASSWORD).press("Entrar al portal")


def says_who(person: Person, *told: Any) -> None:
    """One person as a form asks for them: name, two surnames, birth, sex."""
    name, first, second, born, sex = told
    person.type(given_name=name, first_surname=first, second_surname=second)
    person.type(born_on_0=str(born.day), born_on_1=str(born.month), born_on_2=str(born.year))
    person.page.locator('select[name="sex"]').select_option(sex)


def adds(person: Person, kinship: str, *told: Any) -> None:
    """Somebody of the family, at the third step."""
    fold = person.page.locator("details", has_text="Agregar a una persona")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    person.page.locator('select[name="kinship"]').select_option(kinship)
    says_who(person, *told)
    person.press("Agregar").sees("Agregamos a esa persona", " ".join(told[:3]))


def leaves_and_comes_back(person: Person) -> None:
    """Who is in is still in."""
    person.context.clear_cookies()  # another telephone
    signs_in(person)
    person.go("/membresia/").open("Seguir con la afiliación")
    assert person.page.locator('[name="street"]').input_value() == "Hidalgo 8"
    person.press("Guardar y seguir").sees("Raúl Campos Nieto")


# --- 2. a store's slip, the card, a stranger's telephone -------------------------------------------------------------


def pays_at_a_store(house: House, fernanda: Person, ramiro: Person, *, on: date) -> str:
    """A slip with its barcode; the network's file pays it by itself (S1.21, S1.22). The membership's folio."""
    makes_slip(fernanda, "Hacer mi primer pago", "paynet")
    slip = house.rows("SELECT reference, amount FROM memberships_slip WHERE code = %s", code_of(fernanda))[0]
    fernanda.sees("$480.00", "Ficha de pago").waits("Descargar la ficha en PDF")
    takes_in(ramiro, "mx-stores", "tiendas.txt", samples.make_store_file([slip], on=on))
    fernanda.waits("Pagada", seconds=60)
    folio = re.search(r"ME-\d{4}-\d+", fernanda.go("/membresia/").sees("Vigente", "Recibo").text)
    assert folio
    return folio[0]


def makes_slip(person: Person, opens: str, scheme: str, months: int = 1) -> None:
    """So many months, where they are paid."""
    person.go("/membresia/").open(opens)
    person.page.locator('select[name="scheme"]').select_option(scheme)
    person.page.locator('select[name="months"]').select_option(str(months))
    person.press("Seguir")


def code_of(person: Person) -> str:
    """The code in the address of a slip or an attempt."""
    return str(person.page.url.rstrip("/").rsplit("/", 1)[1])


def takes_in(ramiro: Person, account: str, name: str, content: bytes) -> None:
    """A file of movements is read, looked at and applied."""
    ramiro.go(f"/mesa/cobranza/archivos/nuevo/?cuenta={account}").upload({"file": (name, content)})
    ramiro.press("Leer el archivo").sees("Qué trae").decide("Aplicar y contabilizar")


def is_welcomed(fernanda: Person, folio: str) -> str:
    """The mail with cards and constancias; what her card's code leads to (S1.2, S1.3, S1.5)."""
    fernanda.mail(f"{folio}: tu membresía ya está vigente", EMAIL).sees("credencial", "constancia")
    fernanda.go("/membresia/").open_about("Fernanda Ibarra Soto")
    return card_of(fernanda)


def card_of(reader: Person) -> str:
    """What the code says on the card that a person's page leads to."""
    href = reader.page.locator("a", has_text="para imprimir").get_attribute("href")
    return papers.qr_of(reader.fetch(str(href)))


def a_stranger_reads(stranger: Person, address: str, standing: str) -> None:
    """What the code of a card says today, and nothing of whom it is (C17a)."""
    at_the_telephone(stranger).go(address).sees(standing).sees_not("Ibarra", "Cota", RFC, EMAIL)

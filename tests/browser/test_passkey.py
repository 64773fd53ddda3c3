"""An approver enrols a passkey and signs in with it alone; a virtual authenticator is the finger (AU-08, AU-09)."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ADDRESS, PASSWORD = "gabriel@ejemplo.mx", "la lluvia cae despacio sobre el patio"


def test_an_approver_enrols_a_passkey_and_signs_in_with_it_alone(house: House, enter: Enter) -> None:
    person = enter()
    finger(person)
    choose_a_password(house, person, ADDRESS, PASSWORD)
    person.go("/entrar/").type(identifier=ADDRESS, password=PASSWORD).press("Entrar al portal")
    person.is_at("/cuenta/seguridad/").sees("Falta tu llave de acceso")
    person.go("/mesa/pagos/").is_at("/cuenta/seguridad/")
    person.open("Agregar huella o llave")
    if "confirmar" in person.page.url:
        person.type(password=PASSWORD).press("Confirmar contraseña")
    person.type(name="Huella de mi portátil").press("Agregar llave").sees("rescate")
    person.go("/mesa/pagos/").is_at("/mesa/pagos/")
    sign_out(person)
    person.go("/entrar/").press("Entrar con huella o llave").is_at("/mesa/")
    factor = (
        "SELECT details->>'factor' FROM history_auditevent WHERE action = 'people.signed_in' ORDER BY id DESC LIMIT 1"
    )
    assert house.value(factor) == "passkey"


def finger(person: Person) -> None:
    """A platform authenticator that always says yes, in this browser only."""
    session = person.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def choose_a_password(house: House, person: Person, address: str, password: str) -> None:
    """Recovery gives a one-time secret by mail; it opens one page, where the lasting password is chosen (AU-01)."""
    person.go("/recuperar/").type(identifier=address)
    person._follow(person.page.locator("main form button[type=submit]").first.click)
    person.go("/_demo/buzon/").waits("Tu clave de un solo uso para entrar a Cauce")
    person.open_row(address)
    secret = re.search(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b", person.text)
    assert secret, person.text
    person.go("/entrar/").type(identifier=address, password=secret[0]).press("Entrar al portal")
    person.is_at("/entrar/elegir-contrasena/").type(password=password)
    person._follow(person.page.locator("main form button[type=submit]").first.click)


def sign_out(person: Person) -> None:
    """Leave by the menu of the account."""
    person.go("/cuenta/")
    with person.page.expect_navigation():
        person.page.locator('form[action="/salir/"]').first.evaluate("form => form.requestSubmit()")

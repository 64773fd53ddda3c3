"""A right file beside a wrong one stays; files sent at once are each a request of its own (D24, UX D5)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route

from tests.browser import papers
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.papers import Doctor
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LUCIA = Doctor("Lucía Ortega Ríos", "OERL850612AA9", "lucia@ejemplo.mx", "44100", "012180055566677995", regime="612")


def test_d24_only_the_wrong_one_of_two_is_asked_for(house: House, enter: Enter) -> None:
    person = enter("lucia")
    # A CLABE with a wrong digit beside the right statement: only the CLABE is typed again.
    wrong = LUCIA.clabe[:-1] + str((int(LUCIA.clabe[-1]) + 1) % 10)
    person.go("/cuenta/bancaria/nueva/").type(clabe=wrong)
    person.upload({"statement": ("estado.pdf", LUCIA.statement(days_old=15))}).press("Guardar cuenta bancaria")
    person.sees("Tu estado de cuenta quedó guardado: corrige la CLABE.", "estado.pdf", "Ya está guardado")
    person.type(clabe=LUCIA.clabe).press("Guardar cuenta bancaria").is_at("/cuenta/bancaria/")
    person.sees("Enviar a revisión")

    # Three files at once, each by itself: one that is no invoice, two that are; one is cancelled, one loses its way.
    person.go("/medico/facturas/nueva/")
    person.page.get_by_label("Elegir DV-7109", exact=True).check()  # no other test bills it
    person.press("Facturar las elegidas").is_at("/medico/facturas/borradores/…/")
    xml, pdf = papers.invoice(LUCIA, papers.read_assistant(person))
    asked = _first_request_hangs_and_second_fails(person)
    person.page.evaluate("delete Crypto.prototype.randomUUID")  # as on plain http
    person.choose_files(("otro.xml", b"<?xml version='1.0'?><nada/>"), ("f.pdf", pdf), ("f.xml", xml))
    _row(person, "otro.xml").get_by_role("button", name="Cancelar").click()
    person.settled().sees("Cancelado. No se guardó.", "Se fue la conexión.", "Lo que revisamos en tus archivos")
    assert person.faults.pop().endswith("net::ERR_FAILED")
    for name in ("otro.xml", "f.pdf"):
        _row(person, name).get_by_role("button", name="Reintentar").click()
        person.settled()
    person.sees("No guardamos este archivo", "Tu factura pasa todas las reglas.")
    cancelled, lost, _whole, again, retried = (route.request.headers["idempotency-key"] for route in asked)
    assert again != cancelled and retried == lost, "what was cancelled is another act, what was lost is the same one"
    _row(person, "otro.xml").get_by_role("button", name="Quitar").click()
    # Each is stored by itself: the page read again has them, and what was taken out comes back.
    person.page.reload()
    person.sees("f.xml", "f.pdf", "Tu factura pasa todas las reglas.").sees_not("otro.xml")
    _without_a_session_the_way_in_is_shown(person, xml)
    person.page.get_by_role("button", name="Quitar f.xml").click()
    person.page.get_by_role("button", name="Deshacer y devolver f.xml").wait_for()
    person.sees("Quitado", "Sube el XML de tu factura.").sees_not("Tu factura pasa todas las reglas.")
    person.page.keyboard.press("Enter")  # the focus went along
    person.page.get_by_role("button", name="Quitar f.xml").wait_for()
    person.sees("Tu factura pasa todas las reglas.").press("Enviar a revisión").sees("Recibimos tu factura")
    folio = person.page.locator(".folio-big").inner_text()
    assert house.value("SELECT state FROM billing_invoice WHERE folio = %s", folio) == "submitted"


def _without_a_session_the_way_in_is_shown(person: Person, xml: bytes) -> None:
    """Whatever was asked of the page: a file sent, a stored one taken out."""
    draft = person.page.url
    [session] = [cookie for cookie in person.context.cookies() if "session" in cookie["name"]]
    remove = person.page.get_by_role("button", name="Quitar f.xml")
    for ask in (lambda: person.choose_files(("f.xml", xml)), remove.click):
        person.context.clear_cookies(name=session["name"])
        ask()
        person.page.wait_for_url(re.compile("/entrar/"))
        person.context.add_cookies([session])
        person.page.goto(draft)


def _row(person: Person, name: str) -> Locator:
    return person.page.locator("[data-uploads] .file-row", has_text=name)


def _first_request_hangs_and_second_fails(person: Person) -> list[Route]:
    """Only the first two files: what follows arrives. Gives what is asked, as it comes."""
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        if len(asked) == 2:
            route.abort()
        elif len(asked) > 2:
            route.continue_()

    person.page.route("**/archivos/", answer)
    return asked

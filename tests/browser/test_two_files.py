"""A right file beside a wrong one stays, and files in each other's fields find their own (D24)."""

from __future__ import annotations

import pytest

from tests.browser import papers
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.papers import Doctor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LUCIA = Doctor("Lucía Ortega Ríos", "OERL850612AA9", "lucia@ejemplo.mx", "44100", "012180055566677995", regime="612")


def test_d24_only_the_wrong_one_of_two_is_asked_for(house: House, enter: Enter) -> None:
    person = enter("lucia")
    # A CLABE with a wrong digit beside the right statement: only the CLABE is typed again.
    wrong = LUCIA.clabe[:-1] + str((int(LUCIA.clabe[-1]) + 1) % 10)
    person.go("/cuenta/bancaria/nueva/").type(clabe=wrong)
    person.upload({"statement": ("estado.pdf", LUCIA.statement(days_old=15))}).press("Guardar cuenta")
    person.sees("Tu estado de cuenta quedó guardado: corrige la CLABE.", "estado.pdf", "Ya está guardado")
    person.type(clabe=LUCIA.clabe).press("Guardar cuenta").is_at("/cuenta/bancaria/")
    person.sees("Enviar a revisión")

    # A wrong XML beside a PDF: the PDF stays, and the XML comes alone; in the PDF's field, as it happens.
    person.go("/medico/ordenes/")
    person.page.locator("label", has_text="DV-7109").locator("input[name=orders]").check()  # no other test bills it
    person.press("Facturar").is_at("/medico/facturas/borradores/…/")
    xml, pdf = papers.invoice(LUCIA, papers.read_assistant(person))
    nothing = b"<?xml version='1.0'?><nada/>"
    person.upload({"xml": ("otro.xml", nothing), "pdf": ("f.pdf", pdf)}).press("Subir y revisar")
    person.sees("No guardamos este archivo", "Tu PDF quedó guardado: sube solo el XML.", "f.pdf")
    person.upload({"pdf": ("f.xml", xml)}).press("Subir y revisar")
    person.sees("Tu factura pasa todas las reglas.").press("Enviar a revisión").sees("Recibimos tu factura")
    folio = person.page.locator(".folio-big").inner_text()
    assert house.value("SELECT state FROM billing_invoice WHERE folio = %s", folio) == "submitted"

"""Every step from an order to a submitted invoice works without JavaScript, and paying dues (the house's promise)."""

from __future__ import annotations

from typing import Any

import pytest

from config.demo.people import CODE_OF_NORA
from tests.browser import papers
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.papers import Doctor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NORA = Doctor("Nora Castañeda Luna", "CALN900121CC0", "nora@ejemplo.mx", "44100", "012180055566677788", regime="612")
TELEPHONE: Any = {"width": 390, "height": 844}
LOOKED_UP = """
from memberships.models import Plan
from portal import clock
from tests.factories import memberships as a
plan = Plan.objects.get(name="FAMILIAR TOTAL")
told = {"state": "awaiting_payment", "joined_on": clock.today(), "folio": "ME-2018-000001"}
family = a.bare(plan=plan, titular=a.a_covered_person(given_name="Gregoria"), **told)
answer = [family.folio, "Gregoria", str(family.titular.born_on)]
"""


def test_an_order_becomes_a_submitted_invoice_without_javascript(house: House, enter: Enter) -> None:
    person = enter("nora", scripts=False)
    person.go("/medico/regimen/").type(name=NORA.name, zip_code=NORA.zip_code).choose("regime", "612")
    person.press("Guardar régimen")
    person.go("/cuenta/bancaria/nueva/").type(clabe=NORA.clabe)
    person.upload({"statement": ("estado.pdf", NORA.statement(days_old=15))}).press("Guardar cuenta bancaria")
    person.press("Enviar a revisión")
    person.go("/medico/ordenes/").sees("Hay una orden en espera.").sees_not("LS-430")
    person.go("/medico/rfc/").type(code=CODE_OF_NORA).press("Acreditar con el código").sees("Tu RFC está acreditado")
    person.go("/medico/ordenes/").sees("LS-430")
    person.go("/medico/facturas/nueva/").page.get_by_label("Elegir LS-430", exact=True).check()
    person.press("Facturar las elegidas").is_at("/medico/facturas/borradores/…/")
    told = papers.read_assistant(person)
    xml, pdf = papers.invoice(NORA, told, faults=["pue"])
    person.upload({"xml": ("f.xml", xml), "pdf": ("f.pdf", pdf)}).press("Subir y revisar")
    person.sees("No guardamos este archivo", "PPD")
    xml, pdf = papers.invoice(NORA, told)
    person.upload({"xml": ("f.xml", xml), "pdf": ("f.pdf", pdf)}).press("Subir y revisar")
    person.sees("Tu factura pasa todas las reglas.").press("Enviar a revisión").sees("Recibimos tu factura")
    folio = person.page.locator(".folio-big").inner_text()
    assert house.value("SELECT state FROM billing_invoice WHERE folio = %s", folio) == "submitted"


def test_a_draft_is_discarded_through_the_confirmation_that_opens_in_place(house: House, enter: Enter) -> None:
    person = enter("lucia", scripts=False)
    person.go("/medico/facturas/nueva/").page.locator("nav.groups a", has_text="SIERRA").click()
    person.page.get_by_label("Elegir LS-410", exact=True).check()
    person.press("Facturar las elegidas")
    person.page.locator("summary", has_text="Descartar borrador").click()
    person.press("Descartar borrador", inside="#descartar .confirm-body")
    person.go("/medico/ordenes/").sees("LS-410")
    live = "SELECT count(*) FROM billing_invoiceline l JOIN billing_careorder o ON o.id = l.order_id"
    assert house.value(f"{live} WHERE l.live AND o.account = %s", "LS-410") == 0


def test_a_slip_is_looked_up_and_made_without_javascript(house: House, enter: Enter) -> None:
    """Whoever has the folio and the birth date: months and amounts, a barcode, the PDF; no name anywhere (S1.19)."""
    folio, name, born = house.python(LOOKED_UP)
    payer = enter(scripts=False)
    payer.page.set_viewport_size(TELEPHONE)
    payer.go("/pagos/nuevo/")
    for year, said in ((int(born[:4]) + 1, "no hay una membresía por pagar"), (int(born[:4]), "$480.00")):
        payer.page.locator('select[name="scheme"]').select_option("paynet")
        payer.type(who=folio, born_on_0=born[8:], born_on_1=born[5:7], born_on_2=str(year))
        payer.press("Ver mensualidades").sees(said).sees_not(name)
    payer.page.locator('select[name="months"]').select_option(index=0)
    payer.press("Seguir").sees("Ficha de pago", "Referencia", "$480.00").sees_not(name, folio)
    assert payer.page.locator(".barcode svg").count() == 1
    href = payer.waits("Descargar la ficha en PDF").page.locator('a[href$="/pdf/"]').get_attribute("href")
    assert payer.paper(str(href)).startswith(b"%PDF")

"""A practice with much work: 190 orders to one invoice, and the month's files dropped at once (issue 10)."""

from __future__ import annotations

import pytest

from config.demo.samples.statements import text_pdf
from tests.browser import papers
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.papers import Doctor
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HECTOR = Doctor("Héctor Salgado Lira", "SALH700815DD3", "hector@ejemplo.mx", "44100", "012180033344455566")
PHONE = {"width": 390, "height": 844}
PICK = "/medico/facturas/nueva/"
ALL = "Facturar todas: 190 órdenes"
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_190_orders_are_one_invoice_by_keyboard_on_a_phone_and_without_javascript(house: House, enter: Enter) -> None:
    _by_keyboard(enter("hector"))
    person = enter("hector", scripts=False)
    person.page.set_viewport_size(PHONE)
    person.go(PICK).press(ALL).is_at("/medico/facturas/borradores/…/").sees("190 conceptos")
    told = papers.read_assistant(person)
    assert len(told["orders"]) == 190
    xml, pdf = papers.invoice(HECTOR, told)
    person.upload({"xml": ("f.xml", xml), "pdf": ("f.pdf", pdf)}).press("Subir y revisar")
    person.sees("Tu factura pasa todas las reglas.").press("Enviar a revisión")
    folio = person.page.locator(".folio-big").inner_text()
    lines = (
        "SELECT count(*) FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id WHERE i.folio = %s"
    )
    assert house.value(lines, folio) == 190


def _by_keyboard(person: Person) -> None:
    """Reached by Tab, pressed by Enter; the draft is dropped the same way."""
    person.go(PICK)
    _tab_to(person, ALL)
    with person.page.expect_navigation(wait_until="domcontentloaded"):
        person.page.keyboard.press("Enter")
    person.is_at("/medico/facturas/borradores/…/").sees("190 conceptos", "Total")
    person.page.set_viewport_size(PHONE)
    assert person.page.evaluate(FITS), "190 concepts overflow a phone"
    person.decide("Descartar borrador")


def _tab_to(person: Person, name: str) -> None:
    button = person.page.locator("main").get_by_role("button", name=name, exact=True).first
    for _step in range(60):  # backwards: the bar stands below 190 boxes
        if button.evaluate("element => document.activeElement === element"):
            return
        person.page.keyboard.press("Shift+Tab")
    raise AssertionError(f"Tab never reaches {name}")


def test_a_bundle_of_twelve_with_two_strays_is_dropped_at_once_and_sent_each_by_itself(
    house: House, enter: Enter
) -> None:
    person = enter("hector")
    person.page.set_viewport_size(PHONE)
    files = [("nada.xml", b"<?xml version='1.0'?><nada/>"), ("suelto.pdf", text_pdf(["Recibo de luz"]))]
    for account, patient, payable in house.rows(
        "SELECT account, patient, payable FROM billing_careorder WHERE physician_rfc = %s AND account LIKE 'LS-8%%'",
        HECTOR.rfc,
    ):
        order = {"account": account, "patient": patient, "payable": payable}
        xml, pdf = papers.invoice(HECTOR, SIERRA | {"orders": [order]})
        files += [(f"{account}.pdf", pdf), (f"{account}.xml", xml)]
    assert len(files) == 12
    person.go("/medico/facturas/paquete/").send_files(*files)
    person.sees("5 facturas encontraron sus órdenes", "2 archivos no encontraron su lugar", "No es una factura")
    person.sees("Falta el XML de este PDF").open("Revisar y enviar").sees("5 facturas por $")
    assert person.page.evaluate(FITS)
    person.press("Enviar a revisión").sees("5 facturas enviadas")
    sent = (
        "SELECT count(*) FROM billing_invoice i JOIN billing_invoiceline l ON l.invoice_id = i.id "
        "JOIN billing_careorder o ON o.id = l.order_id WHERE o.account LIKE %s AND i.state = %s"
    )
    assert house.value(sent, "LS-8%", "submitted") == 5


def test_two_roles_in_one_session_each_with_its_menu_and_all_that_waits_on_one_page(house: House, enter: Enter) -> None:
    """Dora bills for Héctor and answers complaints: one home, two workspaces, and a page shows the one it stands in."""
    house.delivers_orders(HECTOR.rfc)
    person = enter("dora", looks=False)
    person.is_at("/inicio/").sees("Lo siguiente", "Queja QS-", "Órdenes por facturar", "Mensajes por contestar")
    person.open("Atender").sees("QS-")
    person.go("/medico/ordenes/").page.locator("details.workspace summary").click()
    assert _workspace(person) == "Médico"
    person.press("Mesa", inside="details.workspace").is_at("/mesa/").sees("Lo que te espera")
    person.go("/avisos/")
    assert _workspace(person) == "Mesa", "a common page shows the one chosen last"
    assert person.page.goto("/mesa/facturas/").status == 403, "neither role reviews"  # type: ignore[union-attr]


def _workspace(person: Person) -> str:
    return person.page.locator("details.workspace summary").inner_text().split(":")[-1].strip()


SIERRA = {
    "receiver": {"rfc": "SSI050607CD2", "name": "SEGUROS LA SIERRA", "zip": "64000", "regime": "601"},
    "components": [{"component": "ISR", "rate": "0.100000"}],
}

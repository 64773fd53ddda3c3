"""The main acts by keyboard alone: sign in, choose, upload, submit, accept, prepare, authorise."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.browser import papers
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.papers import Doctor
from tests.browser.person import Person
from tests.browser.test_passkey import choose_a_password

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LUCIA = Doctor("Lucía Ortega Ríos", "OERL850612AA9", "lucia@ejemplo.mx", "06700", "012180012345678901")
ORDER = "LS-411"  # no other test bills it
FOCUSED = "element => document.activeElement === element"
IN_DIALOG = "() => document.activeElement.closest('dialog[open]') !== null"
A_LOT = 120


class Keys:
    """A person without a mouse."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page
        # Somebody listens from the start: a chooser is only caught once the browser was told to, which takes its time.
        self.page.on("filechooser", lambda _chooser: None)

    def to(self, target: Locator) -> Keys:
        """Press Tab until the focus is there."""
        for _step in range(A_LOT):
            if target.evaluate(FOCUSED):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: Tab never reaches {target}")

    def button(self, name: str) -> Keys:
        """Tab to the button of that name."""
        return self.to(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def press(self, *keys: str) -> Keys:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def enter(self, key: str = "Enter") -> Keys:
        """A key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        return self

    def file(self, name: str, content: tuple[str, bytes]) -> Keys:
        """Open the chooser of a file field with the space bar; the system's window is not ours to test."""
        self.to(self.page.locator(f'input[type="file"][name="{name}"]'))
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files([{"name": content[0], "mimeType": "application/octet-stream", "buffer": content[1]}])
        return self


def test_an_order_is_billed_and_paid_without_a_mouse(house: House, enter: Enter) -> None:
    folio = _bill(_sign_in(house, enter()))
    reviewer = Keys(enter("rebeca"))
    reviewer.person.go(f"/mesa/facturas/{folio}/")
    reviewer.button("Aceptar factura").enter()
    assert house.value("SELECT state FROM billing_invoice WHERE folio = %s", folio) == "accepted"
    preparer, approver = Keys(enter("pablo")), Keys(enter("aurora"))
    preparer.person.go("/mesa/pagos/")
    preparer.to(preparer.page.get_by_role("link", name="Preparar lote", exact=True)).enter()
    for box in preparer.page.locator("input[name=payables]").all():
        if folio not in box.locator("xpath=ancestor::tr").inner_text():
            preparer.to(box).press("Space")
    preparer.button("Preparar lote con lo elegido").enter()
    approver.person.go(preparer.page.url)
    approver.button("Autorizar este total").press("Enter").press("Shift+Tab")
    approver.to(approver.page.locator("dialog[open]").get_by_role("button", name="Autorizar este total")).enter()
    batch = re.sub(r".*/pagos/([^/]+)/.*", r"\1", approver.page.url)
    assert house.value("SELECT state FROM treasury_paymentbatch WHERE id = %s", batch) == "approved"


def _sign_in(house: House, person: Person) -> Keys:
    choose_a_password(house, person, LUCIA.email, LUCIA.password)
    person.context.clear_cookies()
    keys = Keys(person)
    person.go("/entrar/")
    keys.to(person.page.locator("[name=identifier]"))
    person.page.keyboard.type(LUCIA.rfc)
    keys.press("Tab")
    person.page.keyboard.type(LUCIA.password)
    keys.enter()
    person.is_at("/medico/")
    return keys


def _bill(keys: Keys) -> str:
    person, page = keys.person, keys.page
    person.go("/medico/ordenes/")
    keys.to(page.locator("label", has_text=ORDER).locator("input[name=orders]")).press("Space")
    keys.button("Facturar").enter()
    person.is_at("/medico/facturas/borradores/…/")
    _the_dialog_keeps_the_focus(keys)
    told = papers.read_assistant(person)
    xml, pdf = papers.invoice(LUCIA, told)
    keys.file("files", ("f.xml", xml)).file("files", ("f.pdf", pdf))
    person.settled().sees("Tu factura pasa todas las reglas.")
    keys.button("Enviar a revisión").enter()
    return str(page.locator(".folio-big").inner_text())


def _the_dialog_keeps_the_focus(keys: Keys) -> None:
    """Opened by key, the focus goes in, stays in, and comes back to where it was (WCAG 2.4.3, 2.1.2)."""
    button = keys.page.locator("main").get_by_role("button", name="Descartar borrador", exact=True).first
    keys.to(button).press("Enter")
    places: set[Any] = set()
    for _step in range(6):
        keys.press("Tab")
        inside = keys.page.evaluate(IN_DIALOG)
        places.add(keys.page.evaluate("() => document.activeElement.textContent.trim()"))
        assert inside or keys.page.evaluate("() => document.activeElement === document.body"), "left an open dialog"
    assert {"Descartar borrador", "Conservarlo"} <= places
    keys.press("Escape")
    assert button.evaluate(FOCUSED), "the focus did not come back"


def test_the_keys_of_the_portal_are_silent_while_somebody_types(house: House, enter: Enter) -> None:
    person = enter("rebeca")
    keys, page = Keys(person), person.page
    person.go("/mesa/facturas/")
    box = page.locator("main form[method=get] input[type=text], main form[method=get] input[type=search]").first
    keys.to(box)
    page.keyboard.type("g2 ?jka")
    assert box.input_value() == "g2 ?jka"
    assert person.page.locator("dialog[open]").count() == 0
    person.is_at("/mesa/facturas/")
    page.locator("h1").click()
    keys.press("?")
    page.locator("dialog.shortcuts[open]").wait_for()
    page.get_by_label("Usar atajos de una sola tecla").uncheck()
    keys.press("Escape", "g", "1")
    person.is_at("/mesa/facturas/")
    keys.press("?")
    page.get_by_label("Usar atajos de una sola tecla").check()
    keys.press("Escape", "g").enter("1")
    keys.press("Control+k")
    assert page.evaluate(IN_DIALOG)
    page.keyboard.type("ordenes")
    keys.enter()
    person.is_at("/mesa/ordenes/")
    keys.press("Control+k", "Escape")
    assert page.locator("dialog[open]").count() == 0

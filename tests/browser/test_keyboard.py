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
        self.to(self.page.locator(f'input[type="file"][name="{name}"]:not([capture])'))
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
        if folio in box.locator("xpath=ancestor::tr").inner_text():
            preparer.to(box).press("Space")
    preparer.button("Preparar lote con lo elegido").enter()
    batch = re.sub(r".*/pagos/([^/]+)/.*", r"\1", preparer.page.url)
    approver.person.go(preparer.page.url)
    approver.to(approver.page.locator("[name=total]"))
    approver.page.keyboard.type(str(house.value("SELECT total FROM treasury_paymentbatch WHERE id = %s", batch)))
    approver.button("Autorizar este total").press("Enter").press("Shift+Tab")
    approver.to(approver.page.locator("dialog[open]").get_by_role("button", name="Autorizar este total")).enter()
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
    person.go("/medico/facturas/nueva/")
    keys.to(page.locator("nav.groups a", has_text="SIERRA")).enter()
    keys.to(page.get_by_label(f"Elegir {ORDER}", exact=True)).press("Space")
    keys.button("Facturar las elegidas").enter()
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
    _search_by_every_key(keys, house.value("SELECT folio FROM billing_invoice WHERE folio IS NOT NULL LIMIT 1"))
    keys.press("Control+k", "Escape")
    assert page.locator("dialog[open]").count() == 0


def _search_by_every_key(keys: Keys, folio: str) -> None:
    """The palette finds things, moves by arrows, decides nothing; `/` leads to the search's page (scorecard 19)."""
    page, found = keys.page, keys.page.locator("#ir-a")
    keys.press("Control+k")
    page.keyboard.type(folio[:-1])
    page.keyboard.press("ArrowUp")  # before the answer, which puts things above what this chooses
    found.get_by_role("option", name=folio).first.wait_for()
    assert "en todo" in page.locator("#ir-a [aria-selected=true]").inner_text(), "what was chosen stays so"
    page.keyboard.press("ArrowDown")
    options = found.get_by_role("option")
    first = options.first.inner_text()
    keys.press("ArrowDown")
    assert page.locator("#ir-a [aria-selected=true]").inner_text() != first or options.count() == 1
    keys.press("ArrowUp", "ArrowUp")
    assert "en todo" in page.locator("#ir-a [aria-selected=true]").inner_text()
    keys.enter()
    assert folio in page.locator("main").inner_text() and page.url.endswith(f"/buscar/?buscar={folio[:-1]}")
    keys.press("Control+k")
    page.keyboard.type(folio)
    found.get_by_role("option", name=folio).first.wait_for()
    keys.enter()
    assert page.url.endswith(f"/mesa/facturas/{folio}/")
    page.wait_for_timeout(700)  # a page's first keys count for nothing
    keys.enter("/")
    keys.person.is_at("/buscar/")


ENTER = """(field, typed) => {
  field.value = typed;
  return !field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}"""


def test_a_combobox_goes_up_to_its_last_and_sends_nothing_that_is_not_what_one_reads(enter: Enter) -> None:
    """Enter before the list of what was typed is drawn draws it: the form would send the choice of before."""
    person = enter("rebeca")
    person.go("/_ui/")
    keys, box = Keys(person), person.page.get_by_role("combobox", name="Hospital").first
    box.focus()
    keys.press("ArrowUp", "ArrowUp")
    options = person.page.locator(f"#{box.get_attribute('aria-controls')}").get_by_role("option")
    assert options.last.get_attribute("aria-selected") == "true"
    chosen = options.last.inner_text()
    keys.press("Enter")
    options.last.wait_for(state="hidden")
    assert box.input_value() == chosen
    assert not box.evaluate(ENTER, chosen), "what is chosen is sent"
    assert box.evaluate(ENTER, "nada de esto"), "the form keeps what was chosen before"
    assert box.evaluate(ENTER, chosen[:-1]) and options.count() == 1, "its list is drawn first"
    assert box.evaluate(ENTER, chosen[:-1]) and box.input_value() == chosen

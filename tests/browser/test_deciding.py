"""No single key decides: a held one empties nothing, Enter presses the focused button, what is final is asked (A4)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOCUSED = "element => document.activeElement === element"
SETTLED = 700  # milliseconds: a page takes no key in its first 600
WAITING = "SELECT count(*) FROM billing_invoice WHERE state = 'submitted'"
STATE = "SELECT state FROM billing_invoice WHERE folio = %s"


def an_invoice(house: House) -> str:
    """The folio of a new invoice in review, handed in by a physician of its own."""
    code = "from tests.factories import billing as a; answer = a.submitted(a.doctor()).folio"
    return str(house.python(code))


def hold(page: Page, key: str, times: int = 12) -> None:
    """A key that stays down: one press, then what the system repeats, as long as it takes to reach other pages."""
    for _repeat in range(times):
        page.keyboard.down(key)
        page.wait_for_timeout(150)
    page.keyboard.up(key)


def test_a_held_key_empties_nothing_and_enter_acts_once(house: House, enter: Enter) -> None:
    person, folio, _another = enter("rebeca"), an_invoice(house), an_invoice(house)
    page, waiting = person.page, house.value(WAITING)
    person.go(f"/mesa/facturas/{folio}/")
    accept = page.get_by_role("button", name="Aceptar factura", exact=True)
    for key in ("a", "r", "A", " "):
        hold(page, key)
    assert house.value(WAITING) == waiting, "no key but Enter decides, held or not"
    page.keyboard.press("a")
    assert accept.evaluate(FOCUSED), "a key brings the focus to its button"
    assert page.url.endswith(f"/{folio}/")
    with page.expect_navigation():
        page.keyboard.down("Enter")
    for _repeat in range(8):  # it stays down on the next invoice, and even where its button has the focus
        page.keyboard.down("Enter")
        page.wait_for_timeout(150)
        if accept.count():
            accept.focus()
    page.keyboard.up("Enter")
    assert (house.value(STATE, folio), house.value(WAITING)) == ("accepted", waiting - 1)


def test_a_page_takes_no_key_in_its_first_moment(house: House, enter: Enter) -> None:
    person, folio = enter("rebeca"), an_invoice(house)
    page = person.page
    # The keys are pressed by the page itself as it is built: what the machine takes to load is no part of the question.
    page.add_init_script(
        """
        const press = (key) => {
          const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(event);
          return event.defaultPrevented;
        };
        document.addEventListener("DOMContentLoaded", () => {
          const accept = document.querySelector("form[action$='/aceptar/'] button[type=submit]");
          if (!accept) { return; }
          press("a");
          window.early = { focused: document.activeElement === accept };
          accept.focus();
          window.early.refused = press("Enter");
          setTimeout(() => { window.late = press("Enter"); }, 700);
        });
        """
    )
    person.go(f"/mesa/facturas/{folio}/")
    assert page.evaluate("window.early") == {"focused": False, "refused": True}
    page.wait_for_function("window.late !== undefined")
    assert page.evaluate("window.late") is False, "afterwards Enter is the button's own"
    page.keyboard.press("?")
    shown = page.locator("dialog.shortcuts[open]")
    shown.wait_for()
    words = shown.inner_text()
    assert "Llevarte a «Aceptar factura»" in words and "ninguna otra tecla decide" in words
    assert house.value(STATE, folio) == "submitted"


def test_enter_in_a_field_of_a_decision_sends_nothing(house: House, enter: Enter) -> None:
    person = enter("rebeca")
    page, folio = person.page, an_invoice(house)
    person.go(f"/mesa/facturas/{folio}/")
    page.wait_for_timeout(SETTLED)
    page.keyboard.press("r")
    fold = page.locator("summary", has_text="Devolver o rechazar")
    assert fold.evaluate(FOCUSED)
    assert page.locator("details.fold[open]").count() == 0, "the key brought the focus, no more"
    page.keyboard.press("Enter")
    page.locator("input[name=reasons]").first.check()
    page.locator("input[name=reasons]").first.press("Enter")
    page.wait_for_timeout(300)
    assert house.value(STATE, folio) == "submitted"
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["dialog", "page"])
def test_rejecting_asks_first_and_names_the_thing_and_the_sum(house: House, enter: Enter, scripts: bool) -> None:
    person = enter("rebeca", scripts=scripts)
    folio = an_invoice(house)
    total = f"${house.value('SELECT total FROM billing_invoice WHERE folio = %s', folio):,.2f}"
    _reach_the_question(person, folio)
    where = "dialog[open]" if scripts else "body"
    question = person.page.locator(where).inner_text()
    assert folio in question and total in question and "quedan libres" in question
    assert house.value(STATE, folio) == "submitted", "asking changes nothing"
    if scripts:
        keep = person.page.locator("dialog[open]").get_by_role("button", name="Dejarla como está")
        assert keep.evaluate(FOCUSED), "the focus begins at the way out"
        keep.click()
        assert person.page.locator("dialog[open]").count() == 0
    else:
        person.open("Dejarla como está").is_at(f"/mesa/facturas/{folio}/")
    assert house.value(STATE, folio) == "submitted"
    _reach_the_question(person, folio)
    person.press("Rechazar factura", inside=where)
    person.sees(f"Rechazaste {folio}")
    assert house.value(STATE, folio) == "rejected", "what was typed travelled along"


def _reach_the_question(person: Person, folio: str) -> None:
    person.go(f"/mesa/facturas/{folio}/")
    person.page.locator("summary", has_text="Devolver o rechazar").click()
    person.page.locator("input[name=reasons]").first.check()
    reject = person.page.locator("main").get_by_role("button", name="Rechazar factura", exact=True)
    if person.scripts:
        reject.click()
        person.page.locator("dialog[open]").wait_for()
    else:
        person._follow(reject.click)

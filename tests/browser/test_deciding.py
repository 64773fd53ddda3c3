"""No single key decides: a held one empties nothing, Enter presses the focused button, what is final is asked (A4)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter
from tests.browser.house import House, giving_time
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOCUSED = "element => document.activeElement === element"
# How long the page took, and how much of that until the last byte of it came.
NEXT = """() => {
  const { domContentLoadedEventEnd, responseEnd } = performance.getEntriesByType("navigation")[0];
  return [domContentLoadedEventEnd, responseEnd];
}"""
SETTLED = 700  # milliseconds: a page takes no key in its first 600
STATE = "SELECT state FROM billing_invoice WHERE folio = %s"


# In a process of its own, whose people have other addresses than those of any other.
MADE = """
import itertools, time
from tests.factories import billing as a, people
people._numbers = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
a._number = itertools.count(10_000 + time.time_ns() // 1_000_000 % 10_000_000)
from billing.models import Invoice
who = a.doctor()
sent = [a.submitted(who, of=a.orders(who, patient=f"Ana {letter} Ruiz")) for letter in "BCDEFGHIJK"]
Invoice.objects.filter(pk__in=[one.pk for one in sent]).update(drawn=False)
answer = [one.folio for one in sent]
"""
_made: list[str] = []


def an_invoice(house: House) -> str:
    """The folio of an invoice in review that no other test touches; ten are handed in at a time."""
    if not _made:
        _made.extend(house.python(MADE))
    return _made.pop(0)


def hold(page: Page, key: str, times: int = 6) -> None:
    """A key that stays down: one press, then what the system repeats, as long as it takes to reach other pages."""
    for _repeat in range(times):
        page.keyboard.down(key)
        page.wait_for_timeout(150)
    page.keyboard.up(key)


def test_a_held_key_empties_nothing_and_enter_acts_once(house: House, enter: Enter) -> None:
    person, folio, _another = enter("rebeca"), an_invoice(house), an_invoice(house)
    page = person.page
    _tell_how_fast_the_next_one_is(person, folio)
    person.go(f"/mesa/facturas/{folio}/")
    accept = page.get_by_role("button", name="Aceptar factura", exact=True)
    for key in ("a", "r", "A", " "):
        hold(page, key)
    assert house.value(STATE, folio) == "submitted", "no key but Enter decides, held or not"
    page.keyboard.press("a")
    assert accept.evaluate(FOCUSED), "a key brings the focus to its button"
    assert page.url.endswith(f"/{folio}/")
    with page.expect_navigation():
        page.keyboard.down("Enter")
    after = page.url  # of the next one: decided too, it would lead to the one behind it
    for _repeat in range(8):  # it stays down on the next invoice, and even where its button has the focus
        page.keyboard.down("Enter")
        page.wait_for_timeout(150)
        if accept.count():
            accept.focus()
    page.keyboard.up("Enter")
    assert (house.value(STATE, folio), page.url) == ("accepted", after)


def _tell_how_fast_the_next_one_is(person: Person, folio: str) -> None:
    """A figure for the note, of a browser that carries none of the half megabyte these tests read pages with."""
    browser = person.context.browser
    assert browser is not None
    fresh = browser.new_context(storage_state=person.context.storage_state(), base_url=person.house.address)
    page, told = fresh.new_page(), []
    page.goto(f"/mesa/facturas/{folio}/")
    for _time in range(3):
        with page.expect_navigation():
            page.get_by_role("link", name="Siguiente", exact=True).first.click()
        assert page.get_by_role("button", name="Aceptar factura", exact=True).count()
        told.append(page.evaluate(NEXT))
    fresh.close()
    spent, answered = min(told)
    print(f"\nthe next invoice in {spent:.0f} ms, {answered:.0f} of them until its answer was there (goal: 300)")


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
        // The page's script marks the document as it begins; what observes it runs the moment that script has ended.
        const seen = new MutationObserver(() => {
          if (!document.documentElement.classList.contains("js")) { return; }
          seen.disconnect();
          const accept = document.querySelector("form[action$='/aceptar/'] button[type=submit]");
          if (!accept) { return; }
          press("a");
          window.early = { focused: document.activeElement === accept };
          accept.focus();
          window.early.refused = press("Enter");
          setTimeout(() => { window.late = press("Enter"); }, 700);
        });
        seen.observe(document, { attributes: true, subtree: true });
        """
    )
    person.go(f"/mesa/facturas/{folio}/")
    assert page.evaluate("window.early") == {"focused": False, "refused": True}
    page.wait_for_function("() => window.late !== undefined")
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
    page.keyboard.press("d")
    fold = page.locator("summary", has_text="Devolver")
    assert fold.evaluate(FOCUSED)
    assert page.locator("details.decision-way[open]").count() == 0, "the key brought the focus, no more"
    page.keyboard.press("Enter")
    reason = page.locator("details.decision-way[open] input[name=reasons]").first
    reason.check()
    assert "El PDF no se lee bien." in page.locator("details.decision-way[open] [data-said]").inner_text()
    reason.press("Enter")
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
        person.open("Dejarla como está").is_at("/mesa/facturas/…/")
    assert house.value(STATE, folio) == "submitted"
    _reach_the_question(person, folio)
    person.press("Rechazar factura", inside=where)
    person.sees(f"Rechazaste {folio}")
    assert house.value(STATE, folio) == "rejected", "what was typed travelled along"


def _reach_the_question(person: Person, folio: str) -> None:
    person.go(f"/mesa/facturas/{folio}/")
    person.page.locator("summary", has_text="Rechazar").click()
    person.page.locator("details.decision-way[open] input[name=reasons]").first.check()
    reject = person.page.locator("main").get_by_role("button", name="Rechazar factura", exact=True)
    if person.scripts:
        reject.click()
        person.page.locator("dialog[open]").wait_for()
    else:
        person._follow(reject.click)


# --- time to undo -----------------------------------------------------------------------------------------------------

SECONDS = 45  # enough for a slow machine to press the button
DECISIONS = """
    SELECT d.outcome, d.undone_at IS NOT NULL, d.done_at IS NOT NULL
    FROM billing_invoicedecision d JOIN billing_invoice i ON i.id = d.invoice_id WHERE i.folio = %s ORDER BY d.id
"""


@pytest.fixture(scope="module")
def patient(house: House) -> Iterator[House]:
    """The same portal at another address, where a decision can be undone."""
    with giving_time(house, SECONDS) as second:
        yield second


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "none"])
def test_who_decided_undoes_on_the_next_page_and_is_back_at_the_thing(
    house: House, patient: House, enter: Enter, scripts: bool
) -> None:
    folio = an_invoice(house)
    reviewer = enter("rebeca", at=patient, scripts=scripts)
    reviewer.go(f"/mesa/facturas/{folio}/").press("Aceptar factura").sees(f"Aceptaste {folio}.")
    reviewer.sees_not("Quedó por pagar")
    left = reviewer.page.locator(".undo [data-undo-left]").first
    if scripts:
        first = left.inner_text()
        assert "segundos para deshacerlo" in first
        reviewer.page.wait_for_function(
            "([box, was]) => box.innerText !== was", arg=[left.element_handle(), first]
        )  # it counts down
    else:
        assert "Puedes deshacerlo hasta las" in left.inner_text()
    assert house.value(STATE, folio) == "submitted", "nothing happened yet"
    reviewer.press("Deshacer").is_at("/mesa/facturas/…/").sees("Deshiciste tu decisión", "Aceptar factura")
    assert (house.value(STATE, folio), house.rows(DECISIONS, folio)) == ("submitted", [("accepted", True, True)])


def test_a_clean_invoice_is_accepted_by_its_line_and_undone(house: House, patient: House, enter: Enter) -> None:
    folio, reviewer = an_invoice(house), enter("rebeca", at=patient)
    page = reviewer.go("/mesa/facturas/sin-hallazgos/").page
    # Not by `press`, which looks at each new page: the time to undo runs.
    page.get_by_role("button", name=f"Aceptar {folio}", exact=True).click()
    page.get_by_role("button", name="Deshacer", exact=True).first.click()
    page.wait_for_url(f"**/mesa/facturas/{folio}/")
    assert (house.value(STATE, folio), house.rows(DECISIONS, folio)) == ("submitted", [("accepted", True, True)])


def test_when_its_time_is_over_the_page_says_so_and_the_drain_does_it(
    house: House, patient: House, enter: Enter
) -> None:
    folio, reviewer = an_invoice(house), enter("rebeca", at=patient)
    reviewer.go(f"/mesa/facturas/{folio}/")
    reviewer.page.locator("summary", has_text="Devolver").click()
    reviewer.page.locator("details.decision-way[open] input[name=reasons]").first.check()
    reviewer.press("Devolver para corregir").sees(f"Devolviste {folio}.")
    at = time.monotonic()
    reviewer.go(f"/mesa/facturas/{folio}/").sees("la devolvió el", "Decidida, por surtir efecto")
    reviewer.sees_not("Devolver para corregir")
    bar = reviewer.page.locator(".undo")
    reviewer.page.wait_for_function(
        "box => box.innerText.includes('Ya no se puede deshacer')", arg=bar.element_handle(), timeout=2000 * SECONDS
    )
    assert bar.get_by_role("button", name="Deshacer").count() == 0
    reviewer.waits("Devuelta al médico")
    assert time.monotonic() - at > SECONDS / 2
    assert house.rows(DECISIONS, folio) == [("returned", False, True)]
    assert house.value(STATE, folio) == "returned"

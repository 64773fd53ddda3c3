"""A session that ends in the middle of a form loses nothing of what was typed, with JavaScript and without."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.test_practice import HECTOR

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGE = "/cuenta/datos/"


@pytest.mark.parametrize("scripts", [True, False])
def test_what_was_typed_is_there_after_coming_in_again_and_for_nobody_else(enter: Enter, scripts: bool) -> None:
    # One portal serves both runs: what the first one saved is nothing that the second one typed.
    name = f"Nora Que Escribía {'Con' if scripts else 'Sin'} Guiones"
    person = enter("nora", scripts=scripts)
    person.go(PAGE).type(name=name, zip_code="44630")
    session = re.compile("session")
    person.context.clear_cookies(name=session)
    person.press("Guardar mis datos")
    assert person.page.url.endswith("/entrar/?next=%2Fcuenta%2Fdatos%2F"), person.page.url
    person.enter_demo("nora").go(PAGE).sees("Aquí está lo que habías escrito")
    assert person.page.locator("[name=name]").input_value() == name
    assert person.page.locator("[name=zip_code]").input_value() == "44630"
    person.context.clear_cookies(name=session)
    person.enter_demo("lucia").go(PAGE).sees_not("Aquí está lo que habías escrito")
    assert person.page.locator("[name=name]").input_value() != name
    person.context.clear_cookies(name=session)
    person.enter_demo("nora").go(PAGE).press("Guardar mis datos").go(PAGE).sees_not("Aquí está")
    assert person.page.locator("[name=name]").input_value() == name, "sent once, by the person"


# Of other kinds of forms: who, where it stands, the button that sends it. Files are the matter of `test_two_files`;
# every form of the house, without a browser, `tests/resume`.
KINDS = {
    "a decision": ("rebeca", "/mesa/facturas/?estado=submitted", "Devolver para corregir"),
    "marked rows": ("hector", "/medico/facturas/nueva/", "Facturar las elegidas"),
}


@pytest.mark.parametrize("kind", [*KINDS])
def test_a_decision_and_marked_rows_are_there_too(house: House, enter: Enter, kind: str) -> None:
    slug, path, button = KINDS[kind]
    if kind == "marked rows":
        house.delivers_orders(HECTOR.rfc)
    person = enter(slug, looks=False).go(path)
    if kind == "a decision":
        person.page.locator("th[scope=row] a").first.click()
        person.page.locator("summary", has_text="Devolver").click()
        person.page.locator("details.decision-way[open] input[name=reasons]").first.check()
        person.page.locator("details.decision-way[open] [name=note]").fill("Falta la segunda hoja.")
    else:
        person.page.locator("input[name=orders]").nth(1).check()
    here = person.page.url
    person.context.clear_cookies(name=re.compile("session"))
    person.press(button)
    assert "/entrar/?next=" in person.page.url, person.page.url
    person.enter_demo(slug)
    person.page.goto(here)
    person.sees("Aquí está lo que habías escrito")
    if kind == "a decision":
        assert person.page.locator("form[action$='/devolver/'] [name=note]").input_value() == "Falta la segunda hoja."
        assert person.page.locator("form[action$='/devolver/'] input[name=reasons]").first.is_checked()
    else:
        assert [box.is_checked() for box in person.page.locator("input[name=orders]").all()[:3]] == [False, True, False]

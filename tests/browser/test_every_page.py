"""Every page that somebody can reach, and every refusal, as it is seen: axe, contrast, 320 px, focus, a way on."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route

from tests.browser import walk
from tests.browser.conftest import Enter
from tests.browser.house import House
from tests.browser.looks import STAND_STILL, WAYS, dealt, is_mine, look, read, stand, was_looked_at
from tests.browser.person import Person
from tests.browser.walk import Walked

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OUTSIDE = (walk.NOBODY, "lucia", "ivan", "nora", "marisol")
INSIDE = tuple(person.slug for person in walk.WALKERS if person.slug not in OUTSIDE)


@pytest.mark.parametrize(("people", "at_least"), [(OUTSIDE, 60), (INSIDE, 45)], ids=["outside", "inside"])
def test_every_page_that_a_person_reaches_is_as_it_should_be(
    enter: Enter, walked: Walked, people: tuple[str, ...], at_least: int
) -> None:
    """One page of each kind and state, by whoever met it first on the walk; it opens in the way that it is dealt."""
    faults, looked = list[str](), 0
    for who in people:
        person = enter("" if who == walk.NOBODY else who, looks=False)
        person.context.add_init_script(STAND_STILL)
        for mark, places in sorted(walked.of(who), key=lambda one: dealt(one[0])[0].name):
            if not was_looked_at(mark):
                faults += [f"{who} {fault}" for fault in _look_at(person.page, mark, places)]
            looked += was_looked_at(mark)
    assert not faults, "\n".join(faults)
    assert looked >= at_least


def _look_at(page: Page, mark: str, places: list[tuple[str, int]]) -> list[str]:
    """Faults of the first of these that is still what the walk met, in each way that it is dealt."""
    way, *others = dealt(mark)
    stand(page, way)
    path = next((path for path, status in places if _answers(page, path, status)), "")
    if not path or not is_mine(mark):
        return []
    return [f"{path} «{page.title()}»: {fault}" for fault in [*read(page, way), *look(page, others)]]


def _answers(page: Page, path: str, status: int) -> bool:
    """Whether it is still what the walk met: a paper that was being made is a file now, a draft may have been sent."""
    try:
        answer = page.goto(path)
    except Error as error:
        if "Download is starting" not in error.message:
            raise
        return False
    return answer is not None and answer.status == status


# --- refusals: a form sent as nobody should send it -------------------------------------------------------------------

# Who, where, which button, and what is emptied or typed before.
REFUSED: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("", "/entrar/", "Entrar al portal", {}),
    ("", "/entrar/", "Entrar al portal", {"identifier": "nadie@correo.example", "password": "no es la mía"}),
    ("", "/registro/?tipo=physician", "Registrarme", {}),
    ("", "/recuperar/", "Mandarme la clave", {}),
    ("", "/contacto/", "Enviar mensaje", {}),
    ("lucia", "/cuenta/datos/", "Guardar mis datos", {"name": ""}),
    ("lucia", "/cuenta/contrasena/", "Cambiar contraseña", {}),
    ("lucia", "/cuenta/segundo-correo/", "Mandar confirmación", {}),
    ("lucia", "/cuenta/seguridad/codigos/", "Activar códigos", {"code": "000000"}),
    ("lucia", "/cuenta/equipo/", "Invitar al equipo", {}),
    ("lucia", "/medico/regimen/", "Guardar régimen", {"name": ""}),
    ("nora", "/cuenta/bancaria/nueva/", "Guardar cuenta bancaria", {"clabe": "123"}),
    ("rebeca", "/mesa/ordenes/importar/", "Importar órdenes", {}),
    ("pablo", "/mesa/pagos/nuevo/", "Preparar lote con lo elegido", {}),
    ("adriana", "/mesa/credenciales/nueva/", "Hacer la credencial", {}),
    ("adriana", "/mesa/organizaciones/nueva/", "Agregar organización", {}),
)


def test_every_refusal_is_told_at_its_field_and_gets_the_focus(enter: Enter) -> None:
    people: dict[str, Person] = {}
    for slug, path, button, given in REFUSED:
        person = people.get(slug) or people.setdefault(slug, enter(slug, looks=False))
        person.page.goto(path)
        for box in person.page.locator("main form[method=post] input[type=checkbox]:checked").all():
            box.uncheck()
        person.type(**given)
        with person.page.expect_navigation() as answered:
            person.page.locator("main").get_by_role("button", name=button, exact=True).click()
        where = f"{slug} {path} {sorted(given)}"
        assert answered.value.status == 422, f"{where}: {answered.value.status}\n{person.text}"
        person.sees("Revisa esto para continuar")
        person.faults += [f"{where}: {fault}" for fault in look(person.page, dealt(where))]
    for person in people.values():
        person.was_spared()


# --- pages of error, and what opens over a page -----------------------------------------------------------------------


def test_every_page_of_error_says_what_happened_and_the_way_on(house: House, enter: Enter) -> None:
    person = enter("lucia", looks=False)
    for status, path in ((404, "/no-existe/"), (403, "/mesa/facturas/"), (405, "/salir/")):
        answer = person.page.goto(path)
        assert answer is not None and answer.status == status
        person.faults += [f"{status}: {fault}" for fault in look(person.page, dealt(path))]
    for status, act in ((403, _without_protection), (413, _too_much), (429, _too_often)):
        assert act(person.page) == status
        person.sees("Referencia:")
        person.faults += [f"{act.__name__}: {fault}" for fault in look(person.page, dealt(act.__name__))]
    broken = house.python(
        "from django.test import RequestFactory\nfrom portal.design import answers\n"
        "answer = answers.broken(RequestFactory().get('/')).content.decode()"
    )

    def answer_500(route: Route) -> None:
        route.fulfill(status=500, content_type="text/html; charset=utf-8", body=broken)

    visitor = enter("", looks=False)
    visitor.page.route("**/medico/rota/", answer_500)
    visitor.page.goto("/medico/rota/")
    visitor.sees("Algo falló de nuestro lado", "Referencia:")
    faults = look(visitor.page, WAYS)
    visitor.faults[:] = faults  # the status itself and the lack of a header are ours here


def _without_protection(page: Page) -> Any:
    """A form whose protection is gone."""
    page.goto("/contacto/")
    page.locator("main form input[name=csrfmiddlewaretoken]").evaluate("field => field.remove()")
    return _press(page, "Enviar mensaje")


def _too_much(page: Page) -> Any:
    """More text than is received at once."""
    page.goto("/contacto/")
    page.locator("main form textarea").first.evaluate("field => { field.value = 'ñ'.repeat(1400000); }")
    return _press(page, "Enviar mensaje")


def _too_often(page: Page) -> Any:
    """The sixth message within an hour."""
    for _time in range(6):
        page.goto("/contacto/")
        page.locator("[name=kind]").select_option("question")
        page.locator("[name=subject_folio]").fill("Pagos")
        page.locator("main form textarea").first.fill("¿Cuándo se paga?")
        status = _press(page, "Enviar mensaje")
    return status


def _press(page: Page, button: str) -> Any:
    with page.expect_navigation() as answered:
        page.locator("main").get_by_role("button", name=button, exact=True).click()
    return answered.value.status

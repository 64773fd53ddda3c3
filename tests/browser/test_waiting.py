"""A page that waits for work of ours: it comes back by itself, and only when it would say something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<!doctype html><html lang="es-MX"><head><title>Credencial · Cauce</title>
{waits}<script type="module" src="{script}"></script></head><body><main><h1>{said}</h1>{form}</main></body></html>"""
WAITING = "Se está preparando"
FORM = '<form method="post" action="/espera/aplicar/"><button>Aplicar</button></form>'


def test_a_page_that_waits_is_loaded_anew_only_when_it_would_say_something_else(enter: Enter) -> None:
    """One that answers a form asks at its own address (`data-at`), and sends the form once."""
    page = enter(looks=False).page
    page.goto("/")
    script = page.locator("script[src*='js/cauce']").get_attribute("src")
    asked: list[str] = []
    done = ["Aquí está"]

    def answer(route: Route) -> None:
        request = route.request
        asked.append(
            f"{request.method} {request.url.partition('/espera/')[2]} {request.resource_type}".replace("  ", " ")
        )
        said = WAITING if len(asked) < 4 else done[-1]
        at = ' data-at="/espera/"' if request.method == "POST" else ""
        waits = f'<meta name="comes-back" content="0.2"{at}>' if said == WAITING else ""
        form = FORM if said == done[0] else ""
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "script-src 'self'"}
        route.fulfill(headers=headers, body=PAGE.format(script=script, said=said, waits=waits, form=form))

    page.route("**/espera/**", answer)
    page.goto("/espera/")
    page.get_by_role("heading", name="Aquí está").wait_for()
    assert asked[:5] == ["GET document", "GET fetch", "GET fetch", "GET fetch", "GET document"], "in vain twice"
    asked.clear()
    done.append("Quedó aplicado")
    page.get_by_role("button", name="Aplicar").click()
    page.get_by_role("heading", name="Quedó aplicado").wait_for()
    assert page.url.endswith("/espera/")
    assert asked[:5] == ["POST aplicar/ document", "GET fetch", "GET fetch", "GET fetch", "GET document"]

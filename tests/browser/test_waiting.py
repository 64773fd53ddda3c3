"""A page that waits for work of ours: it comes back by itself, and only when it would say something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<!doctype html><html lang="es-MX"><head><title>Credencial · Cauce</title>
<meta name="comes-back" content="0.2">
<script type="module" src="{script}"></script></head><body><main><h1>{said}</h1></main></body></html>"""


def test_a_page_that_waits_is_loaded_anew_only_when_it_would_say_something_else(enter: Enter) -> None:
    page = enter(looks=False).page
    page.goto("/")
    script = page.locator("script[src*='js/cauce']").get_attribute("src")
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.resource_type)
        said = "Se está preparando" if len(asked) < 4 else "Aquí está"
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "script-src 'self'"}
        route.fulfill(headers=headers, body=PAGE.format(script=script, said=said))

    page.route("**/espera/", answer)
    page.goto("/espera/")
    page.get_by_role("heading", name="Aquí está").wait_for()
    assert asked[:5] == ["document", "fetch", "fetch", "fetch", "document"], "asked twice in vain, then loaded anew"

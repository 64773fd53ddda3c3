"""`pictures [--out FOLDER]`: the README's pictures, taken of the demo world by Chromium."""

from __future__ import annotations

import io
import os
import shutil
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from PIL import Image

SIZE = {"width": 1280, "height": 860}
LARGEST = 200_000  # bytes of one picture
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--hide-scrollbars")
NOT_OURS = ["rest_framework", "django_htmx"]


class Command(BaseCommand):
    help = "Toma las imágenes del README en el mundo de demostración."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=settings.ROOT / "docs" / "pictures", metavar="CARPETA")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise CommandError("Falta Playwright, que viene con lo de desarrollo: corre ./bin/test una vez.") from error
        path = os.environ.get("CAUCE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
        if path is None:
            raise CommandError("Falta Chromium o Chrome, con el que se toman las imágenes.")
        call_command("make_static", verbosity=0)
        call_command("collectstatic", interactive=False, ignore_patterns=NOT_OURS, verbosity=0)
        call_command("load_demo", verbosity=0)
        out.mkdir(parents=True, exist_ok=True)
        alone = ["--no-sandbox"] if os.geteuid() == 0 else []
        with served() as address, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=path, args=[*QUIET, *alone])
            for name, take in (("reviewer", reviewer), ("assistant", assistant)):
                context = browser.new_context(
                    base_url=address, viewport=SIZE, locale="es-MX", color_scheme="light", reduced_motion="reduce"
                )
                content = take(context.new_page())
                context.close()
                (out / f"{name}.png").write_bytes(small(content))
                self.stdout.write(f"{out / name}.png")
            browser.close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the command says what it made."""


@contextmanager
def served() -> Iterator[str]:
    """The portal on a free loopback port while the pictures are taken."""
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _enter(page: Any, slug: str) -> None:
    page.goto("/_demo/")
    with page.expect_navigation():
        page.locator(f'form[action="/_demo/entrar/{slug}/"] button').click()


def _taken(page: Any) -> bytes:
    page.evaluate("document.fonts.ready")
    return bytes(page.screenshot(animations="disabled"))


def reviewer(page: Any) -> bytes:
    """The split view of an invoice that waits for its decision."""
    _enter(page, "rebeca")
    page.goto("/mesa/facturas/?estado=submitted")
    with page.expect_navigation():
        page.locator("tbody tr", has_text="ORTEGA").first.get_by_role("link").first.click()
    drawn = page.locator(".viewer-pages img").first.element_handle()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=drawn)
    return _taken(page)


def assistant(page: Any) -> bytes:
    """The data of an invoice for two orders; the draft is discarded again."""
    _enter(page, "lucia")
    page.goto("/medico/facturas/nueva/")
    for box in page.locator("input[name=orders]").all()[:2]:
        box.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Facturar las elegidas", exact=True).click()
    content = _taken(page)
    page.locator('form[action$="/descartar/"]').evaluate("form => form.requestSubmit()")
    page.wait_for_url("**/medico/ordenes/**")
    return content


def small(content: bytes) -> bytes:
    """The same picture with a palette, as many colours as fit."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() < LARGEST:
            break
    return out.getvalue()

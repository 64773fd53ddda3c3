"""Inside the child: HTML in, PDF out, with a fetcher that knows packaged assets and `data:` only."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portal.design.fonts import static_fonts

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "static"
STYLE = Path(__file__).with_name("document.css")
SAMPLE = Path(__file__).with_name("sample.html")
BASE = "packaged:/"
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".css": "text/css", ".ttf": "font/ttf"}


class Packaged(URLFetcher):
    """Serves `data:`, files under static/ (`packaged:/img/mark.svg`) and the one font; nothing else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data", "packaged"], allow_redirects=False)
        self.fonts = {f"font-{weight}.ttf": font for weight, font in static_fonts().items()}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The asset. Raises ValueError for anything else; WeasyPrint then leaves it out."""
        scheme = urlsplit(url).scheme
        if scheme == "data":
            return super().fetch(url, headers)
        if scheme != "packaged":
            raise ValueError("only packaged assets")
        name = unquote(urlsplit(url).path).lstrip("/")
        if name in self.fonts:
            return URLFetcherResponse(url, self.fonts[name], {"Content-Type": TYPES[".ttf"]})
        path = _asset(name)
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})


def _asset(name: str) -> Path:
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in TYPES or not path.is_file():
        raise ValueError("only packaged assets")
    return path


class _Prepared:
    """Fetcher, font and style sheet, made once before the first fork (they write temporary files, children may not)."""

    fetcher: Packaged
    fonts: FontConfiguration
    style: CSS


def warm_up() -> None:
    """Prepare, and lay out each part a document has: what the first layout loads, no child loads again."""
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    _Prepared.fetcher, _Prepared.fonts = Packaged(), FontConfiguration()
    _Prepared.style = CSS(
        string=STYLE.read_text(), base_url=BASE, url_fetcher=_Prepared.fetcher, font_config=_Prepared.fonts
    )
    render({}, SAMPLE.read_bytes())


def render(_head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The work of one child."""
    page = HTML(string=body.decode(), base_url=BASE, url_fetcher=_Prepared.fetcher)
    pdf: bytes = page.write_pdf(stylesheets=[_Prepared.style], font_config=_Prepared.fonts)
    return {"ok": True}, pdf

"""The catalogue, the theme switch, the CSP report: public, without a person's data, in every state."""

from __future__ import annotations

import gzip
import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from portal.design import samples

pytestmark = pytest.mark.django_db
PAGES = ["/", "/_ui/", "/_ui/?errores", *(f"/_ui/pagina/{name}/" for name in samples.LAYOUTS), "/no-existe/"]


class Inline(HTMLParser):
    """Collects what a strict policy would refuse, ids, and references to ids."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.ids: list[str] = []
        self.wanted: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.refused.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.wanted += (given.get(name) or "").split()


def _read(text: str) -> Inline:
    reader = Inline()
    reader.feed(text)
    return reader


@pytest.mark.parametrize("address", PAGES)
def test_a_page_holds_nothing_inline_and_its_ids_agree(client: Client, address: str) -> None:
    text = client.get(address).content.decode()
    read = _read(text)
    assert read.refused == []
    assert len(read.ids) == len(set(read.ids))
    assert set(read.wanted) <= set(read.ids)
    assert '<html lang="es-MX"' in text
    assert text.count("<h1>") == 1
    assert len(text.encode()) < 150_000 and len(gzip.compress(text.encode())) < 60_000, "plain, and as sent"


@pytest.mark.parametrize("address", PAGES)
def test_a_page_speaks_spanish_only(client: Client, address: str) -> None:
    words = re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).lower()
    english = r"\b(the|and|your|this|please|submit|browse|choose file|required|error loading|search|next|previous)\b"
    assert re.findall(english, words) == []


def test_the_catalogue_exists_only_where_it_is_shown(client: Client, settings) -> None:
    settings.DEMO = settings.DEBUG = False
    assert client.get("/_ui/").status_code == 404
    assert client.get("/_ui/pagina/list/").status_code == 404


def test_an_unknown_layout_is_not_found(client: Client) -> None:
    assert client.get("/_ui/pagina/otra/").status_code == 404


def test_errors_are_summed_up_first_and_lead_to_their_fields(client: Client) -> None:
    text = client.get("/_ui/?errores").content.decode()
    assert text.index("error-summary") < text.index('id="id_rfc_field"')
    targets = re.findall(r'<li>\s*<a href="#(id_\w+)">', text)
    assert targets
    assert [target for target in targets if f'id="{target}"' not in text] == []
    assert 'aria-describedby="id_rfc_helptext id_rfc_error"' in text
    assert 'aria-invalid="true"' in text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_and_drawn(client: Client, theme: str) -> None:
    answer = client.post("/apariencia/", {"theme": theme, "next": "/_ui/"})
    assert (answer.status_code, answer.url) == (302, "/_ui/")
    assert answer.cookies["cauce_theme"].value == theme
    assert client.post("/apariencia/", {"theme": theme, "next": "/_ui/"}).url == "/_ui/"
    assert f'data-theme="{theme}"' in client.get("/_ui/").content.decode()
    client.post("/apariencia/", {"theme": "", "next": "/"})
    assert "data-theme=" not in client.get("/_ui/").content.decode()


@pytest.mark.parametrize("wanted", ["https://malo.example/", "//malo.example", "javascript:alert(1)", "\\\\malo"])
def test_the_switch_never_leads_elsewhere(client: Client, wanted: str) -> None:
    assert client.post("/apariencia/", {"theme": "dark", "next": wanted}).url == "/"


def test_a_theme_of_somebody_elses_making_is_not_drawn(client: Client) -> None:
    client.cookies["cauce_theme"] = 'x" onload="alert(1)'
    assert "onload" not in client.get("/").content.decode()


def test_a_csp_report_is_logged_without_query_strings(client: Client, caplog) -> None:
    report = {
        "csp-report": {"document-uri": "http://x/a/?token=abc", "blocked-uri": "inline", "script-sample": "secreto"}
    }
    answer = Client(enforce_csrf_checks=True).post("/csp", json.dumps(report), content_type="application/csp-report")
    assert answer.status_code == 204
    assert "http://x/a/" in caplog.text and "abc" not in caplog.text and "secreto" not in caplog.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"3", b'{"csp-report": 3}', b'{"csp-report": {}}', b"\xff\xfe", b"x" * 20_000]
)
def test_a_csp_report_that_is_none_is_dropped(client: Client, caplog, body: bytes) -> None:
    assert client.post("/csp", body, content_type="application/csp-report").status_code == 204
    assert "csp report" not in caplog.text


def test_the_front_page_leads_everybody_on(client: Client, settings) -> None:
    text = client.get("/").content.decode()
    for address in ("/registro/", "/entrar/", "/ayuda/", "/contacto/", "/verificar/", "/_demo/"):
        assert f'href="{address}"' in text
    settings.DEMO = False
    assert "/_demo/" not in client.get("/").content.decode()

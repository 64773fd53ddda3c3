"""Folios stand on one line in every page and mail (issue 10): each in an element that keeps it whole."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from portal.design.middleware import WholeFolios
from portal.design.unbroken import IN_MAIL, unbroken

WHOLE = '<span class="nowrap">RB-2026-000012</span>'


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>Tu trámite RB-2026-000012, y sigue.</p>", f"<p>Tu trámite {WHOLE}, y sigue.</p>"),
        ("<p>RB-2026-000012 y RB-2026-000012<br></p>", f"<p>{WHOLE} y {WHOLE}<br></p>"),
        (
            '<a href="/tramites/RB-2026-000012/">RB-2026-000012</a>',
            f'<a href="/tramites/RB-2026-000012/">{WHOLE}</a>',
        ),
        (
            '<th scope="row"><a href="/1/">Tu trámite RB-2026-000012</a></th>',
            f'<th scope="row"><a href="/1/">Tu trámite {WHOLE}</a></th>',
        ),
        ("<p>OF-DAM-2026-000001</p>", '<p><span class="nowrap">OF-DAM-2026-000001</span></p>'),
    ],
)
def test_a_folio_in_what_is_read_is_kept_whole(html: str, told: str) -> None:
    assert unbroken(html) == told
    assert unbroken(told) == told


@pytest.mark.parametrize(
    "html",
    [
        '<b aria-label="Copiar RB-2026-000012">Copiar</b>',
        "<title>RB-2026-000012 · Cauce</title>",
        "<option>Trámite RB-2026-000012</option>",
        "<textarea>RB-2026-000012</textarea>",
        "<svg><text>RB-2026-000012</text><title>RB-2026-000012</title></svg>",
        '<script type="application/json">"RB-2026-000012"</script>',
        '<span class="folio">RB-2026-000012</span>',
        '<th scope="row"><a href="/tramites/RB-2026-000012/">RB-2026-000012</a></th>',
        '<label><span class="visually-hidden">Marcar RB-2026-000012</span></label>',
        '<p class="file-name">complemento-RB-2026-000012.xml</p>',
        "<p>XRB-2026-000012 RB-2026-0000123 RB-2026-00001 2026-11-000012 RB-2026-000012-3</p>",
    ],
)
def test_what_may_hold_no_element_or_is_no_folio_stays(html: str) -> None:
    assert unbroken(html) == html


def test_pages_are_looked_through_and_nothing_else() -> None:
    def answered(answer: HttpResponse) -> HttpResponse:
        def view(request: HttpRequest) -> HttpResponse:
            return answer

        return WholeFolios(view)(RequestFactory().get("/"))

    said = "<p>RB-2026-000012</p>"
    assert answered(HttpResponse(said)).content.decode() == f"<p>{WHOLE}</p>"
    assert answered(HttpResponse(said, content_type="application/json")).content.decode() == said
    streamed = answered(StreamingHttpResponse([said]))  # type: ignore[arg-type]
    assert b"".join(streamed).decode() == said  # type: ignore[arg-type]


def test_a_mail_says_it_by_itself() -> None:
    assert unbroken("<p>RB-2026-000012</p>", IN_MAIL) == '<p><span style="white-space:nowrap">RB-2026-000012</span></p>'

"""What papers costs: an issued paper, and a member's card, which has a barcode and a code to check (G14)."""

from __future__ import annotations

from typing import Any

from tests.bench.pairs import Goal, compare

GOALS = {"G14": Goal("≤", 1.25, 1.1)}


def paper() -> None:
    """G14: an issued paper, template to bytes, against WeasyPrint on the same HTML with its fonts and its style ready.

    The row below is what the queue's worker waits for: the limited process, which copies what it touches (XP-06).
    """
    from portal.papers.renderer.fonts import only_our_font

    only_our_font()
    from portal.papers import rendering
    from portal.papers.models import IssuedDocument
    from portal.papers.renderer import layout

    layout.warm_up()
    for title, kind in (("documento emitido", ""), ("credencial", "member_card")):
        rows = IssuedDocument.objects.exclude(template="")
        document = (rows.filter(kind=kind) if kind else rows).order_by("pk").first()
        if document is None:
            raise SystemExit(f"the demo world issued no paper: {title}")
        _compare(title, document)
    rendering.stop()


def _compare(title: str, document: Any) -> None:
    from portal.papers import rendering
    from portal.papers.renderer import layout

    html = rendering.html_of(document).encode()

    def bare() -> None:
        layout.render({}, html)

    def issued() -> None:
        layout.render({}, rendering.html_of(document).encode())

    compare(f"G14 {title} / WeasyPrint a secas", issued, bare)
    compare("    en su proceso limitado", lambda: rendering.render(document), bare)


MEASURES = (paper,)

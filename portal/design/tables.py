"""The rows of a list as HTML: written by a plain function, because a template asks three times the query for each cell.

Everything that came from a person goes through `conditional_escape`; the frame of the table stays a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import conditional_escape as safe
from django.utils.safestring import SafeString, mark_safe


def rows_html(rows: Iterable[Sequence[Any]]) -> SafeString:
    """`<tr>` for each row of cells (text, href, kind, label, tone, exact); the first cell is the row's header."""
    return mark_safe("".join(f"<tr>{_head(row[0])}{''.join(map(_cell, row[1:]))}</tr>" for row in rows))  # noqa: S308 - each part escaped


def _head(cell: Any) -> str:
    text = safe(cell.text)
    shown = f'<a href="{safe(cell.href)}">{text}</a>' if cell.href else text
    return f'<th scope="row" class="k-{safe(cell.kind)}">{shown}</th>'


def _cell(cell: Any) -> str:
    none = "" if cell.text else " none"
    return f'<td class="k-{safe(cell.kind)}{none}" data-t="{safe(cell.label)}">{_shown(cell)}</td>'


def _shown(cell: Any) -> str:
    text = safe(cell.text)
    if cell.kind == "state" and cell.text:
        return f'<span class="state {safe(cell.tone or "neutral")}">{text}</span>'
    if cell.href:
        button = "" if cell.label else 'class="btn secondary small" '
        return f'<a {button}href="{safe(cell.href)}">{text}</a>'
    if cell.kind == "folios":  # a folio is never broken at its hyphens
        return ", ".join(f'<span class="folio">{safe(folio)}</span>' for folio in cell.text.split(", "))
    if cell.exact:
        return f'<time datetime="{safe(cell.exact)}">{text}</time>'
    return f"<span>{text}</span>" if cell.text else ""

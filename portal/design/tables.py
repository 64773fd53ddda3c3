"""Rows of a list, figures and the menu as HTML by plain functions: a template takes longer than their query.

Everything that came from a person is escaped, whatever type it has; the frame around stays a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

IN_SIGHT = 5  # entries of the menu that are in sight on a wide screen


class Box(NamedTuple):
    """A box that chooses a row: what is sent as `field`, what it adds to the sum (two decimals), if it is ticked."""

    field: str
    value: str
    amount: str
    ticked: bool = False


def rows_html(rows: Iterable[Sequence[Any]], boxes: Sequence[Box] = ()) -> SafeString:
    """`<tr>` for each row of cells (text, href, kind, label, tone, exact); the first cell is the row's header.

    Kind and label are the column's: those of the first row are everybody's. With a box a row, its header begins with
    it.
    """
    written: list[str] = []
    columns: list[Callable[[Any], str]] = []
    for number, row in enumerate(rows):
        columns = columns or [_heading(row[0]), *(_column(cell) for cell in row[1:])]
        head, *cells = [write(cell) for write, cell in zip(columns, row, strict=True)]
        if boxes:
            head = head.replace(">", f">{_box(boxes[number], row[0].text)}", 1)
        written.append(f"<tr>{head}{''.join(cells)}</tr>")
    return _whole(written)


def _box(box: Box, text: str) -> str:
    ticked = " checked" if box.ticked else ""
    return (
        f'<label class="pick"><input type="checkbox" name="{escape(box.field)}" value="{escape(box.value)}" '
        f'data-amount="{box.amount}"{ticked}><span class="visually-hidden">Elegir {escape(text)}</span></label>'
    )


def _heading(first: Any) -> Callable[[Any], str]:
    before = f'<th scope="row" class="k-{escape(first.kind)}">'

    def write(cell: Any) -> str:
        text = _unbroken(escape(cell.text))
        return f'{before}<a href="{escape(cell.href)}">{text}</a></th>' if cell.href else f"{before}{text}</th>"

    return write


def _column(first: Any) -> Callable[[Any], str]:
    """What writes the cells of one column: its constant parts are made once."""
    kind, label = escape(first.kind), escape(first.label)
    filled, empty = f'<td class="k-{kind}" data-t="{label}">', f'<td class="k-{kind} none" data-t="{label}">'
    shown = _state if first.kind == "state" else _folios if first.kind == "folios" else _plain
    return lambda cell: f"{filled if cell.text else empty}{shown(cell)}</td>"


def _unbroken(escaped: str) -> str:
    return whole_folios(escaped) if "-" in escaped else escaped


def _plain(cell: Any) -> str:
    text = _unbroken(escape(cell.text))
    if cell.href:
        button = "" if cell.label else 'class="btn secondary small" '
        return f'<a {button}href="{escape(cell.href)}">{text}</a>'
    if cell.exact:
        return f'<time datetime="{escape(cell.exact)}">{text}</time>'
    return f"<span>{text}</span>" if text else ""


def _state(cell: Any) -> str:
    return f'<span class="state {escape(cell.tone or "neutral")}">{escape(cell.text)}</span>' if cell.text else ""


def _folios(cell: Any) -> str:
    """A folio is never broken at its hyphens."""
    if cell.href:
        return _plain(cell)
    return ", ".join(f'<span class="folio">{escape(folio)}</span>' for folio in cell.text.split(", "))


FOLIO = re.compile(r"\b[A-Z]{2}(?:-[A-Z0-9]{1,12})?-\d{4}-\d{6,}\b", re.ASCII)


# What others wrote names an insurer's account too: DV-7106.
CODE = re.compile(rf"{FOLIO.pattern}|(?<![-\w])[A-Z]{{1,4}}-\d{{2,12}}(?![-\w])", re.ASCII)


def whole_folios(escaped: str, *, codes: bool = False) -> str:
    """Text that was escaped, each folio in it kept in one piece: a browser breaks lines at hyphens.

    `codes`: accounts of orders and the like too.
    """
    return (CODE if codes else FOLIO).sub(lambda found: f'<span class="folio">{found[0]}</span>', escaped)


def kpi_html(value: Any, label: str, href: str, kind: str) -> SafeString:
    """A figure with its label, which leads to the list that proves it: `components/kpi.html`."""
    told = f'class="{escape(f"kpi {kind}") if kind else "kpi"}"'
    told_value = f"{value:,}" if isinstance(value, int) else str(value)
    shown = f"<b>{escape(told_value)}</b><span>{whole_folios(escape(label))}</span>"
    return mark_safe(f'<a {told} href="{escape(href)}">{shown}</a>' if href else f"<div {told}>{shown}</div>")


def menu_html(entries: Sequence[Mapping[str, Any]]) -> dict[str, SafeString]:
    """The menu's entries (label, href, current, group) as `<li>`s: `IN_SIGHT` of them, and the rest by their groups.

    Both are empty where none are.
    """
    sight = [_entry(entry) for entry in entries[:IN_SIGHT]]
    groups: dict[str, list[str]] = {}
    for entry in entries[IN_SIGHT:]:
        groups.setdefault(entry.get("group", ""), []).append(_entry(entry))
    return {"sight": _whole(sight), "rest": _whole(_group(*group) for group in groups.items())}


def _group(name: str, drawn: Iterable[str]) -> str:
    return f'<li><p class="group">{escape(name)}</p><ul>{"".join(drawn)}</ul></li>'


def _entry(entry: Mapping[str, Any]) -> str:
    here = ' aria-current="page"' if entry.get("current") else ""
    return f'<li><a href="{escape(entry["href"])}"{here}>{escape(entry["label"])}</a></li>'


def _whole(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # each part escaped

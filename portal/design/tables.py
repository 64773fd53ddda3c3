"""Rows of a list, cards to choose from, figures and the menu as HTML by plain functions: a template takes longer than
their query.

Everything that came from a person is escaped, whatever type it has; the frame around stays a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from portal.design import dates

IN_SIGHT = 5  # entries of the menu that are in sight on a wide screen


def rows_html(rows: Iterable[Sequence[Any]]) -> SafeString:
    """`<tr>` for each row of cells (text, href, kind, label, tone, exact); the first cell is the row's header.

    Kind and label are the column's: those of the first row are everybody's.
    """
    written: list[str] = []
    columns: list[Callable[[Any], str]] = []
    for row in rows:
        columns = columns or [_heading(row[0]), *(_column(cell) for cell in row[1:])]
        written.append(f"<tr>{''.join([write(cell) for write, cell in zip(columns, row, strict=True)])}</tr>")
    return _whole(written)


def _heading(first: Any) -> Callable[[Any], str]:
    before = f'<th scope="row" class="k-{escape(first.kind)}">'

    def write(cell: Any) -> str:
        text = escape(cell.text)
        return f'{before}<a href="{escape(cell.href)}">{text}</a></th>' if cell.href else f"{before}{text}</th>"

    return write


def _column(first: Any) -> Callable[[Any], str]:
    """What writes the cells of one column: its constant parts are made once."""
    kind, label = escape(first.kind), escape(first.label)
    filled, empty = f'<td class="k-{kind}" data-t="{label}">', f'<td class="k-{kind} none" data-t="{label}">'
    shown = _state if first.kind == "state" else _folios if first.kind == "folios" else _plain
    return lambda cell: f"{filled if cell.text else empty}{shown(cell)}</td>"


def _plain(cell: Any) -> str:
    text = escape(cell.text)
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


class Card(NamedTuple):
    """Something to choose: the value that is sent, its folio and name, and a line about it with a day in it."""

    value: str
    folio: str
    name: str
    before: str
    day: date
    after: str
    ticked: bool = False


def cards_html(cards: Iterable[Card], *, field: str, box: str) -> SafeString:
    """A box to tick for each card, all sent as `field`; `box` and a number are its id."""
    return _whole(_card(card, f"{box}_{number}", field) for number, card in enumerate(cards, start=1))


def _card(card: Card, box: str, field: str) -> str:
    checked, day = " checked" if card.ticked else "", card.day
    when = f'<time class="nowrap" datetime="{day.isoformat()}">{dates.short(day)}</time>'
    return (
        f'<label class="choice-card" for="{box}"><input type="checkbox" id="{box}" name="{field}" '
        f'value="{escape(card.value)}"{checked}> <span><strong><span class="folio">{escape(card.folio)}</span> · '
        f'{escape(card.name)}</strong> <span class="hint">{escape(card.before)}{when}{escape(card.after)}</span></span>'
        "</label>"
    )


def kpi_html(value: Any, label: str, href: str, kind: str) -> SafeString:
    """A figure with its label, which leads to the list that proves it: `components/kpi.html`."""
    told = f'class="{escape(f"kpi {kind}") if kind else "kpi"}"'
    shown = f"<b>{escape(str(value))}</b><span>{escape(label)}</span>"
    return mark_safe(f'<a {told} href="{escape(href)}">{shown}</a>' if href else f"<div {told}>{shown}</div>")


def menu_html(entries: Sequence[Mapping[str, Any]]) -> dict[str, SafeString]:
    """The menu's entries (label, href, current) as `<li>`s: `IN_SIGHT` of them, and the rest; {} where none are."""
    drawn = [_entry(entry) for entry in entries]
    return {"sight": _whole(drawn[:IN_SIGHT]), "rest": _whole(drawn[IN_SIGHT:])} if drawn else {}


def _entry(entry: Mapping[str, Any]) -> str:
    here = ' aria-current="page"' if entry.get("current") else ""
    return f'<li><a href="{escape(entry["href"])}"{here}>{escape(entry["label"])}</a></li>'


def _whole(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # each part escaped

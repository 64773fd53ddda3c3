"""Template tags and filters of the house: money, dates, icons, masks. Loaded as a builtin: no `{% load %}` needed.

A filter given nothing (None or "") answers with an em dash: a table shows that there is no datum, never "None".
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal import clock, identifiers
from portal.design import dates, tables
from portal.design.words import words_in
from portal.money import format_money
from portal.once.rules import FIELD
from portal.once.services import new_key
from portal.text import is_like_folio

register = template.Library()

NOTHING = "—"


@register.filter
def money(amount: Decimal | int | str | None, currency: str = "MXN") -> str:
    """`{{ amount|money:"MXN" }}` → `$1,305.00`; CLP has no decimals: `$1.623.000`."""
    if amount is None or amount == "":
        return NOTHING
    return format_money(Decimal(amount), currency or "MXN")


@register.filter
def folios(text: str) -> SafeString:
    """A text whose folios and accounts are never broken at their hyphens."""
    return mark_safe(tables.whole_folios(conditional_escape(text or ""), codes=True))  # escaped, or safe before


@register.filter
def fecha(value: date | datetime | None) -> str:
    """`22 nov 2026` inside `<time>`, the date of central Mexico."""
    return _time(value, dates.short)


@register.filter
def fecha_larga(value: date | datetime | None) -> str:
    """`domingo 22 de noviembre de 2026` inside `<time>`."""
    return _time(value, dates.long)


@register.filter
def hora(value: datetime | None) -> str:
    """`22 nov 2026, 09:30` inside `<time>`, the wall clock of central Mexico."""
    return _time(value, dates.instant)


def _time(value: Any, words: Any) -> str:
    if not value:
        return NOTHING
    exact = dates.as_local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    return format_html('<time class="nowrap" datetime="{}">{}</time>', exact, words(value))


@register.filter
def mask(value: str | None, kind: str) -> str:
    """`{{ value|mask:"clabe" }}` → only what is needed to recognise it (PR-08)."""
    if not value:
        return NOTHING
    return identifiers.mask(kind, value)


@register.simple_tag
def icon(name: str, label: str = "", size: int = 20) -> SafeString:
    """`{% icon "check" %}` → inline SVG. Without `label` it is decoration; with it, an image with that name."""
    return mark_safe(_svg(name, str(conditional_escape(label)), size))  # drawn by us, label escaped


@lru_cache(maxsize=512)
def _svg(name: str, label: str, size: int) -> str:
    opening, _, shapes = _drawings().read(f"{name}.svg").decode().partition(">")
    told = " ".join(re.sub(r'\s(?:xmlns|width|height)="[^"]*"', "", opening.removeprefix("<svg")).split())
    side = f"{size / 16:g}rem"  # it grows with the words beside it
    what = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    return f'<svg {what} width="{side}" height="{side}" {told} class="icon" focusable="false">{shapes.strip()}'


@cache
def _drawings() -> ZipFile:
    """The library's drawings, listed once: it lists all of them anew for each, fifty times as long as reading one.

    From memory: processes that fork would share an open file's place.
    """
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


@register.simple_tag
def mark(size: int = 28) -> SafeString:
    """`{% mark %}` → `components/mark.html`, drawn once: it stands on every page twice."""
    return _mark(size)


@lru_cache(maxsize=8)
def _mark(size: int) -> SafeString:
    return render_to_string("components/mark.html", {"size": size})


@register.filter
def cuando(value: Any) -> str:
    """A date or an instant, whichever it is, also as ISO text (a CFDI's own hour); another text stays."""
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, datetime):
        return hora(value)
    return fecha(value) if isinstance(value, date) else value or NOTHING


def _read(text: str) -> Any:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return text


@register.filter
def filesize_es(size: int | None) -> str:
    """`4 KB`, `1.8 MB`; decimal point as in Mexico."""
    if not size:
        return "0 KB"
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB"


@register.filter
def money_in(amount: Decimal | int | str | None, facts: Any) -> str:
    """`{{ line.amount|money_in:facts }}`: `money` in the currency that the facts (a dict) name; otherwise MXN."""
    return money(amount, (facts or {}).get("currency") or "MXN")


@register.filter
def table_rows(rows: Any, boxes: Any) -> SafeString:
    """`{{ page.rows|table_rows:page.boxes }}`: a list's rows as `<tr>`s, with a box each where they can be chosen."""
    return tables.rows_html(rows, boxes)


@register.filter
def thousands(count: int) -> str:
    """`{{ rows|length|thousands }}` → `6,000`: how many, as every list counts them."""
    return f"{count:,}"


@register.filter
def all_of(verb: str, page: Any) -> str:
    """`{{ "Facturar"|all_of:page }}` → `Facturar todas: 190 órdenes`, or the first of them that go at once."""
    pick = page.listing.pick
    return f"{verb} las primeras {pick.most}" if page.next or page.previous else f"{verb} todas: {page.count_label}"


@register.simple_tag
def kpi(value: Any, label: str, href: str = "", kind: str = "") -> SafeString:
    """`{% kpi 4 "órdenes" href "due" %}` → `components/kpi.html` where a page has many."""
    return tables.kpi_html(value, label, href, kind)


@register.simple_tag
def once_key() -> SafeString:
    """The hidden field that makes a double click one act (`portal.once`); a page shown again gets a new key."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())


@register.inclusion_tag("components/figure.html")
def figure(explanation: Any, what: str = "este número") -> dict[str, Any]:
    """`{% figure invoice.explanation %}` → "¿De dónde sale este número?"; nothing when there is no explanation.

    `{% figure due "esta fecha" %}` asks about something else.
    """
    return {"explanation": explanation, "what": what}


@register.inclusion_tag("components/confirm.html")
def confirm(  # its inputs are the component's
    *,
    id: str,
    action: str,
    title: str,
    label: str,
    text: str = "",
    keep: str = "",
    kind: str = "",
    open_label: str = "",
    small: bool = False,
) -> dict[str, Any]:
    """`{% confirm id="quitar" action=url title="¿Quitar…?" text="…" label="Quitar…" %}` → the button and its dialog.

    As `components/confirm.html` by hand, but for the page's own CSRF token, which Django gives a tag by itself.
    """
    return {
        "id": id,
        "action": action,
        "title": title,
        "text": text,
        "label": label,
        "keep": keep,
        "kind": kind,
        "open_label": open_label,
        "small": small,
    }


FRAME = {
    "home": "home",
    "start": "start",
    "workspace": "workspace",
    "search": "listing:search",
    "find": "api:search",
    "notices": "notices:inbox",
    "account": "people:account",
    "sign_in": "people:sign_in",
    "sign_out": "people:sign_out",
    "sign_up": "people:sign_up",
    "privacy": "people:privacy",
    "appearance": "design:appearance",
    "help": "help:index",
    "contact": "help:contact",
    "accessibility": "help:accessibility",
    "checks": "papers:checks",
}


@cache
def _frame() -> dict[str, str]:
    """Where the frame of every page leads; asked once, for an address does not change while a process lives."""
    folio = reverse("listing:folio", args=["FOLIO"])  # the palette puts one in its place
    return (
        {word: reverse(name) for word, name in FRAME.items()}
        | {"folio": folio}
        | ({"demo": reverse("demo:index")} if settings.DEMO else {})
    )


@register.inclusion_tag("components/site-header.html", takes_context=True)
def site_header(context: template.Context) -> dict[str, Any]:
    """The frame's top; also on pages that came without a request (none of its inputs is needed)."""
    request = context.get("request")
    user = context.get("user")
    return {
        "to": _frame(),
        "menu": tables.menu_html(context.get("menu") or ()),
        "workspace": context.get("workspace") or "",
        "workspaces": context.get("workspaces") or (),
        "demo": context.get("demo"),
        "demo_now": clock.now() if context.get("demo") else None,
        "theme": context.get("theme") or "",
        "unread": context.get("unread"),
        "user": user if getattr(user, "is_authenticated", False) else None,
        "here": request.get_full_path() if request is not None else "/",
        "csrf_token": context.get("csrf_token") or "",
    }


@register.inclusion_tag("components/site-footer.html", takes_context=True)
def site_footer(context: template.Context) -> dict[str, Any]:
    """The frame's foot, and the line that paper carries: who looked, and when.

    On the page of a folio «Contacto» takes it along.
    """
    user, (*_, (here, _href)) = context.get("user"), context.get("crumbs") or [("", "")]
    return {
        "to": _frame(),
        "about": here if is_like_folio(str(here)) else "",
        "now": clock.now(),
        "reader": str(user) if getattr(user, "is_authenticated", False) else "",
    }


@register.tag
def hard_words(parser: template.base.Parser, _token: template.base.Token) -> template.Node:
    """`{% hard_words %}…{% end_hard_words %}`: what stands between, then the paragraph of each hard word in it."""
    nodelist = parser.parse(("end_hard_words",))
    parser.delete_first_token()
    return _HardWords(nodelist)


class _HardWords(template.Node):
    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        drawn = self.nodelist.render(context)
        found = words_in(drawn)
        return drawn + render_to_string("components/hard-words.html", {"words": found}) if found else drawn

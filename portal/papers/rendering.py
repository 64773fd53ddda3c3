"""Issued documents as PDF: the template is filled here, laid out by a limited child without network (XP-06)."""

from __future__ import annotations

import base64
import io
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from portal import queue
from portal.papers.limited.client import Client, ServerGone
from portal.papers.renderer.limits import LIMITS
from portal.zones import MEXICO_CITY

if TYPE_CHECKING:
    from portal.papers.models import IssuedDocument

_client = Client("portal.papers.renderer", lanes=1, answer_seconds=LIMITS.wall_seconds + 15)


class CannotRender(Exception):
    """The layout crashed, hung or swelled: a bug in a template or its data; the row parks after its fourth claim."""


def render(document: IssuedDocument) -> bytes:
    """The PDF of a document from its frozen context: same context, lock file and font give the same bytes (XP-08).

    Raises GiveBack when no renderer can be had, CannotRender when this document breaks it.
    """
    return lay_out(html_of(document))


def html_of(document: IssuedDocument) -> str:
    """The filled template: the frozen context and `document` (folio, kind, code, issued_at, check_url, qr)."""
    check_url = f"{settings.BASE_URL}{reverse('papers:check', args=[document.code])}"
    shown = {
        "folio": document.folio,
        "kind": document.kind,
        "code": document.code,
        "issued_at": document.issued_at.astimezone(ZoneInfo(MEXICO_CITY)),
        "check_url": check_url,
        "qr": qr(check_url),
    }
    return render_to_string(document.template, {**_with_dates(document.context), "document": shown})


def _with_dates(value: Any, name: str = "") -> Any:
    """The frozen context for a template: an ISO text under a name that ends in `_on` or `_until` is a date again."""
    if isinstance(value, dict):
        return {key: _with_dates(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_dates(item) for item in value]
    if name.endswith(("_on", "_until")) and isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value


def lay_out(html: str) -> bytes:
    """HTML to PDF bytes in a limited child. Raises GiveBack when no renderer can be had, CannotRender otherwise."""
    try:
        answer, body = _client.ask({"op": "render"}, html.encode())
    except ServerGone as error:
        raise queue.GiveBack("el generador de PDF no contesta") from error
    if why := answer.get("ended"):
        raise CannotRender(why)
    return body


def qr(text: str) -> str:
    """A QR code as a data URI of an SVG."""
    target = io.BytesIO()
    segno.make(text, error="m").save(target, kind="svg", border=2, scale=4, dark="#16211d", light="#ffffff")
    return "data:image/svg+xml;base64," + base64.b64encode(target.getvalue()).decode()


def stop() -> None:
    """End the renderer of this process."""
    _client.stop()

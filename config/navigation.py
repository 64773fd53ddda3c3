"""Menu entries per permission: an explicit list. The `shell` context processor gives them to every page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal import clock
from portal.access import Permission as P
from portal.design import undoing
from portal.notices import selectors as notices


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: label, URL name, the permission that shows it, and the filter it opens its list with."""

    label: str
    name: str
    permission: P
    query: str = ""


ENTRIES: tuple[Entry, ...] = (
    Entry("Inicio", "billing:home", P.SEE_OWN_BILLING),
    Entry("Órdenes", "billing:orders", P.SEE_OWN_BILLING),
    Entry("Facturas", "billing:invoices", P.SEE_OWN_BILLING),
    Entry("Pagos", "billing:payments", P.SEE_OWN_BILLING),
    Entry("Mi estado de cuenta", "billing:statement", P.SEE_OWN_BILLING),
    Entry("Cuenta bancaria", "treasury:my_account", P.MANAGE_OWN_ACCOUNT),
    Entry("Mi RFC", "proofs:own", P.MANAGE_OWN_ACCOUNT),
    Entry("Mi equipo", "people:team", P.MANAGE_OWN_TEAM),
    Entry("Mesa", "desk:queue", P.SEE_DESK),
    Entry("Facturas", "billing:reviews", P.REVIEW_INVOICES, "?estado=submitted"),
    Entry("Órdenes", "billing:desk_orders", P.IMPORT_ORDERS),
    Entry("Complementos", "billing:complements", P.REVIEW_INVOICES),
    Entry("Cuentas bancarias", "treasury:account_reviews", P.REVIEW_ACCOUNTS),
    Entry("RFC por acreditar", "proofs:papers", P.REVIEW_ACCOUNTS, "?estado=in_review"),
    Entry("Pagos", "treasury:batches", P.SEE_PAYMENTS),
    Entry("Mensajes", "help:messages", P.ANSWER_CONTACTS),
    Entry("Reglas", "rulebook:rules", P.MANAGE_RULES),
    Entry("Calendarios", "calendars:calendars", P.MANAGE_CALENDARS),
    Entry("Certificados", "fiscal:certificates", P.MANAGE_TRUST),
    Entry("Catálogos del SAT", "fiscal:catalogues", P.MANAGE_TRUST),
    Entry("Personas", "desk:people", P.SEE_PEOPLE),
    Entry("RFC por entregar", "proofs:moves", P.MANAGE_PEOPLE),
    Entry("Credenciales", "people:credentials", P.MANAGE_PEOPLE),
    Entry("Auditoría", "desk:audit", P.SEE_AUDIT),
    Entry("Salud", "desk:health", P.SEE_HEALTH),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: menu, unread notices, demo ribbon, theme. No query for anonymous."""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    held = user.permissions if signed_in else frozenset()
    shown = [entry for entry in ENTRIES if entry.permission in held]
    menu = [{"label": entry.label, "href": _address(entry.name) + entry.query} for entry in shown]
    return {
        "menu": _mark_current(menu, request.path),
        "unread": notices.unread_count(user) if signed_in else 0,
        "undoable": undoing.bar(user) if P.SEE_DESK in held else [],
        "demo": settings.DEMO,
        "demo_now": clock.now() if settings.DEMO else None,
        "theme": request.COOKIES.get("cauce_theme", ""),
    }


@lru_cache(maxsize=256)
def _address(name: str) -> str:
    """Of a page without an object: asked for on every page, always the same."""
    return reverse(name)


def _mark_current(menu: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """The entry with the longest address that leads here is the current one: /mesa/pagos/ is Pagos, not Mesa."""
    leading = [entry["href"] for entry in menu if path.startswith(entry["href"].partition("?")[0])]
    here = max(leading, key=len, default="")
    return [entry | {"current": entry["href"] == here} for entry in menu]

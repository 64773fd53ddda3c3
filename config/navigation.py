"""Menu entries per permission: an explicit list. The `shell` context processor gives them to every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal import clock
from portal.access import Permission as P
from portal.access import may
from portal.notices import selectors as notices


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: label, URL name, the permission that shows it."""

    label: str
    name: str
    permission: P


ENTRIES: tuple[Entry, ...] = (
    Entry("Inicio", "billing:home", P.SEE_OWN_BILLING),
    Entry("Órdenes", "billing:orders", P.SEE_OWN_BILLING),
    Entry("Facturas", "billing:invoices", P.SEE_OWN_BILLING),
    Entry("Pagos", "billing:payments", P.SEE_OWN_BILLING),
    Entry("Mi estado de cuenta", "billing:statement", P.SEE_OWN_BILLING),
    Entry("Cuenta bancaria", "treasury:my_account", P.MANAGE_OWN_ACCOUNT),
    Entry("Mesa", "desk:queue", P.SEE_DESK),
    Entry("Facturas", "billing:reviews", P.REVIEW_INVOICES),
    Entry("Órdenes", "billing:desk_orders", P.IMPORT_ORDERS),
    Entry("Complementos", "billing:complements", P.REVIEW_INVOICES),
    Entry("Cuentas", "treasury:account_reviews", P.REVIEW_ACCOUNTS),
    Entry("Pagos", "treasury:batches", P.SEE_PAYMENTS),
    Entry("Reglas", "rulebook:rules", P.MANAGE_RULES),
    Entry("Personas", "desk:people", P.SEE_PEOPLE),
    Entry("Auditoría", "desk:audit", P.SEE_AUDIT),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: menu, demo ribbon, theme. Lazy about the person: no query for anonymous."""
    user: Any = getattr(request, "user", None)
    menu = []
    if user is not None and user.is_authenticated:
        for entry in ENTRIES:
            if may(user, entry.permission):
                try:
                    href = reverse(entry.name)
                except NoReverseMatch:
                    continue
                menu.append(
                    {"label": entry.label, "href": href, "current": request.path.startswith(href) and href != "/"}
                )
    return {"menu": menu, "demo": settings.DEMO, "theme": request.COOKIES.get("cauce_theme", "")}

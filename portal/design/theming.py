"""Light, dark, or as the device says: a cookie of the browser."""

from __future__ import annotations

from django.http import HttpRequest

COOKIE = "cauce_theme"
THEME_LABELS = {"light": "Claro", "dark": "Oscuro", "": "Automático"}


def theme_of(request: HttpRequest) -> str:
    """What this browser chose; "" follows the device, as anything else in the cookie does."""
    theme = request.COOKIES.get(COOKIE, "")
    return theme if theme in THEME_LABELS else ""

"""Error pages with a reference code; none of them needs the database."""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse

from portal import access, outage
from portal.access import public
from portal.design import answers
from portal.design.middleware import too_large_for

NO_WAY_IN = "Es de otra función del portal. Si lo necesitas para tu trabajo, pídelo a Administración."
NOT_HERE = "Puede que la dirección esté incompleta, que esto ya no exista o que no sea tuyo."
UNREADABLE = "No pudimos leer lo que llegó. Vuelve a la página anterior y envíalo otra vez."


@public("La página de error de una solicitud ilegible la ve cualquiera.")
def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: what arrived cannot be read. A body over the limits is met while reading the form's protection: 413.

    A session that a database in trouble could not store is told by Django as a bad request too: that is a 503.
    """
    if outage.is_database_away(exception):
        return answers.away(request)
    if (too_large := too_large_for(exception)) is not None:
        return answers.rule_broken(request, too_large)
    if answers.is_api(request):
        return answers.problem(request, 400, "bad_request", UNREADABLE)
    return answers.page(
        request,
        400,
        "errors/rule.html",
        {"heading": "No entendimos la solicitud", "message": UNREADABLE, "findings": ()},
    )


@public("La página de error de falta de permiso la ve cualquiera.")
def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403: signed in, without the permission."""
    if answers.is_api(request):
        return answers.problem(request, 403, "forbidden", f"No tienes permiso para esto. {NO_WAY_IN}")
    return answers.page(request, 403, "errors/403.html", {"message": NO_WAY_IN})


@public("La página de error de dirección inexistente la ve cualquiera.")
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: no such page, or a row that this person may not see (AC-02)."""
    if answers.is_api(request):
        return answers.problem(request, 404, "not_found", NOT_HERE)
    return answers.page(request, 404, "errors/404.html", {"message": NOT_HERE})


@public("La página de error interno la ve cualquiera.")
def server_error(request: HttpRequest) -> HttpResponse:
    """500: static, with the reference that the log line carries; 503 when it is the database that is away.

    Django calls this while it handles the error, wherever it rose: in a view, a middleware or another error page.
    """
    if outage.is_database_away(sys.exc_info()[1]):
        return answers.away(request)
    return answers.broken(request)


@public("La página de formulario vencido la ve cualquiera.")
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection is missing or old (419 to people, 403 on the wire): nothing was stored, say so."""
    if answers.is_api(request):
        return answers.problem(request, 403, "csrf", "Falta la protección del formulario.")
    told = {"heading": "Esta página estuvo abierta mucho tiempo", "page": access.resume_at(request)}
    kept = getattr(request, "form_was_kept", False)
    return answers.page(request, 403, "errors/419.html", told | {"kept": kept})

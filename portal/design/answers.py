"""Answers that are not a view's own: a broken rule, an error page. A page for people, problem JSON for the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from portal import ids, outage
from portal.errors import RuleBroken

PROBLEM = "application/problem+json"
TITLES = {
    403: "No tienes permiso para esto",
    404: "No encontramos esta página",
    405: "Esta dirección no se abre así",
    409: "Esto ya cambió",
    413: "Es demasiado grande",
    422: "No se pudo hacer",
    429: "Espera un momento",
}

ONLY_A_FORM = "Solo recibe lo que envía un formulario. No se guardó ni cambió nada: sigue desde el inicio."

AWAY = "La base de datos no contesta ahora. Espera medio minuto y repite lo mismo con la misma llave: no se duplica."


def reference(request: HttpRequest) -> str:
    """The request's reference code (`7F3K-21QX`), the one that logs and audit carry; made here when nobody did."""
    found: str = getattr(request, "request_id", "")
    if not found:
        found = ids.short_code(2)
        request.request_id = found  # type: ignore[attr-defined]
    return found


def is_api(request: HttpRequest) -> bool:
    """Whether the answer is for a machine."""
    return request.path.startswith("/api/")


def rule_broken(request: HttpRequest, error: RuleBroken) -> HttpResponse:
    """The error's own sentence with its status; one that knows when to come back says it in Retry-After."""
    if is_api(request):
        body = problem_body(request, error.status, error.code, error.message, error)
        response: HttpResponse = JsonResponse(body, status=error.status, content_type=PROBLEM)
    else:
        context = {"message": error.message, "findings": error.findings, "back": back_of(request), "onward": error.way}
        response = page(request, error.status, "errors/rule.html", context)
    if (seconds := getattr(error, "retry_after", None)) is not None:  # TooMany, and an act still under way
        response["Retry-After"] = str(seconds)
    return response


def problem(request: HttpRequest, status: int, code: str, sentence: str) -> JsonResponse:
    """An error for a machine that no rule of ours raised."""
    return JsonResponse(problem_body(request, status, code, sentence), status=status, content_type=PROBLEM)


def problem_body(
    request: HttpRequest, status: int, code: str, sentence: str, error: RuleBroken | None = None
) -> dict[str, Any]:
    """RFC 9457 problem details, the one shape of the API: stable `code`, Spanish `title` with its cure, `reference`."""
    body: dict[str, Any] = {"type": f"urn:cauce:{code}", "title": sentence, "status": status, "code": code}
    if error is not None and error.field:
        body["field"] = error.field
    if error is not None and error.findings:
        body["findings"] = [finding.as_json() for finding in error.findings]
    return body | {"reference": reference(request)}


def page(request: HttpRequest, status: int, template: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """An error page inside the frame; an htmx request gets it too (it swaps only on success, so it is shown whole)."""
    given = {
        "heading": TITLES.get(status, "Algo no salió bien"),
        "message": "",
        "reference": reference(request),
        "back": "",
        **(context or {}),
    }
    return HttpResponse(render_to_string(template, given, request), status=status)


def only_a_form(request: HttpRequest) -> HttpResponse:
    """405: a page for people who opened the address that a form is sent to; nothing was done."""
    told = {"message": ONLY_A_FORM, "findings": (), "back": back_of(request)}
    return page(request, 405, "errors/rule.html", told)


def broken(request: HttpRequest) -> HttpResponse:
    """500: no database, no session, no template context; only the reference differs from one to the next."""
    if is_api(request):
        return problem(request, 500, "internal", "Algo falló de nuestro lado y ya lo estamos viendo.")
    return HttpResponse(render_to_string("errors/500.html", {"reference": reference(request)}), status=500)


def away(request: HttpRequest) -> HttpResponse:
    """503: the database cannot serve now. Static like `broken`; nobody is told to write to us, it passes by itself."""
    if is_api(request):
        response: HttpResponse = problem(request, 503, "database_away", AWAY)
    else:
        response = HttpResponse(render_to_string("errors/503.html", {"reference": reference(request)}), status=503)
    response["Retry-After"] = str(outage.RETRY_SECONDS)
    return response


def back_of(request: HttpRequest) -> str:
    """The page the person came from, when it is one of ours."""
    from urllib.parse import urlsplit

    came = urlsplit(request.headers.get("referer", ""))
    if not came.path.startswith("/") or came.netloc != request.get_host():
        return ""
    return came.path + (f"?{came.query}" if came.query else "")

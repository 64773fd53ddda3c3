"""Problems as RFC 9457 says them, in Spanish: one shape for every refusal of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.response import Response

from portal.design import answers
from portal.errors import RuleBroken

_WORDS: dict[int, tuple[str, str]] = {
    400: ("malformed", "El cuerpo no se entiende. Manda JSON con los campos de la documentación."),
    401: ("not_signed_in", "Falta la credencial, o ya no vale. Manda «Authorization: Bearer …»."),
    403: ("forbidden", "Tu credencial no tiene permiso para esto. Pide el permiso a Administración."),
    404: ("not_found", "No existe, o no es tuyo."),
    405: ("method_not_allowed", "Ese método no aplica aquí."),
    406: ("not_acceptable", "Solo contestamos JSON."),
    415: (
        "unsupported_media_type",
        "Manda el cuerpo como application/json, o como multipart/form-data si lleva archivos.",
    ),
    429: ("too_many", "Hiciste muchas llamadas. Espera y vuelve a intentar."),
}


# Why somebody who is known may not ask this now: code -> cause and cure.
_REFUSED = {
    "csrf": "Falta la protección del formulario. Manda el encabezado X-CSRFToken de una página abierta.",
    "fresh_proof": (
        "Para esto hay que confirmar quién eres. Confírmalo en tu perfil y repite, o usa una credencial tuya que "
        "actúe sobre pagos."
    ),
    "second_factor": (
        "Tu función pide una llave de acceso o un código. Agrégalo en tu perfil y haz otra credencial con esa sesión."
    ),
    "consents": "Falta que aceptes el aviso de privacidad. Entra al portal, acéptalo y repite la llamada.",
    "people_only": "Esto lo hace una persona: la credencial de una organización no basta. Usa una tuya.",
    "systems_only": "Esto lo envía el sistema de una organización, con su propia credencial.",
}


class Refused(exceptions.PermissionDenied):
    """403 with its own code and sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(_REFUSED[code], code)
        self.code = code


class FormRefused(RuleBroken):
    """422: what was sent does not fit the form; `errors` has the sentences of each field."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        names = [name for name in errors if name != "__all__"]
        told = f"Revisa {', '.join(f'«{name}»' for name in names)}. " if names else ""
        super().__init__(f"{told}Corrige lo que dice «errors» y repite la llamada.", code="form_invalid")
        self.errors = {name: [str(one) for one in said] for name, said in errors.items()}


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Any expected error as `application/problem+json`; a bug returns None and stays a 500."""
    request = context["request"]._request
    if isinstance(error, RuleBroken):
        seconds = getattr(error, "retry_after", None)  # TooMany, and an act still under way
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        body = answers.problem_body(request, error.status, error.code, error.message, error)
        if isinstance(error, FormRefused):
            body["errors"] = error.errors
        return Response(body, status=error.status, headers=headers, content_type=answers.PROBLEM)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return _refused(request, error)


def _refused(request: HttpRequest, error: exceptions.APIException) -> Response:
    code, sentence = _WORDS.get(error.status_code, ("error", "No se pudo atender."))
    if isinstance(error, Refused):
        code, sentence = error.code, str(error.detail)
    body = answers.problem_body(request, error.status_code, code, sentence)
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return Response(body, status=error.status_code, headers=headers, content_type=answers.PROBLEM)

"""The API's door: bearer tokens, scopes, and problems as RFC 9457 says, in Spanish."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from portal import clock
from portal.design import answers
from portal.errors import RuleBroken
from portal.once import rules as once_rules
from portal.once.services import once
from portal.people import selectors, services
from portal.people.models import ApiToken, User

View = Callable[..., Response]

_WORDS: dict[int, tuple[str, str]] = {
    400: ("malformed", "El cuerpo no se entiende. Manda JSON con los campos de la documentación."),
    401: ("not_signed_in", "Falta la credencial, o ya no vale. Manda «Authorization: Bearer …»."),
    403: ("forbidden", "Tu credencial no tiene permiso para esto. Pide el permiso a Administración."),
    404: ("not_found", "No existe, o no es tuyo."),
    405: ("method_not_allowed", "Ese método no aplica aquí."),
    406: ("not_acceptable", "Solo contestamos JSON."),
    415: ("unsupported_media_type", "Manda el cuerpo como application/json."),
    429: ("too_many", "Hiciste muchas llamadas. Espera y vuelve a intentar."),
}


class StrictJSON(JSONParser):
    """JSON that can be read in one way only: UTF-8, no name twice in an object, no NaN (ASVS 1.5.3)."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value. Raises ParseError, also for what is nested too deep to be read."""
        try:
            return json.loads(stream.read(), parse_constant=_no_such_number, object_pairs_hook=_each_name_once)
        except (ValueError, RecursionError) as wrong:
            raise exceptions.ParseError() from wrong


def _no_such_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cauce_…`. The token stands in `request.auth`, its person in `request.user`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None without a header; raises AuthenticationFailed for a token that is unknown, ended or expired."""
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        token = selectors.live_token(secret.strip(), at=clock.real_now()) if kind.lower() == "bearer" else None
        if token is None:
            raise exceptions.AuthenticationFailed()
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            services.touch_token(token=token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Makes the answer a 401."""
        return 'Bearer realm="cauce"'


class ScopeRequired(BasePermission):
    """The view names its scope in `required_scope` (or per method in `required_scopes`); none named means closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the token carries the scope. A request without a token never passes."""
        scope = getattr(view, "required_scopes", {}).get(request.method) or getattr(view, "required_scope", None)
        return isinstance(request.auth, ApiToken) and bool(scope) and scope in request.auth.scopes


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Any expected error as `application/problem+json`; a bug returns None and stays a 500."""
    request = context["request"]._request
    if isinstance(error, RuleBroken):
        seconds = getattr(error, "retry_after", None)  # TooMany, and an act still under way
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        body = answers.problem_body(request, error.status, error.code, error.message, error)
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
    body = answers.problem_body(request, error.status_code, code, sentence)
    if isinstance(error, exceptions.ValidationError):
        body["errors"] = error.get_full_details()
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return Response(body, status=error.status_code, headers=headers, content_type=answers.PROBLEM)


def scoped(scope: str, *, idempotent: str = "") -> Callable[[View], View]:
    """For function views under `@api_view`: the token must carry `scope`; `request.auth` is the ApiToken (`.party`).

    With `idempotent` (the name of the act) the header `Idempotency-Key` is required and the answer is kept by `once`:
    same key and body → same answer, another body → 409, still running → 409 with Retry-After (MO-04).
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> Response:
            if not isinstance(request.auth, ApiToken):
                raise exceptions.NotAuthenticated()
            if scope not in request.auth.scopes:
                raise exceptions.PermissionDenied()
            if not idempotent:
                return view(request, *args, **kwargs)
            return _once(request, idempotent, lambda: view(request, *args, **kwargs))

        guarded.required_scope = scope  # type: ignore[attr-defined]
        # `api_view` does not hand `required_scope` on to its class: the scope is asked above, in `guarded`.
        guarded.permission_classes = []  # type: ignore[attr-defined]
        return guarded

    return mark


def _once(request: Request, act: str, run: Callable[[], Response]) -> Response:
    key = request.headers.get(once_rules.HEADER, "")
    if not once_rules.is_key(key):
        raise RuleBroken(
            f"Falta el encabezado {once_rules.HEADER}: manda de 8 a 128 letras o dígitos, distintos para cada envío.",
            code="idempotency_key_missing",
        )

    def answered() -> once_rules.Answer:
        response = run()
        return once_rules.Answer(response.status_code, body=response.data)

    kept = once(
        user_id=request.user.pk,
        scope=act,
        key=key,
        body_sha256=once_rules.hash_bytes(request._request.body),
        act=answered,
    )
    return Response(kept.body, status=kept.status)

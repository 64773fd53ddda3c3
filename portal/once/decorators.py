"""`@once_only`: a view whose POST takes effect once per key, however often it arrives (MO-04)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from portal.errors import RuleBroken
from portal.once import rules, services
from portal.once.rules import Answer

_KEPT_HEADERS = ("HX-Redirect", "HX-Location", "HX-Refresh")


def once_only(scope: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Below who may enter: POSTs carry a key (`{% once_key %}` in the form, or header `Idempotency-Key`).

    The view answers with a redirect, JSON or 204; that answer is kept and repeated. A refusal (400 or more) keeps
    nothing and the key stays free. The view's whole POST runs in one transaction, which begins anew after each file
    that is examined: files first, then whatever is written (`services.outside_transaction`).
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in {"GET", "HEAD", "OPTIONS"}:
                return view(request, *args, **kwargs)
            made: list[HttpResponse] = []

            def act() -> Answer:
                made.append(view(request, *args, **kwargs))
                return answer_of(made[0])

            answer = services.once(
                user_id=request.user.pk, scope=scope, key=_key(request), body_sha256=_body_sha256(request), act=act
            )
            return made[0] if made else response_of(answer)

        wrapped.once = scope  # type: ignore[attr-defined]
        return wrapped

    return decorate


def answer_of(response: HttpResponse) -> Answer:
    """What is kept of a view's answer. Raises TypeError (a bug) for a page answered to a POST."""
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    status = response.status_code
    if status >= 400 or status == 204:
        return Answer(status, headers=headers)
    if 300 <= status < 400:
        return Answer(status, location=response.headers["Location"], headers=headers)
    if response.headers.get("Content-Type", "").startswith("application/json"):
        return Answer(status, body=json.loads(response.content), headers=headers)
    raise TypeError("a view under @once_only answers a POST with a redirect, JSON or 204")


def response_of(answer: Answer) -> HttpResponse:
    """The kept answer, sent again."""
    response = (
        HttpResponse(status=answer.status)
        if answer.body is None
        else JsonResponse(answer.body, status=answer.status, safe=False)
    )
    if answer.location:
        response.headers["Location"] = answer.location
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


def _key(request: HttpRequest) -> str:
    key = request.headers.get(rules.HEADER) or request.POST.get(rules.FIELD, "")
    if not rules.is_key(key):
        raise RuleBroken(
            "A esta página le falta la clave que evita enviarla dos veces. Vuelve a cargarla y repite el envío.",
            code="once_key_missing",
        )
    return key


def _body_sha256(request: HttpRequest) -> str:
    files = [
        (name, upload.name or "", upload.size, str(getattr(upload, "sha256", "")))
        for name, uploads in request.FILES.lists()
        for upload in uploads
    ]
    if request.content_type == "application/json":
        return rules.hash_bytes(request.path.encode() + b"\n" + request.body)
    return rules.hash_form(request.path, request.POST.lists(), files)

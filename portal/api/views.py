"""The schema for programs, and the page of the same for people."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from portal.access import public
from portal.api import pages


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """The OpenAPI schema: made once a process, because only code changes it."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


@public("La descripción de la API no tiene datos de nadie: quien integra la lee sin entrar.")
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON."""
    return JsonResponse(described(), content_type="application/vnd.oai.openapi+json")


@public("La documentación de la API no tiene datos de nadie: quien integra la lee sin entrar.")
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every call with who may, what is sent and what comes back, each with an example."""
    return render(request, "api/docs.html", pages.docs(described()))

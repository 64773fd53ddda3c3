"""The portal's addresses and one more: a bare Django view, the frame of every page without data (G10)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as ours


def _bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].get_template("layouts/base.html").render({}))


urlpatterns = [path("_bare/", _bare), *ours]

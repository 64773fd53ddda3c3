"""The living catalogue, the light and dark switch, and the address where browsers report CSP violations."""

from __future__ import annotations

import json
import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from portal.access import public
from portal.design import samples
from portal.design.theming import COOKIE, THEME_LABELS

log = logging.getLogger("cauce.csp")
REPORT_LIMIT = 16_384
_REPORTED = ("document-uri", "violated-directive", "effective-directive", "blocked-uri", "source-file", "line-number")


@public("Catálogo de componentes con datos inventados; existe solo en la demostración o al depurar.")
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    _only_where_shown()
    return render(request, "components/catalogue.html", samples.everything(failed="errores" in request.GET))


@public("Muestra de cada plantilla de página; existe solo en la demostración o al depurar.")
@require_GET
def layout(request: HttpRequest, layout: str) -> HttpResponse:
    """One layout filled with invented content."""
    _only_where_shown()
    if layout not in samples.LAYOUTS:
        raise Http404
    return render(request, samples.LAYOUTS[layout], samples.everything())


def _only_where_shown() -> None:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404


@public("Elegir claro u oscuro no necesita perfil; solo cambia una cookie.")
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme for a year and come back; "" follows the device."""
    wanted = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=settings.HTTPS)
    response = HttpResponseRedirect(wanted if safe else "/")
    theme = request.POST.get("theme", "")
    if theme and theme in THEME_LABELS:
        response.set_cookie(COOKIE, theme, max_age=365 * 86_400, secure=settings.HTTPS, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


@public("El navegador informa aquí una violación de la política de contenido; no lleva sesión.")
@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log the directive and the addresses, without query strings; anything else is dropped."""
    if int(request.headers.get("content-length") or 0) <= REPORT_LIMIT:
        try:
            sent = json.loads(request.body[:REPORT_LIMIT])
            report = sent["csp-report"]
            facts = {name: str(report[name]).partition("?")[0][:300] for name in _REPORTED if name in report}
        except (ValueError, TypeError, KeyError):
            facts = {}
        if facts:
            log.warning("csp report %s", json.dumps(facts, sort_keys=True))
    return HttpResponse(status=204)

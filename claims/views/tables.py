"""Tables that claims take in: a file is read here and applied on the page of its import."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from claims.forms import TableForm
from claims.services import tables as services
from portal import clock
from portal.access import Permission as P
from portal.access import requires
from portal.design.forms import refuse
from portal.errors import UNPROCESSABLE, RuleBroken
from portal.imports import selectors as imports
from portal.once.decorators import once_only


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the page of a kind says."""

    kind: str
    title: str
    lead: str
    hint: str


HOSPITALS = _Taken(
    services.HOSPITALS_KIND,
    "Importar hospitales",
    "Los hospitales en convenio de cada aseguradora. El que ya está se actualiza; el que no viene se queda igual.",
    "Columnas: rfc_aseguradora, clave, nombre, ciudad, estado, desde y, si el convenio termina, hasta.",
)
OPENINGS = _Taken(
    services.OPENINGS_KIND,
    "Importar acumulados de apertura",
    "Lo que cada persona llevaba cubierto antes de este portal. Lo pagado se compara con los términos de su póliza.",
    "Columnas: poliza, certificado, nombre, nacimiento, cobertura (GMM o GMM_MENORES), padecimiento, inicio_del_anio, "
    "cubierto y pagado.",
)


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.import_hospitals")
def import_hospitals(request: HttpRequest) -> HttpResponse:
    """Read a table of hospitals under agreement."""
    return _take(request, HOSPITALS)


@requires(P.MANAGE_CLAIM_CATALOGUES)
@require_http_methods(["GET", "HEAD", "POST"])
@once_only("claims.import_openings")
def import_openings(request: HttpRequest) -> HttpResponse:
    """Read a table of what buckets held before."""
    return _take(request, OPENINGS)


def _take(request: HttpRequest, told: _Taken) -> HttpResponse:
    posted = request.method == "POST"
    form = TableForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            run = services.read_table(kind=told.kind, upload=upload, by=request.user, at=clock.now())
        except RuleBroken as problem:
            refuse(form, problem)
        else:
            return redirect("imports:run", pk=run.pk)
    context = {
        "form": form,
        "told": told,
        "template": reverse("imports:template", args=[told.kind]),
        "waiting": imports.waiting(request.user, told.kind),
        "crumbs": [(told.title, "")],
    }
    return render(request, "claims/desk/import.html", context, status=UNPROCESSABLE if posted else 200)

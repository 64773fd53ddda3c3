"""The kinds of import that claims take in (`portal/imports`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from claims.rules import tables
from claims.services import tables as services
from portal.access import Permission
from portal.imports.registry import ImportSpec

if TYPE_CHECKING:
    from portal.imports.models import ImportRun


def _hospitals(run: ImportRun) -> str:
    return reverse("claims:import_hospitals")


def _openings(run: ImportRun) -> str:
    return reverse("claims:import_openings")


HOSPITALS = ImportSpec(
    kind=services.HOSPITALS_KIND,
    title="Hospitales en convenio",
    permission=Permission.MANAGE_CLAIM_CATALOGUES,
    layout=tables.HOSPITALS,
    judge=services.judge_hospitals,
    apply=services.apply_hospitals,
    purpose="hospitals_csv",
    start="claims:import_hospitals",
    done=_hospitals,
)
OPENINGS = ImportSpec(
    kind=services.OPENINGS_KIND,
    title="Acumulados de apertura",
    permission=Permission.MANAGE_CLAIM_CATALOGUES,
    layout=tables.OPENINGS,
    judge=services.judge_openings,
    apply=services.apply_openings,
    purpose="openings_csv",
    start="claims:import_openings",
    done=_openings,
)

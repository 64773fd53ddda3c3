"""The calls on tables that claims take in: read without applying, then the run that it made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from claims.forms import TableForm
from claims.services import tables as services
from portal.access import Permission as P
from portal.api.calls import acts, at
from portal.imports.api import TOLD, run_calls
from portal.imports.models import ImportRun
from portal.listing import Link
from portal.people.models import User

READ, WRITE = "claims:read", "claims:write"


def read_hospitals(*, file: Any, by: User, at: datetime) -> ImportRun:
    """Read a table of hospitals under agreement."""
    return services.read_table(kind=services.HOSPITALS_KIND, upload=file, by=by, at=at)


def read_openings(*, file: Any, by: User, at: datetime) -> ImportRun:
    """Read a table of what buckets held before."""
    return services.read_table(kind=services.OPENINGS_KIND, upload=file, by=by, at=at)


_READS: dict[str, Any] = {
    "scope": WRITE,
    "permission": P.MANAGE_CLAIM_CATALOGUES,
    "takes": TableForm,
    **TOLD,
    "status": 201,
}
_RUNS: dict[str, Any] = {"permission": P.MANAGE_CLAIM_CATALOGUES, "read": READ, "write": WRITE}
_HOSPITALS, _OPENINGS = "mesa/hospitales/", "mesa/acumulados/"

RESOURCES = (
    at(
        f"{_HOSPITALS}importar/",
        "api_import_hospitals",
        acts(
            read_hospitals,
            "Leer una tabla de hospitales en convenio sin aplicarla",
            leads=Link("claims:api_hospitals_run"),
            example={"file": "@hospitales.csv"},
            **_READS,
        ),
    ),
    at(
        f"{_OPENINGS}importar/",
        "api_import_openings",
        acts(
            read_openings,
            "Leer una tabla de acumulados de apertura sin aplicarla",
            leads=Link("claims:api_openings_run"),
            example={"file": "@acumulados.csv"},
            **_READS,
        ),
    ),
    *run_calls(f"{_HOSPITALS}importaciones/", "api_hospitals_run", kind=services.HOSPITALS_KIND, **_RUNS),
    *run_calls(f"{_OPENINGS}importaciones/", "api_openings_run", kind=services.OPENINGS_KIND, **_RUNS),
)

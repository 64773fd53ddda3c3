"""Claims by the API: the calls of families and of the desk. A name of an address comes before a folio in its place."""

from __future__ import annotations

from claims import (
    api_catalogues,
    api_desk,
    api_family,
    api_further,
    api_reports,
    api_requests,
    api_scheduled,
    api_tables,
)

RESOURCES = (
    *api_family.DRAFTS,
    *api_family.FOLLOWING,
    *api_family.CLAIMS,
    *api_further.RESOURCES,
    *api_requests.RESOURCES,
    *api_scheduled.RESOURCES,
    *api_desk.RESOURCES,
    *api_tables.RESOURCES,
    *api_catalogues.RESOURCES,
    *api_reports.RESOURCES,
)

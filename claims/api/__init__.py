"""Claims by the API: the calls of families and of the desk. A name of an address comes before a folio in its place."""

from __future__ import annotations

from claims.api import catalogues, desk, family, further, reports, requests, scheduled, tables

RESOURCES = (
    *family.DRAFTS,
    *family.FOLLOWING,
    *family.CLAIMS,
    *further.RESOURCES,
    *requests.RESOURCES,
    *scheduled.RESOURCES,
    *desk.RESOURCES,
    *tables.RESOURCES,
    *catalogues.RESOURCES,
    *reports.RESOURCES,
)

"""Claims by the API: the lists of the pages."""

from __future__ import annotations

from claims import listings
from portal.api.calls import at, lists

READ = "claims:read"
RESOURCES = (
    at("tramites/", "api_claims", lists(listings.UNDER_WAY_LIST, "Tus trámites en curso", scope=READ)),
    at("tramites/historial/", "api_history", lists(listings.HISTORY, "Tus trámites terminados", scope=READ)),
    at("mesa/tramites/", "api_desk", lists(listings.DESK, "Trámites de la mesa", scope=READ)),
)

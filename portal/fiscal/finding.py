"""What is found of a folio fiscal: it has no page of its own, the audit page finds the acts on it."""

from __future__ import annotations

from portal.listing.search import Findable, Found, How, Name, as_uuid, nobody

FINDABLES = (
    Findable(
        "fiscal.taxreceipt",
        "Folios fiscales",
        (Name("uuid", How.WHOLE, as_uuid),),
        nobody,
        lambda row: Found(str(row), "", ""),
    ),
)

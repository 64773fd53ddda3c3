"""What of the papers is found in the search: documents that we issued, by their folio."""

from __future__ import annotations

from django.urls import reverse

from portal.listing.search import Findable, Found, Name, as_folio
from portal.papers.models import IssuedDocument
from portal.papers.registry import DOCUMENT_FOLIOS, kind_label

FINDABLES = (
    Findable(
        "papers.issueddocument",
        "Documentos",
        (Name("folio", shape=as_folio(DOCUMENT_FOLIOS)),),
        lambda user: IssuedDocument.objects.visible_to(user).exclude(folio=""),
        lambda row: Found(row.folio, kind_label(row.kind), reverse("papers:document", args=[row.pk])),
        folio="folio",
        beside=True,
    ),
)

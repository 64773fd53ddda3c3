"""Legal papers: frozen at issue, rendered once, never again; voided by declaration, never deleted."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction

from portal import clock, ids, queue
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio
from portal.history.services import record
from portal.papers import rendering, store
from portal.papers.models import IssuedDocument
from portal.papers.registry import DOCUMENT_FOLIOS
from portal.papers.services.examining import examine_bytes
from portal.papers.services.files import store_bytes
from portal.people.models import User

PICTURE = "portal.papers.examiner.first_page.as_png"


@transaction.atomic
def issue_document(
    *, kind: str, template: str, context: dict[str, Any], party: Any, by: User | None, at: datetime, folio: str = ""
) -> IssuedDocument:
    """Freeze a paper: context (JSON values only, amounts as text), its SHA-256, folio and public code of 80 bits.

    `template` lies under templates/ and extends pdf/document.html; the drain `documents` renders it after the commit.
    Without `folio` the next DO folio is given. Raises TypeError for a context that JSON cannot hold, ValueError for a
    folio that no document was registered to bear: bugs.
    """
    if folio and folio[:2] not in DOCUMENT_FOLIOS:
        raise ValueError(f"no document was registered to bear folios of {folio[:2]}")
    frozen = canonical(context)
    document = IssuedDocument.objects.create(
        kind=kind,
        template=template,
        folio=folio or next_folio(prefix="DO", at=at),
        context=json.loads(frozen),
        context_sha256=hashlib.sha256(frozen).hexdigest(),
        code=ids.short_code(),
        party=party,
        issued_by=by,
        issued_at=at,
    )
    queue.kick("documents")
    details = {"kind": kind, "folio": document.folio, "context_sha256": document.context_sha256}
    record(action="papers.document_issued", subject=document, by=by, at=at, details=details, party_id=document.party_id)
    return document


def render_document(*, document: IssuedDocument, at: datetime) -> None:
    """The drain's work on one document: PDF in a limited child, then file, hash and done in one transaction."""
    content = rendering.render(document)
    with transaction.atomic():
        locked = IssuedDocument.objects.select_for_update().get(pk=document.pk)
        if locked.pdf_id:
            raise queue.LostLease(f"document {locked.pk}")
        locked.pdf = store_bytes(
            content=content,
            name=f"{locked.folio}.pdf",
            kind="pdf",
            purpose=f"issued-{locked.kind}"[:60],
            party=locked.party,
            by=None,
            at=at,
        )
        locked.pdf_sha256, locked.done_at = locked.pdf.sha256, clock.real_now()
        locked.leased_until, locked.last_error = None, ""
        locked.save(update_fields=["pdf", "pdf_sha256", "done_at", "leased_until", "last_error"])
        details = {"folio": locked.folio, "pdf_sha256": locked.pdf_sha256}
        record(
            action="papers.document_rendered", subject=locked, by=None, at=at, details=details, party_id=locked.party_id
        )


def picture_document(*, document: IssuedDocument) -> bytes:
    """The first page of an issued document as a PNG, made from its PDF in the limited child; the same bytes each time.

    Writes nothing. Raises Conflict while the PDF is being made, RuleBroken when nobody can draw it now.
    """
    if document.pdf is None:
        raise Conflict("Todavía estamos preparando este documento. Vuelve en un momento.", code="document_waits")
    drawn = examine_bytes(
        content=b"".join(store.read(document.pdf)), name=document.pdf.original_name, kinds={"pdf"}, check=PICTURE
    )
    if not drawn.attached:
        raise RuleBroken("Este documento no se puede dar como imagen. Descarga su PDF.", code="document_not_drawn")
    return drawn.attached


@transaction.atomic
def void_document(*, document: IssuedDocument, reason: str, by: User | None, at: datetime) -> IssuedDocument:
    """Declare an issued paper void; it stays, and its public check says so. Raises Conflict when it is void already."""
    locked = IssuedDocument.objects.select_for_update().get(pk=document.pk)
    if not locked.is_in_force:
        raise Conflict("Este documento ya estaba anulado.", code="document_void")
    if not reason.strip():
        raise RuleBroken("Escribe por qué se anula el documento.", code="void_reason", field="reason")
    locked.voided_at, locked.voided_by, locked.void_reason = at, by, reason.strip()[:300]
    locked.save(update_fields=["voided_at", "voided_by", "void_reason"])
    record(
        action="papers.document_voided", subject=locked, by=by, at=at, reason=reason.strip(), party_id=locked.party_id
    )
    return locked


def canonical(context: dict[str, Any]) -> bytes:
    """The one way a context is written for its hash: sorted keys, no blanks, UTF-8, no NaN."""
    text = json.dumps(context, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()

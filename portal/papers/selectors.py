"""Reads of papers: their bytes, and what their pages show."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.urls import reverse

from portal.design.templatetags.cauce import filesize_es
from portal.listing import registry
from portal.papers import rules, store
from portal.papers.models import DraftFile, EncryptedBytes, IssuedDocument, ListExport, PageImage, StoredFile
from portal.papers.registry import kind_label, receipt_of, standing_of
from portal.papers.rules import ExportState
from portal.prepared import prepared

UNKNOWN = "No encontramos ese documento"


def open_file(file: EncryptedBytes) -> Iterator[bytes]:
    """The plain bytes of a file or page image as a stream; raises DamagedFile when a byte is not what was stored."""
    return store.read(file)


def page_links(file: StoredFile) -> list[str]:
    """Addresses of the page images of a file, in order; input `pages` of components/viewer.html."""
    return [reverse("papers:page", args=[file.pk, number]) for number in _page_numbers(file.pk)]


@prepared
def _page_numbers(file_id: UUID) -> QuerySet[PageImage, int]:
    return PageImage.objects.filter(file=file_id).order_by("number").values_list("number", flat=True)


def kept_draft(*, form: str, by: Any, at: datetime) -> DraftFile | None:
    """What this person kept of a form up to a day ago and did not take out."""
    return _drafts_of(form, by, at).filter(removed_at=None).first()


def removed_draft(*, form: str, by: Any, at: datetime) -> DraftFile | None:
    """What this person took out of a form again: it can be put back."""
    return _drafts_of(form, by, at).filter(removed_at__isnull=False).first()


def _drafts_of(form: str, by: Any, at: datetime) -> QuerySet[DraftFile]:
    return DraftFile.objects.filter(form=form, by=by.pk, kept_at__gt=at - rules.DRAFT_KEPT)


def file_page(file: StoredFile) -> dict[str, Any]:
    """Context of papers/file.html."""
    pages = page_links(file) if file.is_readable else []
    return {
        "file": file,
        "waits": file.is_pending,
        "receipt": receipt_of(file) if file.is_readable else None,
        "pages": pages,
        "download": reverse("papers:download", args=[file.pk]) if file.is_readable else "",
        "findings": [finding for finding in file.found if finding.level != "ok"],
        "facts": [
            ("Tipo", file.get_kind_display()),
            ("Tamaño", filesize_es(file.size)),
            ("Páginas", file.pages or "—"),
            ("SHA-256", file.sha256),
        ],
        "more_pages": max(0, file.pages - len(pages)) if pages else 0,
    }


def check_page(issued: IssuedDocument | None) -> dict[str, Any]:
    """Context of the public check: nothing about any person, only what is printed beside the code."""
    if issued is None:
        told = {"state": "No encontrado", "kind": "error", "facts": [], "heading": UNKNOWN}
        return {"known": False, **told, "note": rules.CHECKED["no_document"]}
    standing = standing_of(issued)
    state, kind, said = rules.STANDINGS[standing]
    facts = [("Documento", kind_label(issued.kind)), ("Folio", issued.folio), ("Código", issued.code)]
    return {
        "known": True,
        "heading": f"Documento {said}",
        "state": state,
        "kind": kind,
        "issued_at": issued.issued_at,
        "voided_at": issued.voided_at,
        "facts": facts,
        "comparable": bool(issued.pdf_sha256),
        "note": None,
    }


def compare(issued: IssuedDocument | None, *, sha256: str) -> dict[str, Any]:
    """The same context with what the comparison found as its note: also that no document of ours has these bytes."""
    known = issued or IssuedDocument.objects.filter(pdf_sha256=sha256).order_by("pk").first() if sha256 else issued
    if known is None:
        return {**check_page(None), "note": rules.CHECKED["no_copy"]}
    in_force = standing_of(known) is rules.Standing.IN_FORCE
    same = "same" if in_force else "same_ended"
    return {**check_page(known), "note": rules.CHECKED[same if sha256 and known.pdf_sha256 == sha256 else "altered"]}


def rendered_documents() -> QuerySet[Any]:
    """Keys of the issued documents whose PDF is made: a mail that brings one waits for it."""
    return IssuedDocument.objects.filter(pdf__isnull=False).values("pk")


def rendered_pdf(document: UUID) -> tuple[str, bytes]:
    """Name and bytes of a rendered document's PDF, to go with a mail."""
    file = IssuedDocument.objects.select_related("pdf").get(pk=document).pdf
    assert file is not None  # only rendered ones are asked for
    return file.display_name, b"".join(open_file(file))


def stored_pdf(file: UUID) -> tuple[str, bytes]:
    """Name and bytes of a stored file that goes with a mail. Raises DoesNotExist for one that nobody may read."""
    found = StoredFile.objects.readable().get(pk=file)
    return found.display_name, b"".join(open_file(found))


def own_exports(user: Any) -> Q:
    """Files of the long lists that this person asked for and may still see."""
    seen = [one.name for one in registry.listings().values() if one.is_open_to(user)]
    return Q(pk__in=ListExport.objects.filter(by=user.pk, listing__in=seen).values("made"))


def exports(user: Any, *, of: Collection[str] | None = None) -> QuerySet[ListExport]:
    """The long lists that this person asked for, with the `state` of each; `of` narrows to lists of these names."""
    mine = ListExport.objects.filter(by=user.pk)
    narrowed = mine if of is None else mine.filter(listing__in=of)
    state = Case(
        When(~Q(refused=""), then=Value(ExportState.REFUSED)),
        When(made__isnull=False, then=Value(ExportState.READY)),
        When(made_at__isnull=False, then=Value(ExportState.DROPPED)),
        When(parked_at__isnull=False, then=Value(ExportState.STUCK)),
        When(rows__isnull=False, then=Value(ExportState.MAKING)),
        default=Value(ExportState.WAITING),
        output_field=CharField(),
    )
    return narrowed.annotate(state=state)

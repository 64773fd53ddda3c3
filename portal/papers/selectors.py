"""Reads of papers, and who may see them: other rooms register what they show to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse

from portal.access import Role
from portal.design.templatetags.cauce import filesize_es
from portal.papers import store
from portal.papers.models import EncryptedBytes, IssuedDocument, StoredFile

# Whose role is the party itself. An assistant, and every desk, sees what the rooms register for them.
OWNER_ROLES = frozenset({Role.PHYSICIAN, Role.MEMBER, Role.PROVIDER})

Visible = Callable[[Any], Q]
_files: list[Visible] = []
_documents: list[Visible] = []


def register_visibility(visible: Visible) -> None:
    """Let a room say which stored files a user sees: `visible(user) -> Q` over StoredFile. Called in apps.ready()."""
    if visible not in _files:
        _files.append(visible)


def register_document_visibility(visible: Visible) -> None:
    """Let a room say which issued documents a user sees: `visible(user) -> Q` over IssuedDocument."""
    if visible not in _documents:
        _documents.append(visible)


def visibility(user: Any) -> Q:
    """Q over StoredFile: papers of one's own party, or what a registered room shows to `user`; nobody sees nothing."""
    return _seen(user, _files)


def document_visibility(user: Any) -> Q:
    """Q over IssuedDocument: papers of one's own party, or what a registered room shows to `user`."""
    return _seen(user, _documents)


def _seen(user: Any, rooms: list[Visible]) -> Q:
    if not getattr(user, "is_authenticated", False):
        return Q(pk__in=[])
    seen = Q(party__in=[grant.party_id for grant in user.live_grants if Role(grant.role) in OWNER_ROLES])
    for visible in rooms:
        seen |= visible(user)
    return seen


def open_file(file: EncryptedBytes) -> Iterator[bytes]:
    """The plain bytes of a file or page image as a stream; raises DamagedFile when a byte is not what was stored."""
    return store.read(file)


# --- pages -------------------------------------------------------------------------------------------------------

_labels: dict[str, str] = {}


def register_kind(kind: str, label: str) -> None:
    """Let a room name a kind of issued document in Spanish ("Aviso de pago"); said on the public check."""
    _labels[kind] = label


def kind_label(kind: str) -> str:
    """The Spanish name of a kind of document."""
    return _labels.get(kind, "Documento")


def page_links(file: StoredFile) -> list[str]:
    """Addresses of the page images of a file, in order; input `pages` of components/viewer.html."""
    numbers = file.page_images.order_by("number").values_list("number", flat=True)
    return [reverse("papers:page", args=[file.pk, number]) for number in numbers]


def file_page(file: StoredFile) -> dict[str, Any]:
    """Context of papers/file.html."""
    pages = page_links(file)
    return {
        "file": file,
        "pages": pages,
        "download": reverse("papers:download", args=[file.pk]),
        "findings": [finding for finding in file.found if finding.level != "ok"],
        "facts": [
            ("Tipo", file.get_kind_display()),
            ("Tamaño", filesize_es(file.size)),
            ("Páginas", file.pages or "—"),
            ("SHA-256", file.sha256),
        ],
        "more_pages": max(0, file.pages - len(pages)),
    }


def check_page(issued: IssuedDocument | None) -> dict[str, Any]:
    """Context of the public check: nothing about any person, only what is printed beside the code."""
    if issued is None:
        return {"known": False, "state": "No encontrado", "kind": "error", "facts": [], "copy": ""}
    facts = [("Documento", kind_label(issued.kind)), ("Folio", issued.folio), ("Código", issued.code)]
    return {
        "known": True,
        "state": "Vigente" if issued.is_in_force else "Anulado",
        "kind": "ok" if issued.is_in_force else "error",
        "in_force": issued.is_in_force,
        "issued_at": issued.issued_at,
        "voided_at": issued.voided_at,
        "facts": facts,
        "comparable": bool(issued.pdf_sha256),
        "copy": "",
    }


def compare(issued: IssuedDocument | None, *, sha256: str) -> dict[str, Any]:
    """The same context with `copy`: "same", "altered", or "unknown" when no document of ours has these bytes."""
    known = issued or IssuedDocument.objects.filter(pdf_sha256=sha256).order_by("pk").first() if sha256 else issued
    if known is None:
        return {**check_page(None), "copy": "unknown"}
    return {**check_page(known), "copy": "same" if sha256 and known.pdf_sha256 == sha256 else "altered"}

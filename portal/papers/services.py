"""Every write of papers: examine and store files, issue and void documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.errors import Finding, Verdict
from portal.papers.models import IssuedDocument, StoredFile
from portal.papers.upload import EncryptedUpload


@dataclass(frozen=True, slots=True)
class Examined:
    """An upload and what was found in it. `verdict` is a `Verdict`, or "pending" for a file too big to wait for."""

    upload: EncryptedUpload
    kind: str
    verdict: Verdict | str
    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def examine_upload(
    *, upload: EncryptedUpload, kinds: set[str], check: str = "", context: dict[str, Any] | None = None
) -> Examined:
    """Look at an upload without storing it."""
    raise NotImplementedError


def store_upload(*, examined: Examined, purpose: str, party: Any, by: Any, at: datetime) -> StoredFile:
    """Keep an examined upload."""
    raise NotImplementedError


def store_bytes(*, content: bytes, name: str, kind: str, purpose: str, party: Any, by: Any, at: datetime) -> StoredFile:
    """Keep bytes the house made itself."""
    raise NotImplementedError


def issue_document(
    *, kind: str, template: str, context: dict[str, Any], party: Any, by: Any, at: datetime, folio: str = ""
) -> IssuedDocument:
    """Freeze a paper; the drain renders it."""
    raise NotImplementedError


def void_document(*, document: IssuedDocument, reason: str, by: Any, at: datetime) -> IssuedDocument:
    """Declare an issued paper void."""
    raise NotImplementedError

"""Reads of papers, and who may see them: other rooms register what they show to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from portal.access import Role

if TYPE_CHECKING:
    from portal.papers.models import EncryptedBytes

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
    from portal.papers import store  # noqa: PLC0415 - keeps the models importable by themselves

    return store.read(file)

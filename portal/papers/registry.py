"""What other rooms tell papers and want to hear from it: they register in their `apps.py`, papers knows no names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from portal.access import OWNER_ROLES, Role
from portal.declared import Declared, hear
from portal.papers.rules import Standing
from portal.people.rules import claiming_roles

if TYPE_CHECKING:
    from portal.papers.models import StoredFile

_examined: Declared[Callable[..., None]] = Declared("who hears of an examined file for")


def on_examined(purpose: str, handler: Callable[..., None]) -> None:
    """`handler(file=, at=)` runs in the transaction that gives a pending file of this purpose its verdict."""
    _examined.declare(purpose, handler)


def tell_examined(file: StoredFile, *, at: datetime) -> None:
    """Call the handler of the file's purpose, if any."""
    if handler := _examined.get(file.purpose):
        handler(file=file, at=at)


# --- who sees what ---------------------------------------------------------------------------------------------------

Visible = Callable[[Any], Q]
_files: Declared[Visible] = Declared("who sees files by")
_documents: Declared[Visible] = Declared("who sees documents by")


def register_visibility(visible: Visible) -> None:
    """Let a room say which stored files a user sees: `visible(user) -> Q` over StoredFile. Called in apps.ready()."""
    hear(_files, visible)


def register_document_visibility(visible: Visible) -> None:
    """Let a room say which issued documents a user sees: `visible(user) -> Q` over IssuedDocument."""
    hear(_documents, visible)


def visibility(user: Any) -> Q:
    """Q over StoredFile: papers of one's own party, or what a registered room shows to `user`; nobody sees nothing.

    Until a claimed RFC is proved only what they uploaded is theirs; what somebody left there before the RFC moved to
    its owner never is (AC-11).
    """
    own, unproved = _own_parties(user)
    moved = Q(party__rfc_moved_at=None) | Q(created_at__gt=F("party__rfc_moved_at"))
    mine = Q(party__in=own) & moved | Q(party__in=unproved, uploaded_by=getattr(user, "pk", None))
    return _seen(user, mine, _files)


def document_visibility(user: Any) -> Q:
    """Q over IssuedDocument: papers of one's own party, or what a registered room shows to `user`."""
    return _seen(user, Q(party__in=_own_parties(user)[0]), _documents)


def _own_parties(user: Any) -> tuple[list[Any], list[Any]]:
    """Parties whose papers are the user's own, and those whose claimed RFC is not proved yet."""
    if not getattr(user, "is_authenticated", False):
        return [], []
    held = [grant for grant in user.live_grants if Role(grant.role) in OWNER_ROLES]
    claimed = claiming_roles("rfc")
    unproved = [one for one in held if one.role in claimed and not one.is_rfc_proved]
    return [one.party_id for one in held if one not in unproved], [one.party_id for one in unproved]


def _seen(user: Any, own: Q, rooms: Declared[Visible]) -> Q:
    if not getattr(user, "is_authenticated", False):
        return Q(pk__in=[])
    seen = own
    for visible in rooms.values():
        seen |= visible(user)
    return seen


# --- what a file says ---------------------------------------------------------------------------------------------

_receipts: Declared[Callable[[Mapping[str, Any]], dict[str, Any] | None]] = Declared("what a file says, by the kind")


def register_receipt(kind: str, receipt: Callable[[Mapping[str, Any]], dict[str, Any] | None]) -> None:
    """Let a room tell what a file of a kind ("xml") says, of the facts kept with it; None of what it does not know.

    It is drawn by `components/cfdi-receipt.html`: nobody reads raw XML (D7).
    """
    _receipts.declare(kind, receipt)


def receipt_of(file: Any) -> dict[str, Any] | None:
    """What a stored file says, readable; None where no room knows."""
    receipt = _receipts.get(file.kind)
    return receipt(file.facts) if receipt else None


# --- names of documents ----------------------------------------------------------------------------------------------

_labels: Declared[str] = Declared("the kind of document")
DOCUMENT_FOLIOS: Declared[str] = Declared("the documents that bear")
_standings: Declared[Callable[[Any], Standing]] = Declared("how a document stands of the kind")


def register_kind(kind: str, label: str) -> None:
    """Let a room name a kind of issued document in Spanish ("Aviso de pago"); said on the public check."""
    _labels.declare(kind, label)


def register_document_folio(*prefixes: str) -> None:
    """Let documents bear the folio of what they are about, of these prefixes, and no DO: they are found by it."""
    for prefix in prefixes:
        DOCUMENT_FOLIOS.declare(prefix, prefix)


def kind_label(kind: str) -> str:
    """The Spanish name of a kind of document."""
    return _labels.get(kind, "Documento")


def register_standing(kind: str, standing: Callable[[Any], Standing]) -> None:
    """Let the owner of a kind of document say how one stands today, whatever is printed on it: `standing(document)`."""
    _standings.declare(kind, standing)


def standing_of(document: Any) -> Standing:
    """How an issued document stands: void by declaration, or as its owner says, or in force."""
    if not document.is_in_force:
        return Standing.VOIDED
    standing = _standings.get(document.kind)
    return standing(document) if standing else Standing.IN_FORCE

"""Files gathered one by one before they are used: each its own stored item, so that a bad one costs no good one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.papers.models import Envelope, EnvelopeItem
from portal.papers.rules import FileVerdict
from portal.papers.services.accepting import require_accepted
from portal.papers.services.examining import Examined, examine_upload
from portal.papers.services.files import store_upload

TOO_BIG = "Ese archivo pesa más de 5 MB y así no se revisa al momento. Redúcelo, o tómalo otra vez más ligero."

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

CLOSED = "Estos archivos ya se enviaron y no cambian. Abre la página de nuevo para ver cómo quedaron."


def examine_for_envelope(
    *, envelope: Envelope, upload: EncryptedUpload, check: str = "", context: Mapping[str, Any] | None = None
) -> Examined:
    """Judge a file before any of those that came with it is kept: several of one request are examined first.

    One too large for that comes back pending where the envelope takes those, and the drain judges it once it is kept.
    Raises RuleBroken for a refused one, Conflict once the envelope was closed.
    """
    _refuse_closed(envelope)
    examined = examine_upload(upload=upload, kinds=set(envelope.kinds), check=check, context=context)
    if examined.verdict == FileVerdict.PENDING and envelope.takes_pending:
        return examined
    return require_accepted(examined, field="file", too_big=TOO_BIG)


@transaction.atomic
def keep_in_envelope(
    *,
    envelope: Envelope,
    examined: Examined,
    by: User,
    at: datetime,
    placed: Callable[[Any], None] | None = None,
) -> EnvelopeItem:
    """Store an examined file as an item. `placed(item)` hears of one that came, under the envelope's lock.

    What it refuses is not stored. Raises RuleBroken when the envelope is full, Conflict once it was closed.
    """
    envelope = _lock_envelope(envelope)
    file = store_upload(examined=examined, purpose=envelope.purpose, party=envelope.party, by=by, at=at)
    item: EnvelopeItem | None = envelope.items.filter(file=file).first()
    if item is not None and item.removed_at is None:
        return item
    _refuse_full(envelope, more=file.size)
    if item is None:
        item = envelope.items.create(file=file, added_by=by, added_at=at)
    else:
        item.removed_at = None
        item.save(update_fields=["removed_at"])
    if placed is not None:
        placed(item)
    _record_act(envelope, item, action="papers.item_added", by=by, at=at)
    return item


@transaction.atomic
def remove_from_envelope(*, item: EnvelopeItem, by: User, at: datetime) -> EnvelopeItem:
    """Take a file out of an envelope; its bytes stay, and `put_back` undoes it. Raises Conflict once it was closed."""
    envelope = _lock_envelope(item.envelope)
    item = envelope.items.select_for_update().get(pk=item.pk)
    if item.removed_at is None:
        item.removed_at = at
        item.save(update_fields=["removed_at"])
        _record_act(envelope, item, action="papers.item_removed", by=by, at=at)
    return item


@transaction.atomic
def put_back(*, item: EnvelopeItem, by: User, at: datetime) -> EnvelopeItem:
    """Undo a removal. Raises RuleBroken when the envelope is full by now, Conflict once it closed."""
    envelope = _lock_envelope(item.envelope)
    item = envelope.items.select_for_update().select_related("file").get(pk=item.pk)
    if item.removed_at is not None:
        _refuse_full(envelope, more=item.file.size)
        item.removed_at = None
        item.save(update_fields=["removed_at"])
        _record_act(envelope, item, action="papers.item_put_back", by=by, at=at)
    return item


def _lock_envelope(envelope: Envelope) -> Envelope:
    """The envelope, held: files and bytes are counted under this lock."""
    held = type(envelope)._default_manager.select_for_update(of=("self",)).select_related("party").get(pk=envelope.pk)
    _refuse_closed(held)
    return held


def _refuse_closed(envelope: Envelope) -> None:
    if envelope.closed_at is not None:
        raise Conflict(CLOSED, code="envelope_closed")


def _refuse_full(envelope: Envelope, *, more: int) -> None:
    sizes = list(envelope.items.filter(removed_at=None).values_list("file__size", flat=True))
    if len(sizes) >= envelope.most_files:
        raise RuleBroken(
            f"Ya subiste {envelope.most_files} archivos, los más que caben. Quita uno que no haga falta.",
            code="envelope_full",
            field="file",
        )
    if sum(sizes) + more > envelope.most_bytes:
        raise RuleBroken(
            f"Tus archivos pasan juntos de {envelope.most_megabytes} MB. Quita uno o súbelo más ligero.",
            code="envelope_full",
            field="file",
        )


def _record_act(envelope: Envelope, item: EnvelopeItem, *, action: str, by: User, at: datetime) -> None:
    details = {"file": str(item.file.pk)}
    record(action=action, subject=envelope, by=by, at=at, party_id=envelope.party.pk, details=details)

"""A right file beside a wrong field: kept for a day for who sent it, so that nobody chooses it twice (D24)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.history.services import record
from portal.papers import rules, selectors, store
from portal.papers.models import DraftFile
from portal.papers.rules import FileVerdict
from portal.papers.services.accepting import require_accepted
from portal.papers.services.examining import Examined, examine_upload
from portal.papers.upload import EncryptedUpload, upload_of
from portal.people.models import User


def keep_draft(
    *,
    form: str,
    upload: EncryptedUpload,
    kinds: set[str],
    by: User,
    at: datetime,
    check: str = "",
    context: Mapping[str, Any] | None = None,
    largest: int = 0,
) -> DraftFile:
    """Store an upload until the rest of its form is right; it takes the place of the one that this person kept there.

    It is examined first, outside any transaction: RuleBroken for a refused file, and nothing is kept. `largest`: bytes
    of a table whose reading a drain does; it is kept unread.
    """
    examined = examine_upload(upload=upload, kinds=kinds, check=check, context=context, largest=largest)
    if not (largest and examined.verdict == FileVerdict.PENDING):
        require_accepted(examined)
    return keep_examined(form=form, examined=examined, by=by, at=at)


@transaction.atomic
def keep_examined(*, form: str, examined: Examined, by: User, at: datetime) -> DraftFile:
    """Store an upload that its service examined already, until who sent it looked at it once more and sends it."""
    upload = examined.upload
    assert upload is not None and upload.part is not None  # it was examined
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two pages may keep at once: one after the other
    _drop_of_form(form, by)
    written = upload.part.finish()
    draft = DraftFile.objects.create(
        **written.columns,
        form=form,
        by=by,
        original_name=upload.name,
        kind=examined.kind,
        kept_at=at,
    )
    record(action="papers.draft_kept", subject=draft, by=by, at=at, details={"form": form, "sha256": draft.sha256})
    return draft


def draft_upload(draft: DraftFile) -> EncryptedUpload:
    """The kept file as an upload, to be taken in like one that was just sent and to be closed; `drop_draft` follows."""
    return upload_of(draft.original_name, b"".join(selectors.open_file(draft)))


@transaction.atomic
def drop_draft(*, form: str, by: User, at: datetime, kept_until: datetime | None = None) -> bool:
    """Delete what this person kept of a form: it was used, or refused after all. Nothing kept: nothing happens.

    With `kept_until` a newer one stays. Answers whether one went.
    """
    draft = _drop_of_form(form, by, kept_until)
    if draft is not None:
        record(action="papers.draft_dropped", subject=draft, by=by, at=at, details={"form": form})
    return draft is not None


@transaction.atomic
def remove_draft(*, form: str, by: User, at: datetime) -> bool:
    """Delete what this person kept of a form so that `put_draft_back` can undo it.

    Its bytes stay until its day is over. Answers whether one went; removed twice, nothing more happens.
    """
    return _mark_draft(form, by, at, removed_at=at)


@transaction.atomic
def put_draft_back(*, form: str, by: User, at: datetime) -> bool:
    """Undo that. Answers whether one came back."""
    return _mark_draft(form, by, at, removed_at=None)


def _mark_draft(form: str, by: User, at: datetime, *, removed_at: datetime | None) -> bool:
    rows = DraftFile.objects.select_for_update().filter(form=form, by=by, kept_at__gt=at - rules.DRAFT_KEPT)
    draft = rows.filter(removed_at__isnull=removed_at is not None).first()
    if draft is not None:
        draft.removed_at = removed_at
        draft.save(update_fields=["removed_at"])
        action = "papers.draft_removed" if removed_at else "papers.draft_put_back"
        record(action=action, subject=draft, by=by, at=at, details={"form": form})
    return draft is not None


def drop_drafts(*, at: datetime) -> int:
    """Delete the files that no form came back for within a day. Answers how many."""
    over = at - rules.DRAFT_KEPT
    found = list(DraftFile.objects.filter(kept_at__lte=over).select_related("by").order_by("pk"))
    return sum(drop_draft(form=draft.form, by=draft.by, at=at, kept_until=over) for draft in found)


def _drop_of_form(form: str, by: User, kept_until: datetime | None = None) -> DraftFile | None:
    kept = DraftFile.objects.select_for_update().filter(form=form, by=by)
    draft = (kept.filter(kept_at__lte=kept_until) if kept_until else kept).first()
    if draft is not None:
        key = draft.storage_key
        DraftFile.objects.filter(pk=draft.pk).delete()
        transaction.on_commit(lambda: store.remove(key))
    return draft

"""A row of a catalogue follows another from a day on; none is edited (S3.19, N8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from claims.models import DocumentRequirement, NotCoveredReason
from claims.rules import catalogues as rules
from portal import clock
from portal.errors import RuleBroken
from portal.history import services as history

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def load_shipped_catalogues(*, at: datetime) -> None:
    """The rows that the product is born with, where a catalogue is empty (as after the demo's fresh start)."""
    if not DocumentRequirement.objects.exists():
        DocumentRequirement.objects.bulk_create(
            DocumentRequirement(**rules.shipped_requirement(one), at=at) for one in rules.REQUIREMENTS
        )
    if not NotCoveredReason.objects.exists():
        NotCoveredReason.objects.bulk_create(
            NotCoveredReason(**rules.shipped_reason(code), at=at) for code in rules.REASONS
        )


@transaction.atomic
def publish_requirement(
    *,
    what: str,
    stage: str,
    document: str,
    required: str,
    since: date,
    source: str,
    reason: str,
    by: User,
    at: datetime,
) -> DocumentRequirement:
    """Ask for a document from a day on, in another way, or no more (`not_asked`). Source: S3.19.

    Answers the row that holds from then on, or the one that ends. Raises RuleBroken for what is on no list or in the
    past, Conflict for no change.
    """
    place = rules.place_of(what, stage, document)
    rules.check_need(place, required)
    rules.check_since(since, on=clock.date_in(at))
    key = {"kind": place.kind.value, "subtype": place.subtype or "", "stage": stage, "document": document}
    # Every row is held, so that two first rows of one document follow each other.
    held = DocumentRequirement.objects.select_for_update().order_by("pk")
    rows = [one for one in held if all(getattr(one, name) == value for name, value in key.items())]
    now = rules.in_force(rows, since)
    rules.check_changes((now.required if now else rules.NOT_ASKED) == required, "required")
    _end_rows(rows, since)
    row = now
    if required != rules.NOT_ASKED:
        told = {"required": required, "since": since, "source": source, "reason": reason, "by": by, "at": at}
        row = DocumentRequirement.objects.create(**key, **told)
    assert row is not None
    details = key | {"required": required, "since": since.isoformat()}
    history.record(action="claims.requirement_published", subject=row, by=by, at=at, details=details, reason=reason)
    return row


@transaction.atomic
def publish_reason(
    *,
    code: str,
    use: str,
    label: str,
    sentence: str,
    cure: str,
    document: str,
    since: date,
    source: str,
    reason: str,
    by: User,
    at: datetime,
) -> NotCoveredReason:
    """Say a reason of not covering in other words from a day on, a new one (`code` ""), or end one. Source: N8.

    Raises RuleBroken for an unknown code, a day of the past or the end of what settlement itself gives; Conflict for no
    change.
    """
    rules.check_since(since, on=clock.date_in(at))
    rules.check_ending(code, use)
    held = list(NotCoveredReason.objects.select_for_update().order_by("pk"))
    taken = {one.code for one in held}
    if code and code not in taken:
        raise RuleBroken("Ese motivo no está en el catálogo.", code="not_on_the_list", field="code")
    rows = [one for one in held if one.code == code]
    now, told = rules.in_force(rows, since), {"label": label, "sentence": sentence, "cure": cure, "document": document}
    ends = use == rules.Use.ENDED
    rules.check_changes(now is None if ends else bool(now) and _says(now) == told, "label")
    _end_rows(rows, since)
    row = now
    if not ends:
        found = {"code": code or rules.code_for(label, taken), "since": since, "source": source, "reason": reason}
        row = NotCoveredReason.objects.create(**found, **told, by=by, at=at)
    assert row is not None
    details = {"code": row.code, "use": use, "since": since.isoformat()}
    history.record(action="claims.reason_published", subject=row, by=by, at=at, details=details, reason=reason)
    return row


def _says(row: NotCoveredReason | None) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("label", "sentence", "cure", "document")} if row else {}


def _end_rows(rows: Sequence[DocumentRequirement] | Sequence[NotCoveredReason], since: date) -> None:
    for row, until in rules.ends_of(rows, since):
        row.until = until
        row.save(update_fields=["until"])

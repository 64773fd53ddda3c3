"""What an auditor asks of the record beside its lists: what one act changed, and what is out of the ordinary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BinaryField, CharField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, TruncDate

from config.desk import words
from portal.access import DESK_ROLES, Permission
from portal.history import selectors as history
from portal.history.models import AccessEvent, AuditEvent
from portal.money import EXPONENT, format_money
from portal.treasury.models import Transfer
from portal.zones import MEXICO_CITY

LOOKED_BACK = 200  # earlier acts of the same thing that are asked what stood before
CHANGED_WITHIN = timedelta(days=30)
TASK_WITHIN = timedelta(days=1)
AMOUNT = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Change:
    """One datum of an act: what it is called, what stood before (nothing: empty), what stands after."""

    what: str
    before: str
    after: str


def changes(event: AuditEvent) -> list[Change]:
    """What one act did, in words: each datum that it recorded, beside the one that the thing had before."""
    earlier = AuditEvent.objects.filter(
        subject_type=event.subject_type, subject_id=event.subject_id, pk__lt=event.pk
    ).order_by("-pk")
    told = list(earlier.values_list("details", flat=True)[:LOOKED_BACK])
    found = []
    for key, value in event.details.items():
        before = next((one[key] for one in told if key in one), None)
        was = "" if before is None else _in_words(event.subject_type, key, before, event.details)
        found.append(Change(words.detail(key), was, _in_words(event.subject_type, key, value, event.details)))
    return found


def around(event: AuditEvent) -> tuple[AuditEvent | None, AuditEvent | None]:
    """The act that the same thing had before this one, and the one after it."""
    same = history.events().filter(subject_type=event.subject_type, subject_id=event.subject_id)
    return same.filter(pk__lt=event.pk).first(), same.filter(pk__gt=event.pk).order_by("pk").first()


def _in_words(kind: str, key: str, value: Any, details: dict[str, Any]) -> str:
    """A recorded datum as people read it: a state or a role by its label, an amount as money, the rest as it is."""
    if isinstance(value, bool):
        return "Sí" if value else "No"
    if isinstance(value, list):
        return ", ".join(_in_words(kind, key, one, details) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{words.detail(name)}: {_in_words(kind, name, one, details)}" for name, one in value.items())
    text = str(value)
    if key == "role":
        return words.ROLES.get(text, text)
    if key == "purpose":
        return words.purpose(text)
    if text in words.FACTORS and (key == "factor" or (key == "type" and kind == "people.user")):
        return words.FACTORS[text]
    if key in words.AMOUNTS and AMOUNT.fullmatch(text):
        currency = str(details.get("currency", ""))
        return format_money(Decimal(text), currency if currency in EXPONENT else "MXN")
    return _labels(kind, "state" if key == "outcome" else key).get(text, text)


def _labels(kind: str, name: str) -> dict[str, str]:
    """The words of a field's values, where the thing has such a field."""
    try:
        field = apps.get_model(kind)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return {}
    return {str(value): str(label) for value, label in getattr(field, "flatchoices", ())}


def undone(user: Any) -> QuerySet[AuditEvent]:
    """Acts that took an earlier one back."""
    return history.events().filter(action__in=[code for code in words.ACTS if "undone" in code])


def changed_and_paid(user: Any) -> QuerySet[Transfer]:
    """Deposits to an account that had replaced another up to 30 days before the bank paid it."""
    if Permission.SEE_AUDIT not in user.permissions:
        return Transfer.objects.none()
    changed = TruncDate("account__decided_at", tzinfo=ZoneInfo(MEXICO_CITY))
    rows = Transfer.objects.filter(
        account__replaces__isnull=False, account__decided_at__isnull=False, paid_on__isnull=False
    )
    return rows.annotate(changed_on=changed).filter(
        paid_on__gte=F("changed_on"), paid_on__lte=F("changed_on") + CHANGED_WITHIN
    )


def untasked(user: Any) -> QuerySet[AccessEvent]:
    """Readings by people of the desk that no task explains: no reason, and no act of theirs about that party a day
    before or after (AD-02).
    """
    acts = AuditEvent.objects.filter(
        by=OuterRef("by"),
        party_id=OuterRef("party_id"),
        at__gte=OuterRef("at") - TASK_WITHIN,
        at__lte=OuterRef("at") + TASK_WITHIN,
    )
    of_the_desk = Q(acting_as__regex=f"(^| )({'|'.join(sorted(DESK_ROLES))})( |$)")
    read: QuerySet[Any] = history.accesses()
    rows = read.filter(of_the_desk, what="read", reason="", party_id__isnull=False)
    return rows.filter(~Exists(acts))


def drawn(rows: QuerySet[AuditEvent], *, seed: str, count: int) -> QuerySet[Any]:
    """The keys of a sample: of the SHA-256 of `seed:uid` of each act, the smallest. Whoever has the seed and the acts
    draws the same ones.
    """
    told = Concat(Value(f"{seed}:"), Cast("uid", CharField()), output_field=CharField())
    sha = Func(
        Func(told, Value("UTF8"), function="convert_to", output_field=BinaryField()),
        function="sha256",
        output_field=BinaryField(),
    )
    return rows.order_by().annotate(draw=sha).order_by("draw", "pk").values("pk")[:count]

"""Reading the record: timelines, what is not sealed yet, and the verification of the whole chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, QuerySet, Value, When

from portal.history import head, keys, rules
from portal.history.models import AccessEvent, AuditEvent, AuditSeal
from portal.history.rules import Fault, Report
from portal.prepared import prepared
from portal.reading import once_a_reading

_BATCH = 5_000


@once_a_reading
def timeline(subject: models.Model) -> QuerySet[AuditEvent]:
    """Everything done to one thing, oldest first; who goes through all of it while a page is made asks once."""
    return _told(AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)))


@once_a_reading
def acts(subject: models.Model) -> list[AuditEvent]:
    """The same as a list, by a prepared statement: for a page that tells all of it."""
    return _acts(subject._meta.label_lower, str(subject.pk))


@prepared
def _acts(kind: str, key: str) -> QuerySet[AuditEvent]:
    return _told(AuditEvent.objects.filter(subject_type=kind, subject_id=key))


def _told(found: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    told = found.select_related("by").only("action", "at", "reason", "details", "by__name", "by__email")
    return told.order_by("pk")


def accesses() -> QuerySet[AccessEvent]:
    """Every reading, every list taken away and every page refused, newest first, for the audit page."""
    what = Case(
        When(subject_id__regex=r"^(csv|xlsx|pdf|json):", then=Value("exported")),
        When(reason__startswith=rules.REFUSED, then=Value("refused")),
        default=Value("read"),
    )
    return AccessEvent.objects.annotate(what=what).select_related("by").order_by("-pk")


def events() -> QuerySet[AuditEvent]:
    """The whole record, newest first, for the audit page."""
    return AuditEvent.objects.select_related("by").order_by("-pk")


def unsealed(model: Any, *, since: datetime | None = None) -> QuerySet[Any]:
    """Rows of `AuditEvent` or `AccessEvent` without a seal, those recorded since a real instant only, if given."""
    waiting = model.objects.filter(seal=None)
    return waiting.filter(real_at__gte=since) if since else waiting


def health(*, at: datetime) -> dict[str, Any]:
    """For the health page: rows that wait for their seal, and whether one waits over 60 s (`at` is real time)."""
    told = list(_waiting(AuditEvent).union(_waiting(AccessEvent), all=True))
    late = any(oldest and oldest < at - rules.UNSEALED_FAULT_AFTER for _count, oldest in told)
    return {"name": "audit", "waiting": sum(count for count, _oldest in told), "late": late}


def _waiting(model: Any) -> QuerySet[Any, Any]:
    """One row: how many of a table wait for their seal, and since when."""
    told = unsealed(model).order_by().values(table=Value(model._meta.db_table))
    return told.annotate(waiting=models.Count("pk"), oldest=models.Min("real_at")).values_list("waiting", "oldest")


def verify(*, at: datetime) -> Report:
    """Walk the whole chain and name the first row that was changed, deleted, inserted, swapped, cut or left unsealed.

    `at` is real time: a row without a seal for more than 60 s is a fault (AD-03).
    """
    try:
        # Read before the walk: the drain may go on meanwhile, and only an older head must be in it.
        written = head.read()
    except head.HeadUnreadable as error:
        return Report(0, 0, Fault("head", str(error), "La cabeza de la cadena guardada fuera de la base fue alterada."))
    checked, fault = _walk(written)
    if fault:
        return Report(checked, 0, fault)
    waiting, fault = _unsealed_fault(at)
    return Report(checked, waiting, fault)


def _walk(written: head.Head | None) -> tuple[int, Fault | None]:
    number, previous = 0, rules.GENESIS
    for seal in _seals():
        if fault := _seal_fault(seal, expected=number + 1, previous=previous):
            return number, fault
        number, previous = seal.number, seal.hmac
        if written and written.number == number and written.hmac != previous:
            return number, Fault(
                "rewritten",
                f"history_auditseal {number}",
                "El sello no es el que se anotó fuera de la base: la cadena se rehízo.",
            )
    if written and written.number > number:
        return number, Fault(
            "cut",
            f"history_auditseal {number + 1}",
            f"Faltan los sellos {number + 1} a {written.number}: se cortó el final de la cadena o se vació la tabla.",
        )
    return number, None


def _seals() -> Iterator[AuditSeal]:
    """All seals in order with their rows, a batch at a time: keyset, since server-side cursors are off."""
    last = -(2**62)
    while batch := list(
        AuditSeal.objects.select_related("event", "access").filter(number__gt=last).order_by("number")[:_BATCH]
    ):
        yield from batch
        last = batch[-1].number


def _seal_fault(seal: AuditSeal, *, expected: int, previous: str) -> Fault | None:
    own = f"history_auditseal {seal.number}"
    if seal.number != expected:
        return Fault(
            "deleted", f"history_auditseal {expected}", f"Falta el sello {expected}: se borró de en medio de la cadena."
        )
    table, pk = ("history_auditevent", seal.event_id) if seal.event_id else ("history_accessevent", seal.access_id)
    row = _row(seal)
    if row is None:
        return Fault("deleted", f"{table} {pk}", f"Se borró el renglón que cubre el sello {seal.number}.")
    if not rules.signature_holds(keys.event_key(), row.facts(), row.hmac):
        return Fault(
            "changed", f"{table} {pk}", f"El renglón que cubre el sello {seal.number} ya no dice lo que decía."
        )
    link = rules.Link(seal.number, table, row.pk, row.hmac, seal.previous_hmac)
    if not rules.signature_holds(keys.seal_key(), link.facts(), seal.hmac):
        return Fault(
            "swapped", f"{table} {pk}", f"El sello {seal.number} no se hizo para este renglón: se cambió de lugar."
        )
    if seal.previous_hmac != previous:
        return Fault("deleted", own, f"El sello {seal.number} no sigue al anterior: la cadena se rompió aquí.")
    return None


def _row(seal: AuditSeal) -> AuditEvent | AccessEvent | None:
    try:
        return seal.event or seal.access
    except (AuditEvent.DoesNotExist, AccessEvent.DoesNotExist):
        return None


def _unsealed_fault(at: datetime) -> tuple[int, Fault | None]:
    waiting = 0
    for model in (AuditEvent, AccessEvent):
        table = model._meta.db_table
        for row in unsealed(model).order_by("pk").iterator(chunk_size=_BATCH):
            waiting += 1
            if not rules.signature_holds(keys.event_key(), row.facts(), row.hmac):
                return waiting, Fault(
                    "inserted", f"{table} {row.pk}", "Este renglón no lo escribió el portal: su firma no vale."
                )
            if row.real_at < at - rules.UNSEALED_FAULT_AFTER:
                return waiting, Fault(
                    "unsealed",
                    f"{table} {row.pk}",
                    "Este renglón lleva más de un minuto sin sello. Revisa que el trabajador esté encendido.",
                )
    return waiting, None

"""The guide of the IMSS: a person's answers and ticked papers, and the links that the desk keeps. We act for nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from memberships.models import CoveredPerson, ImssCheck, ImssSource
from memberships.rules import imss
from portal import clock
from portal.design import dates
from portal.errors import RuleBroken
from portal.history.services import record
from portal.people.rules import clean_email
from portal.text import clean_text

if TYPE_CHECKING:
    from portal.people.models import User


def _held_check(person: CoveredPerson, *, by: User, at: datetime) -> ImssCheck:
    CoveredPerson.objects.select_for_update().get(pk=person.pk)
    found = ImssCheck.objects.filter(person=person).first() or ImssCheck(person=person)
    found.updated_at, found.updated_by = at, by
    return found


@transaction.atomic
def keep_imss_answers(
    *, person: CoveredPerson, rights: bool, clinic: str, has_card: bool | None, by: User, at: datetime
) -> ImssCheck:
    """The three answers about a person's constancia (S1.13); without rights the others do not count."""
    row = _held_check(person, by=by, at=at)
    row.rights, row.clinic, row.has_card = rights, clinic if rights else "", has_card if rights else None
    row.save()
    record(action="memberships.imss_answered", subject=row, party_id=person.party_id, by=by, at=at)
    return row


@transaction.atomic
def tick_imss_papers(*, person: CoveredPerson, ticked: Sequence[str], by: User, at: datetime) -> ImssCheck:
    """Which of the six papers a person has together (S1.9); ticks, no files."""
    row = _held_check(person, by=by, at=at)
    row.ticked = [one.value for one in imss.Paper if one.value in ticked]
    row.save()
    details = {"ticked": len(row.ticked)}
    record(action="memberships.imss_papers", subject=row, party_id=person.party_id, by=by, at=at, details=details)
    return row


@transaction.atomic
def set_imss_source(*, source: ImssSource, value: str, checked_on: date, by: User, at: datetime) -> ImssSource:
    """Correct a link or a telephone of the IMSS, and say on which day it was tried. Raises RuleBroken."""
    row = ImssSource.objects.select_for_update().get(pk=source.pk)
    if checked_on > clock.date_in(at):
        raise RuleBroken(
            f"El {dates.short(checked_on)} no ha llegado. Escribe el día en que lo revisaste.",
            code="checked_ahead",
            field="checked_on",
        )
    row.value = clean_text(value, max_length=300, what="La página o el teléfono")
    if row.kind == imss.SourceKind.LINK and not row.value.startswith("https://"):
        raise RuleBroken(
            "La página empieza con https://. Cópiala completa del navegador.", code="link_wrong", field="value"
        )
    if row.kind == imss.SourceKind.MAIL:
        row.value = clean_email(row.value)
    row.checked_on, row.updated_by = checked_on, by
    row.save()
    record(action="memberships.imss_source_set", subject=row, by=by, at=at, details={"code": row.code})
    return row

"""Writing contact messages: leave one, answer one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse

from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.clock import date_in
from portal.folios.services import next_folio
from portal.help import rules, selectors
from portal.help.models import ContactMessage
from portal.history.services import record
from portal.listing.search import folio_address
from portal.notices.services import notify, write_to
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import refer
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def leave_message(
    *, kind: str, name: str, email: str, subject_folio: str, body: str, by: User | None, at: datetime
) -> ContactMessage:
    """Take a message, give it its folio and the day its answer is due, and mail the folio (S3.7).

    Raises RuleBroken for a kind that no app declares.
    """
    rules.check_kind(kind)
    on = date_in(at)
    rule = rulebook.rule_on(rules.MESSAGE.at(rules.State.OPEN).due, on=on)
    office = calendars.calendar(rules.CALENDAR)
    due = calendar_rules.deadline(office, on, int(rule.value), calendar_rules.DayKind.BUSINESS)
    message = ContactMessage.objects.create(
        folio=next_folio(prefix=rules.FOLIO_PREFIX, at=at),
        user=by,
        name=name,
        email=email,
        kind=kind,
        subject_folio=subject_folio,
        body=body,
        created_at=at,
        anchor=due.anchor,
        due_on=due.due,
        rolled_on=due.rolled,
        due_rule=str(refer(rule)),
    )
    _tell_writer(message, "contact_received", at=at)
    record(action="help.message_left", subject=message, by=by, at=at, details={"folio": message.folio, "kind": kind})
    return message


@transaction.atomic
def answer_message(*, message: ContactMessage, answer: str, by: User, at: datetime) -> ContactMessage:
    """Answer a message once and tell who wrote it.

    Raises RuleBroken for a message of one's own, Conflict when it was answered before.
    """
    message = ContactMessage.objects.select_for_update().get(pk=message.pk)
    rules.check_not_own(own=selectors.is_own(message, by, on=date_in(at)))
    rules.MESSAGE.check(message.state, rules.State.ANSWERED)
    rules.check_answer(answer)
    work.settle(thing=message, by=by)
    message.state, message.answer, message.answered_by, message.met_at = rules.State.ANSWERED.value, answer, by, at
    message.save(update_fields=["state", "answer", "answered_by", "met_at"])
    _tell_writer(message, "contact_answered", at=at)
    record(action="help.message_answered", subject=message, by=by, at=at, details={"folio": message.folio})
    return message


def _tell_writer(message: ContactMessage, kind: str, *, at: datetime) -> None:
    """To the inbox and mail of a signed-in person; by mail to the address somebody outside left."""
    context: dict[str, Any] = {"folio": message.folio, "due_on": message.due_on, "answer": ""}
    if message.user_id is not None:
        url = folio_address(message.folio)
        notify(user_ids=[message.user_id], kind=kind, key=f"{kind}:{message.folio}", context=context, url=url, at=at)
        return
    # Nobody outside can open the folio's page: the answer itself goes in the mail.
    context["answer"] = message.answer
    write_to(
        address=message.email,
        kind=kind,
        key=f"{kind}:{message.folio}",
        context=context,
        url=reverse("help:contact"),
        at=at,
    )

"""A message gets its folio, its day and one answer, and whoever wrote it is told where they can read it (S3.7)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import clock
from portal.access import Role
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.errors import Conflict, RuleBroken
from portal.help import rules, services
from portal.help.models import ContactMessage
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people.models import Grant
from portal.work import selectors as work
from tests.factories.people import own_party, physician, preparer, signed_in, support

pytestmark = pytest.mark.django_db


def left(by=None) -> ContactMessage:
    said = {"kind": "complaint", "name": "Ana", "email": "ana@ejemplo.mx", "subject_folio": "FA-2026-000001"}
    return services.leave_message(**said, body="Falta un pago.", by=by, at=clock.now())


def test_a_message_is_answered_within_the_business_days_of_its_rule():
    message = left()
    schedule = calendars.calendar(rules.CALENDAR)
    assert message.due_on == calendar_rules.due_after_business_days(schedule, clock.today(), 10)
    assert message.due_rule.startswith("contact.answer_days")


def test_a_message_of_no_declared_kind_is_refused_before_it_takes_a_folio():
    told = {"name": "Ana", "email": "ana@ejemplo.mx", "subject_folio": "x", "body": "y"}
    with pytest.raises(RuleBroken, match="Elige de la lista"):
        services.leave_message(kind="rumour", **told, by=None, at=clock.now())
    assert not ContactMessage.objects.exists()


def test_somebody_outside_reads_the_answer_in_the_mail():
    message = left()
    services.answer_message(message=message, answer="Ya salió.", by=support(), at=clock.now())
    received, answered = Notice.objects.filter(address="ana@ejemplo.mx").order_by("created_at", "pk")
    assert (received.kind, answered.kind) == ("contact_received", "contact_answered")
    assert message.folio in received.title + received.body
    assert "Ya salió." in answered.body
    assert not received.in_inbox and not answered.in_inbox


def test_somebody_signed_in_reads_it_on_the_portal_and_the_mail_says_only_the_folio():
    writer = preparer()
    message = left(by=writer)
    services.answer_message(message=message, answer="Ya salió.", by=support(), at=clock.now())
    told = Notice.objects.filter(user=writer)
    assert {notice.kind for notice in told} == {"contact_received", "contact_answered"}
    assert all(notice.action_url.endswith(f"/{message.folio}/") for notice in told)
    assert not any("Ya salió." in notice.body for notice in told)


def test_mo_05_nobody_answers_their_own_message_or_that_of_whom_they_act_for():
    desk, helper, doctor = support(), support(), physician()
    Grant.objects.create(user=helper, party=own_party(doctor), role=Role.PHYSICIAN_ASSISTANT, since=clock.today())
    for writer, refused, other in ((desk, desk, helper), (doctor, helper, desk)):
        message = left(by=writer)
        page = reverse("help:message", args=[message.folio])
        if refused == desk:
            shown = signed_in(desk).get(page).content.decode()
            assert "Lo responde otra persona" in shown and "Enviar respuesta" not in shown
        assert page not in [row.href for row in work.items(refused, at=clock.now())], "what is theirs is not offered"
        with pytest.raises(RuleBroken, match="mensaje tuyo"):
            services.answer_message(message=message, answer="Ya salió.", by=refused, at=clock.now())
        services.answer_message(message=message, answer="Ya salió.", by=other, at=clock.now())
        with pytest.raises(IntegrityError, match="contact_answered_by_another"), transaction.atomic():
            ContactMessage.objects.filter(pk=message.pk).update(answered_by=writer)


def test_a_second_answer_changes_nothing_and_is_told_that_there_is_one():
    desk, message = support(), left()
    services.answer_message(message=message, answer="Ya salió.", by=desk, at=clock.now())
    with pytest.raises(Conflict):
        services.answer_message(message=message, answer="Otra.", by=desk, at=clock.now())
    message.refresh_from_db()
    assert (message.state, message.answer, message.answered_by) == ("answered", "Ya salió.", desk)
    acts = AuditEvent.objects.filter(action__startswith="help.").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["help.message_left", "help.message_answered"]

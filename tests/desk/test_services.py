"""Retrying what was set aside: the row begins again, its drain is woken, the act is recorded; once (JB-03, JB-08)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from config.desk import services
from portal import clock, queue
from portal.errors import Conflict
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from tests.factories.people import administrator, physician

pytestmark = pytest.mark.django_db


def a_notice():
    return Notice.objects.create(user=physician(), kind="x", key="x", title="t", body="b", created_at=clock.now())


def a_parked_notice():
    """Claimed until nobody would claim it any more, then set aside."""
    row = a_notice()
    for _ in range(queue.MAX_SILENT_CLAIMS):
        (claimed,) = queue.claim(Notice)
        Notice.objects.filter(pk=row.pk).update(leased_until=None)
    queue.park(claimed, error="el servidor de correo no contesta")
    return row


def retry(pk, *, by):
    return services.retry_parked(drain="notices", model=Notice, pk=str(pk), by=by, at=clock.now())


def retried():
    return AuditEvent.objects.filter(action="desk.parked_retried")


def test_a_retried_row_is_claimed_again_and_the_act_says_who(monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(queue, "_send", woken.append)
    row, someone = a_parked_notice(), administrator()
    assert queue.claim(Notice) == []
    with django_capture_on_commit_callbacks(execute=True):
        assert retry(row.pk, by=someone) == row
        assert woken == []
    assert woken == ["notices"]
    assert [(claimed.pk, claimed.attempts) for claimed in queue.claim(Notice)] == [(row.pk, 1)]
    event = retried().get()
    assert (event.by, event.subject_id, event.details) == (someone, str(row.pk), {"drain": "notices"})


def a_row_that_waits():
    return a_notice().pk


def a_row_that_was_retried():
    row = a_parked_notice()
    retry(row.pk, by=administrator())
    return row.pk


def a_row_that_is_done():
    row = a_parked_notice()
    queue.finish(row)
    return row.pk


@pytest.mark.parametrize(
    "which", [a_row_that_waits, a_row_that_was_retried, a_row_that_is_done, uuid4, lambda: "no-es-una-clave"]
)
def test_what_is_not_parked_is_refused_and_nothing_is_written(which):
    pk = which()
    before = list(Notice.objects.values()), retried().count()
    with pytest.raises(Conflict, match="ya no está apartada") as refused:
        retry(pk, by=administrator())
    assert refused.value.code == "not_parked"
    assert (list(Notice.objects.values()), retried().count()) == before

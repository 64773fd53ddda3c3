"""F-01, F-03, F-11: SIGKILL of the worker in the middle of a rendering, a mail, a seal; poison rows are parked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import clock, queue
from portal.history import services as sealing
from portal.history.models import AuditEvent, AuditSeal
from portal.notices.models import Notice, SentMail
from portal.notices.tasks import drain_notices
from portal.papers import rendering
from portal.papers import services as papers
from portal.papers.models import IssuedDocument, StoredFile
from portal.papers.tasks import render_documents
from tests.factories.threads import at_once
from tests.faults import invariants
from tests.faults.forked import in_child
from tests.faults.ground import LONG, Browser, Web, celery, lapse_leases, wait_for
from tests.faults.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _nothing_waits(place: Town) -> None:
    """Each test counts its own rows."""
    Notice.objects.filter(done_at=None).update(done_at=clock.real_now(), parked_at=None)
    IssuedDocument.objects.filter(done_at=None).update(parked_at=clock.real_now())
    sealing.seal_events()


def paper(place: Town) -> IssuedDocument:
    """A receipt that waits for its PDF."""
    invoice = place.submitted(place.doctor())
    document: IssuedDocument = invoice.receipt
    return document


def test_f_01_worker_killed_while_it_renders_another_one_makes_the_paper_once(
    place: Town, redis_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real worker, all of it, at once; its lease is let run out instead of waiting four minutes."""
    document, second = paper(place), paper(place)
    monkeypatch.setenv("CAUCE_TEST_TIRED", str(folder))
    (folder / "tired").touch()
    worker, before = celery(folder, redis_url), clock.real_now()
    worker.start()
    try:
        wake(redis_url, "drain.documents")
        wait_for((folder / "busy").exists, LONG)
        worker.kill()
        leased = IssuedDocument.objects.get(pk=document.pk)
        assert (leased.attempts, leased.done_at, leased.pdf_id) == (1, None, None)
        assert leased.leased_until is not None
        assert leased.leased_until > before + timedelta(minutes=4), "a rendering's own lease"
        lapse_leases("papers_issueddocument")
        began = time.monotonic()
        worker.start()
        wake(redis_url, "drain.documents")
        wait_for(lambda: IssuedDocument.objects.filter(pk__in=[document.pk, second.pk]).exclude(pdf=None).count() == 2)
        print(f"F-01: both papers {time.monotonic() - began:.1f} s after the new worker's start")
    finally:
        worker.kill()
    assert StoredFile.objects.filter(display_name=f"{document.folio}.pdf").count() == 1
    assert told("papers.document_rendered", document) == 1
    invariants.all_hold(orphans_at_most=0)


def wake(redis_url: str, task: str) -> None:
    """Send one wake-up call."""
    from celery import Celery

    with Celery("waker", broker=redis_url, set_as_current=False) as app:
        app.send_task(task, ignore_result=True)


def told(action: str, subject: Any) -> int:
    """How often the audit tells an act on something."""
    return AuditEvent.objects.filter(action=action, subject_id=str(subject.pk)).count()


def die_then_finish(drain: Callable[[], Any], table: str, points: tuple[int, ...]) -> int:
    """Kill a drain at up to three points, each after its lease ran out, then let it finish."""
    assert len(points) < queue.MAX_SILENT_CLAIMS
    deaths = 0
    for point in points:
        death = in_child(drain, at=point)
        assert not death.error, death.error
        deaths += death.killed
        lapse_leases(table)
    drain()
    return deaths


def test_f_03_rendering_killed_between_claim_effect_and_commit_leaves_one_pdf(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = paper(place)
    made = rendering.render(document)
    monkeypatch.setattr(rendering, "render", lambda _document: made)  # a child must not start a renderer only to die
    loose = invariants.orphans()
    assert die_then_finish(render_documents, "papers_issueddocument", (8, 12, 22)) == 3
    document.refresh_from_db()
    assert document.pdf is not None
    assert document.done_at is not None
    assert told("papers.document_rendered", document) == 1
    assert len(invariants.orphans() - loose) <= 2
    papers.sweep(older_than=timedelta(seconds=-60))
    invariants.all_hold(orphans_at_most=0)


def test_f_03_mail_killed_at_any_statement_is_sent_and_at_most_once_more(place: Town, settings: Any) -> None:
    """JB-07: a crash may double at most one mail, never lose one."""
    settings.EMAIL_BACKEND = "portal.notices.mailbox.KeepInRow"  # rows: a dead child's memory tells nothing
    doctor = place.doctor()
    place.submitted(doctor)
    waiting = list(Notice.objects.filter(user=doctor.user, done_at=None))
    before = SentMail.objects.count()
    deaths = die_then_finish(drain_notices, "notices_notice", (7, 11, 14))
    drain_notices()
    assert waiting
    assert Notice.objects.filter(user=doctor.user, done_at=None).count() == 0
    sent = SentMail.objects.count() - before
    assert len(waiting) <= sent <= len(waiting) + deaths


def test_f_03_seal_killed_at_any_statement_keeps_one_chain(place: Town) -> None:
    place.submitted(place.doctor())
    waiting = AuditEvent.objects.filter(seal=None).count()
    assert waiting > 3
    before = AuditSeal.objects.count()
    deaths = [in_child(sealing.seal_events, at=point) for point in range(1, 13)]
    assert sum(death.killed for death in deaths) >= 4
    assert not any(death.error for death in deaths), deaths
    sealing.seal_events()
    assert AuditSeal.objects.count() >= before + waiting
    invariants.audit_tells_everything()


def test_jb_03_row_that_kills_its_worker_four_times_is_parked_and_the_next_rows_go_on(
    place: Town, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-11: poison. Health says so; the good papers behind it are made."""
    poison, good = paper(place), paper(place)
    made = rendering.render(good)

    def render(document: IssuedDocument) -> bytes:
        if document.pk == poison.pk:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    monkeypatch.setattr(rendering, "render", render)
    claims = 0
    for _ in range(8):
        death = in_child(render_documents)
        claims += death.killed
        lapse_leases("papers_issueddocument")
        if not death.killed:
            break
    poison.refresh_from_db()
    good.refresh_from_db()
    assert claims == queue.MAX_SILENT_CLAIMS == poison.attempts
    assert poison.parked_at is not None
    assert good.pdf is not None, "the row behind the poison waited for ever"
    seen = {row["name"]: row for row in queue.health(at=clock.real_now())}["documents"]
    assert seen["parked"] >= 1
    assert Browser(web.port).get("/salud/listo").text.count("degraded") == 1
    administrator = Browser(web.port, place.administrator)
    page = administrator.get("/mesa/salud/")
    assert "apartada" in page.text, page.sentence
    monkeypatch.undo()
    queue.retry(poison)
    render_documents()
    poison.refresh_from_db()
    assert poison.pdf is not None, "a parked row can be taken up again"


def test_f_09_the_same_wake_up_call_five_times_at_once_makes_one_paper(place: Town) -> None:
    document = paper(place)
    finished = at_once([render_documents] * 5)
    document.refresh_from_db()
    assert sorted(finished) == [0, 0, 0, 0, 1]
    assert told("papers.document_rendered", document) == 1

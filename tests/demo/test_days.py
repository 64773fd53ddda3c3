"""The demo's clock moves day by day: each day's dated work is done before the next begins, no reminder is skipped."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from billing.models import CareOrder, Invoice
from config.celery import SCHEDULE, app
from config.demo import days, selectors, services, tasks
from config.demo.models import DemoDay
from config.demo.people import BY_SLUG
from config.demo.scenes import practice
from portal import clock, queue
from portal.errors import Conflict
from portal.notices.models import Notice, SentMail
from portal.people.models import User
from portal.treasury.models import PaymentBatch
from portal.work import selectors as work
from tests.pages import once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_world")]


# They say when they did it; what they drop or ask after waits for no day.
RUNS_BY_ITSELF = {
    "claims.compare_accumulators",
    "claims.judge_sent",
    "memberships.ask_gateway",
    "papers.drop_drafts",
    "papers.drop_exports",
}


def test_every_task_of_the_schedule_that_asks_for_the_portals_day_is_a_days_work() -> None:
    asking = {name for name in SCHEDULE if "clock.now()" in inspect.getsource(app.tasks[name].run)}
    dated = {name for name in asking - RUNS_BY_ITSELF if not name.startswith("drain.")}
    assert dated == {*days.dated()} <= {*SCHEDULE} and asking >= RUNS_BY_ITSELF
    assert days.dated()[0] == "calendars.extend" and days.dated()[-1] == "notices.digest", "what is told comes last"


def test_days_are_played_in_order_and_each_reminder_is_told_on_its_own_day() -> None:
    owing = Invoice.objects.without_complement().get()
    ahead = max((owing.complement_due.due_on - clock.today()).days, 0) + 2
    client, before = Client(), clock.today()
    address, index = reverse("demo:clock"), reverse("demo:index")
    assert client.post(address, {"days": str(ahead)} | once()).status_code == 302
    page = client.get(index).content.decode()
    assert f"día 1 de {ahead}" in page and "Avanzar 7 días" not in page
    refused = client.post(address, {"days": "1"} | once())
    assert refused.status_code == 409 and "El reloj todavía avanza" in refused.content.decode()
    assert tasks.play_days() == ahead and tasks.play_days() == 0
    assert clock.today() == before + timedelta(days=ahead)
    kinds = ["billing/complement_reminder", "billing/complement_overdue"]
    told = Notice.objects.filter(kind__in=kinds, user__email=BY_SLUG["lucia"].email).order_by("pk")
    on = [clock.date_in(one.created_at) for one in told]
    assert on == sorted(on) and len(on) == len(set(on)) > 1, "one a day, none caught up with on another day"
    assert "Avanzar 120 días" in client.get(index).content.decode()


def test_a_day_that_broke_off_is_played_again_without_moving_the_clock_twice(monkeypatch) -> None:
    services.ask_days(days=2, by=None)
    before = clock.today()
    first = DemoDay.objects.order_by("pk")[0]
    with monkeypatch.context() as broken:
        broken.setattr(days, "play", lambda: (_ for _ in ()).throw(OSError))
        with pytest.raises(OSError):
            services.play_day(first)
    queue.park(first, error="OSError")
    client, index = Client(), reverse("demo:index")
    page = client.get(index).content.decode()
    assert (
        "El reloj se detuvo" in page
        and "El día 1 de 2 no terminó" in page
        and "Reintentar ese día" in page
        and 'http-equiv="refresh"' not in page
    )
    sent = once()
    assert {client.post(reverse("demo:retry_clock"), sent).status_code for _ in range(2)} == {302}
    assert "Va en el día 1 de 2" in client.get(index).content.decode()
    services.play_day(first)
    services.retry_days(by=None)  # nothing has stopped any more
    assert clock.today() == before + timedelta(days=1)
    (leased,) = queue.claim(DemoDay, limit=1)
    assert leased.number == 2 and tasks.play_days() == 0, "nobody else plays while a day is played"
    with pytest.raises(Conflict):
        services.ask_days(days=1, by=None)


def test_every_mail_is_reached_page_by_page() -> None:
    count = 2 * selectors.MAILS + 1
    told = {"sender": "a@b.mx", "recipients": ["c@d.mx"], "sent_at": clock.now()}
    SentMail.objects.all().delete()
    SentMail.objects.bulk_create(SentMail(subject=f"Aviso {number}", **told) for number in range(count))
    address, seen = reverse("demo:mailbox"), list[str]()
    while address:
        shown = html.fromstring(Client().get(address).content)
        seen += shown.xpath("//tbody//th/a/text()")
        address = next(iter(shown.xpath("//a[@rel='next']/@href")), "")
    assert seen == [f"Aviso {number}" for number in reversed(range(count))]


def test_a_practice_with_much_work_and_a_second_signature_for_bruno_and_gabriel() -> None:
    rfc = BY_SLUG[practice.WHO].rfc
    mine = CareOrder.objects.filter(physician_rfc=rfc)
    valley = mine.to_invoice().filter(insurer__name="ASEGURADORA DEL VALLE")
    assert valley.count() == practice.WAITING == 190
    assert Invoice.objects.filter(party__rfc=rfc).count() == practice.INVOICED == 40
    big = PaymentBatch.objects.get(approvals_needed=2)
    assert (big.state, big.count, big.approvals.count()) == ("prepared", 1, 1)
    for slug, queue_name in (("bruno", "treasury.accounts"), ("gabriel", "treasury.to_approve")):
        user = User.objects.get(email=BY_SLUG[slug].email)
        assert [one.count for one in work.loads(user, at=clock.now()) if one.queue.name == queue_name and one.count]

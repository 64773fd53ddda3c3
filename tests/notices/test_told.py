"""One mail a day for who wants it, papers that go with a mail, and who is told that work arrived."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock, queue
from portal.notices import selectors, services, tasks
from portal.notices.models import DailyDigest, Enclosure, Notice, SentMail
from portal.papers import services as papers
from portal.papers.models import IssuedDocument
from portal.people.models import SecondaryEmail
from tests.factories import billing as b
from tests.factories import people

pytestmark = pytest.mark.django_db
NOW = clock.real_now()


@pytest.fixture(autouse=True)
def _mailbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "portal.notices.mailbox.KeepInRow"


def paid(*users: Any, key: str, at: Any = NOW) -> None:
    context = {"folios": "FA-2026-000001", "amount": Decimal("1350.00"), "on": clock.today(), "due": clock.today()}
    services.notify(
        user_ids=[user.pk for user in users], kind="billing/invoice_paid", key=key, context=context, url="/", at=at
    )


def guarded(user: Any, *, key: str) -> None:
    services.notify(user_ids=[user.pk], kind="security_changed", key=key, context={"what": "Algo."}, url="/", at=NOW)


def mailed(user: Any) -> list[str]:
    tasks.drain_notices()
    return [row.subject for row in SentMail.objects.filter(recipients=[user.email]).order_by("pk")]


def test_who_wants_one_mail_a_day_gets_the_unread_ones_together_and_what_guards_the_account_at_once() -> None:
    daily, other = people.physician(), people.physician()
    client = people.signed_in(daily)
    page = reverse("notices:preferences")
    chosen = [kind for kind, _label, _on in selectors.mail_choices(daily)]
    assert client.post(page, {"by_mail": chosen, "daily": "on"}).status_code == 302
    assert selectors.wants_digest(daily) and client.get(page).context["form"]["daily"].value() is True
    assert str(DailyDigest.objects.get()) == str(daily.pk)
    for number in range(3):
        paid(daily, other, key=f"p{number}")
    guarded(daily, key="s")
    Notice.objects.filter(user=daily, key="p2").update(read_at=NOW)
    assert len(mailed(other)) == 3 and len(mailed(daily)) == 1, "only what guards the account came by itself"
    assert selectors.unread_count(daily) == 3, "the inbox tells at once, whatever the mail"
    assert (tasks.digest(), tasks.digest()) == (1, 0)
    assert mailed(daily)[1:] == ["Tu resumen: 2 avisos sin leer"]
    sent = SentMail.objects.order_by("pk").last()
    assert sent is not None and sent.text.count(Notice.objects.get(user=daily, key="p0").title) == 2
    assert selectors.unread_count(daily) == 3, "the mail of the day is no notice of its own"
    paid(daily, key="read before the next")
    Notice.objects.filter(user=daily).update(read_at=NOW)
    assert tasks.digest() == 0, "what was read needs no mail"
    services.set_mail_preferences(silent=["billing/invoice_paid"], daily=True, by=daily, at=NOW)
    paid(daily, key="silent")
    assert tasks.digest() == 0 and len(mailed(daily)) == 2, "a kind without mail is in no mail of the day either"
    services.set_mail_preferences(silent=[], by=daily, at=NOW)
    paid(daily, key="at once again")
    assert len(mailed(daily)) == 3


def test_the_mail_of_the_day_says_what_waits_at_the_desk() -> None:
    someone = people.reviewer()
    services.set_mail_preferences(silent=[], daily=True, by=someone, at=NOW)
    b.bare(b.doctor())
    assert (tasks.tell_of_work(), tasks.digest()) == (1, 1)
    mailed(someone)
    sent = SentMail.objects.get(recipients=[someone.email])
    assert "Llegó trabajo: Facturas por revisar" in sent.text and "Facturas por revisar: 1" in sent.text


@pytest.mark.parametrize("daily", [False, True], ids=["mails at once", "one mail a day"])
def test_a_mail_waits_for_its_paper_and_brings_it_to_the_primary_address_alone_C17a(settings: Any, daily: bool) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    doctor = people.physician()
    services.set_mail_preferences(silent=[], daily=daily, by=doctor, at=NOW)
    SecondaryEmail.objects.create(user=doctor, address="otro@ejemplo.mx", confirmed_at=NOW, created_at=NOW)
    document = papers.issue_document(
        kind="prueba", template="pdf/document.html", context={}, party=people.own_party(doctor), by=doctor, at=NOW
    )
    for _twice in range(2):
        services.notify(
            user_ids=[doctor.pk],
            kind="list_ready",
            key="p",
            url="/",
            at=NOW,
            documents=[document.pk],
            context={"title": "Órdenes", "ready": True, "keep_until": clock.today(), "why": ""},
        )
    attached = Enclosure.objects.get()
    assert str(attached) == str(document.pk)
    assert tasks.drain_notices() == 0 and Notice.objects.get().attempts == 0, "not claimed before it is rendered"
    queue.drain(IssuedDocument, lambda row: papers.render_document(document=row, at=NOW))
    assert tasks.drain_notices() == 1
    first, second = outbox.outbox
    assert (first.to, second.to) == ([doctor.email], ["otro@ejemplo.mx"])
    (paper,) = first.attachments
    assert paper[0].endswith(".pdf") and paper[1].startswith(b"%PDF") and paper[2] == "application/pdf"
    assert second.attachments == []
    assert tasks.digest() == 0, "what brought its paper is in no mail of the day"


def test_many_are_told_in_as_many_queries_as_one_and_nobody_twice() -> None:
    doctors = [people.physician() for _ in range(6)]

    def tell(several: list[Any], key: str) -> int:
        tellings = [services.Telling([one.pk], f"{key}{at}", {"count": at + 1}, "/") for at, one in enumerate(several)]
        with CaptureQueriesContext(connection) as asked:
            services.notify_many(kind="billing/orders_arrived", tellings=tellings, at=NOW)
        return len(asked)

    assert tell(doctors[:1], "a") == tell(doctors, "b") == tell(doctors, "b")
    assert Notice.objects.count() == 7
    assert Notice.objects.get(user=doctors[3]).title != Notice.objects.get(user=doctors[0], key="b0").title


def test_whoever_works_on_a_queue_is_told_that_work_arrived_once_until_it_is_read_or_the_day_is_over() -> None:
    one, another, approver = people.reviewer(), people.reviewer(), people.approver()
    doctor, at = b.doctor(), NOW

    def told(user: Any) -> int:
        return Notice.objects.filter(user=user, kind="work_arrived").count()

    assert services.tell_of_work(at=at) == 0
    invoice = b.bare(doctor, submitted_at=at - timedelta(hours=2), submitted_by=another)
    assert services.tell_of_work(at=at) == 1, "not who handed it in"
    notice = Notice.objects.get(user=one)
    assert notice.action_url.endswith("/mesa/facturas/?estado=submitted") and invoice.folio not in notice.body
    assert services.tell_of_work(at=at) == 0
    b.bare(doctor, submitted_at=at + timedelta(minutes=1))
    later = at + timedelta(minutes=2)
    assert services.tell_of_work(at=later) == 1 and told(one) == 1, "unread since this day: it says so already"
    Notice.objects.filter(user=one).update(read_at=later)
    assert services.tell_of_work(at=later) == 1 and told(one) == 2
    assert services.tell_of_work(at=later + timedelta(days=1)) == 0, "nothing came since"
    b.bare(doctor, submitted_at=later + timedelta(days=1))
    assert services.tell_of_work(at=later + timedelta(days=1, minutes=1)) == 2, "another day, though unread"
    b.bare(doctor, submitted_at=later + timedelta(days=1, seconds=30))
    after = later + timedelta(days=2)
    assert services.tell_of_work(at=after) == 2, "dated before anybody was told, and told to nobody yet"
    assert services.tell_of_work(at=after) == 0
    assert told(approver) == 0


def _keys(user: Any, inbox: Any) -> set[str]:
    """The keys of the notices that an inbox shows, without their instants."""
    keys = {reverse("notices:open", args=[one.pk]): one.key for one in Notice.objects.filter(user=user)}
    return {keys[row["href"]].partition(f":{NOW.year}")[0] for row in inbox.context["notices"]}


def test_who_works_in_several_workspaces_reads_the_inbox_by_workspace_D15() -> None:
    """Each notice on one shelf; what came to a queue in the queue's workspace; unread first on each."""
    both = people.physician()
    grant = {"user": both, "since": people.LONG_AGO}
    people.Grant.objects.create(**grant, party=people.the_operator(), role=people.Role.REVIEWER)
    people.Grant.objects.create(**grant, party=people.the_operator(), role=people.Role.COLLECTIONS_DESK)
    both.__dict__.pop("live_grants", None)
    paid(both, key="p")
    guarded(both, key="s")
    for name in ("billing.invoices", "treasury.deposits"):
        services.notify(
            user_ids=[both.pk],
            kind="work_arrived",
            key=f"work:{name}:{NOW.isoformat()}",
            context={"queue": name},
            url="/",
            at=NOW,
        )
    client, page = people.signed_in(both), reverse("notices:inbox")
    shown = {
        shelf: _keys(both, client.get(page, {"espacio": shelf}))
        for shelf in ("", "physician", "desk", "treasury", "perfil", "provider")
    }
    everything = {"p", "s", "work:billing.invoices", "work:treasury.deposits"}
    assert shown == {
        "": everything,
        "physician": {"p"},
        "desk": {"work:billing.invoices"},
        "treasury": {"work:treasury.deposits"},
        "perfil": {"s"},
        "provider": everything,  # not a workspace of theirs
    }
    told = client.get("/api/v1/avisos/", {"espacio": "desk"}).json()
    assert [row["kind"] for row in told["rows"]] == ["work_arrived"]
    assert client.get("/api/v1/avisos/", {"espacio": "provider"}).json()["rows"] == []
    assert "Nada de este espacio" not in client.get(page, {"espacio": "desk"}).content.decode()
    client.post(reverse("notices:read_all"))
    Notice.objects.filter(user=both, kind="work_arrived").delete()
    assert "Nada de este espacio" in client.get(page, {"espacio": "desk"}).content.decode()
    assert selectors.shelves(people.physician()) == []

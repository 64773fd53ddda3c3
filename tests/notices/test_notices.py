"""Telling once, mailing surely, saying little (JB-07, AU-07, PR-08)."""

from __future__ import annotations

import re
import smtplib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client

from portal import clock, queue
from portal.access import Permission
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.listing import as_json
from portal.listing.selection import Selection
from portal.notices import mail, registry, rules, selectors, services
from portal.notices.listings import INBOX
from portal.notices.models import Notice, SentMail
from portal.notices.tasks import drain_notices
from portal.people.models import User
from tests.factories import people

TEMPLATES = Path(settings.ROOT) / "templates" / "emails"
# Words that would tell a diagnosis, an amount or an account to whoever reads the mail.
CLINICAL = re.compile(r"diagn|padecim|enferm|cirug|paciente|clabe|\$|importe|saldo|estado de cuenta", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _mailbox(settings) -> None:
    settings.EMAIL_BACKEND = "portal.notices.mailbox.KeepInRow"


def tell(*users, key: str = "k1", kind: str = "security_changed") -> None:
    services.notify(
        user_ids=[user.pk for user in users],
        kind=kind,
        key=key,
        context={"what": "Cambió <algo> & más."},
        url="/cuenta/",
        at=clock.now(),
    )


@pytest.mark.django_db
def test_telling_twice_is_impossible() -> None:
    doctor = people.physician()
    tell(doctor)
    tell(doctor)
    assert Notice.objects.filter(user=doctor).count() == 1
    notice = Notice.objects.get()
    with pytest.raises(IntegrityError, match="one_notice_per_key"), transaction.atomic():
        Notice.objects.create(user=doctor, key="k1", kind="x", title="x", body="x", created_at=clock.now())
    with pytest.raises(IntegrityError, match="notice_has_one_reader"), transaction.atomic():
        Notice.objects.create(key="k2", kind="x", title="x", body="x", created_at=clock.now())
    assert notice.action_url == f"{settings.BASE_URL}/cuenta/"


@pytest.mark.django_db
def test_the_drain_mails_text_and_html_once_JB_07() -> None:
    doctor = people.physician()
    tell(doctor)
    assert drain_notices() == 1
    assert drain_notices() == 0
    sent = SentMail.objects.get()
    assert sent.recipients == [doctor.email]
    assert "Cambió <algo> & más." in sent.text
    assert "Cambió &lt;algo&gt; &amp; más." in sent.html
    assert "style=" not in sent.html
    assert sent.html.count("<a ") == 1


@pytest.mark.django_db
def test_a_mail_server_away_gives_the_row_back_and_repeats_no_address_JB_07(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = people.physician()
    from portal.people.models import SecondaryEmail

    SecondaryEmail.objects.create(
        user=doctor, address="otro@ejemplo.mx", confirmed_at=clock.now(), created_at=clock.now()
    )
    tell(doctor)
    real = mail.EmailMultiAlternatives.send

    def half(message, *args, **kwargs):
        if message.to == ["otro@ejemplo.mx"]:
            raise smtplib.SMTPServerDisconnected
        return real(message, *args, **kwargs)

    with monkeypatch.context() as away:
        away.setattr(mail.EmailMultiAlternatives, "send", half)
        assert drain_notices() == 0
    notice = Notice.objects.get()
    assert (notice.attempts, notice.failures, notice.mailed_to) == (0, 1, [doctor.email])
    assert notice.not_before > clock.real_now()
    Notice.objects.update(not_before=None)
    assert drain_notices() == 1
    assert [row.recipients for row in SentMail.objects.order_by("pk")] == [[doctor.email], ["otro@ejemplo.mx"]]


@pytest.mark.django_db
def test_the_inbox_is_ordered_by_when_things_happened_and_pages_lose_and_repeat_none() -> None:
    doctor, other = people.physician(), people.stranger()
    now = clock.now()
    for number, hours in enumerate((5, 1, 9, 1, 7)):  # written in another order than they happened; two at one moment
        services.notify(
            user_ids=[doctor.pk],
            kind="security_changed",
            key=f"n{number}",
            context={"what": "Algo."},
            url="/cuenta/",
            at=now - timedelta(hours=hours),
        )
    whole = rows_of(doctor)
    assert [round((now - row.created_at).total_seconds() / 3600) for row in whole] == [1, 1, 5, 7, 9]
    services.mark_read(user_id=doctor.pk, notice=whole[0], at=now)
    services.mark_read(user_id=doctor.pk, notice=whole[3], at=now)
    whole = [whole[place] for place in (1, 2, 4, 0, 3)]  # what is unread comes first
    pages, at_place = [], ""
    while at_place is not None:
        pages.append(as_json(asked := asked_of(doctor, at_place)))
        at_place = pages[-1]["despues"]
    assert [row["id"] for page in pages for row in page["rows"]] == [str(row.pk) for row in whole]
    assert asked.listing.size == 1
    place = pages[0]["despues"]
    services.mark_read(user_id=doctor.pk, notice=whole[0], at=now)  # the last one shown is opened, then «Siguientes»
    following = [row["id"] for row in as_json(asked_of(doctor, place, size=2))["rows"]]
    assert following == [str(row.pk) for row in whole[1:3]], "what follows is what was still unread"
    assert as_json(asked_of(other, place))["rows"] == [], "another person's place in the list opens nothing"


def rows_of(user: User) -> list[Notice]:
    return list(Selection(INBOX, user, QueryDict()).ordered)


def asked_of(user: User, place: str, *, size: int = 1) -> Selection:
    """A page of the inbox from a place on."""
    return Selection(replace(INBOX, size=size), user, QueryDict(urlencode({"despues": place}) if place else ""))


@pytest.mark.django_db
def test_a_secret_rests_encrypted_and_goes_with_its_mail_AU_01() -> None:
    doctor = people.physician()
    services.send_secret(
        user_id=doctor.pk,
        kind="recover",
        key="s",
        context={"minutes": 60},
        secret="ABCD-EFGH",
        url="/entrar/",
        at=clock.now(),
    )
    assert "ABCD" not in str(Notice.objects.values())
    assert rows_of(doctor) == []
    drain_notices()
    assert "ABCD-EFGH" in SentMail.objects.get().text
    assert Notice.objects.get().sealed == ""


@pytest.mark.django_db
def test_the_constraint_forbids_a_done_notice_with_its_secret() -> None:
    doctor = people.physician()
    services.send_secret(
        user_id=doctor.pk,
        kind="recover",
        key="s",
        context={"minutes": 60},
        secret="ABCD",
        url="/entrar/",
        at=clock.now(),
    )
    with pytest.raises(IntegrityError, match="secret_leaves_with_the_mail"), transaction.atomic():
        Notice.objects.update(done_at=clock.now())


@pytest.mark.django_db
def test_preferences_silence_that_mail_of_that_person_and_keep_the_inbox() -> None:
    doctor, other = people.physician(), people.stranger()
    services.set_mail_preferences(silent=["billing/invoice_paid"], by=doctor, at=clock.now())
    assert ("billing/invoice_paid", rules.KINDS["billing/invoice_paid"].label, False) in selectors.mail_choices(doctor)
    event = AuditEvent.objects.get(action="notices.mail_chosen")
    told = {"silent": ["billing/invoice_paid"], "daily": False}
    assert (event.by, event.subject_id, event.details) == (doctor, str(doctor.pk), told)
    context = {"folios": "FA-2026-000001", "amount": Decimal("1350.00"), "on": clock.today(), "due": clock.today()}
    for _again in range(2):
        services.notify(
            user_ids=[doctor.pk, other.pk],
            kind="billing/invoice_paid",
            key="p",
            context=context,
            url="/",
            at=clock.now(),
        )
        drain_notices()
    assert [row.recipients for row in SentMail.objects.all()] == [[other.email]]
    assert selectors.unread_count(doctor) == selectors.unread_count(other) == 1
    tell(doctor, key="another kind")
    drain_notices()
    assert SentMail.objects.filter(recipients=[doctor.email]).count() == 1
    with pytest.raises(RuleBroken):
        services.set_mail_preferences(silent=["password_changed"], by=doctor, at=clock.now())


@pytest.mark.django_db
def test_the_inbox_shows_ones_own_and_a_stranger_gets_404() -> None:
    doctor, stranger = people.physician(), people.stranger()
    tell(doctor)
    mine, other = people.signed_in(doctor), people.signed_in(stranger)
    assert "Cambió &lt;algo&gt;" in mine.get("/avisos/").content.decode()
    assert "Nada nuevo" in other.get("/avisos/").content.decode()
    path = f"/avisos/{Notice.objects.get().pk}/abrir/"
    assert other.post(path).status_code == 404
    assert Client().post(path).status_code == 302
    for _twice in range(2):
        assert mine.post(path).url == "/cuenta/"
    assert selectors.unread_count(doctor) == 0
    assert mine.post("/avisos/leidos/").url == "/avisos/"
    assert mine.post("/cuenta/avisos/", {"by_mail": ["billing/invoice_paid"]}).url == "/cuenta/avisos/"
    page = mine.get("/cuenta/avisos/").content.decode()
    shown = {kind.group for kind in rules.KINDS.values() if f"<legend>{kind.group}</legend>" in page}
    of_others = {"Archivos largos", "Trabajo de la mesa", "Membresía", "Trámites", "Trámites por dictaminar"}
    assert shown == {kind.group for kind in rules.KINDS.values() if kind.is_optional} - of_others


@pytest.mark.django_db
def test_an_address_without_account_is_written_to_once() -> None:
    services.write_to(address="a@x.mx", kind="sign_up_known", key="w", context={}, url="/recuperar/", at=clock.now())
    with pytest.raises(IntegrityError, match="one_notice_per_address_and_key"), transaction.atomic():
        services.write_to(address="a@x.mx", kind="sign_up_known", key="w", context={}, url="/", at=clock.now())


def test_the_drain_is_registered() -> None:
    assert "notices" in dict(queue.drains())


def slug_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).with_suffix("").as_posix()


KINDS_WITH_A_TEXT = {slug_of(path) for path in TEMPLATES.rglob("*.txt")} - {"layout"}


@pytest.mark.django_db
def test_every_mail_is_one_to_choose_or_one_that_always_comes() -> None:
    """A new mail must be put on one of the two lists, so that a person can say what they want by mail."""
    assert set(rules.KINDS) == KINDS_WITH_A_TEXT and registry.check_texts() == []
    for slug, kind in rules.KINDS.items():
        assert bool(kind.label) is bool(kind.group) is kind.is_optional, slug
    offered = [kind for kind, _label, _on in selectors.mail_choices(people.physician())]
    assert offered and all(rules.KINDS[kind].is_optional for kind in offered), "what always comes is never asked"


def test_a_notice_without_its_text_or_of_two_apps_stops_the_start_and_an_undeclared_one_is_a_bug(monkeypatch) -> None:
    monkeypatch.setitem(rules.KINDS, "planted/nothing", rules.NoticeKind())
    assert [one.msg for one in registry.check_texts()] == ["emails/planted/nothing.txt is missing"]
    with pytest.raises(ValueError, match="two apps declare the notice 'billing/invoice_paid'"):
        registry.register_mails("billing/invoice_paid")
    with pytest.raises(ValueError, match="no app declares the notice"):
        rules.check_kind("billing/rumour")


def test_every_kind_that_a_room_sends_has_its_text() -> None:
    """Kinds as they stand in the code: `kind="…"` of notify, send_secret, write_to, and what the `_tell`s are given."""
    sent = set()
    for path in [*settings.ROOT.glob("portal/**/services/*.py"), *settings.ROOT.glob("*/services/*.py")]:
        if {"notify(", "send_secret(", "write_to(", "mail_secret("} & set(re.findall(r"\w+\(", path.read_text())):
            sent |= set(re.findall(r'"((?:billing|treasury)/\w+)"', path.read_text()))
            sent |= set(
                re.findall(r'(?:notify|send_secret|write_to|mail_secret)\([^)]*?kind="(\w+)"', path.read_text())
            )
    assert len(sent) >= 12
    assert sent <= KINDS_WITH_A_TEXT


@pytest.mark.django_db
def test_the_desk_is_not_asked_about_mails_it_never_gets() -> None:
    assert {kind for kind, _label, _on in selectors.mail_choices(people.reviewer())} == {
        "contact_answered",
        "contact_received",
        "import_ready",
        "list_ready",
        "work_arrived",
    }
    others = {Permission.SEE_DESK, Permission.SEE_OWN_MEMBERSHIP, Permission.SEE_OWN_CLAIMS}
    others.add(Permission.DECIDE_CLAIMS)
    told = [kind for kind in rules.KINDS.values() if kind.is_optional and not others & kind.audience]
    assert len(selectors.mail_choices(people.physician())) == len(told)


@pytest.mark.django_db
def test_a_text_without_a_subject_is_a_bug_and_tells_nobody(monkeypatch) -> None:
    monkeypatch.setitem(rules.KINDS, "layout", rules.NoticeKind())
    doctor = people.physician()
    context = {"body": "x", "label": "x", "url": "/", "base_url": "/"}
    with pytest.raises(ValueError, match="layout.txt does not start"):
        services.notify(user_ids=[doctor.pk], kind="layout", key="k", context=context, url="/", at=clock.now())
    assert not Notice.objects.exists()


@pytest.mark.parametrize("kind", sorted(KINDS_WITH_A_TEXT))
def test_mails_carry_no_clinical_word_and_no_amount_PR_08(kind: str) -> None:
    text = (TEMPLATES / f"{kind}.txt").read_text()
    assert "Asunto: " in text.splitlines()[0]
    assert not CLINICAL.search(text), CLINICAL.search(text)

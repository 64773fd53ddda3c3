"""The calendar that a person's other programs read: RFC 5545, behind an address that ends (ux row 16)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from billing.models import ComplementDue, Invoice
from billing.services import complements
from portal import clock
from portal.calendars import ics, registry, rules, selectors, services
from portal.calendars.ics import Entry
from portal.calendars.models import CalendarFeed
from portal.calendars.views import READINGS, WRONG_ADDRESSES
from portal.errors import Conflict
from portal.help import services as help_desk
from portal.history.models import AuditEvent
from portal.once.models import Throttle
from tests.factories import billing as a
from tests.factories import people

MADE = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
Lines = list[tuple[str, dict[str, str], str]]


def lines_of(text: str) -> Lines:
    """(name, parameters, value) of each content line, unfolded and unescaped as RFC 5545 3.1 and 3.3.11 say."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    found = []
    for line in text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        head, _colon, value = line.partition(":")
        name, *parameters = head.split(";")
        plain = re.sub(r"\\(.)", lambda sign: "\n" if sign[1] in "nN" else sign[1], value)
        found.append((name, dict(one.split("=") for one in parameters), plain))
    return found


def events(text: str) -> list[dict[str, str]]:
    """The properties of each event, its alarm's apart."""
    found: list[dict[str, str]] = []
    inside: list[str] = []
    for name, parameters, value in lines_of(text):
        if name == "BEGIN":
            inside.append(value)
            found += [{}] if value == "VEVENT" else []
        elif name == "END":
            assert inside.pop() == value
        elif inside[-1] == "VEVENT":
            assert (name in {"DTSTART", "DTEND"}) is (parameters == {"VALUE": "DATE"})
            assert name not in found[-1]
            found[-1][name] = value
    assert not inside
    return found


texts = st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n,;:\\ñ🗓"), max_size=120)
entries = st.builds(
    Entry,
    uid=st.uuids().map(str),
    on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    title=texts,
    path=st.just("/medico/"),
)


@given(st.lists(entries, max_size=4), texts)
def test_whatever_is_written_is_read_back_folded_and_escaped(given_entries: list[Entry], name: str) -> None:
    text = ics.calendar_text(name, given_entries, base="https://portal.example", at=MADE)
    head = {key: value for key, _parameters, value in lines_of(text)[:9]}
    assert (head["VERSION"], head["METHOD"], head["NAME"]) == ("2.0", "PUBLISH", name)
    assert events(text) == [
        {
            "UID": entry.uid,
            "DTSTAMP": "20261129T030000Z",
            "SEQUENCE": "0",
            "DTSTART": f"{entry.on:%Y%m%d}",
            "DTEND": f"{entry.on + timedelta(days=1):%Y%m%d}",
            "SUMMARY": entry.title,
            "URL": "https://portal.example/medico/",
            "TRANSP": "TRANSPARENT",
        }
        for entry in given_entries
    ]


def read(path: str) -> list[dict[str, str]]:
    """What somebody without a session gets at the address."""
    answer = Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "no-store"
    return events(answer.content.decode())


def address_of(user) -> str:
    return reverse("calendars:feed_file", args=[services.open_feed(by=user, at=clock.now())])


@pytest.mark.django_db
def test_a_physicians_dates_leave_when_they_are_met_and_one_that_binds_again_is_another() -> None:
    who, other = a.doctor(), a.doctor()
    day = a.TODAY + timedelta(days=9)
    invoice = a.bare(who, paid_on=a.TODAY, complement_due_on=day)
    a.bare(other, paid_on=a.TODAY, complement_due_on=day)
    path = address_of(who.user)
    (first,) = read(path)
    assert (first["SUMMARY"], first["DTSTART"]) == (f"Complemento de pago de {invoice.folio}", f"{day:%Y%m%d}")
    assert first["URL"] == settings.BASE_URL + reverse("billing:payment", args=[invoice.transfer_id])
    assert not re.search(r"NÚÑEZ|900|RFC", str(first))
    ComplementDue.objects.filter(invoice=invoice).update(met_at=a.NOW)
    assert read(path) == []
    complements._reopen_due(Invoice.objects.select_related("complement_due").get(pk=invoice.pk), a.NOW)
    (again,) = read(path)
    assert again["UID"] != first["UID"] and again["DTSTART"] == first["DTSTART"]


@pytest.mark.django_db
def test_money_that_is_expected_and_messages_to_answer_stand_there_too() -> None:
    a.trust()
    who, desk = a.doctor(), people.support()
    accepted = a.accepted(who)
    message = help_desk.leave_message(
        kind="question", name="Ana", email="a@ejemplo.mx", subject_folio="", body="¿Cuándo?", by=who.user, at=a.NOW
    )
    mine, theirs = read(address_of(who.user)), read(address_of(desk))
    assert sorted(event["SUMMARY"] for event in mine) == [
        f"Depósito de {accepted.folio}, a más tardar",
        f"Respuesta a tu mensaje {message.folio}",
    ]
    helper = people.assistant_of(who.user)
    assert read(address_of(helper)) == [], "what is owed is shown to who may see payments (treasury.see_own_payments)"
    page = reverse("billing:invoice", args=[accepted.folio])
    owner_reads, helper_reads = (people.signed_in(one).get(page).content.decode() for one in (who.user, helper))
    assert "Te lo depositamos a más tardar" in owner_reads and "Te lo depositamos" not in helper_reads
    assert [event["SUMMARY"] for event in theirs] == [f"Responder el mensaje {message.folio}"]
    assert read(address_of(people.reviewer())) == []
    help_desk.answer_message(message=message, answer="Mañana.", by=desk, at=a.NOW)
    assert read(address_of(desk)) == []
    days = [entry.on for entry in registry.entries_of(who.user, on=a.TODAY)]
    assert days == sorted(days)


@pytest.mark.django_db
def test_an_address_is_shown_once_kept_hashed_and_ends_by_another_one_or_by_its_owner() -> None:
    user = people.reviewer()
    browser, page = people.signed_in(user), reverse("calendars:feed")
    assert "Hacer mi dirección" in browser.get(page).content.decode()
    shown = browser.post(reverse("calendars:open_feed")).content.decode()
    first = re.search(rf'data-copy="{re.escape(settings.BASE_URL)}(/calendario/[\w-]+\.ics)"', shown)[1]
    secret = first.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(secret) >= 43 and CalendarFeed.objects.get().digest == rules.digest(secret)
    assert (
        secret not in browser.get(page).content.decode()
        and "Hacer otra dirección" in browser.get(page).content.decode()
    )
    assert read(first) == []
    second = address_of(user)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    assert browser.post(reverse("calendars:end_feed")).status_code == 302
    assert Client().get(second).status_code == 404
    assert browser.post(reverse("calendars:end_feed")).status_code == 409
    with pytest.raises(Conflict):
        services.end_feed(by=user, at=clock.now())
    acts = (
        AuditEvent.objects.filter(action__startswith="calendars.feed").order_by("pk").values_list("action", flat=True)
    )
    assert list(acts) == ["calendars.feed_opened"] * 2 + ["calendars.feed_ended"]
    assert selectors.live_feed(user) is None


@pytest.mark.django_db
def test_who_may_not_enter_any_more_reads_nothing_and_guessing_is_slowed_down() -> None:
    user = people.reviewer()
    path = address_of(user)
    type(user).objects.filter(pk=user.pk).update(disabled_at=a.NOW)
    assert Client().get(path).status_code == 404
    type(user).objects.filter(pk=user.pk).update(disabled_at=None)
    guess = reverse("calendars:feed_file", args=["x" * 43])
    assert Client().get(guess).status_code == 404
    assert [row.count for row in Throttle.objects.filter(scope="calendars.feed")] == [2]  # the right one counts not
    assert Client().get(path).status_code == 200
    Throttle.objects.filter(scope="calendars.feed").update(count=WRONG_ADDRESSES)
    assert Client().get(guess).status_code == 429
    Throttle.objects.filter(scope="calendars.feed").delete()
    Throttle.objects.filter(scope="calendars.read").update(count=READINGS)
    assert Client().get(path).status_code == 429

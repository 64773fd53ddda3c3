"""Taking a whole list away: a fresh proof for other people's rows, a trace of every file (AU-08, AD-01, OP-08)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from config import matrix
from portal.history.models import AccessEvent
from portal.once.services import throttle
from portal.people.models import User
from tests.factories import collections, people
from tests.sources import calls, mentioning, named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DESK_LISTS = {
    "billing:reviews": people.reviewer,
    "billing:complements": people.reviewer,
    "billing:overdue": people.reviewer,
    "billing:desk_orders": people.reviewer,
    "treasury:account_reviews": people.reviewer,
    "treasury:batches": people.preparer,
    "treasury:payables": people.preparer,
    "treasury:payables_by_day": people.preparer,
    "treasury:deposits": collections.clerk,
    "treasury:deposits_by_age": collections.clerk,
    "treasury:movement_files": collections.clerk,
    "proofs:papers": people.reviewer,
    "proofs:moves": people.administrator,
    "help:messages": people.support,
    "claims:desk": people.analyst,
    "claims:advice": people.adviser,
    "claims:differing": people.auditor,
    "claims:requirements": people.administrator,
    "claims:reasons": people.administrator,
    "claims:hospitals": people.adviser,
    "claims:open_by_age": people.auditor,
    "claims:decision_times": people.auditor,
    "claims:rounds": people.auditor,
    "claims:amounts": people.auditor,
    "claims:looks": people.auditor,
    "claims:accumulators": people.auditor,
    "memberships:affiliations": people.affiliator,
    "memberships:card_attempts": people.collector,
    "memberships:card_events": people.collector,
    "memberships:conditions": people.analyst,
    "memberships:plans": people.affiliator,
    "memberships:active_by_plan": people.affiliator,
    "memberships:joins_and_ends": people.affiliator,
    "memberships:schemes": people.collector,
    "memberships:dues_aged": people.collector,
    "memberships:suspended": people.collector,
    "memberships:collected": people.collector,
    "memberships:dues_payments": people.collector,
    "memberships:refunds": people.collector,
    "memberships:policies": people.affiliator,
    "desk:people": people.administrator,
    "people:credentials": people.administrator,
    "fiscal:certificates": people.administrator,
    "fiscal:catalogues": people.administrator,
    "desk:audit": people.auditor,
    "desk:readings": people.auditor,
    "desk:conflicts": people.auditor,
    "desk:changed": people.auditor,
    "desk:sample": people.auditor,
    "desk:undone": people.auditor,
    "desk:untasked": people.auditor,
}
OWN_LISTS = ("billing:orders", "billing:start", "billing:accountant", "billing:invoices", "billing:payments")
OWN_LISTS += ("people:own_tokens", "notices:inbox", "papers:exports")
MEMBER_LISTS = ("claims:claims", "claims:history", "memberships:charges", "memberships:statement")
OLD = 0.0


def confirm(client: Client, user: User, address: str) -> str:
    """Follow to «confirma que eres tú», type the password without any script, and say where that leads."""
    target = parse_qs(urlsplit(address).query)["next"][0]
    page = client.get(address).content.decode()
    assert 'name="password"' in page
    answer = client.post(urlsplit(address).path, {"password": people.PASSWORD, "next": target})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_lists_leave_by_one_door_that_asks_for_the_proof_AU_08() -> None:
    doors = {
        named(path)
        for path in mentioning("csv_response")
        for _line, called in calls(path)
        if called.endswith("csv_response")
    }
    assert doors == {"portal/listing/export.py"}


def test_every_list_that_can_be_taken_away_stands_in_this_file_AU_08() -> None:
    """Every address without an object is asked for its rows, by somebody who may enter."""
    makers = (
        *(people.physician, people.reviewer, people.preparer, people.support, people.auditor, people.administrator),
        *(people.affiliator, people.analyst, people.adviser, people.collector, people.member),
    )
    actors = [(user, people.signed_in(user)) for user in (make() for make in makers)]
    handed = set()
    for name, path, view in matrix.routes():
        entry = matrix.entry_of(view)
        if "<" in path or entry is None or entry.kind == "public":
            continue
        may = (one for user, one in actors if not entry.permissions or entry.permissions & user.permissions)
        browser = next(may, None)
        answer = browser.get(f"/{path}?formato=csv") if browser else None
        if answer is not None and answer.headers.get("Content-Type", "").startswith("text/csv"):
            handed.add(name)
    assert handed == {*DESK_LISTS, *OWN_LISTS, *MEMBER_LISTS}


@pytest.mark.parametrize("name", DESK_LISTS)
def test_a_list_of_other_people_is_handed_out_only_after_a_fresh_proof_AU_08(name: str) -> None:
    user, path = DESK_LISTS[name](), reverse(name)
    client = people.signed_in(user, fresh_at=OLD)
    assert client.get(path).status_code == 200
    answer = client.get(f"{path}?formato=csv&estado=validated")
    assert answer.status_code == 302 and not AccessEvent.objects.exists()
    assert answer["Location"].startswith("/cuenta/seguridad/confirmar/?")
    assert confirm(client, user, answer["Location"]) == f"{path}?estado=validated"
    assert "Ahora repite lo que ibas a hacer" in client.get(f"{path}?estado=validated").content.decode()
    handed = client.get(f"{path}?formato=csv&estado=validated")
    assert handed["Content-Type"].startswith("text/csv") and handed["Cache-Control"] == "no-store"
    b"".join(handed.streaming_content)
    event = AccessEvent.objects.get()
    assert event.by == user and event.subject_id.startswith("csv:") and event.reason == ""


@pytest.mark.parametrize("name", OWN_LISTS + MEMBER_LISTS)
def test_ones_own_lists_ask_nothing_more_and_leave_a_trace_too_AD_01(name: str) -> None:
    user = people.physician() if name in OWN_LISTS else people.member()
    answer = people.signed_in(user, fresh_at=OLD).get(f"{reverse(name)}?formato=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert AccessEvent.objects.get().by == user


def test_thirty_files_in_ten_minutes_are_enough_OP_08() -> None:
    client, others = people.signed_in(people.auditor()), people.signed_in(people.auditor())
    path = f"{reverse('desk:audit')}?formato=csv"
    for _ in range(30):
        assert client.get(path).status_code == 200
    refused = client.get(path)
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert others.get(path).status_code == 200


def test_a_hundred_and_twenty_searches_a_minute_are_enough_OP_08() -> None:
    auditor, path = people.auditor(), reverse("desk:audit")
    client, others = people.signed_in(auditor), people.signed_in(people.auditor())
    with time_machine.travel(datetime.now(tz=UTC).replace(second=1), tick=False):
        assert client.get(f"{path}?persona=ana").status_code == 200
        for _ in range(118):  # counted as the page does, by the same name: the next one is the last, or there is none
            throttle(scope="search", key=str(auditor.pk), limit=120, window=60)
        assert client.get(f"{path}?persona=ana+120").status_code == 200
        refused = client.get(f"{path}?persona=ana")
        assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
        assert "Espera" in refused.content.decode()
        assert client.get(path).status_code == 200  # the list as it is stays open
        assert others.get(f"{path}?persona=ana").status_code == 200


@pytest.mark.parametrize("name", ["treasury:export_bank_file", "treasury:download_bank_file"])
def test_the_file_for_the_bank_asks_for_a_fresh_proof_and_leads_back_to_its_batch_AU_08(name: str) -> None:
    batch = "0198c0de-0000-7000-8000-000000000000"
    client = people.signed_in(people.preparer(), fresh_at=OLD)
    page = f"{settings.BASE_URL}{reverse('treasury:batch', args=[batch])}"
    answer = client.post(reverse(name, args=[batch]), headers={"referer": page})
    assert answer["Location"] == "/cuenta/seguridad/confirmar/?next=%2Fmesa%2Fpagos%2F" + batch + "%2F"


def test_asking_for_what_is_not_yours_is_on_record_once_in_ten_minutes_AD_01() -> None:
    curious = people.support()
    client = people.signed_in(curious)
    for _ in range(3):
        assert client.get("/mesa/auditoria/").status_code == 403
        assert client.post("/mesa/credenciales/nueva/", {"name": "x"}).status_code == 403
    found = list(AccessEvent.objects.order_by("pk").values_list("by", "subject_type", "subject_id", "reason"))
    about = (curious.pk, "people.user", str(curious.pk))
    assert found == [(*about, "Sin permiso: desk:audit"), (*about, "Sin permiso: people:give_credential")]


def test_the_auditor_sees_readings_exports_and_refusals_AD_01_AD_02() -> None:
    curious, auditor = people.support(name="Curiosa Pérez"), people.auditor()
    people.signed_in(curious).get("/mesa/auditoria/lecturas/")
    people.signed_in(curious).get(f"{reverse('help:messages')}?formato=csv")
    client = people.signed_in(auditor)
    page = client.get("/mesa/auditoria/lecturas/").content.decode()
    for words in ("Curiosa Pérez", "Página negada", "Lista descargada", "desk:readings", "csv:contacts"):
        assert words in page, words
    only = client.get("/mesa/auditoria/lecturas/?que=refused").content.decode()
    assert "desk:readings" in only and "csv:contacts" not in only
    assert client.get("/mesa/auditoria/lecturas/?que=read").content.decode().count("<tr>") == 0
    assert "/mesa/auditoria/lecturas/" in client.get("/mesa/auditoria/").content.decode()

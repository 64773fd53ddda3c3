"""The desk's people, audit and health pages, and the two health addresses."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from lxml import html

from config import health
from portal import clock, queue
from portal.access import Role
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.people.models import Grant, GrantProposal
from tests.factories.people import administrator, auditor, physician, preparer, reviewer, signed_in, support
from tests.pages import once

pytestmark = pytest.mark.django_db
PAGES = ["desk:people", "desk:audit", "desk:health"]


@pytest.mark.parametrize("name", PAGES)
def test_the_administrator_opens_every_page(name):
    assert signed_in(administrator()).get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_strangers_sign_in_and_other_roles_stay_out(client, name):
    assert client.get(reverse(name)).status_code == 302
    assert signed_in(preparer()).get(reverse(name)).status_code == 403
    assert signed_in(reviewer()).get(reverse(name)).status_code == 403


def test_people_are_found_by_a_word_and_shown_with_what_they_may_do():
    one, desk = physician(name="Zoraida Única"), signed_in(support())
    shown = desk.get(reverse("desk:people") + "?buscar=Zoraida").content.decode()
    assert one.email in shown
    page = desk.get(reverse("desk:person", args=[one.pk])).content.decode()
    assert "Médico" in page
    assert "Pedir permiso" not in page


def test_a_desk_role_takes_two_administrators():
    first, second, one = administrator(), administrator(), physician()
    url = reverse("desk:propose_grant", args=[one.pk])
    assert signed_in(first).post(url, {"role": "reviewer"}).status_code == 302
    assert signed_in(first).post(url, {"role": "reviewer"}).status_code == 422
    decide = reverse("desk:decide_grant", args=[GrantProposal.objects.get().pk])
    assert signed_in(first).post(decide, {"decision": "confirm"}).status_code == 422
    assert signed_in(second).post(decide, {"decision": "quizá"}).status_code == 422, "no word refuses nobody"
    assert signed_in(second).post(decide, {"decision": "confirm"}).status_code == 302
    assert Grant.objects.filter(user=one, role=Role.REVIEWER).exists()
    assert signed_in(second).post(decide, {"decision": "confirm"}).status_code == 409


def test_support_sees_people_and_changes_nobody():
    one = physician()
    desk = signed_in(support())
    for name in ("propose_grant", "set_account"):
        assert desk.post(reverse(f"desk:{name}", args=[one.pk]), {"reason": "Lo pidió"}).status_code == 403
    one.refresh_from_db()
    assert one.disabled_at is None and not GrantProposal.objects.exists()


def test_an_ended_grant_counts_at_once_and_only_once():
    one, desk = physician(), signed_in(administrator())
    url = reverse("desk:end_grant", args=[one.pk, one.grants.get().pk])
    assert desk.post(url).status_code == 302
    assert desk.post(url).status_code == 409
    assert not type(one).objects.get(pk=one.pk).roles


def test_a_role_ends_only_after_a_question_that_needs_no_javascript():
    one, desk = physician(), signed_in(administrator())
    url = reverse("desk:end_grant", args=[one.pk, one.grants.get().pk])
    page = html.fromstring(desk.get(reverse("desk:person", args=[one.pk])).content)
    (form,) = page.xpath(f"//form[@action='{url}']")
    asking = form.xpath("ancestor::details[contains(@class, 'confirm')]")
    assert asking and "¿Terminar el permiso" in asking[0].text_content()
    assert desk.post(url, dict(form.fields)).status_code == 302
    assert not type(one).objects.get(pk=one.pk).roles


def test_a_second_click_does_not_open_the_account_again():
    one, desk = physician(), signed_in(administrator())
    sent = {"reason": "Lo pidió", **once()}
    for _click in range(2):
        assert desk.post(reverse("desk:set_account", args=[one.pk]), sent).status_code == 302
        one.refresh_from_db()
        assert one.disabled_at is not None


def test_an_account_is_closed_with_a_reason_and_opened_again():
    one, desk = physician(), signed_in(administrator())
    url = reverse("desk:set_account", args=[one.pk])
    assert desk.post(url, {"reason": "", **once()}).status_code == 422
    for closed in (True, False):
        assert desk.post(url, {"reason": "Lo pidió", **once()}).status_code == 302
        one.refresh_from_db()
        assert bool(one.disabled_at) is closed


def test_the_audit_page_filters_exports_and_verifies():
    one, desk = physician(), signed_in(administrator())
    for _closed_and_opened in range(2):
        desk.post(reverse("desk:set_account", args=[one.pk]), {"reason": "Lo pidió", **once()})
    reader = signed_in(auditor())
    shown = reader.get(reverse("desk:audit") + "?acto=people.disabled").content.decode()
    assert shown.count('<th scope="row"') == 1
    assert "La cadena" not in shown
    exported = b"".join(reader.get(reverse("desk:audit") + "?formato=csv&acto=people.disabled")).decode()
    assert len(exported.splitlines()) == 2
    assert "La cadena" in reader.get(reverse("desk:audit") + "?verificar=1").content.decode()


@pytest.mark.parametrize(("name", "first"), [("desk:audit", "acto"), ("desk:readings", "que")])
def test_both_pages_of_the_record_ask_what_happened_first_then_who_what_and_when(name, first):
    page = signed_in(auditor()).get(reverse(name)).context["page"]
    assert list(page.filterset.form.fields) == [first, "persona", "buscar", "desde", "hasta"]


def test_the_day_a_list_of_acts_begins_and_ends_with_is_central_mexicos_and_included():
    one, desk = physician(), signed_in(administrator())
    desk.post(reverse("desk:set_account", args=[one.pk]), {"reason": "Lo pidió", **once()})
    event = AuditEvent.objects.get(action="people.disabled")
    day, url = clock.date_in(event.at), reverse("desk:audit") + "?acto=people.disabled"
    reader = signed_in(auditor())
    for asked, found in (
        (f"&desde={day}&hasta={day}", True),
        (f"&desde={day + timedelta(days=1)}", False),
        (f"&hasta={day - timedelta(days=1)}", False),
    ):
        assert bool(reader.get(url + asked).context["page"].rows) is found, asked


def test_alive_touches_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/salud/vivo").content == b"vivo\n"


def test_ready_says_little_to_strangers_and_all_to_who_may(client):
    answer = client.get("/salud/listo")
    assert answer.status_code == 200
    assert set(answer.json()) == {"status"}
    seen = signed_in(administrator()).get("/salud/listo").json()
    assert {check["name"] for check in seen["checks"]} == {name for name, *_ in health.CHECKS}


def test_redis_away_degrades_and_does_not_bring_down(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/salud/listo")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded"), health.look(at=clock.real_now())


def test_no_place_for_files_is_down(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone" / "further"
    answer = client.get("/salud/listo")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")


@pytest.fixture
def parked(db):
    notice = Notice.objects.create(user=physician(), kind="x", key="x", title="t", body="b", created_at=clock.now())
    queue.park(notice, error="el servidor de correo no contesta")
    return notice


def test_a_parked_row_turns_health_yellow_and_is_retried_once(parked):
    desk = signed_in(administrator())
    assert health.worst(health.look(at=clock.real_now())) is health.Level.DEGRADED
    page = desk.get(reverse("desk:health")).content.decode()
    assert "el servidor de correo no contesta" in page
    assert "1 apartada y 0 con más de un día" in page and re.search(r"en espera, 1\s+apartada\s*<", page)
    url = reverse("desk:retry_parked", args=["notices", parked.pk])
    assert desk.post(url).status_code == 302
    assert desk.post(url).status_code == 409
    parked.refresh_from_db()
    assert (parked.parked_at, parked.attempts) == (None, 0)
    assert AuditEvent.objects.filter(action="desk.parked_retried").count() == 1


def test_retrying_what_does_not_exist_is_an_answer():
    desk = signed_in(administrator())
    assert desk.post(reverse("desk:retry_parked", args=["nada", "1"])).status_code == 404
    assert desk.post(reverse("desk:retry_parked", args=["notices", "no-uuid"])).status_code == 409

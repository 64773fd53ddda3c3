"""The desk's rulebook as each actor meets it."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock
from portal.design import dates
from portal.history.models import AuditEvent
from portal.once.rules import FIELD
from portal.rulebook import selectors
from portal.rulebook.models import Rule
from portal.rulebook.rules import SHIPPED
from tests.factories.people import administrator, preparer, reviewer, signed_in

pytestmark = pytest.mark.django_db
CODE = "stamp.max_hours"


@pytest.fixture
def admin(db):
    return signed_in(administrator())


def typed(**changes):
    values = {
        "value": "96",
        "valid_from": (clock.today() + timedelta(days=10)).isoformat(),
        "valid_to": "",
        "enforcement": "required",
        "source_kind": "operator",
        "source": "Oficio 7",
        "title": "Plazo para timbrar",
        "note": "",
        "conflict_note": "",
        "reason": "Lo pidió la mesa",
        "seen_version": "1",
    }
    return {**values, **changes}


@pytest.mark.parametrize("name", ["rulebook:rule", "rulebook:new", "rulebook:close"])
@pytest.mark.parametrize("code", [CODE, "withholding.RESICO_JAL", "withholding.PF_JAL_26", "reminder.complement_days"])
def test_the_administrator_opens_every_page_of_a_rule(admin, name, code):
    assert admin.get(reverse(name, args=[code])).status_code == 200


def test_the_list_names_every_shipped_rule_and_its_conflicts(admin):
    shown = admin.get(reverse("rulebook:rules")).content.decode()
    assert [code for code in SHIPPED if reverse("rulebook:rule", args=[code]) not in shown] == []
    assert "ISR 2.5\u00a0% + Impuesto local 3\u00a0%" in shown
    assert "Vigente, con conflicto" in shown
    assert "S0.23" in shown


def test_the_list_asks_the_database_once_for_all_rules(admin):
    with CaptureQueriesContext(connection) as asked:
        admin.get(reverse("rulebook:rules"))
    assert len([one for one in asked.captured_queries if 'FROM "rulebook_rule"' in one["sql"]]) == 1


def test_an_unknown_rule_is_not_found(admin):
    assert admin.get(reverse("rulebook:rule", args=["nada"])).status_code == 404


@pytest.mark.parametrize("isr", ["0.00001", "100", "250", "diez"])
def test_a_rate_is_typed_and_refused_in_per_cent(admin, isr):
    answer = admin.post(reverse("rulebook:new", args=["withholding.RESICO"]), typed(value="", isr=isr))
    assert answer.status_code == 422
    shown = re.sub(r"<[^>]+>", " ", answer.content.decode())
    assert "0.100000" not in shown and "fracción" not in shown


def test_the_dates_of_a_change_are_written_like_all_others(admin):
    later = clock.today() + timedelta(days=10)
    answer = admin.post(reverse("rulebook:new", args=[CODE]), typed(valid_from=later.isoformat()))
    shown = re.sub(r"<[^>]+>", " ", answer.content.decode())
    assert dates.short(later) in shown and later.isoformat() not in shown


@pytest.mark.parametrize("name", ["rulebook:rule", "rulebook:new", "rulebook:close"])
def test_other_roles_may_not_enter_and_strangers_sign_in(client, name):
    url = reverse(name, args=[CODE])
    assert client.get(url).status_code == 302
    for actor in (preparer(), reviewer()):
        assert signed_in(actor).get(url).status_code == 403


def test_whoever_is_signed_in_reads_where_a_rule_comes_from(client):
    url = reverse("rulebook:source", args=["withholding.RESICO"])
    assert client.get(url).status_code == 302
    shown = signed_in(preparer()).get(url).content.decode()
    assert "1.25\u00a0%" in shown and "S0.21" in shown
    assert reverse("rulebook:rule", args=["withholding.RESICO"]) not in shown


def test_step_one_shows_the_change_and_writes_nothing(admin):
    answer = admin.post(reverse("rulebook:new", args=[CODE]), typed())
    assert answer.status_code == 200
    assert "72 horas" in answer.content.decode() and "96 horas" in answer.content.decode()
    assert Rule.objects.filter(code=CODE).count() == 1


def test_step_two_publishes_and_closes_the_old_one_and_twice_is_once(admin):
    first = admin.post(reverse("rulebook:new", args=[CODE]), typed())
    key = first.content.decode().split(f'name="{FIELD}" value="')[1].split('"')[0]
    sent = typed(**{FIELD: key})
    for _ in range(2):
        assert admin.post(reverse("rulebook:publish", args=[CODE]), sent).status_code == 302
    assert Rule.objects.filter(code=CODE).count() == 2
    starts = clock.today() + timedelta(days=10)
    assert selectors.rule_on(CODE, on=starts).value == 96
    assert selectors.rule_on(CODE, on=starts - timedelta(days=1)).value == 72
    assert AuditEvent.objects.filter(action="rulebook.rule_published").count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"value": "0"}, "entre 1 y 720"),
        ({"value": "tres"}, "número entero"),
        ({"valid_to": "2020-01-01"}, "posterior"),
        ({"reason": ""}, "id_reason_error"),
        ({"source": ""}, "id_source_error"),
    ],
)
def test_a_wrong_draft_is_told_beside_its_field(admin, change, sentence):
    answer = admin.post(reverse("rulebook:new", args=[CODE]), typed(**change))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_scheme_is_typed_in_percent(admin):
    sent = typed(isr="1.25", local="3", seen_version="1")
    answer = admin.post(reverse("rulebook:new", args=["withholding.RESICO_JAL"]), sent)
    assert answer.status_code == 200
    assert "ISR 1.25\u00a0% + Impuesto local 3\u00a0%" in answer.content.decode()


def test_closing_twice_says_why_not(admin):
    url, sent = reverse("rulebook:close", args=[CODE]), {"closes_on": "2030-01-01", "reason": "Terminó la ley"}
    assert admin.post(url, sent).status_code == 302
    again = admin.post(url, sent)
    assert again.status_code == 422
    assert "ya termina" in again.content.decode()
    assert Rule.objects.get(code=CODE).valid_to == date(2030, 1, 1)


def test_activating_a_waiting_version_asks_for_a_reason_that_fits_the_record(admin):
    url, code = reverse("rulebook:activate", args=["withholding.PF_JAL_26"]), "withholding.PF_JAL_26"
    for key, reason in (("activar-1", ""), ("activar-2", "x" * 501), ("activar-3", "al\u202erevés")):
        assert admin.post(url, {FIELD: key, "reason": reason}).status_code == 422, reason[:10]
    assert not Rule.objects.filter(code=code, active=True).exists()
    assert admin.post(url, {FIELD: "activar-4", "reason": "Confirmó la tasa"}).status_code == 302
    assert Rule.objects.filter(code=code, active=True).count() == 1

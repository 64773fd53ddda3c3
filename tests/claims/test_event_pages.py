"""An event saved field by field, a hospital's bill of any length, one key of a hospital typed twice at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from claims import services
from claims.models import Decision, Hospital
from claims.models.hospitals import HospitalQuerySet
from portal import clock
from portal.access import Role
from portal.design import dates
from portal.design.saving import HEADER
from portal.errors import Conflict, RuleBroken
from portal.help.models import ContactMessage
from tests.api.callers import Caller
from tests.api.callers import told as answered
from tests.claims.test_deciding import D, hold
from tests.claims.test_scheduled import _post, a_hospital, decide, in_review
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db


def test_one_key_typed_in_two_tabs_at_once_is_one_hospital_and_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    adviser, insurer = people.user_with_role(Role.SERVICE_ADVISER), a.a_family().plan.party
    told = {"key": "H-1", "name": "Hospital del Valle", "city": "Toluca", "state": "México"}
    days = {"since": p.FIRST, "until": None, "by": adviser, "at": a.AT}
    monkeypatch.setattr(HospitalQuerySet, "exists", lambda _rows: False)  # neither tab sees the other's yet
    services.keep_hospital(hospital=None, insurer=insurer, **days, **told)
    with pytest.raises(RuleBroken) as lost:
        services.keep_hospital(hospital=None, insurer=insurer, **days, **told)
    assert (lost.value.code, Hospital.objects.count()) == ("hospital_twice", 1)


def test_n18_each_field_of_an_event_is_kept_as_it_is_changed_and_the_adviser_is_asked_by_a_button_alone() -> None:
    family = a.a_family()
    hospital = a_hospital(family)
    draft = services.schedule_draft(claim=a.a_draft(family), scheduled=True, by=family.user, at=a.AT)
    client, page = people.signed_in(family.user), f"/tramites/borradores/{draft.pk}/evento/"

    def change(**told: str) -> Any:
        return client.post(page, once() | told, headers={HEADER: "1"})

    kept = change(subtype="surgery", planned_on="", hospital="", unlisted="Clínica del Sol")
    assert kept.status_code == 200 and "Guardado a las" in kept.json()["said"], "what is empty yet is no mistake"
    draft.refresh_from_db()
    assert (draft.subtype, draft.planned_on, ContactMessage.objects.count()) == ("surgery", None, 0)
    assert 'value="Clínica del Sol"' in client.get(page).content.decode(), "what was typed stands there again"
    assert "unlisted" in change(unlisted="x" * 201).json()["wrong"]
    assert (
        change(subtype="surgery", planned_on="01/01/2001").json()["wrong"]["planned_on"].startswith("Ese día ya pasó")
    )
    assert "hospital" in change(subtype="surgery", hospital="x").json()["wrong"]
    day = (clock.today() + timedelta(days=9)).isoformat()
    told = {"subtype": "surgery", "planned_on": day, "hospital": str(hospital.pk), "unlisted": "Clínica del Sol"}
    assert change(**told).status_code == 200
    draft.refresh_from_db()
    assert (draft.hospital, draft.planned_on.isoformat(), draft.unlisted) == (hospital, day, "Clínica del Sol")
    assert client.post(page, once() | told).status_code == 302
    draft.refresh_from_db()
    assert (draft.unlisted, ContactMessage.objects.count()) == ("", 0), "its hospital was chosen: nobody is asked"
    services.schedule_draft(claim=draft, scheduled=False, by=family.user, at=a.AT)
    with pytest.raises(Conflict):
        services.keep_event(claim=draft, subtype="study", by=family.user, at=a.AT)


def test_each_page_of_an_event_and_of_a_reimbursement_stands_at_its_own_step_s3_11() -> None:
    family = a.a_family()
    event = services.schedule_draft(claim=a.a_draft(family), scheduled=True, by=family.user, at=a.AT)
    client, paid = people.signed_in(family.user), a.a_draft(family)
    for draft, second, third in ((event, "evento", "documentos"), (paid, "documentos", "pago")):
        pages = ("", f"{second}/", f"{third}/", "revisar/")
        steps = [client.get(f"/tramites/borradores/{draft.pk}/{page}").context["step"] for page in pages]
        assert steps == [1, 2, 3, 4], draft.kind


def test_a_hospitals_bill_has_as_many_rows_as_it_needs() -> None:
    one = in_review()
    decide(one, "40000.00")
    hold(one.claim, one.analyst)
    desk, page = people.signed_in(one.analyst), f"/mesa/tramites/{one.claim.folio}/"
    rows = {}
    for at in range(1, 13):
        rows |= {
            f"concept_{at}": f"Cargo {at}",
            f"on_{at}": a.ON.isoformat(),
            f"claimed_{at}": "10",
            f"covered_{at}": "10",
        }
    more = _post(desk, f"{page}cuenta-del-hospital/", more="1", concept_1="Quirófano")
    text = more.content.decode()
    assert (more.status_code, "concept_13" in text, "Quirófano" in text) == (422, True, True)
    assert not Decision.objects.filter(of_bill=True).exists()
    assert _post(desk, f"{page}cuenta-del-hospital/", **rows).status_code == 302
    assert Decision.objects.get(of_bill=True).covered == D("120.00")
    beyond = _post(desk, f"{page}cuenta-del-hospital/", **rows, concept_201="Uno más")
    assert beyond.status_code == 422 and "hasta 200 conceptos" in beyond.content.decode()
    by_call = Caller(client=desk)
    body = {
        "concept_11": "Por programa",
        "on_11": a.ON.isoformat(),
        "claimed_11": "5.00",
        "covered_11": "5.00",
        "why_11": "",
    }
    answered(by_call.post(f"mesa/tramites/{one.claim.folio}/cuenta-del-hospital/", body), 200)
    assert Decision.objects.filter(of_bill=True).count() == 2


def keeps_enter(shown: str, action: str) -> bool:
    """Whether the default button of a form, its first one, is disabled: Enter in a field sends nothing."""
    form = shown.partition(f'action="{action}"')[2].partition("</form>")[0]
    return " disabled" in re.findall(r"<button\b[^>]*>", form)[0]


def test_who_decides_an_event_reads_when_and_where_and_enter_in_a_field_sends_nothing() -> None:
    one = in_review()
    hold(one.claim, one.analyst)
    desk, page = people.signed_in(one.analyst), f"/mesa/tramites/{one.claim.folio}/"
    shown = desk.get(page).content.decode()
    assert "Hospital del Valle" in shown and dates.long(one.claim.planned_on) in shown
    assert "Reclamado</dt>" not in shown, "an event asks for no amount"
    assert keeps_enter(shown, f"{page}evento/")
    decide(one, "40000.00")
    hold(one.claim, one.analyst)
    assert keeps_enter(desk.get(page).content.decode(), f"{page}cuenta-del-hospital/")


def test_a_letter_and_a_hospitals_bill_are_asked_about_first_and_nothing_typed_is_lost() -> None:
    one = in_review()
    hold(one.claim, one.analyst)
    desk, page = people.signed_in(one.analyst), f"/mesa/tramites/{one.claim.folio}/"

    def asked(address: str, **typed: str) -> bool:
        answer = _post(desk, address, ask="1", **typed).content.decode()
        carried = [f'name="{name}" value="{value}"' for name, value in typed.items()]
        return all(said in answer for said in (f'action="{address}"', *carried))

    assert 'data-ask="emitir"' in desk.get(page).content.decode(), "a dialog, as other decisions have"
    assert asked(f"{page}evento/", condition=str(one.condition.pk), authorised="90,000.00")
    assert not Decision.objects.exists()
    decide(one, "40000.00")
    hold(one.claim, one.analyst)
    assert 'data-ask="registrar-cuenta"' in desk.get(page).content.decode()
    assert asked(f"{page}cuenta-del-hospital/", concept_1="Quirófano", on_1=a.ON.isoformat(), claimed_1="10")
    assert not Decision.objects.filter(of_bill=True).exists()


def test_an_agreement_with_a_hospital_ends_after_it_began() -> None:
    told = {"key": "H-1", "name": "Hospital del Valle", "city": "Toluca", "state": "México"}
    with pytest.raises(RuleBroken, match="termina antes de empezar"):
        services.keep_hospital(
            hospital=None,
            insurer=a.a_family().plan.party,
            since=p.FIRST,
            until=p.FIRST,
            by=people.user_with_role(Role.SERVICE_ADVISER),
            at=a.AT,
            **told,
        )
    assert not Hospital.objects.exists()

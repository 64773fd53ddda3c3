"""The calls beside the first story: messages, notices, rules, calendars, documents, search, and who one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict

from billing import services as billing
from portal import clock
from portal.help.listings import MESSAGES
from portal.history.selectors import accesses
from portal.listing import answering, paging
from portal.listing.selection import Selection
from portal.notices.models import Notice
from portal.papers.services import render_document
from portal.rulebook.models import Rule
from tests.api.callers import Caller, own_token, told
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """A physician, another one, support and an administrator, each with a token; the last also with a session."""
    users = {
        "doctor": people.physician(),
        "stranger": people.stranger(),
        "support": people.support(),
        "administrator": people.administrator(),
    }
    calls = {name: Caller(own_token(user)) for name, user in users.items()}
    return SimpleNamespace(users=users, session=Caller(client=people.signed_in(users["administrator"])), **calls)


def test_a_message_gets_its_folio_and_its_answer_S3_7(cast: Any) -> None:
    sent = {
        "kind": "question",
        "name": "Lucía",
        "email": "lucia@ejemplo.mx",
        "subject_folio": "x",
        "body": "¿Cuándo?",
    }
    wrong = told(cast.doctor.post("contactos/", sent | {"email": "lucia"}), 422)
    assert list(wrong["errors"]) == ["email"]
    answer = cast.doctor.post("contactos/", sent)
    message = told(answer, 201)
    assert answer["Location"] == f"/api/v1/contactos/{message['folio']}/" and message["state"] == "open"
    here = f"contactos/{message['folio']}/"
    assert (cast.stranger.get(here).status_code, cast.stranger.get("contactos/QS-2020-000001/").status_code) == (
        404,
        404,
    )
    assert told(cast.support.get("mesa/contactos/"))["rows"][0]["folio"] == message["folio"]
    assert cast.doctor.get("mesa/contactos/").status_code == 403
    assert told(cast.doctor.post(f"{here}responder/", {"answer": "Yo"}), 403)
    assert told(cast.support.post(f"{here}responder/", {"answer": "El viernes."}))["state"] == "answered"
    assert told(cast.doctor.get(here))["answer"] == "El viernes."


def test_other_peoples_lists_leave_with_a_record_and_as_many_searches_as_on_the_pages_AD_01_OP_08(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        sent = {"kind": "question", "name": "Lucía", "email": "lucia@ejemplo.mx", "subject_folio": "x"}
        assert told(cast.doctor.post("contactos/", sent | {"body": f"¿Cuándo? {number}"}), 201)
    assert told(cast.support.get("mesa/contactos/"))["count"] == 2
    asked = Selection(MESSAGES, cast.users["support"], QueryDict())
    place = paging.edges(asked, replace(paging.window(asked), has_after=True))[1]
    assert told(cast.support.get("mesa/contactos/", despues=place))["rows"] == []  # further pages of the same walk
    elsewhere = cast.support.get("mesa/contactos/", despues=place, buscar="x")
    assert told(elsewhere, 422)["errors"]["despues"], "among other rows one begins at the first page, on record"
    taken = accesses().get(what="exported")
    assert (taken.subject_id, taken.by) == (f"json:{MESSAGES.name}", cast.users["support"])
    assert told(cast.doctor.get("facturas/"))["rows"] == []  # one's own business
    assert cast.doctor.get("mesa/contactos/").status_code == 403
    assert accesses().filter(what="exported").count() == 1
    monkeypatch.setattr(answering, "SEARCHES", 2)
    narrowed = [cast.support.get("mesa/contactos/", buscar="QS").status_code for _ in range(3)]
    assert narrowed == [200, 200, 429] and cast.support.get("mesa/contactos/").status_code == 200


def test_notices_are_ones_own_are_read_and_some_also_come_by_mail(cast: Any) -> None:
    inbox = told(cast.doctor.get("avisos/"))
    assert (inbox["count"], inbox["rows"][0]["standing"], inbox["antes"]) == (
        1,
        "unread",
        None,
    )  # of the token that was made
    one = inbox["rows"][0]["id"]
    for wrong in ("antes", "despues"):
        assert told(cast.doctor.get("avisos/", **{wrong: one}), 422)["errors"][wrong]
    assert cast.stranger.post(f"avisos/{one}/leido/").status_code == 404
    assert told(cast.doctor.post(f"avisos/{one}/leido/"), 204) is None
    assert told(cast.doctor.get("avisos/", estado="unread"))["count"] == 0
    assert told(cast.stranger.post("avisos/leidos/"), 204) is None
    assert not Notice.objects.filter(user=cast.users["stranger"], read_at=None).exists()
    kinds = {one["kind"]: one["by_mail"] for one in told(cast.doctor.get("avisos/por-correo/"))["kinds"]}
    chosen = sorted(kinds)[:1]
    assert (
        all(kinds.values())
        and told(cast.doctor.post("avisos/por-correo/", {"by_mail": chosen, "daily": True}), 204) is None
    )
    assert told(cast.doctor.get("avisos/por-correo/"))["daily"] is True
    after = {one["kind"]: one["by_mail"] for one in told(cast.doctor.get("avisos/por-correo/"))["kinds"]}
    assert [kind for kind, by_mail in after.items() if by_mail] == chosen
    assert told(cast.doctor.post("avisos/por-correo/", {"by_mail": ["inventado"]}), 422)["errors"]["by_mail"]


def test_a_rule_is_read_by_all_and_changed_by_an_administrator_who_is_there_AU_08(cast: Any) -> None:
    code = "account_change_hold_hours"
    assert told(cast.doctor.get(f"reglas/{code}/"))["shown"]["version"] == 1
    assert (cast.doctor.get("reglas/").status_code, cast.doctor.get("reglas/no_hay/").status_code) == (403, 404)
    assert len(told(cast.administrator.get("reglas/"))["rules"]) >= 20
    body = {
        "value": "48",
        "valid_from": f"{clock.today() + timedelta(days=40)}",
        "enforcement": "required",
        "source_kind": "operator",
        "source": "operador",
        "title": "Espera",
        "reason": "Lo acordó la operación.",
        "seen_version": 1,
    }
    assert told(cast.administrator.post(f"reglas/{code}/versiones/", body), 403)["code"] == "fresh_proof"
    lacking = {name: value for name, value in body.items() if name != "value"}
    assert told(cast.session.post(f"reglas/{code}/versiones/", lacking), 422)["errors"]["value"]
    published = told(cast.session.post(f"reglas/{code}/versiones/", body))
    assert (published["versions"][0]["version"], published["versions"][0]["value"]) == (2, 48)
    assert told(cast.session.post(f"reglas/{code}/versiones/", body), 409)["title"]  # it was seen at version 1
    ends = {"closes_on": f"{clock.today() + timedelta(days=90)}", "reason": "Termina."}
    assert told(cast.session.post(f"reglas/{code}/terminar/", ends))["versions"][0]["valid_to"] == ends["closes_on"]
    waiting = Rule.objects.filter(active=False).order_by("code").first()
    active = told(cast.session.post(f"reglas/{waiting.code}/activar/", {"reason": "Confirmada."}))
    assert active["versions"][0]["active"] is True
    assert told(cast.session.post(f"reglas/{waiting.code}/activar/", {"reason": "Otra vez."}), 422)


def test_a_calendar_is_seen_by_its_year_and_its_days_and_hours_change(cast: Any) -> None:
    desk, here = cast.administrator, "calendarios/mx-office/"
    assert cast.doctor.get(here).status_code == 403
    assert {"mx-office", "cl-office"} <= {one["code"] for one in told(desk.get("calendarios/"))["calendars"]}
    assert told(desk.get(here, anio="2027"))["year"] == 2027 and desk.get(here, anio="x").status_code == 422
    day = {"date": "2027-01-04", "name": "Inventario"}
    assert told(desk.post(f"{here}inhabiles/", day), 201) == day | {"observed": True}
    assert told(desk.post(f"{here}inhabiles/", day), 422)["field"] == "date"
    assert told(desk.post(f"{here}inhabiles/2027-01-04/quitar/"), 204) is None
    assert [desk.post(f"{here}inhabiles/{which}/quitar/").status_code for which in ("2027-01-04", "ayer")] == [404, 404]
    closing = told(
        desk.post(f"{here}cierres/", {"first": "2027-02-01", "last": "2027-02-03", "reason": "Mudanza"}), 201
    )
    assert told(desk.get(here))["closings"] == [closing]
    assert told(desk.post(f"{here}cierres/{closing['id']}/quitar/"), 204) is None
    hours = {f"day_{number}": "09:00-15:00" if number < 5 else "" for number in range(7)}
    assert told(desk.post(f"{here}horario/", hours))["week"][0]["hours"] != told(desk.get(here))["week"][6]["hours"]
    assert told(desk.post(f"{here}horario/", {"day_0": "mañana"}), 422)["errors"]["day_0"]
    assert told(desk.post(f"{here}importar/", {"year": 2028}))["code"] == "mx-office"


def test_documents_files_search_and_who_one_is(cast: Any) -> None:
    who = a.doctor()
    a.trust()
    mine = Caller(own_token(who.user))
    draft = a.draft(who)
    document = billing.issue_invoice_sheet(invoice=draft, by=who.user, at=clock.now())
    here = f"documentos/{document.pk}/"
    assert (told(mine.get(here))["is_ready"], cast.stranger.get(here).status_code) == (False, 404)
    waits = mine.get(f"{here}pdf/")
    assert (waits.status_code, waits["Location"]) == (202, f"/api/v1/{here}")
    render_document(document=document, at=clock.now())
    pdf = mine.get(f"{here}pdf/")
    assert b"".join(pdf.streaming_content).startswith(b"%PDF") and cast.stranger.get(f"{here}pdf/").status_code == 404
    document.refresh_from_db()
    file = told(mine.get(f"archivos/{document.pdf_id}/"))
    assert (file["kind"], file["sha256"]) == ("pdf", told(mine.get(here))["sha256"])
    assert b"".join(mine.get(f"archivos/{document.pdf_id}/contenido/").streaming_content).startswith(b"%PDF")
    order = draft.lines.get().order
    groups = told(mine.get("buscar/", buscar=order.account))["groups"]
    assert [row["title"] for group in groups for row in group["rows"]] == [order.account]
    assert told(cast.stranger.get("buscar/", buscar=order.account))["groups"] == []
    assert cast.stranger.get("folios/FA-2026-000001/").status_code == 404
    me = told(mine.get("yo/"))
    assert me["roles"] == ["physician"] and "billing.see_own" in me["permissions"] and "cauce_" not in str(me)

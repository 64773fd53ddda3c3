"""What else people do on the pages, done by programs: files of lists, orders by file, trust, RFCs, people, work."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict

from billing import listings
from billing.models import CareOrder
from config.demo import samples
from portal import clock
from portal.access import Role
from portal.history.models import AuditEvent
from portal.listing.selection import Selection
from portal.papers import services as papers
from portal.papers.listings import DOWNLOADS
from portal.papers.models import ListExport
from portal.people.models import Party, User
from portal.proofs.models import RfcPaper
from portal.work.models import Hold
from tests.api.callers import Caller, own_token, told
from tests.billing.test_intake import csv_of
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The desk with a token each, administrators with their sessions."""
    users = {"reviewer": people.reviewer(), "second": people.reviewer(), "doctor": people.physician()}
    calls = {name: Caller(own_token(user)) for name, user in users.items()}
    admins = {name: people.administrator() for name in ("admin", "other_admin")}
    sessions = {name: Caller(client=people.signed_in(user)) for name, user in admins.items()}
    return SimpleNamespace(users=users | admins, **calls, **sessions)


def pdf_naming(rfc: str) -> tuple[str, bytes]:
    return "constancia.pdf", samples.make_constancia_pdf(name="NORA LUNA", rfc=rfc, on=clock.today())


# --- lists leave as files ----------------------------------------------------------------------------------------


def test_a_list_is_asked_for_as_a_file_and_fetched_when_a_drain_made_it_G4(cast: Any) -> None:
    asked = {"listing": listings.DESK_ORDERS.name, "file": "csv", "filters": "estado=available"}
    a.orders(a.doctor(), 2)
    answer = cast.reviewer.post("descargas/", asked, key="lista-0001")
    export = told(answer, 202)
    assert answer["Location"] == f"/api/v1/descargas/{export['id']}/" and export["state"] == "waiting"
    assert (
        told(cast.reviewer.post("descargas/", asked, key="lista-0001"), 202) == export
        and ListExport.objects.count() == 1
    )
    content = f"descargas/{export['id']}/contenido/"
    waits = cast.reviewer.get(content)
    assert (waits.status_code, waits["Location"], waits["Retry-After"]) == (202, answer["Location"], "2")
    papers.make_export(export=ListExport.objects.get(), at=clock.now())
    made = told(cast.reviewer.get(f"descargas/{export['id']}/"))
    assert (made["state"], made["rows"], made["file"]) == ("ready", 2, "csv") and made["keep_until"]
    lines = b"".join(cast.reviewer.get(content).streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and lines[0].startswith(listings.DESK_ORDERS.columns[0].label)
    bytes_of_it = f"archivos/{ListExport.objects.get().made_id}/contenido/"
    assert cast.reviewer.get(bytes_of_it).status_code == 200
    # Without the scope of the list that it is.
    narrow = Caller(own_token(cast.users["reviewer"], "portal:read", "portal:write"))
    for path in (f"descargas/{export['id']}/", content, bytes_of_it):
        assert cast.second.get(path).status_code == narrow.get(path).status_code == 404
    assert told(narrow.get("descargas/"))["rows"] == []
    mine = told(narrow.post("descargas/", asked | {"listing": "downloads", "filters": ""}), 202)
    assert told(narrow.get("descargas/"))["rows"][0]["id"] == mine["id"]
    kept = ListExport.objects.get(pk=mine["id"])
    own = Selection(DOWNLOADS, cast.users["reviewer"], QueryDict(), kept.parts)
    assert [str(row.pk) for row in own.rows] == [mine["id"]], "its file has no other either"
    assert [one["id"] for one in told(cast.reviewer.get("descargas/"))["rows"]] == [mine["id"], export["id"]]
    assert told(cast.second.get("descargas/"))["rows"] == []


def test_a_file_of_a_list_is_for_who_may_see_it_asks_what_the_page_asks_and_may_come_to_nothing_AU_08(
    cast: Any,
) -> None:
    asked = {"listing": listings.REVIEWS.name, "file": "csv", "filters": ""}
    assert told(cast.doctor.post("descargas/", asked), 422)["errors"]["listing"]
    assert told(cast.reviewer.post("descargas/", asked | {"listing": "ninguna"}), 422)["errors"]["listing"]
    assert told(cast.reviewer.post("descargas/", asked | {"filters": "color=rojo"}), 422)["errors"]["color"]
    for scope in ("portal:read", "portal:write"):
        narrow = Caller(own_token(cast.users["reviewer"], scope))
        assert told(narrow.post("descargas/", asked), 403)["code"] == "forbidden", "the list's own scope is needed too"
    stale = Caller(client=people.signed_in(cast.users["reviewer"], fresh_at=0))
    assert told(stale.post("descargas/", asked), 403)["code"] == "fresh_proof"
    by_state = asked | {"listing": "treasury.accounts", "filters": "estado=validated"}
    assert told(cast.reviewer.post("descargas/", by_state), 202)["title"]
    assert ListExport.objects.get().parts == {"state": "validated"}
    people.Grant.objects.filter(user=cast.users["reviewer"]).update(until=people.LONG_AGO)
    papers.make_export(export=ListExport.objects.get(), at=clock.now())
    row = told(cast.reviewer.get("descargas/"))["rows"][0]
    assert (row["state"], bool(row["why"])) == ("refused", True)
    assert told(cast.reviewer.get(f"descargas/{row['id']}/contenido/"), 409)["code"] == "export_gone"


def test_a_session_takes_other_peoples_lists_away_only_right_after_a_proof_AU_08(cast: Any) -> None:
    stale = Caller(client=people.signed_in(cast.users["reviewer"], fresh_at=0))
    fresh = Caller(client=people.signed_in(cast.users["reviewer"]))
    for path in ("mesa/facturas/", "mesa/ordenes/", "mesa/cuentas/", "mesa/acreditaciones/"):
        assert told(stale.get(path), 403)["code"] == "fresh_proof"
        assert fresh.get(path).status_code == cast.reviewer.get(path).status_code == 200
    own = Caller(client=people.signed_in(cast.users["doctor"], fresh_at=0))
    assert told(own.get("facturas/"))["rows"] == []


# --- orders by file ----------------------------------------------------------------------------------------------


def test_orders_come_by_file_in_the_run_of_the_page_and_are_applied_or_cancelled_S0_10(cast: Any) -> None:
    insurer, who = a.insurer(), a.doctor()
    good, wrong = a.row(who, authorised_by=insurer.name), a.row("NADIE", authorised_by=insurer.name)
    content = csv_of(good, wrong)
    sent = {"insurer": str(insurer.pk), "rows": "3", "payable": "2600.00"}
    answer = cast.reviewer.post("mesa/ordenes/importar/", sent, files={"file": ("ordenes.csv", content)})
    run = told(answer, 201)
    here = f"mesa/ordenes/importaciones/{run['id']}/"
    assert answer["Location"] == f"/api/v1/{here}"
    assert (run["state"], run["agrees"], run["new"], run["wrong"]) == ("read", False, 1, 1) and not run["working"]
    assert run["errors"][0]["field"] == "physician_rfc" and not CareOrder.objects.exists()
    assert told(cast.reviewer.post(f"{here}aplicar/"), 422)["title"]
    assert told(cast.reviewer.post(f"{here}totales/", {"rows": 2}), 422)["errors"]["payable"]
    assert told(cast.reviewer.post(f"{here}totales/", {"rows": 2, "payable": "1,300.00"}))["declared"]["rows"] == 2
    told(cast.reviewer.post(f"{here}totales/", {"rows": 2, "payable": "2600.00"}))
    assert "rfc_medico" in cast.reviewer.get(f"{here}errores/").content.decode()
    assert told(cast.reviewer.post(f"{here}aplicar/"))["state"] == "applied"
    assert CareOrder.objects.get().account == good.account
    assert told(cast.reviewer.post(f"{here}cancelar/"), 409)
    for path in ("", "errores/"):
        assert cast.doctor.get(f"{here}{path}").status_code == 403


def test_a_file_with_foreign_headings_waits_for_a_word_of_the_caller(cast: Any) -> None:
    insurer = a.insurer()
    content = csv_of(a.row(a.doctor(), authorised_by=insurer.name)).replace(b"cuenta,", b"no_de_caso,", 1)
    sent = {"insurer": str(insurer.pk), "rows": "1", "payable": "1300.00"}
    answer = cast.reviewer.post("mesa/ordenes/importar/", sent, files={"file": ("ordenes.csv", content)})
    run = told(answer, 201)
    assert (run["headings"]["lacking"], "no_de_caso" in run["headings"]["foreign"]) == (["account"], True)
    here = f"mesa/ordenes/importaciones/{run['id']}/"
    assert told(cast.reviewer.post(f"{here}titulos/", {"account": "otra"}), 422)["errors"]["account"]
    known = told(cast.reviewer.post(f"{here}titulos/", {"account": "no_de_caso"}))
    assert (known["headings"], known["new"], known["agrees"]) == ({}, 1, True)
    assert told(cast.reviewer.post(f"{here}cancelar/"))["state"] == "cancelled"


# --- trust -------------------------------------------------------------------------------------------------------


def test_keys_and_certificates_are_added_and_withdrawn_by_an_administrator_who_is_there_AU_08(cast: Any) -> None:
    key = {"catalogue": "c_ClaveProdServ", "key": "85999901", "meaning": "Una clave nueva"}
    weak = Caller(own_token(cast.users["admin"]))
    assert told(weak.post("mesa/catalogos/", key), 403)["code"] == "fresh_proof"
    assert cast.reviewer.get("mesa/catalogos/").status_code == 403
    assert told(cast.admin.post("mesa/catalogos/", key | {"key": "x y"}), 422)
    added = told(cast.admin.post("mesa/catalogos/", key), 201)
    assert [one["id"] for one in told(weak.get("mesa/catalogos/"))["rows"]] == [added["id"]]
    assert told(cast.admin.post(f"mesa/catalogos/{added['id']}/retirar/", {}), 422)["errors"]["reason"]
    assert told(cast.admin.post(f"mesa/catalogos/{added['id']}/retirar/", {"reason": "Se fue."}), 204) is None
    assert told(weak.get("mesa/catalogos/"))["rows"] == []
    package = told(weak.get("mesa/catalogos/paquete/"))
    assert package["packed_on"] and {"holder", "serial", "not_before", "not_after"} == {*package["certificates"][0]}
    der = ("autoridad.cer", samples.trust_der()[0])
    shown = told(cast.admin.post("mesa/certificados/", {}, files={"file": der}), 201)
    (one,) = shown["certificates"]
    assert (one["kind"], shown["shipped"] > 0) == ("ca", True)
    assert told(cast.admin.post("mesa/certificados/", {}, files={"file": ("nada.cer", b"nada")}), 422)
    assert told(cast.admin.post(f"mesa/certificados/{one['id']}/retirar/", {"reason": "Venció."}), 204) is None
    assert told(weak.get("mesa/certificados/"))["rows"] == []


# --- whose an RFC is ---------------------------------------------------------------------------------------------


def test_an_rfc_is_proved_by_a_paper_that_somebody_else_accepts_and_a_wrong_code_counts_AC_11(cast: Any) -> None:
    doctor = people.physician(party=people.a_party(proved=False))
    party, mine = people.own_party(doctor), Caller(own_token(doctor))
    assert (told(mine.get("rfc/"))["proved"], told(mine.get("rfc/"))["paper"]) == (False, None)
    assert told(mine.post("rfc/codigo/", {"code": "AB12CD34"}), 422)["code"] == "rfc_code_wrong"
    assert AuditEvent.objects.filter(action="people.rfc_code_wrong").count() == 1
    other = pdf_naming("CALN900121CC0")
    assert told(mine.post("rfc/documento/", {"kind": "constancia"}, files={"file": other}), 422)["findings"]
    sent = {"kind": "constancia"}
    paper = told(mine.post("rfc/documento/", sent, files={"file": pdf_naming(party.rfc)}), 201)
    here = f"mesa/acreditaciones/{paper['id']}/"
    assert (mine.get(here).status_code, told(cast.reviewer.get(here))["state"]) == (403, "in_review")
    assert told(cast.reviewer.get("mesa/acreditaciones/", estado="in_review"))["count"] == 1
    assert told(cast.reviewer.post(f"{here}decidir/", {"decision": "return", "reason": ""}), 422)["field"] == "reason"
    back = told(cast.reviewer.post(f"{here}decidir/", {"decision": "return", "reason": "Está recortada y no se lee."}))
    assert (back["state"], told(mine.get("rfc/"))["paper"]["state"]) == ("returned", "returned")
    again = told(mine.post("rfc/documento/", sent, files={"file": pdf_naming(party.rfc)}), 201)
    told(cast.second.post(f"mesa/acreditaciones/{again['id']}/decidir/", {"decision": "accept", "reason": ""}))
    proved = told(mine.get("rfc/"))
    assert (proved["proved"], proved["proof"]) == (True, "constancia") and proved["proved_at"]
    assert RfcPaper.objects.count() == 2


def test_an_rfc_goes_to_its_owner_by_two_administrators_who_are_there_AC_11(cast: Any) -> None:
    party = people.own_party(people.physician(party=people.a_party(proved=False)))
    sent = {"rfc": party.rfc, "email": "duena@ejemplo.mx", "name": "Nora Luna", "evidence": "Llamó y confirmó."}
    files = {"file": pdf_naming(party.rfc)}
    assert (
        told(Caller(own_token(cast.users["admin"])).post("mesa/rfc/", sent, files=files), 403)["code"] == "fresh_proof"
    )
    answer = cast.admin.post("mesa/rfc/", sent, files=files)
    move = told(answer, 201)
    here = f"mesa/rfc/{move['id']}/"
    assert answer["Location"] == f"/api/v1/{here}" and told(cast.other_admin.get("mesa/rfc/"))["count"] == 1
    assert told(cast.admin.post(f"{here}decidir/", {"decision": "confirm", "reason": ""}), 422)["code"] == "own_move"
    done = told(cast.other_admin.post(f"{here}decidir/", {"decision": "confirm", "reason": ""}))
    assert (done["state"], Party.objects.get(pk=party.pk).rfc_proof) == ("handed_over", "moved")
    assert (
        told(cast.admin.get("mesa/rfc/", estado="waiting"))["count"] == 0 and cast.reviewer.get(here).status_code == 403
    )


# --- the desk's people -------------------------------------------------------------------------------------------


def test_a_role_of_the_desk_is_asked_by_one_administrator_given_by_another_and_ended_AC_07(cast: Any) -> None:
    someone = people.a_person(name="Sofía Ruiz")
    here = f"mesa/personas/{someone.pk}/"
    weak = Caller(own_token(cast.users["admin"]))
    assert told(weak.post(f"{here}permisos/", {"role": "support"}), 403)["code"] == "fresh_proof"
    assert told(cast.admin.post(f"{here}permisos/", {"role": "physician"}), 422)["errors"]["role"]
    asked = told(cast.admin.post(f"{here}permisos/", {"role": "support"}), 201)
    assert (
        told(weak.get("mesa/permisos/"))["proposals"] == [asked]
        and cast.reviewer.get("mesa/permisos/").status_code == 403
    )
    deciding = f"mesa/permisos/{asked['id']}/decidir/"
    assert told(cast.admin.post(deciding, {"decision": "confirm"}), 422)["code"] == "own_proposal"
    assert told(cast.other_admin.post(deciding, {"decision": "confirm"}))["state"] == "accepted"
    assert told(cast.other_admin.post(deciding, {"decision": "refuse"}), 409)
    (grant,) = told(weak.get(here))["grants"]
    assert (grant["role"], grant["until"], User.objects.get(pk=someone.pk).roles) == ("support", None, {Role.SUPPORT})
    ended = told(cast.admin.post(f"{here}permisos/{grant['id']}/terminar/", {"reason": "Cambió de función."}))
    assert ended["grants"][0]["until"] and not User.objects.get(pk=someone.pk).roles
    refused = told(cast.admin.post(f"{here}permisos/", {"role": "support"}), 201)
    decided = told(cast.other_admin.post(f"mesa/permisos/{refused['id']}/decidir/", {"decision": "refuse"}))
    assert decided["state"] == "refused"
    assert told(cast.admin.post(f"{here}cerrar/", {"reason": ""}), 422)["errors"]["reason"]
    assert told(cast.admin.post(f"{here}cerrar/", {"reason": "Se fue."}))["disabled_at"]
    assert told(cast.admin.post(f"{here}cerrar/", {"reason": "Otra vez."}), 409)
    assert told(cast.admin.post(f"{here}abrir/", {"reason": "Volvió."}))["disabled_at"] is None
    assert told(weak.get("mesa/personas/", buscar="Sofía"))["count"] == 1
    assert cast.doctor.get(here).status_code == 403


# --- the work that waits -----------------------------------------------------------------------------------------


def test_work_is_taken_given_back_and_taken_over_with_a_reason(cast: Any) -> None:
    doctor = people.physician(party=people.a_party(proved=False))
    party, mine = people.own_party(doctor), Caller(own_token(doctor))
    upload = pdf_naming(party.rfc)
    paper = told(mine.post("rfc/documento/", {"kind": "constancia"}, files={"file": upload}), 201)
    waiting = told(cast.reviewer.get("trabajo/"))
    (item,) = [one for one in waiting["items"] if one["id"] == paper["id"]]
    assert (item["holder"], {one["queue"]: one["count"] for one in waiting["queues"]}[item["queue"]]) == ("", 1)
    here = f"trabajo/{item['queue']}/{paper['id']}/"
    assert told(cast.reviewer.post(f"{here}tomar/"))["id"] == paper["id"]
    assert told(cast.second.post(f"{here}tomar/"), 409)["code"] == "held_by_another"
    assert told(cast.second.post("trabajo/tomar/", {"queue": item["queue"]})) == {
        "queue": None,
        "id": None,
        "since": None,
    }
    assert told(cast.second.post(f"{here}relevar/", {"reason": ""}), 422)["errors"]["reason"]
    assert told(cast.second.post(f"{here}relevar/", {"reason": "Está de vacaciones."}))["queue"] == item["queue"]
    assert Hold.objects.get().holder == cast.users["second"]
    assert told(cast.reviewer.post(f"{here}devolver/"), 409)["code"] == "not_held"
    assert told(cast.second.post(f"{here}devolver/"), 204) is None and not Hold.objects.exists()
    assert told(cast.reviewer.post("trabajo/tomar/"))["id"] == paper["id"]
    assert told(cast.reviewer.post("trabajo/tomar/", {"queue": "ninguna"}), 422)["errors"]["queue"]
    assert cast.doctor.post(f"{here}tomar/").status_code == 404
    assert cast.reviewer.post(f"trabajo/ninguna/{paper['id']}/tomar/").status_code == 404


def test_work_is_narrowed_and_taken_within_an_insurer_and_what_is_late_as_on_the_queues_page(cast: Any) -> None:
    doctor, other = a.doctor(), a.insurer("SEGUROS DEL SUR")
    a.trust()
    here, there = a.submitted(doctor), a.submitted(doctor, of=a.orders(doctor, 1, payer=other))

    def waits(**asked: str) -> set[str]:
        return {one["id"] for one in told(cast.reviewer.get("trabajo/", **asked))["items"]}

    assert waits() == waits(plazo="nada") == {str(here.pk), str(there.pk)}
    assert (waits(aseguradora=str(other.pk)), waits(quien="mio")) == ({str(there.pk)}, set())
    taking = {"insurer": str(other.pk)}
    assert told(cast.reviewer.post("trabajo/tomar/", taking | {"overdue": True}))["id"] is None
    assert told(cast.reviewer.post("trabajo/tomar/", {"insurer": "ninguna"}), 422)["errors"]["insurer"]
    assert told(cast.reviewer.post("trabajo/tomar/", taking))["id"] == str(there.pk)
    assert told(cast.second.post("trabajo/tomar/", taking))["id"] is None
    assert told(cast.second.post("trabajo/tomar/"))["id"] == str(here.pk)

"""A claim by calls alone, from its draft to its decision: what the pages do, refused and answered alike (issue 12)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from claims.models import Claim
from config.demo import samples
from portal.folios.services import next_folio
from portal.history.selectors import accesses
from tests.api.callers import Caller, own_token, told
from tests.factories import billing, people
from tests.factories import claims as a

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """A family's titular, a member of another family, two analysts; each by a token of their own."""
    billing.trust()
    next_folio(prefix="RB", at=a.AT)  # the year's first is drawn for a second look
    family = a.a_family()
    users = {"mine": family.user, "other": a.a_family().user, "ana": people.analyst(), "ben": people.analyst()}
    return SimpleNamespace(family=family, **{name: Caller(own_token(user)) for name, user in users.items()})


def pdf(name: str) -> tuple[str, bytes]:
    return f"{name}.pdf", samples.make_constancia_pdf(name=name, rfc="X", on=a.ON)


def filed(cast: SimpleNamespace, amount: str = "1160.00") -> tuple[str, str]:
    """(address of the draft, its folio): a claim filed by calls alone."""
    mine, person = cast.mine, cast.family.titular
    began = mine.post("tramites/borradores/")
    draft = told(began, 201)
    here = f"tramites/borradores/{draft['id']}/"
    assert began["Location"] == f"/api/v1/{here}" and [
        one["id"] for one in told(mine.get("tramites/borradores/"))["drafts"]
    ] == [draft["id"]]
    choice = next(one["key"] for one in draft["choices"] if one["key"].startswith(f"{person.pk}:"))
    assert told(mine.post(here, {"choice": "0:0", "condition": ""}), 422)["errors"]["choice"]
    assert told(mine.post(here, {"choice": choice, "condition": "pending"}))["condition"] == "pending"
    assert told(mine.post(f"{here}archivos/", {"document": "recipe"}, files={"file": pdf("x")}), 422)["errors"]
    for document in a.DOCUMENTS:
        told(mine.post(f"{here}archivos/", {"document": document}, files={"file": pdf(document)}))
    lacking = {one["name"] for one in told(mine.get(f"{here}faltantes/"))["missing"]}
    assert lacking == {"invoices"}
    assert told(mine.post(f"{here}enviar/", {"consent": True}), 422)["code"] == "incomplete"
    for name, content in (("f.xml", a.xml(person, amount, faults=["pue"])), pdf("f")):
        kept = told(mine.post(f"{here}archivos/", {"document": "invoice_xml"}, files={"file": (name, content)}))
    (invoice,) = kept["invoices"]
    assert invoice["has_pdf"] and invoice["total"] == {"amount": amount, "currency": "MXN"}
    assert kept["missing"] == []
    item = kept["files"][0]["id"]
    assert told(mine.post(f"{here}archivos/{item}/quitar/"))["removed"][0]["id"] == item
    assert told(mine.post(f"{here}archivos/{item}/devolver/"))["removed"] == []
    hospital = told(mine.post(f"{here}facturas/{invoice['id']}/", {"medicines": False, "hospital": True}))
    assert [one["name"] for one in hospital["missing"]] == ["itemised_bill"]
    told(mine.post(f"{here}facturas/{invoice['id']}/", {"medicines": False, "hospital": False}))
    for _twice in range(2):  # the same key: one folio
        sent = mine.post(f"{here}enviar/", {"consent": True}, key="enviar-0001")
    claim = told(sent)
    assert sent["Location"] == f"/api/v1/tramites/{claim['folio']}/" and Claim.objects.sent().count() == 1
    return here, claim["folio"]


def test_a_claim_from_its_draft_to_its_decision_by_calls_alone(cast: SimpleNamespace) -> None:
    here, folio = filed(cast)
    mine, desk = f"tramites/{folio}/", f"mesa/tramites/{folio}/"
    assert cast.other.get(mine).status_code == cast.other.get(here).status_code == 404
    assert cast.mine.get(desk).status_code == cast.ana.get("tramites/").status_code == 403
    assert [row["folio"] for row in told(cast.mine.get("tramites/"))["rows"]] == [folio]
    assert told(cast.ana.get(desk), 409)["code"] == "not_opened"
    assert told(cast.ana.post(f"{desk}tomar/"))["state"] == "in_review"
    assert told(cast.ben.post(f"{desk}tomar/"), 409)
    read = told(cast.ana.get(desk))
    assert accesses().filter(subject_id=str(Claim.objects.get(folio=folio).pk)).count() == 1, "each reading is recorded"
    assert [line["claimed"]["amount"] for line in read["lines"]] == ["1160.00"]
    illness = {"code": "K35", "name": "Apendicitis", "began_on": "2026-07-10"}
    condition = told(cast.ana.post(f"{desk}padecimiento/", illness))["id"]
    decision = {"condition": condition, "note": "", "lines": [{"number": 1, "covered": "1000.00", "why": ""}]}
    for wrong, field in (
        ({**decision, "lines": [{"number": 1, "covered": "1000.00", "why": "because"}]}, "why_1"),
        ({**decision, "lines": [{"number": 2, "covered": "1000.00", "why": ""}]}, "covered_2"),
        ({**decision, "condition": "0198c0de-0000-7000-8000-000000000000"}, "condition"),
    ):
        assert field in told(cast.ana.post(f"{desk}dictamen/", wrong), 422)["errors"]
    for shape in ({}, [], {**decision, "lines": [1]}, {**decision, "more": 1}):
        assert told(cast.ana.post(f"{desk}dictamen/", shape), 422)["code"] == "bad_shape"
    assert told(cast.ana.post(f"{desk}dictamen/", decision), 422)["code"] == "why_missing"
    assert told(cast.ben.post(f"{desk}dictamen/", decision), 409)["code"] == "not_opened"
    decision["lines"] = [{"number": 1, "covered": "1000.00", "why": "above_agreed"}]
    assert told(cast.ana.post(f"{desk}dictamen/", decision))["state"] == "decided"
    seen = told(cast.mine.get(mine))
    assert (seen["state"], seen["decision"]["covered"]["amount"]) == ("decided", "1000.00")
    assert seen["decision"]["lines"][0]["sentence"].startswith("Cubrimos $1,000.00 de $1,160.00")
    assert told(cast.mine.post(f"{mine}retirar/"), 409)


def test_a_claim_is_taken_back_by_who_filed_it_and_a_draft_is_dropped(cast: SimpleNamespace) -> None:
    _here, folio = filed(cast)
    assert cast.other.post(f"tramites/{folio}/retirar/").status_code == 404
    assert told(cast.mine.post(f"tramites/{folio}/retirar/"))["state"] == "withdrawn"
    draft = told(cast.mine.post("tramites/borradores/"), 201)["id"]
    assert told(cast.mine.post(f"tramites/borradores/{draft}/descartar/"), 204) is None
    assert cast.mine.get(f"tramites/borradores/{draft}/").status_code == 404


def test_a_second_person_confirms_the_figures_that_they_read_or_sends_them_back(cast: SimpleNamespace) -> None:
    claim = a.sent(cast.family, "200000.00")
    desk = f"mesa/tramites/{claim.folio}/"
    told(cast.ana.post(f"{desk}tomar/"))
    code = {"code": "K35", "name": "Apendicitis", "began_on": "2026-07-10"}
    condition = told(cast.ana.post(f"{desk}padecimiento/", code))["id"]
    lines = [{"number": 1, "covered": "200000.00", "why": ""}]
    decided = {"condition": condition, "note": "", "lines": lines}
    assert told(cast.ana.post(f"{desk}dictamen/", decided))["state"] == "second_look"
    assert cast.ana.post(f"{desk}tomar/").status_code == 409, "who decided does not look again"
    assert told(cast.ben.post(f"{desk}abrir/", {"reason": "Segunda vista"}))["state"] == "second_look"
    told(cast.ben.post(f"{desk}tomar/"))
    back: dict[str, Any] = {"act": "back", "note": "", "mark": ""}
    assert told(cast.ben.post(f"{desk}segunda-vista/", back), 422)["code"] == "note_missing"
    mark = told(cast.ben.get(desk))["decision"]["mark"]
    confirms = {"act": "confirm", "note": "", "mark": "0/0"}
    assert told(cast.ben.post(f"{desk}segunda-vista/", confirms), 409)["code"] == "figures_moved"
    assert told(cast.ben.post(f"{desk}segunda-vista/", confirms | {"mark": mark}))["payment_state"] == "payable"
    assert told(cast.ben.post(f"{desk}segunda-vista/", confirms | {"mark": mark}), 409)["code"] == "looked"


def test_n14_what_lacks_is_asked_answered_and_written_by_calls_alone(cast: SimpleNamespace) -> None:
    claim = a.sent(cast.family, "200000.00")
    here, desk = f"tramites/{claim.folio}/pendientes/", f"mesa/tramites/{claim.folio}/"
    asks = {"things": [{"document": "prescription", "why": "lacks", "detail": "La de julio"}], "reason": ""}
    assert told(cast.mine.get(here)) == {"folio": claim.folio, "due_on": None, "items": []}
    assert told(cast.ana.post(f"{desk}pedir-documentos/", asks), 409)["code"] == "not_opened"
    told(cast.ana.post(f"{desk}tomar/"))
    for wrong in ({}, [], asks | {"things": [1]}, asks | {"things": asks["things"] * 2}, asks | {"reason": "x" * 501}):
        assert told(cast.ana.post(f"{desk}pedir-documentos/", wrong), 422)["code"] == "bad_shape"
    unknown = {"things": [asks["things"][0] | {"why": "because"}], "reason": ""}
    assert told(cast.ana.post(f"{desk}pedir-documentos/", unknown), 422)["code"] == "unknown_wanted"
    for _twice in range(2):
        answer = cast.ana.post(f"{desk}pedir-documentos/", asks, key="pedir-000001")
    assert told(answer)["state"] == "pending_documents"
    assert cast.other.get(here).status_code == 404 and cast.ana.get(here).status_code == 403
    (wanted,) = told(cast.mine.get(here))["items"]
    assert (wanted["document"], wanted["why"], wanted["detail"]) == ("prescription", "lacks", "La de julio")
    one = f"{here}{wanted['id']}/"
    assert cast.other.post(one, {"note": "x"}).status_code == 404
    assert told(cast.mine.post(one, {}), 422)["code"] == "no_file"
    assert told(cast.mine.post(f"{here}listo/"), 422)["code"] == "not_all_answered"
    assert cast.mine.post(one, {"note": "Va"}, files={"file": ("x.pdf", b"no es")}).status_code == 422
    assert told(cast.mine.get(here))["items"][0]["note"] == "", "a refused file leaves nothing said"
    (both,) = told(cast.mine.post(one, {"note": "Va"}, files={"file": pdf("receta")}))["items"]
    assert (both["note"], [file["name"] for file in both["files"]]) == ("Va", ["receta.pdf"])
    item = f"{here}archivos/{both['files'][0]['id']}/"
    assert told(cast.mine.post(f"{item}quitar/"))["items"][0]["removed"]
    assert told(cast.mine.post(f"{item}devolver/"))["items"][0]["files"]
    (noted,) = told(cast.mine.post(one, files={"file": pdf("otra")}))["items"]
    assert (noted["note"], len(noted["files"])) == ("Va", 2), "what is not sent stays"
    assert told(cast.ana.post(f"{desk}abrir/", {"reason": "Seguimiento"}))
    assert told(cast.ana.post(f"{desk}pedir-documentos/seguir/"), 409)["code"] == "not_taken"
    assert told(cast.mine.post(f"{here}listo/"))["state"] == "in_review"
    assert told(cast.mine.post(f"{here}listo/"), 409)["code"] == "nothing_wanted"


def test_n14_asking_again_waits_for_another_and_messages_move_nothing(cast: SimpleNamespace) -> None:
    claim = a.sent(cast.family, "200000.00")
    mine, desk = f"tramites/{claim.folio}/mensajes/", f"mesa/tramites/{claim.folio}/"
    again = f"{desk}pedir-documentos/otra-vez/"
    told(cast.ana.post(f"{desk}tomar/"))
    assert told(cast.ana.post(again, {"allows": "yes", "note": ""}), 409)["code"] == "not_proposed"
    asks = {"things": [{"document": "prescription", "why": "lacks", "detail": ""}], "reason": ""}
    told(cast.ana.post(f"{desk}pedir-documentos/", asks))
    (wanted,) = told(cast.mine.get(f"tramites/{claim.folio}/pendientes/"))["items"]
    told(cast.mine.post(f"tramites/{claim.folio}/pendientes/{wanted['id']}/", {"note": "No hubo."}))
    told(cast.mine.post(f"tramites/{claim.folio}/pendientes/listo/"))
    told(cast.ana.post(f"{desk}tomar/"))
    assert told(cast.ana.post(f"{desk}pedir-documentos/", asks), 422)
    proposed = cast.ana.post(f"{desk}pedir-documentos/", asks | {"reason": "La receta es de otro mes."})
    assert told(proposed)["state"] == "in_review", "it waits for another"
    assert told(cast.ana.post(again, {"allows": "yes", "note": ""}), 422)["code"] == "asks_twice"
    told(cast.ben.post(f"{desk}abrir/", {"reason": "Me lo pidieron"}))
    assert told(cast.ben.post(again, {"allows": "no", "note": ""}), 422)["code"] == "note_missing"
    assert told(cast.ben.post(again, {"allows": "yes", "note": ""}))["state"] == "pending_documents"
    assert cast.other.get(mine).status_code == cast.other.post(mine, {"text": "Hola"}).status_code == 404
    assert told(cast.mine.post(mine, {"text": ""}), 422)["errors"]["text"]
    told(cast.mine.post(mine, {"text": "Ya casi."}))
    told(cast.ben.post(f"{desk}mensajes/", {"text": "Gracias.", "internal": False}))
    told(cast.ben.post(f"{desk}mensajes/", {"text": "Insiste mucho.", "internal": True}))
    seen = [(one["by"], one["text"], one["mine"]) for one in told(cast.mine.get(mine))["messages"]]
    assert seen == [(str(cast.family.user), "Ya casi.", True), ("Dictamen", "Gracias.", False)]
    assert len(told(cast.ben.get(f"{desk}mensajes/"))["messages"]) == 3
    assert told(cast.mine.get(f"tramites/{claim.folio}/"))["state"] == "pending_documents"

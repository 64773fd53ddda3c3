"""The family's story by calls alone: decided twice, paid, raised on appeal, a small one by itself, a surgery (12.9)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from claims.models import AutomaticAnswer
from claims.tasks import judge_sent
from config.demo import samples
from config.demo.scenes import treasury as bank_scene
from portal import clock
from portal.papers.models import IssuedDocument
from portal.papers.rendering import html_of
from portal.rulebook import selectors as rulebook
from portal.treasury import selectors as treasury
from portal.treasury.models import BankAccount, PaymentBatch
from tests.api.callers import ALL, Caller, own_token, told
from tests.claims.test_api import filed, pdf
from tests.factories import billing, people
from tests.factories import claims as a

pytestmark = pytest.mark.django_db
WHY = "El tope es el de mi carátula: la cirugía entra completa."


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Everybody of the story by a token of their own; `drawn` of a hundred claims are looked at twice."""
    billing.trust()
    family, drawn = a.a_family(), {"claim.qa_percent": 100}
    family.titular.rfc = a.RFC  # an invoice to whose RFC nobody knows is a person's to see
    family.titular.save(update_fields=["rfc"])
    in_force = rulebook.rule_on

    def rule_on(code: str, *, on: date) -> Any:
        rule = in_force(code, on=on)
        return replace(rule, value=drawn[code]) if code in drawn else rule

    monkeypatch.setattr(rulebook, "rule_on", rule_on)
    users = {name: people.analyst() for name in ("ana", "ben", "cleo", "dan")}
    users |= {"mine": family.user, "noemi": people.adviser(), "reviewer": people.reviewer()}
    users |= {"preparer": people.preparer(), "approver": people.approver()}
    calls = {name: Caller(own_token(user, *ALL)) for name, user in users.items()}
    acts = {f"{name}_acts": Caller(own_token(users[name], "payments:act")) for name in ("preparer", "approver")}
    return SimpleNamespace(family=family, drawn=drawn, **calls, **acts)


def test_the_familys_story_runs_through_the_api(cast: SimpleNamespace) -> None:
    an_account_is_approved(cast)
    _here, folio = filed(cast, "30000.00")
    two_things_are_asked_for(cast, folio)
    condition = it_is_decided_in_part(cast, folio)
    a_second_person_confirms(cast, folio, paid="10800.00")
    it_is_paid(cast, folio, "10800.00")
    assert treasury.books_are_whole()
    appeal_raises_it(cast, folio, condition)
    cast.drawn["claim.qa_percent"] = 0
    a_small_one_is_approved_by_itself(cast, condition)
    a_surgery_gets_its_letter(cast, condition)
    every_paper_is_drawn()
    assert treasury.books_are_whole()


def an_account_is_approved(cast: Any) -> None:
    account = BankAccount.objects.get(party=cast.family.titular.party)
    decided = cast.reviewer.post(f"mesa/cuentas/{account.pk}/decidir/", {"decision": "approved", "reason": ""})
    assert told(decided)["state"] == "validated"


def two_things_are_asked_for(cast: Any, folio: str) -> None:
    """Both at once (N14): one is answered with a file, the other with why there is none."""
    desk, here = f"mesa/tramites/{folio}/", f"tramites/{folio}/pendientes/"
    told(cast.ana.post(f"{desk}tomar/"))
    wanted = (("medical_report", "unsigned", "La segunda hoja."), ("prescription", "lacks", "La del bastón."))
    things = [dict(zip(("document", "why", "detail"), one, strict=True)) for one in wanted]
    asked = told(cast.ana.post(f"{desk}pedir-documentos/", {"things": things, "reason": ""}))
    assert asked["state"] == "pending_documents"
    report, prescription = told(cast.mine.get(here))["items"]
    told(cast.mine.post(f"{here}{report['id']}/", files={"file": pdf("informe firmado")}))
    assert told(cast.mine.post(f"{here}listo/"), 422)["code"] == "not_all_answered"
    told(cast.mine.post(f"{here}{prescription['id']}/", {"note": "El bastón no lleva receta."}))
    assert told(cast.mine.post(f"{here}listo/"))["state"] == "in_review"


def it_is_decided_in_part(cast: Any, folio: str) -> str:
    """Ana covers a part, with the reason of the catalogue; nothing is owed before somebody else looked."""
    desk = f"mesa/tramites/{folio}/"
    told(cast.ana.post(f"{desk}tomar/"))
    illness = {"code": "K35", "name": "Apendicitis", "began_on": str(a.ON - timedelta(days=12))}
    condition = str(told(cast.ana.post(f"{desk}padecimiento/", illness))["id"])
    assert decides(cast.ana, folio, condition, "20000.00", "above_agreed")["state"] == "second_look"
    seen = told(cast.mine.get(f"tramites/{folio}/"))
    assert (seen["state"], seen["decision"]) == ("second_look", None), "a preview is the desk's alone"
    assert told(cast.preparer.get("mesa/pagos/por-pagar/"))["ready"] == []
    return condition


def decides(analyst: Caller, folio: str, condition: str, covered: str, why: str = "") -> Any:
    line = {"number": 1, "covered": covered, "why": why}
    return told(analyst.post(f"mesa/tramites/{folio}/dictamen/", {"condition": condition, "note": "", "lines": [line]}))


def a_second_person_confirms(cast: Any, folio: str, *, paid: str, by: str = "ben", state: str = "payable") -> None:
    """The figures that they read are the ones that become final."""
    looks, desk = getattr(cast, by), f"mesa/tramites/{folio}/"
    told(looks.post(f"{desk}tomar/"))
    read = told(looks.get(desk))["decision"]
    assert read["paid"]["amount"] == paid
    confirmed = told(looks.post(f"{desk}segunda-vista/", {"act": "confirm", "note": "", "mark": read["mark"]}))
    assert (confirmed["state"], confirmed["payment_state"]) == ("decided", state)


def it_is_paid(cast: Any, folio: str, amount: str) -> None:
    """A batch of two people, the bank's file and its answer: the family is owed nothing any more."""
    ready = told(cast.preparer.get("mesa/pagos/por-pagar/"))["ready"]
    assert [(row["reference"], row["amount"]["amount"]) for row in ready] == [(folio, amount)]
    batch = told(cast.preparer_acts.post("mesa/pagos/", {"payables": [ready[0]["id"]]}), 201)
    here, total = f"mesa/pagos/{batch['id']}/", {"total": batch["total"]["amount"]}
    assert told(cast.preparer_acts.post(f"{here}autorizar/", total), 403)["code"] == "forbidden"
    told(cast.approver_acts.post(f"{here}autorizar/", total))
    told(cast.preparer_acts.post(f"{here}archivo/"))
    assert cast.preparer_acts.post(f"{here}archivo/descargar/", key=None).status_code == 200
    told(cast.preparer_acts.post(f"{here}archivo/enviado/"))
    answer = bank_scene.bank_answer(PaymentBatch.objects.get(pk=batch["id"]), on=clock.today())
    read = told(cast.preparer_acts.post(f"{here}respuesta/", files={"result": answer}), 201)
    posted = told(cast.preparer_acts.post(f"{here}respuesta/{read['id']}/aplicar/"))
    assert (posted["state"], posted["transfers"][0]["pays"]) == ("posted", [folio])
    assert told(cast.mine.get(f"tramites/{folio}/"))["payment_state"] == "paid"
    owed = {"code": "member_payable", "currency": "MXN", "party": cast.family.titular.party}
    assert treasury.balance(**owed) == 0


def appeal_raises_it(cast: Any, folio: str, condition: str) -> None:
    """Neither who decided nor who looked answers an appeal; only the difference is owed."""
    draft = told(cast.mine.post(f"tramites/{folio}/apelacion/", {"reasons": WHY}), 201)
    assert draft["condition"] == condition
    appeal = told(cast.mine.post(f"tramites/borradores/{draft['id']}/enviar/", {"consent": True}))["folio"]
    assert appeal != folio
    for barred in (cast.ana, cast.ben):
        assert barred.post(f"mesa/tramites/{appeal}/tomar/").status_code == 409
    told(cast.cleo.post(f"mesa/tramites/{appeal}/tomar/"))
    read = told(cast.cleo.get(f"mesa/tramites/{appeal}/"))
    assert (read["follows"], read["reasons"], read["stage"]) == (folio, WHY, "appeal")
    decides(cast.cleo, appeal, condition, "30000.00")
    a_second_person_confirms(cast, appeal, paid="9000.00", by="dan")
    it_is_paid(cast, appeal, "9000.00")


def a_small_one_is_approved_by_itself(cast: Any, condition: str) -> None:
    draft = begins(cast, condition)
    for document in a.DOCUMENTS:
        attaches(cast, draft, document, pdf(f"{document} de la consulta"))
    xml = a.xml(cast.family.titular, "900.00", faults=["pue"])
    for file in (("g.xml", xml), ("g.pdf", samples.make_invoice_pdf(xml=xml))):
        attaches(cast, draft, "invoice_xml", file)
    folio = told(cast.mine.post(f"{draft}enviar/", {"consent": True}))["folio"]
    assert judge_sent() == 1
    assert AutomaticAnswer.objects.get().because == []
    seen = told(cast.mine.get(f"tramites/{folio}/"))
    assert (seen["state"], seen["payment_state"]) == ("decided", "payable")
    assert seen["decision"]["paid"]["amount"] == "810.00", "its deductible is used up: the coaseguro alone"


def begins(cast: Any, condition: str) -> str:
    """Address of a draft of the titular's, of that illness."""
    draft = told(cast.mine.post("tramites/borradores/"), 201)
    here = f"tramites/borradores/{draft['id']}/"
    choice = next(one["key"] for one in draft["choices"] if one["key"].startswith(f"{cast.family.titular.pk}:"))
    told(cast.mine.post(here, {"choice": choice, "condition": condition}))
    return here


def attaches(cast: Any, draft: str, document: str, file: tuple[str, bytes]) -> Any:
    return told(cast.mine.post(f"{draft}archivos/", {"document": document}, files={"file": file}))


def a_surgery_gets_its_letter(cast: Any, condition: str) -> None:
    """A hospital that is not listed is the adviser's to add; then the letter says what the family pays there."""
    draft = begins(cast, condition)
    day = str(clock.today() + timedelta(days=20))
    planned = {"subtype": "surgery", "planned_on": day, "hospital": "", "unlisted": "Clínica del Sol"}
    kept = told(cast.mine.post(f"{draft}evento/", planned))
    assert (kept["subtype"], kept["planned_on"], kept["hospital"]) == ("surgery", day, None)
    for document in ("claim_form", "medical_report", "study_results", "official_id"):
        attaches(cast, draft, document, pdf(f"{document} de la cirugía"))
    assert [one["name"] for one in told(cast.mine.get(f"{draft}faltantes/"))["missing"]] == ["hospital"]
    (asked,) = told(cast.noemi.get("mesa/asesoria/"))["rows"]
    told_of = {"key": "H-7", "name": "Clínica del Sol", "city": "Puebla", "state": "Puebla"}
    told_of |= {"insurer": str(cast.family.plan.party.pk), "since": str(clock.today() - timedelta(days=90))}
    hospital = told(cast.noemi.post("mesa/hospitales/", told_of), 201)["id"]
    answer = {"hospital": hospital, "answer": "Ya tiene convenio: la agregamos."}
    assert kept["asked"] == asked["folio"]
    told(cast.noemi.post(f"mesa/asesoria/{asked['folio']}/", answer))
    agreed = {"id": hospital, "name": "Clínica del Sol", "city": "Puebla", "state": "Puebla"}
    assert told(cast.mine.get(f"{draft}hospitales/")) == {"hospitals": [agreed]}
    assert told(cast.mine.get(draft))["hospital"] == agreed
    folio = told(cast.mine.post(f"{draft}enviar/", {"consent": True}))["folio"]
    assert folio.startswith("PR-")
    told(cast.ana.post(f"mesa/tramites/{folio}/tomar/"))
    read, event_of = told(cast.ana.get(f"mesa/tramites/{folio}/")), ("surgery", day, agreed)
    assert (read["subtype"], read["planned_on"], read["hospital"]) == event_of
    event = {"condition": condition, "authorised": "50000.00", "why": "", "note": ""}
    assert told(cast.ana.post(f"mesa/tramites/{folio}/evento/", event))["state"] == "decided"
    seen = told(cast.mine.get(f"tramites/{folio}/"))
    assert (seen["decision"]["outcome"], seen["payment_state"]) == ("authorised", "none"), "a letter moves no money"
    assert (seen["subtype"], seen["planned_on"], seen["hospital"], seen["ball"]) == (*event_of, "hospital")
    (pays,) = seen["decision"]["explanations"]
    assert (pays["title"], pays["result"]) == ("Lo que pagas en el hospital", "$5,000.00"), "no deductible is left"
    assert told(cast.ana.get(f"mesa/tramites/{folio}/"))["decision"]["authorised"]["amount"] == "50000.00"
    billed = {"concept_1": "Quirófano", "on_1": str(a.ON), "claimed_1": "100.00", "covered_1": "100.00", "why_1": ""}
    told(cast.ana.post(f"mesa/tramites/{folio}/cuenta-del-hospital/", billed))
    for one in (cast.mine.get(f"tramites/{folio}/"), cast.ana.get(f"mesa/tramites/{folio}/")):
        assert [bill["paid"]["amount"] for bill in told(one)["bills"]] == ["90.00"]
    assert told(cast.mine.get(f"tramites/{folio}/"))["ball"] == "nobody"


def every_paper_is_drawn() -> None:
    """Each paper of the story as its PDF shows it, its dates in words."""
    papers = {one.kind: html_of(one) for one in IssuedDocument.objects.filter(kind__startswith="claim_")}
    assert {"claim_receipt", "claim_documents", "claim_benefits", "claim_letter"} <= set(papers), sorted(papers)
    said = re.compile(r"<time[^>]*>\d{1,2} \w{3} \d{4}</time>")
    assert said.search(papers["claim_letter"]) and said.search(papers["claim_benefits"])

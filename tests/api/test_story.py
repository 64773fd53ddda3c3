"""The first story through the API alone: from an insurer's order to the complement of its payment (S0.2-S0.29)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from billing.models import Invoice
from config.demo.scenes import billing as billing_scene
from config.demo.scenes import treasury as bank_scene
from portal import clock
from portal.access import Role
from portal.people.models import Party
from portal.treasury import selectors as treasury
from portal.treasury.models import BankAccount, PaymentBatch, Transfer
from tests.api.callers import ALL, Caller, old_acting_token, own_token, system_token, told
from tests.factories import billing as a
from tests.factories import people
from tests.faults import town as towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """Everybody of the story, each with their own token; none of them opens a page."""
    town = towns.found()
    party = people.a_party(name="LUCÍA NÚÑEZ PEÑA", fiscal_regime="612")
    doctor = people.physician(party=party)
    machine = people.user_with_role(Role.INSURER_API, town.insurer)
    by = {
        "doctor": doctor,
        "reviewer": town.reviewer,
        "preparer": town.preparer,
        "approver": town.approver,
    }
    calls = {name: Caller(own_token(user, *ALL)) for name, user in by.items()}
    acting = {f"{name}_acts": Caller(own_token(user, "payments:act")) for name, user in by.items()}
    system = Caller(system_token(town.insurer, "orders:write", user=machine))
    return SimpleNamespace(town=town, party=party, users=by, system=system, **calls, **acting)


def test_the_first_story_runs_through_the_api(cast: SimpleNamespace) -> None:
    an_account_is_proved(cast)
    orders = orders_arrive(cast)
    draft = a_draft_is_billed(cast, orders)
    folio = it_is_sent_given_back_and_accepted(cast, draft)
    deposit = it_is_paid(cast, folio)
    its_complement_is_handed_in(cast, folio, deposit)
    assert treasury.books_are_whole()


def an_account_is_proved(cast: Any) -> None:
    regime = {"name": cast.party.name, "zip_code": "44100", "regime": "612", "state": "", "specialty": ""}
    assert told(cast.doctor.post("regimen/", regime | {"valid_from": "2026-01-01"}), 204) is None
    clabe, other = bank_scene.clabe_of("012", 71), bank_scene.clabe_of("012", 72)
    on = clock.today()
    party = Party.objects.get(pk=cast.party.pk)
    old, good = (bank_scene.statement_for(party, clabe, on - timedelta(days=days)) for days in (190, 20))
    refused = told(cast.doctor.post("cuenta-bancaria/", {"clabe": clabe}, files={"statement": old}), 422)
    assert refused["findings"] and not BankAccount.objects.filter(party=party).exists()
    assert treasury.kept_statement(party=party, at=clock.now()) is None
    wrong = told(cast.doctor.post("cuenta-bancaria/", {"clabe": other}, files={"statement": good}), 422)
    assert "quedó guardado: corrige la CLABE." in wrong["title"]
    kept = treasury.kept_statement(party=party, at=clock.now())
    account = told(cast.doctor.post("cuenta-bancaria/", {"clabe": clabe}), 201)
    assert kept is not None and account["statement"] == str(kept.pk)
    assert account["last4"] == clabe[-4:] and clabe not in str(account)
    sending = f"cuenta-bancaria/{account['id']}/enviar/"
    assert told(cast.doctor.post(sending), 403)["code"] == "forbidden"  # a token for other things
    assert told(cast.doctor_acts.post(sending))["state"] == "in_review"
    waiting = told(cast.reviewer.get("mesa/cuentas/", estado="in_review"))
    assert waiting["count"] == 1
    decided = cast.reviewer.post(f"mesa/cuentas/{account['id']}/decidir/", {"decision": "approved", "reason": ""})
    assert told(decided)["state"] == "validated"
    assert told(cast.doctor.get("cuenta-bancaria/"))["current"]["id"] == account["id"]


def orders_arrive(cast: Any) -> list[str]:
    row = a.row(cast.party.rfc, authorised_by=cast.town.insurer.name)
    sent = []
    for number in (1, 2):
        one = {name: getattr(row, name) for name in row.__slots__} | {"account": f"API-{number}"}
        sent.append({name: value if isinstance(value, bool) else str(value) for name, value in one.items()})
    body = {"control": {"rows": 2, "payable": "2600.00"}, "orders": sent}
    assert told(cast.system.post("ordenes/", body), 201)["accepted"] == 2
    assert told(cast.system.get("ordenes/"), 403)["code"] == "forbidden"  # hers to read, not the system's
    orders = told(cast.doctor.get("ordenes/", orden="-service_on"))
    assert orders["sums"]["payable"] == {"amount": "2600.00", "currency": "MXN"}
    return [told(cast.doctor.get(f"ordenes/{pk}/"))["id"] for pk in ids_of_orders()]


def ids_of_orders() -> list[str]:
    from billing.models import CareOrder

    return [str(pk) for pk in CareOrder.objects.order_by("account").values_list("pk", flat=True)]


def a_draft_is_billed(cast: Any, orders: list[str]) -> str:
    wrong = told(cast.doctor.post("facturas/", {"orders": "API-1"}), 422)
    assert wrong["errors"] == {"orders": ["Manda una lista de textos."]}
    key = "factura-de-julio-1"
    first = cast.doctor.post("facturas/", {"orders": orders}, key=key)
    again = cast.doctor.post("facturas/", {"orders": orders}, key=key)
    draft = told(first, 201)
    assert again.json() == draft and again.status_code == 201 and first["Location"] == again["Location"]
    assert told(cast.doctor.post("facturas/", {"orders": orders[:1]}, key=key), 409)["code"] == "once_other_body"
    assert (draft["sum"]["total"]["amount"], draft["missing"] != []) == ("2340.00", True)
    assert told(cast.doctor.client.get(first["Location"], **cast.doctor._headers())) == draft
    assert told(cast.doctor.post(f"facturas/borradores/{draft['id']}/enviar/"), 422)["code"] == "incomplete"
    sheet = cast.doctor.post(f"facturas/borradores/{draft['id']}/hoja/")
    assert told(sheet, 202)["is_ready"] is False
    waiting = cast.doctor.client.get(f"{sheet['Location']}pdf/", **cast.doctor._headers())
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "2")
    return str(draft["id"])


def attach(cast: Any, draft: str, *faults: str) -> Any:
    invoice = Invoice.objects.select_related("party", "insurer").get(pk=draft)
    xml, pdf = billing_scene.files_for(invoice, issued_at=clock.now() - timedelta(hours=1), faults=faults)
    return cast.doctor.post(f"facturas/borradores/{draft}/archivos/", files={"xml": xml, "pdf": pdf})


def its_good_file_stays(cast: Any, draft: str) -> None:
    """Beside a wrong PDF the XML stays in the draft, as the answer says."""
    assert Invoice.objects.get(pk=draft).xml is None
    invoice = Invoice.objects.select_related("party", "insurer").get(pk=draft)
    xml, _pdf = billing_scene.files_for(invoice, issued_at=clock.now() - timedelta(hours=1))
    files = {"xml": xml, "pdf": b"esto no es un PDF"}
    refused = told(cast.doctor.post(f"facturas/borradores/{draft}/archivos/", files=files), 422)
    assert "Tu XML quedó guardado: sube solo el PDF." in refused["title"]
    kept = Invoice.objects.get(pk=draft)
    assert (kept.xml is not None, kept.pdf) == (True, None)


def it_is_sent_given_back_and_accepted(cast: Any, draft: str) -> str:
    refused = told(attach(cast, draft, "pue"), 422)
    assert refused["findings"] and all(one["cure"] for one in refused["findings"] if one["level"] == "error")
    its_good_file_stays(cast, draft)
    assert told(attach(cast, draft))["missing"] == []
    sent = told(cast.doctor.post(f"facturas/borradores/{draft}/enviar/"))
    folio = str(sent["folio"])
    assert [told(cast.doctor.get(f"facturas/{folio}/"))["state"], sent["waits_for"] != ""] == ["submitted", True]
    waiting = told(cast.reviewer.get("mesa/facturas/", estado="submitted"))
    assert [row["folio"] for row in waiting["rows"]] == [folio]
    desk = f"mesa/facturas/{folio}/"
    assert told(cast.reviewer.get(desk))["orders"][0]["account"] == "API-1"
    assert told(cast.reviewer.post(f"{desk}devolver/", {"reasons": ["inventado"]}), 422)["errors"]["reasons"]
    back = told(cast.reviewer.post(f"{desk}devolver/", {"reasons": ["illegible_pdf"], "note": "El PDF no se lee."}))
    assert (back["state"], back["decisions"][0]["note"]) == ("returned", "El PDF no se lee.")
    told(attach(cast, draft))
    told(cast.doctor.post(f"facturas/borradores/{draft}/enviar/"))
    accepted = told(cast.reviewer.post(f"{desk}aceptar/"))
    assert (accepted["state"], accepted["payment_state"]) == ("accepted", "payable")
    assert told(cast.reviewer.post(f"{desk}aceptar/"), 422)["code"] == "wrong_state"
    return folio


def it_is_paid(cast: Any, folio: str) -> str:
    ready = told(cast.preparer.get("mesa/pagos/por-pagar/"))["ready"]
    assert [(row["reference"], row["amount"]["amount"]) for row in ready] == [(folio, "2340.00")]
    assert told(cast.preparer.post("mesa/pagos/", {"payables": [ready[0]["id"]]}), 403)  # not with that scope
    owed = told(cast.preparer.get(f"mesa/pagos/por-pagar/{ready[0]['id']}/"))
    assert (owed["accepted_by"], owed["tries"]) == (str(cast.users["reviewer"]), []) and owed["concepts"]
    days = told(cast.preparer.get("mesa/pagos/agenda/"))["days"]
    assert [(day["count"], day["total"]["amount"], day["on"]) for day in days] == [(1, "2340.00", owed["due_on"])]
    batch = told(cast.preparer_acts.post("mesa/pagos/", {"payables": [ready[0]["id"]]}), 201)
    (only,) = batch["transfers"]
    assert [row["reasons"][0]["why"] for row in batch["look_first"]] == ["first_deposit"]
    left = cast.approver_acts.post(f"mesa/pagos/transferencias/{only['id']}/quitar/", {"reason": "No."})
    assert told(left, 422)["code"] == "last_transfer"
    here, total = f"mesa/pagos/{batch['id']}/", {"total": batch["total"]["amount"]}
    may_not_approve(cast, here, total)
    assert told(cast.approver_acts.post(f"{here}autorizar/", {"total": "1.00"}), 409)["title"]
    approved = told(cast.approver_acts.post(f"{here}autorizar/", total))
    assert (approved["state"], approved["acts"]["export"]) == ("approved", False)  # the approver's own acts
    assert told(cast.preparer_acts.post(f"{here}archivo/enviado/"), 409)["code"] == "not_downloaded"
    assert told(cast.preparer_acts.post(f"{here}archivo/"))["file"]["downloaded_at"] is None
    name = cast.preparer_acts.post(f"{here}archivo/descargar/", key=None)
    assert name.status_code == 200 and name["Content-Type"].startswith("text/csv")
    sent = told(cast.preparer_acts.post(f"{here}archivo/enviado/"))["file"]
    assert sent["sent_by"] == sent["downloaded_by"] == sent["made_by"] == str(cast.users["preparer"])
    answer = bank_scene.bank_answer(PaymentBatch.objects.get(pk=batch["id"]), on=clock.today())
    read = told(cast.preparer_acts.post(f"{here}respuesta/", files={"result": answer}), 201)
    assert [row["outcome"] for row in read["applies"]] == ["paid"]
    posted = told(cast.preparer_acts.post(f"{here}respuesta/{read['id']}/aplicar/"))
    assert (posted["state"], posted["transfers"][0]["pays"]) == ("posted", [folio])
    return str(Transfer.objects.get().pk)


def may_not_approve(cast: Any, here: str, total: dict[str, str]) -> None:
    """Not who prepared it, not an organisation's token, not without a fresh proof (AU-08, MO-05)."""
    operator = Caller(old_acting_token(cast.users["approver"]))
    assert told(operator.post(f"{here}autorizar/", total), 403)["code"] == "people_only"
    assert told(cast.preparer_acts.post(f"{here}autorizar/", total), 403)["code"] == "forbidden"
    weak = Caller(own_token(cast.users["approver"], "payments:act", factor="password"))
    assert told(weak.post(f"{here}autorizar/", total), 403)["code"] == "second_factor"
    stale = people.signed_in(cast.users["approver"], fresh_at=0)
    assert told(Caller(client=stale).post(f"{here}autorizar/", total), 403)["code"] == "fresh_proof"


def its_complement_is_handed_in(cast: Any, folio: str, deposit: str) -> None:
    listed = told(cast.doctor.get("pagos/"))
    assert (listed["count"], listed["sums"]["total"]["amount"]) == (1, "2340.00")
    shown = told(cast.doctor.get(f"pagos/{deposit}/"))
    assert [(link["folio"], link["balance_after"]["amount"]) for link in shown["links"]] == [(folio, "0.00")]
    paid = list(Invoice.objects.select_related("party", "insurer", "transfer").filter(folio=folio))
    for faults, status in ((("rep_use",), 422), ((), 201)):
        xml = billing_scene.complement_for(paid, issued_at=clock.now() - timedelta(minutes=1), faults=faults)
        last = told(cast.doctor.post(f"pagos/{deposit}/complemento/", files={"xml": xml}), status)
    assert last["state"] == "accepted"
    assert told(cast.doctor.get(f"facturas/{folio}/"))["payment_state"] == "closed"
    month = told(cast.doctor.get("estado-de-cuenta/"))
    owed = sum(Decimal(row["owed"]["amount"]) for row in month["movements"] if row["owed"])
    assert (owed, month["closing"]["amount"]) == (Decimal("2340.00"), "0.00")

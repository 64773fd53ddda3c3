"""What the auditor asks: an act in words, a folio's whole file, a sample that comes out again, what is out of the
ordinary (AD-01, AD-02, AD-03).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.urls import reverse

from billing.rules import OWED
from config.desk import auditing, dossier, listings, subjects
from portal import clock
from portal.history import services as history
from portal.history.models import AccessEvent, AuditEvent
from portal.papers.models import StoredFile
from tests.factories import billing as a
from tests.factories import people
from tests.factories import treasury as situations
from tests.guards import guards_asleep

pytestmark = pytest.mark.django_db


def page(browser: Any, name: str, *args: Any, **query: str) -> str:
    answer = browser.get(reverse(f"desk:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def call(browser: Any, name: str, *args: Any, **query: str) -> Any:
    answer = browser.get(reverse(f"desk_api:{name}", args=args), query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def act(subject: Any, action: str = "treasury.account_captured", **details: Any) -> AuditEvent:
    return history.record(action=action, subject=subject, by=people.reviewer(), at=clock.now(), details=details)


def test_one_act_is_told_in_words_with_what_stood_before_and_after() -> None:
    auditor, account = people.signed_in(people.auditor()), situations.captured(situations.physician())
    first = act(account, state="captured", bank={"folio": "X-1"}, hold=True)
    second = act(
        account, state="in_review", amount="1300", currency="MXN", role="reviewer", reasons=["uno", "dos"], total="raro"
    )
    third = act(account, outcome="validated", hold=False)
    told = {one.what: (one.before, one.after) for one in auditing.changes(second)}
    assert told["Estado"] == ("Falta que la envíes", "La está revisando una persona")
    assert told["Importe"] == ("", "$1,300.00") and told["Permiso"] == ("", "Revisión")
    assert told["Motivos"] == ("", "uno, dos") and told["Total"] == ("", "raro")
    changed = {one.what: (one.before, one.after) for one in auditing.changes(third)}
    assert changed["hold"] == ("Sí", "No") and changed["Resultado"][1] != "validated"
    assert next(one.after for one in auditing.changes(first) if one.what == "Banco") == "Folio: X-1"
    ways = [
        ("factor", "totp", "Código del teléfono"),
        ("factor", "demo", "Demostración"),
        ("type", "webauthn", "Huella o llave"),
        ("factor", "nuevo", "nuevo"),
    ]
    for key, code, said in ways:
        way = act(people.reviewer(), "people.factor_removed", **{key: code})
        assert [one.after for one in auditing.changes(way)] == [said]
    unknown = AuditEvent(action="x.y", subject_type="no.such", subject_id="1", details={"state": "lost"}, pk=0)
    assert [one.after for one in auditing.changes(unknown)] == ["lost"]
    shown = page(auditor, "act", second.pk)
    assert all(said in shown for said in ("Antes", "Después", "$1,300.00", "Ver todo lo que se anotó de esto"))
    assert reverse("desk:act", args=[first.pk]) in shown and reverse("desk:act", args=[third.pk]) in shown
    assert "Es lo primero que se anotó" in page(auditor, "act", first.pk)
    assert "Es lo último que se anotó" in page(auditor, "act", third.pk)
    assert reverse("desk:act", args=[third.pk]) in page(auditor, "audit")
    json_act = call(auditor, "act", second.pk)
    assert {"what": "Importe", "before": "", "after": "$1,300.00"} in json_act["changes"]
    system = history.record(action="treasury.account_captured", subject=account, by=None, at=clock.now())
    assert call(auditor, "act", system.pk)["by"] == "El sistema" and "El sistema" in page(auditor, "act", system.pk)


def test_an_act_on_what_bears_a_folio_opens_it_by_its_one_address() -> None:
    auditor, doctor = people.signed_in(people.auditor()), situations.physician()
    account = situations.validated(doctor)
    batch = situations.locked(doctor, situations.desk())
    opens = reverse("listing:folio", args=[batch.folio])
    assert f'<a href="{opens}">Abrir <span class="nowrap">{batch.folio}</span></a>' in page(
        auditor, "act", act(batch).pk
    )
    assert auditor.get(opens).status_code == 302 and "Abrir " not in page(auditor, "act", act(account).pk)


def test_a_sample_comes_out_again_from_its_seed_and_anybody_can_draw_it() -> None:
    auditor, account = people.signed_in(people.auditor()), situations.captured(situations.physician())
    for number in range(6):
        act(account, number=number)
    query = {"semilla": "abc", "cuantos": "3", "acto": "treasury.account_captured"}
    rows = [call(auditor, "sample", **query)["rows"] for _ in range(2)]
    uids = AuditEvent.objects.filter(action="treasury.account_captured").values_list("uid", flat=True)
    drawn = sorted(uids, key=lambda uid: hashlib.sha256(f"abc:{uid}".encode()).digest())[:3]
    assert rows[0] == rows[1] and {row["uid"] for row in rows[0]} == {str(uid) for uid in drawn}
    for missing, said in (("semilla", "Falta la semilla"), ("cuantos", "Falta cuántos")):
        alone = {name: value for name, value in query.items() if name != missing}
        assert auditor.get(reverse("desk_api:sample"), alone).status_code == 422, "one alone is no sample"
        refused = page(auditor, "sample", **alone)
        assert said in refused and "Cuántos: 3" not in refused and not any(str(uid) in refused for uid in uids)
    shown = page(auditor, "sample", **query)
    assert "Semilla de esta muestra: abc" in shown and "cuantos=25" in page(auditor, "sample")
    file = auditor.get(reverse("desk:sample"), query | {"formato": "csv"})
    told = b"".join(file.streaming_content).decode()
    assert all(str(uid) in told for uid in drawn)
    act(situations.captured(situations.physician()), "billing.regime_set")
    drawing = re.search(r'href="(\?[^"]*cuantos=25[^"]*)"', page(auditor, "sample", acto=query["acto"], buscar=" "))
    assert drawing is not None
    href = unescape(drawing[1])
    assert parse_qs(href[1:])["acto"] == [query["acto"]], "what is filtered stays"
    first = auditor.get(reverse("desk:sample") + href).content.decode()
    inside = {str(uid) for uid in uids if str(uid) in first}
    late = [str(act(account, number=number).uid) for number in range(6)]
    again = auditor.get(reverse("desk:sample") + href).content.decode()
    assert inside == {str(uid) for uid in uids if str(uid) in again} != set()
    assert not any(uid in again for uid in late), "what came later changes no sample"


def counted(shown: str) -> dict[str, int]:
    """How many each line of the exceptions says, by its title without the days."""
    found = re.findall(
        r'<h2>([^<]*)</h2> <p>[^<]*</p> <div class="kpis"> ?<a class="kpi[^"]*" href="[^"]*"><b>(\d+)</b>', shown
    )
    return {title.split(", últimos")[0]: int(count) for title, count in found}


def test_the_list_of_exceptions_names_each_kind_and_how_many() -> None:
    auditor = people.auditor()
    browser, account = people.signed_in(auditor), situations.captured(situations.physician())
    act(account, "billing.invoice_decision_undone")
    who = a.doctor()
    situations.validated(who, a.NOW - timedelta(days=40))
    changed = situations.validated(who, a.NOW - timedelta(days=8))
    assert changed.replaces_id is not None
    paid, reader, other = a.transfer(who), people.reviewer(), people.reviewer()
    assert paid.account_id == changed.pk
    file = account.statement
    looker = people.auditor()
    for by, reason in ((reader, ""), (other, "Folio QS-1"), (looker, ""), (who.user, "")):
        history.record_access(subject=file, by=by, at=clock.now(), reason=reason, party_id=file.party_id)
    busy = people.reviewer()
    history.record_access(subject=file, by=busy, at=clock.now(), party_id=file.party_id)
    history.record(action="billing.regime_set", subject=file, by=busy, at=clock.now(), party_id=file.party_id)
    assert {row.by for row in auditing.untasked(auditor)} == {reader, looker}
    assert list(auditing.changed_and_paid(auditor)) == [paid] and not auditing.changed_and_paid(people.support())
    assert [row.action for row in auditing.undone(auditor)] == ["billing.invoice_decision_undone"]
    shown = page(browser, "exceptions")
    for listing in (listings.CONFLICTING, listings.UNDONE, listings.CHANGED_AND_PAID, listings.UNTASKED):
        assert listing.title in shown
    assert "<b>1</b><span>acto deshecho</span>" in shown and "<b>2</b><span>lecturas sin tarea</span>" in shown
    since = clock.today() - timedelta(days=90)
    for name, listing in (("undone", listings.UNDONE), ("untasked", listings.UNTASKED)):
        assert f"{listing.title}, últimos 90 días" in shown and f"{reverse(f'desk:{name}')}?desde={since}" in shown
    with guards_asleep(AuditEvent):
        AuditEvent.objects.filter(action="billing.invoice_decision_undone").update(at=clock.now() - timedelta(days=92))
    assert counted(page(browser, "exceptions"))[listings.UNDONE.title] == 0 == counted(shown)[listings.UNDONE.title] - 1
    assert call(browser, "undone")["count"] == 1, "the list itself goes back as far as it is asked"
    for name, said in (("undone", "lo deshizo"), ("changed", "salió dinero"), ("untasked", "sin motivo")):
        assert said in page(browser, name) and call(browser, name)["count"] >= 1
    with guards_asleep(type(paid)):
        type(paid).objects.filter(pk=paid.pk).update(paid_on=a.TODAY + timedelta(days=40))
    assert not auditing.changed_and_paid(auditor)


def test_a_folios_whole_file_can_be_checked_without_us(trusted_house: None) -> None:
    who, auditor = a.doctor(), people.auditor()
    invoice = a.accepted(who)
    history.record_access(subject=invoice.xml, by=people.reviewer(), at=clock.now())
    history.seal_events()
    browser = people.signed_in(auditor)
    answer = browser.get(reverse("desk:dossier"), {"folio": invoice.folio.lower()})
    assert answer["Content-Type"] == "application/zip" and "attachment" in answer["Content-Disposition"]
    made = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    parts = {name: made.read(name) for name in made.namelist()}
    sums = dict(line.split("  ")[::-1] for line in parts["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(one).hexdigest() for name, one in parts.items() if name != "SHA256SUMS"}

    def table(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(parts[name].decode("utf-8-sig"))))

    assert {row["action"] for row in table("actos.csv")} >= {"billing.invoice_submitted", "billing.invoice_accepted"}
    assert table("sellos.csv") and all(len(row["hmac"]) == 64 for row in table("sellos.csv"))
    entry = [Decimal(row["amount"]) for row in table("libro.csv")]
    assert entry and sum(entry) == 0
    figures = json.loads(parts["cifras.json"])
    assert any("formula" in one and one["rules"] for found in figures.values() for one in found)
    papers = table("papeles.csv")
    assert {row["sha256"] for row in papers} >= {invoice.xml.sha256, invoice.pdf.sha256}
    for row in papers:
        seen = StoredFile.objects.visible_to(auditor).filter(sha256=row["sha256"]).exists()
        assert (row["archivo"] in parts) is seen, "only what the auditor may open is in it"
        assert not seen or hashlib.sha256(parts[row["archivo"]]).hexdigest() == row["sha256"]
    assert (
        "sha256sum -c SHA256SUMS" in parts["LEEME.txt"].decode()
        and invoice.folio in parts["LEEME.txt"].decode().upper()
    )
    assert AccessEvent.objects.filter(by=auditor, reason__startswith="Expediente de").exists()
    for folio in ("FA-1999-000001", "FA-1999\0-000001"):
        unknown = browser.get(reverse("desk:dossier"), {"folio": folio})
        assert unknown.status_code == 404 and "No hay nada con" in unknown.content.decode()
    assert "Descargar expediente" in page(browser, "dossier")
    assert browser.get(reverse("desk_api:dossier", args=["FA-1999-000001"])).status_code == 404
    called = browser.get(reverse("desk_api:dossier", args=[invoice.folio]))
    assert called["Content-Type"] == "application/zip" and b"".join(called.streaming_content)[:2] == b"PK"


def whole_file(folio: str, by: Any) -> dict[str, Any]:
    """Each table of a folio's whole file as its rows, the other parts as they are."""
    with dossier.make(folio=folio, portal="https://x.mx", by=by, at=clock.now()) as kept:
        made = zipfile.ZipFile(kept)
        parts = {name: made.read(name).decode("utf-8-sig") for name in made.namelist() if "/" not in name}
    return {
        name: list(csv.DictReader(io.StringIO(part))) if name.endswith(".csv") else part for name, part in parts.items()
    }


def sums(rows: list[dict[str, str]], by: str) -> dict[str, Decimal]:
    """The amounts of ledger lines by one of their columns."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row[by]] = found.get(row[by], Decimal()) + Decimal(row["amount"])
    return found


BANK_ACTS = {
    "treasury.batch_prepared",
    "treasury.batch_approved",
    "treasury.bank_file_exported",
    "treasury.bank_result_imported",
}


def test_what_was_paid_has_its_payment_in_the_whole_file_of_invoice_and_batch(trusted_house: None) -> None:
    who, auditor = a.doctor(), people.auditor()
    invoice = a.paid(who)
    transfer = invoice.transfer
    batch = transfer.batch
    for folio, discharged in ((invoice.folio, Decimal()), (batch.folio, transfer.amount)):
        told = whole_file(folio, auditor)
        assert {row["action"] for row in told["actos.csv"]} >= BANK_ACTS, folio
        assert set(sums(told["libro.csv"], "entry").values()) == {Decimal()}, folio
        assert sums(told["libro.csv"], "account")[f"{OWED} MXN"] == discharged, folio
        papers = {row["sha256"] for row in told["papeles.csv"]}
        run = batch.results.get().run
        assert {batch.bank_file.file.sha256, run.file.sha256} <= papers
        assert f"Transferencia {transfer} ({transfer.pk})" in told["LEEME.txt"]
        assert "No está completo" not in told["LEEME.txt"]
    read = AccessEvent.objects.filter(by=auditor, subject_type="treasury.paymentbatch", subject_id=str(batch.pk))
    assert [row.party_id for row in read] == [None], "the batch is named by its own folio alone"
    of_party = AccessEvent.objects.filter(by=auditor, reason=f"Expediente de {batch.folio}", party_id=who.party.pk)
    assert of_party.count() >= 1, "whose payment was read is told with it"
    a.bank_returns(batch)
    for folio in (invoice.folio, batch.folio):
        back = whole_file(folio, auditor)["libro.csv"]
        assert sum(bool(row["reverses"]) for row in back) == 2 and set(sums(back, "entry").values()) == {Decimal()}
    order = invoice.lines.get().order
    assert str(order.delivery.run_id) in whole_file(order.account, auditor)["LEEME.txt"]


def test_a_name_that_too_many_bear_says_what_was_left_out(trusted_house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    who, other = a.doctor(), a.doctor()
    for one in (who, other):
        a.orders(one, account="C-77", payer=a.insurer(f"SEGUROS {one.party.pk}"))
    assert subjects.cut("C-77") == [] and len(subjects.things("C-77")["billing.careorder"]) == 2
    monkeypatch.setattr(subjects, "MOST", 1)
    told = whole_file("C-77", people.auditor())["LEEME.txt"]
    assert "No está completo: hay más de 1 con este nombre y van las primeras. Orden, Entrega de órdenes." in told
    assert told.count("C-77 (") == 1


def test_papers_that_a_person_may_open_are_in_the_file_and_no_cell_is_a_formula(trusted_house: None) -> None:
    invoice, reviewer = a.submitted(a.doctor()), people.reviewer()
    with dossier.make(folio=invoice.folio, portal="https://x.mx", by=reviewer, at=clock.now()) as kept:
        made = zipfile.ZipFile(kept)
        inside = {name: made.read(name) for name in made.namelist() if name.startswith("papeles/")}
    assert len(inside) == 2, "the XML and the PDF; the receipt is not made yet"
    hashes = {hashlib.sha256(one).hexdigest() for one in inside.values()}
    assert hashes == {invoice.xml.sha256, invoice.pdf.sha256}
    told = AccessEvent.objects.filter(by=reviewer, subject_id__in=[str(invoice.xml_id), str(invoice.pdf_id)])
    assert told.count() == 2, "each paper is a reading of its own"
    assert [dossier._safe(cell) for cell in ("=1+1", "-5.00", None, "a")] == ["'=1+1", "-5.00", "", "a"]
    assert list(dossier._explained({"a": [{"formula": "x", "rules": []}]})) == [{"formula": "x", "rules": []}]


@pytest.fixture
def trusted_house(db: None) -> None:
    a.trust()

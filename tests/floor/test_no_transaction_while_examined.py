"""No connection idles in a transaction while a file is examined; its key is taken first and outlives the examination.

Every page that takes a file, asked twice at the same moment with the same key (MO-04, XP-03).
"""

from __future__ import annotations

import ast
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from billing import services as billing
from config.demo import samples
from config.demo.scenes import billing as billing_scene
from config.demo.scenes import treasury as bank_scene
from config.demo.uploads import upload_of
from portal import clock
from portal.imports import registry
from portal.once.models import IdempotencyKey
from portal.papers.models import StoredFile
from portal.papers.services import examining
from portal.people.models import User
from portal.proofs import services as proofs
from portal.treasury import services as treasury
from tests.billing.test_intake import csv_of
from tests.factories import billing as a
from tests.factories import collections as deposits
from tests.factories import memberships as members
from tests.factories import people, policies
from tests.factories import treasury as situations
from tests.factories.threads import LONG
from tests.memberships.test_affiliations_file import families_file
from tests.papers import makers
from tests.sources import dotted, named, nodes, product

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """One upload as a browser sends it: who, where, which files, and what else the form holds."""

    by: User
    page: str
    files: dict[str, tuple[str, bytes]]
    fields: dict[str, str] = field(default_factory=dict)


def _invoice() -> Sent:
    who = a.doctor()
    draft = a.draft(who)
    xml, pdf = billing_scene.files_for(draft, issued_at=a.NOW)
    files = {"xml": ("factura.xml", xml), "pdf": ("factura.pdf", pdf)}
    return Sent(who.user, reverse("billing:attach", args=[draft.pk]), files)


def _complement() -> Sent:
    who = a.doctor()
    paid = a.paid(who)
    files = {"xml": ("rep.xml", billing_scene.complement_for([paid], issued_at=a.PAID_AT))}
    return Sent(who.user, reverse("billing:complement", args=[paid.transfer_id]), files)


def _statement() -> Sent:
    who, clabe = a.doctor(), bank_scene.clabe_of("012", 44455566677)
    files = {"statement": ("estado.pdf", bank_scene.statement_for(who.party, clabe, clock.today()))}
    return Sent(who.user, reverse("treasury:capture_account"), files, {"clabe": clabe})


def _bank_answer() -> Sent:
    desk, doctor = situations.desk(), situations.physician()
    situations.validated(doctor)
    batch = situations.locked(doctor, desk)
    treasury.export_bank_file(batch=batch, by=desk.preparer, at=situations.NOW)
    files = {"result": ("respuesta.csv", bank_scene.bank_answer(batch, on=situations.TODAY))}
    return Sent(desk.preparer, reverse("treasury:read_result", args=[batch.pk]), files)


def _orders() -> Sent:
    row = a.row(a.doctor())
    told = {"insurer": str(a.insurer().pk), "rows": "1", "payable": "1,300.00"}
    return Sent(people.reviewer(), reverse("billing:import_orders"), {"file": ("ordenes.csv", csv_of(row))}, told)


def _constancia() -> Sent:
    doctor = people.physician(party=people.a_party(proved=False))
    made = samples.make_constancia_pdf(name="NORA LUNA", rfc=people.own_party(doctor).rfc, on=clock.today())
    told = {"doc-kind": "constancia"}
    return Sent(doctor, reverse("proofs:hand_in"), {"doc-file": ("constancia.pdf", made)}, told)


def _looked_at() -> Sent:
    """A constancia that was kept, as it is sent from the page that shows it once more."""
    chosen = _constancia()
    upload = upload_of(*chosen.files["doc-file"])
    proofs.keep_paper(party=people.own_party(chosen.by), upload=upload, by=chosen.by, at=clock.now())
    page = f"{reverse('proofs:check_paper')}?documento={chosen.fields['doc-kind']}"
    return Sent(chosen.by, page, {})


def _evidence() -> Sent:
    party = people.own_party(people.physician(party=people.a_party(proved=False)))
    made = samples.make_constancia_pdf(name="NORA LUNA", rfc=party.rfc, on=clock.today())
    told = {"rfc": party.rfc, "name": "Nora Luna", "email": "duena@ejemplo.mx", "evidence": "Llamó y confirmó."}
    return Sent(people.administrator(), reverse("proofs:ask_move"), {"file": ("constancia.pdf", made)}, told)


def _bundle() -> Sent:
    who = a.doctor()
    draft = a.draft(who)
    xml, _pdf = billing_scene.files_for(draft, issued_at=a.NOW)
    billing.discard_draft(invoice=draft, by=who.user, at=a.NOW)
    return Sent(who.user, reverse("billing:bundle"), {"files": ("factura.xml", xml)})


def _movements() -> Sent:
    content = (deposits.HEAD + deposits.row("", "480.00")).encode()
    return Sent(deposits.clerk(), reverse("treasury:read_movements"), {"file": ("banco.csv", content)})


def _certificates() -> Sent:
    plan = policies.a_whole_policy(policy_number="GC-00417-02")
    cells = ["GC-00417-02", "C-1", "Titular", "Rosa", "Núñez", "Peña", "1991-11-03", "F", "2026-06-01", "GMM"]
    names = ["policy", "certificate", "kinship", "given_name", "first_surname", "second_surname", "born_on", "sex"]
    content = f"{','.join([*names, 'since', 'coverages'])}\n{','.join(cells)}\n".encode()
    page = reverse("memberships:import_certificates", args=[plan.pk])
    return Sent(people.affiliator(), page, {"file": ("certificados.csv", content)})


def _affiliations() -> Sent:
    people.the_operator()
    content = families_file(members.a_plan().name).encode()
    return Sent(people.affiliator(), reverse("memberships:import_affiliations"), {"file": ("familias.csv", content)})


def _imss() -> Sent:
    stay = members.bare().members.select_related("person").get()
    page = reverse("memberships:imss_constancia", args=[stay.pk])
    made = makers.pdf(f"Constancia de {stay.person.as_printed}")
    return Sent(people.affiliator(), page, {"file": ("imss.pdf", made)})


def _hospitals() -> Sent:
    people.the_operator()
    cells = f"{people.an_insurer().rfc},H-1,Hospital del Valle,Puebla,Puebla,2026-01-01"
    content = f"rfc_aseguradora,clave,nombre,ciudad,estado,desde\n{cells}\n".encode()
    return Sent(people.administrator(), reverse("claims:import_hospitals"), {"file": ("hospitales.csv", content)})


def _openings() -> Sent:
    people.the_operator()
    head = "poliza,certificado,nombre,nacimiento,cobertura,cubierto,pagado"
    content = f"{head}\nGC-1,C-1,Rosa Núñez,1991-11-03,GMM,1.00,0.00\n".encode()
    return Sent(people.administrator(), reverse("claims:import_openings"), {"file": ("acumulados.csv", content)})


# The purpose under which its file is kept (a bundle's files: its invoices') → how it is sent.
UPLOADS: dict[str, Callable[[], Sent]] = {
    "invoice_xml": _invoice,
    "complement_xml": _complement,
    "bank-statement": _statement,
    "bank-result": _bank_answer,
    "orders_csv": _orders,
    "rfc-proof": _looked_at,
    "rfc-move": _evidence,
    "bundle": _bundle,
    "movements": _movements,
    "affiliations_csv": _affiliations,
    "certificates_csv": _certificates,
    "imss_constancia": _imss,
    "hospitals_csv": _hospitals,
    "openings_csv": _openings,
}


def test_every_purpose_under_which_a_file_is_kept_is_here() -> None:
    """Those of the kinds of import, and those that services store uploads under."""
    kept = {spec.purpose for spec in registry._specs.values()}
    for path in product():
        for node in nodes(path):
            if isinstance(node, ast.Call) and dotted(node.func).endswith("store_upload"):
                said = next(one.value for one in node.keywords if one.arg == "purpose")
                if not ast.unparse(said).startswith(("spec.", "envelope.")):
                    module = import_module(named(path).removesuffix(".py").replace("/", "."))
                    kept.add(eval(ast.unparse(said), vars(module)))
    assert kept == UPLOADS.keys() - {"bundle"} | {"invoice_pdf"}, "a PDF comes beside its XML"


def post(sent: Sent, key: str) -> Any:
    client = Client()
    client.force_login(sent.by)
    session = client.session
    session["demo"] = True  # every factor, just now
    session.save()
    files = {name: SimpleUploadedFile(file, content) for name, (file, content) in sent.files.items()}
    return client.post(sent.page, {**sent.fields, **files, "idempotency_key": key})


class Examiner:
    """The examiner's place, taken: the first file waits there until it is let go; says what the database did then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.real, self.in_transaction = examining.examiner.examine, []
        self.arrived, self.go_on = threading.Event(), threading.Event()
        monkeypatch.setattr(examining.examiner, "examine", self)

    def __call__(self, **asked: Any) -> Any:
        self.in_transaction.append(connection.in_atomic_block or not connection.get_autocommit())
        self.arrived.set()
        assert self.go_on.wait(LONG)
        return self.real(**asked)


@pytest.mark.parametrize("purpose", UPLOADS)
def test_mo_04_a_second_click_while_the_file_is_examined_is_told_when_to_come_back(purpose: str, monkeypatch) -> None:
    a.trust()
    sent, key = UPLOADS[purpose](), uuid.uuid4().hex
    stored = StoredFile.objects.filter(purpose="invoice_xml" if purpose == "bundle" else purpose)
    kept, first = stored.count(), []
    examiner = Examiner(monkeypatch)
    thread = threading.Thread(target=lambda: (first.append(post(sent, key)), connections.close_all()))
    thread.start()
    assert examiner.arrived.wait(LONG)
    lock = IdempotencyKey.objects.get(key=key).locked_until - clock.real_now()
    second = post(sent, key)
    examiner.go_on.set()
    thread.join(LONG)
    assert (second.status_code, first[0].status_code) == (409, 302), first[0].content.decode()
    assert int(second["Retry-After"]) > 0 and lock > examining.examiner.LONGEST
    assert examiner.in_transaction and not any(examiner.in_transaction)
    again = post(sent, key)
    assert (again.status_code, again["Location"]) == (302, first[0]["Location"])
    assert stored.count() == kept + 1


def test_certificates_are_read_before_the_transaction_too(monkeypatch) -> None:
    found, examine = [], examining.examiner.examine
    monkeypatch.setattr(
        examining.examiner,
        "examine",
        lambda **asked: (found.append((asked["check"], connection.in_atomic_block)), examine(**asked))[1],
    )
    a.trust()
    assert set(found) == {("portal.fiscal.checks.certificates", False)}, "in the limited child, as every other upload"


def test_d24_an_xml_that_cannot_be_had_leaves_its_pdf_which_is_not_opened_again() -> None:
    """The claim of its folio is refused inside the transaction, after which no file may be examined any more."""
    a.trust()
    who = a.doctor()
    first, second = a.draft(who), a.draft(who)
    xml = a.xml_of_either(first, second)
    billing.attach_files(invoice=first, xml=a.upload_of("f.xml", xml), pdf=None, by=who.user, at=a.NOW)
    told_nothing = bank_scene.statement_for(who.party, bank_scene.clabe_of("012", 1), clock.today())
    files = {"xml": ("factura.xml", xml), "pdf": ("factura.pdf", told_nothing)}
    answer = post(Sent(who.user, reverse("billing:attach", args=[second.pk]), files), uuid.uuid4().hex)
    second.refresh_from_db()
    assert (answer.status_code, second.xml, second.pdf and second.pdf.facts["compared_with"]) == (409, None, "")
    assert "quedó guardado" in answer.content.decode()

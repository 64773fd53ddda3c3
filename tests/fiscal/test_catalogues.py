"""Keys newer than the package: a question where a PAC stamped the file, an administrator's word, else a fault."""

from __future__ import annotations

import uuid
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from lxml import etree

from config.demo import samples
from config.demo.samples.faults import attribute
from config.demo.samples.sealing import C, P
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.fiscal import catalogues, checks, selectors, services, standards
from portal.fiscal.facts import MAX_KEYS_TOLD
from portal.fiscal.models import CatalogueKey
from portal.fiscal.reading import read_cfdi
from portal.fiscal.rules.common import key_findings
from portal.history.models import AuditEvent
from portal.people.models import User
from tests.factories import papers, people
from tests.factories.threads import at_once

NEWER = "85129901"
PAGE, ADD = "/mesa/catalogos/", "/mesa/catalogos/agregar/"
CONCEPT = f"{C}Conceptos/{C}Concepto"
FORM = {"catalogue": "c_ClaveProdServ", "key": NEWER, "meaning": "Teleconsulta, desde noviembre de 2026"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An invoice with one attribute changed before it is sealed and stamped, and faults of the mill beside it."""

    def invoice(path: str, name: str, value: str, *faults: str) -> bytes:
        monkeypatch.setitem(samples.INVOICE_FAULTS, "newer", attribute(path, name, value))
        return papers.invoice(["newer", *faults])

    return invoice


def said(content: bytes, **changes: Any) -> list[str]:
    return [finding.code for finding in checks.invoice(content, papers.expected_invoice(**changes)).findings]


# --- the package -----------------------------------------------------------------------------------------------------


def test_the_date_of_the_catalogues_is_that_of_the_package_we_pin() -> None:
    """Another version of satcfdi: look up the day of its catCFDI.xsd in the wheel and write both down."""
    assert version("satcfdi") == catalogues.PACKED_IN


def test_every_attribute_that_takes_its_value_from_a_catalogue_is_known() -> None:
    found = standards.standard().catalogues
    assert set(found.attributes.values()) == set(catalogues.LABELS)
    assert found.attributes[f"{C}Concepto", "ClaveProdServ"] == "c_ClaveProdServ"
    assert found.attributes[f"{P}Pago", "FormaDePagoP"] == "c_FormaPago"
    assert len(found.keys["c_ClaveProdServ"]) > 52_000
    assert [key for name in catalogues.LABELS for key in found.keys[name] if not catalogues.SHAPE.fullmatch(key)] == []


# --- the judgement ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name", "value", "also"),
    [
        (CONCEPT, "ClaveProdServ", NEWER, set()),
        (CONCEPT, "ClaveUnidad", "ZZ9", {"concept_unit"}),
        (CONCEPT, "ObjetoImp", "99", {"tax_object"}),
        (".", "LugarExpedicion", "00001", set()),
        (".", "Moneda", "MXQ", {"currency"}),
        (".", "FormaPago", "77", {"payment_form"}),
        (".", "MetodoPago", "PPX", {"payment_method"}),
        (f"{C}Emisor", "RegimenFiscal", "699", {"issuer_regime"}),
        (f"{C}Receptor", "UsoCFDI", "G99", {"receiver_use"}),
        (f"{C}Receptor", "RegimenFiscalReceptor", "699", {"receiver_regime"}),
    ],
)
def test_an_unknown_key_in_a_stamped_invoice_is_a_persons_question_and_the_rules_go_on(
    drawn: Any, path: str, name: str, value: str, also: set[str]
) -> None:
    judged = checks.invoice(drawn(path, name, value), papers.expected_invoice())
    asked = [finding for finding in judged.findings if finding.code == "catalogue_key"]
    assert [finding.level for finding in asked] == ["review"]
    assert f"«{value}»" in asked[0].message
    assert f"@{name} " in asked[0].message
    assert "19 oct 2026" in asked[0].message
    assert {finding.code for finding in judged.findings} == {"catalogue_key", *also}
    assert judged.facts["unknown_keys"][0]["key"] == value
    assert judged.facts["xsd_ok"] is False


def test_alone_it_leads_to_review_and_is_said_once_a_key(drawn: Any) -> None:
    judged = checks.invoice(drawn(CONCEPT, "ClaveProdServ", NEWER), papers.expected_invoice())
    assert (judged.verdict, len(judged.findings)) == ("review", 1)


@pytest.mark.parametrize("fault", ["unknown_pac", "unknown_authority"])
def test_a_certificate_we_do_not_know_is_a_question_too(drawn: Any, fault: str) -> None:
    judged = checks.invoice(drawn(CONCEPT, "ClaveProdServ", NEWER, fault), papers.expected_invoice())
    assert judged.verdict == "review"
    assert "catalogue_key" in {finding.code for finding in judged.findings}


@pytest.mark.parametrize(
    "fault", ["unsealed", "unstamped", "copied_stamp", "two_stamps", "edited_stamp", "altered", "odd_amount"]
)
def test_without_a_stamp_that_holds_or_with_another_fault_of_the_schema_it_is_refused(drawn: Any, fault: str) -> None:
    codes = said(drawn(CONCEPT, "ClaveProdServ", NEWER, fault))
    assert codes[0] == "schema"
    assert "catalogue_key" not in codes


@pytest.mark.parametrize("value", ["", "8512 9901", "85129901-A", "<b>", "8" * 13, "85129901ñ"])
def test_what_can_be_no_key_is_a_fault_of_the_schema(drawn: Any, value: str) -> None:
    assert said(drawn(CONCEPT, "ClaveProdServ", value)) == ["schema"]


def test_an_added_key_is_no_question_any_more(drawn: Any) -> None:
    content = drawn(CONCEPT, "ClaveProdServ", NEWER)
    judged = checks.invoice(content, papers.expected_invoice(keys={"c_ClaveProdServ": [NEWER]}))
    assert (judged.findings, judged.facts["xsd_ok"], judged.facts["unknown_keys"]) == ((), True, [])
    assert said(content, keys={"c_ClaveUnidad": [NEWER]}) == ["catalogue_key"]
    assert said(drawn(CONCEPT, "ClaveProdServ", NEWER, "unstamped"), keys={"c_ClaveProdServ": [NEWER]}) == [
        "stamp_missing"
    ]


def test_thousands_of_unknown_keys_are_told_five_times() -> None:
    root = etree.fromstring(papers.invoice())
    concepts = root.find(f"{C}Conceptos")
    assert concepts is not None
    for number in range(2000):
        concepts[0].set("ClaveUnidad", f"QZ{number}")
        concepts.append(etree.fromstring(etree.tostring(concepts[0])))
    unknown = standards.standard().judge(root)[1]
    assert len(unknown) == 2000
    facts = replace(read_cfdi(papers.invoice(), trust=samples.trust_der()), unknown_keys=tuple(unknown))
    assert len(key_findings(facts)) == len(facts.as_json()["unknown_keys"]) == MAX_KEYS_TOLD


def test_a_complement_is_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{C}Complemento/{P}Pagos/{P}Pago"
    monkeypatch.setitem(samples.COMPLEMENT_FAULTS, "newer", attribute(path, "FormaDePagoP", "77"))

    def codes(*faults: str, **changes: Any) -> set[str]:
        content = papers.complement(["newer", *faults])
        return {one.code for one in checks.complement(content, papers.expected_complement(**changes)).findings}

    assert codes() == {"catalogue_key", "payment_way"}
    assert codes(keys={"c_FormaPago": ["77"]}) == {"payment_way"}
    assert codes("unstamped") == {"schema", "stamp_missing"}


# --- administrators add keys -----------------------------------------------------------------------------------------


def add(by: User, **changes: str) -> CatalogueKey:
    return services.add_catalogue_key(**{**FORM, **changes}, by=by, at=clock.now())


@pytest.mark.django_db
def test_an_added_key_counts_at_once_and_a_withdrawn_one_no_more(drawn: Any) -> None:
    admin, content = people.administrator(), drawn(CONCEPT, "ClaveProdServ", NEWER)

    def verdict() -> str:
        vouched = selectors.vouched()
        return str(checks.invoice(content, papers.expected_invoice(keys=vouched["keys"])).verdict)

    before = verdict()
    row = add(admin)
    during = verdict()
    services.withdraw_catalogue_key(row=row, by=admin, at=clock.now(), reason="el SAT la retiró")
    assert (before, during, verdict()) == ("review", "accepted", "review")
    with pytest.raises(Conflict):
        services.withdraw_catalogue_key(row=row, by=admin, at=clock.now())
    assert add(admin).pk != row.pk
    told = AuditEvent.objects.filter(action__startswith="fiscal.catalogue").order_by("id")
    assert [(event.action.rpartition("_")[2], event.details["key"], event.reason) for event in told] == [
        ("added", NEWER, FORM["meaning"]),
        ("withdrawn", NEWER, "el SAT la retiró"),
        ("added", NEWER, FORM["meaning"]),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"catalogue": "c_Banco"}, "unknown_catalogue", "catalogue"),
        ({"key": "85 12"}, "key_shape", "key"),
        ({"key": "85121502"}, "key_shipped", "key"),
    ],
)
def test_what_is_no_newer_key_is_refused_with_its_field(changes: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        add(people.administrator(), **changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not CatalogueKey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"withdrawn_at": "now"}, "key_withdrawn_by_somebody"),
        ({"key": "85 12"}, "key_has_a_keys_shape"),
        ({"catalogue": "c_Banco"}, "key_of_a_known_catalogue"),
        ({"copy": True}, "one_live_row_per_key"),
    ],
)
def test_the_database_keeps_keys_honest(changes: dict[str, Any], name: str) -> None:
    row = add(people.administrator())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        if "copy" in changes:
            row.pk = uuid.uuid4()
            row.save(force_insert=True)
        values = {key: clock.now() if value == "now" else value for key, value in changes.items()}
        CatalogueKey.objects.filter(pk=row.pk).update(**values)


@pytest.mark.django_db
def test_only_a_key_added_before_is_told_as_one() -> None:
    """Another fault of the row is a bug and is never excused with «ya está en la lista»."""
    row = CatalogueKey(**{**FORM, "key": "85 12"}, added_by=people.administrator(), added_at=clock.now())
    with pytest.raises(IntegrityError, match="key_has_a_keys_shape"), transaction.atomic():
        services._insert_key(row)


@pytest.mark.django_db(transaction=True)
def test_of_ten_at_once_one_adds_the_key() -> None:
    admin = people.administrator()
    answers = at_once([lambda: add(admin)] * 10)
    assert [one.code for one in answers if isinstance(one, Conflict)] == ["key_added_before"] * 9
    assert [one for one in answers if isinstance(one, CatalogueKey)] == [CatalogueKey.objects.live().get()]


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_of_catalogues_is_the_administrators() -> None:
    assert Client().get(PAGE).status_code == 302
    for person in (people.support(), people.reviewer(), people.auditor()):
        browser = people.signed_in(person)
        assert browser.get(PAGE).status_code == 403
        assert browser.post(ADD, FORM).status_code == 403
    assert not CatalogueKey.objects.exists()


@pytest.mark.django_db
def test_an_administrator_adds_a_key_and_a_second_time_is_told() -> None:
    browser = people.signed_in(people.administrator())
    assert "19 de octubre de 2026" in browser.get(PAGE).content.decode()
    assert browser.post(ADD, FORM).status_code == 302
    page = browser.get(PAGE).content.decode()
    assert (NEWER in page, "Teleconsulta" in page, "Clave de producto o servicio" in page) == (True, True, True)
    again = browser.post(ADD, FORM)
    assert again.status_code == 409
    assert "ya está en la lista" in again.content.decode()
    assert CatalogueKey.objects.count() == 1


@pytest.mark.django_db
def test_an_incomplete_form_says_what_is_missing() -> None:
    answer = people.signed_in(people.administrator()).post(ADD, {"catalogue": "c_Nada", "key": "", "meaning": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    for sentence in ("Elige un catálogo de la lista.", "Escribe la clave.", "Escribe qué dice el SAT de esa clave."):
        assert sentence in page
    shipped = people.signed_in(people.administrator()).post(ADD, {**FORM, "key": "85121502"})
    assert (shipped.status_code, "ya viene en el catálogo" in shipped.content.decode()) == (422, True)


@pytest.mark.django_db
def test_withdrawing_a_key_asks_why_and_happens_once() -> None:
    browser, row = people.signed_in(people.administrator()), add(people.administrator())
    address = f"/mesa/catalogos/{row.pk}/retirar/"
    assert "¿Retirar esta clave?" in browser.get(address).content.decode()
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "El SAT la retiró"}).status_code == 302
    assert browser.post(address, {"reason": "El SAT la retiró"}).status_code == 404
    assert people.signed_in(people.reviewer()).get(address).status_code == 403

"""The assistant whole (N3): each concept's withholding, its files, and a CFDI that only lacks what stamping adds."""

from __future__ import annotations

import csv
import gzip
import io
import json
from decimal import Decimal

import pytest
from django.urls import reverse
from lxml import etree

from billing import rules, services
from billing.rules.draft_cfdi import DRAFT_SERIES
from billing.selectors import sheet
from billing.services.invoices import FileRefused
from config.demo.uploads import upload_of
from portal.errors import RuleBroken
from portal.fiscal import checks, standards
from portal.history.models import AccessEvent
from tests.factories import billing as a
from tests.factories import people

pytestmark = pytest.mark.django_db
ODD = tuple(Decimal(text) for text in ("333.33", "166.67", "0.01", "1000.00", "333.33", "0.05"))
SEAL = {"Sello", "NoCertificado", "Certificado"}


@pytest.mark.parametrize("rates", [("0.100000",), ("0.012500",), ("0.025000", "0.030000")])
def test_s0_20_what_each_concept_withholds_adds_up_to_the_cent_and_is_its_own_product_rounded(rates) -> None:
    parts = [rules.SchemeComponent(name, Decimal(rate)) for name, rate in zip(("ISR", "LOCAL"), rates, strict=False)]
    each, whole = rules.withhold_each(ODD, parts), rules.withhold(sum(ODD, Decimal(0)), parts)
    assert [one.base for one in each] == list(ODD)
    for part in parts:
        assert sum(one.amount_of(part.component) for one in each) == whole.amount_of(part.component)
        for one in each:
            assert abs(one.amount_of(part.component) - one.base * part.rate) < Decimal("0.01")
    assert sum(one.payable for one in each) == whole.payable


def amounts_of(who):
    """A draft over orders whose products do not come out in cents."""
    rows = [a.row(who, fee=one, coaseguro=Decimal(0), payable=one) for one in ODD if one > 1]
    a.deliver(rows)
    orders = list(a.CareOrder.objects.filter(account__in=[row.account for row in rows]).order_by("account"))
    return a.draft(who, of=orders)


@pytest.mark.parametrize(("regime", "state"), [("612", ""), ("626", "JAL")])
def test_the_draft_xml_lacks_only_what_stamping_adds_and_is_refused_as_an_invoice_in_its_own_words(
    trusted, regime, state
) -> None:
    who = a.doctor(regime=regime, state=state)
    draft = amounts_of(who)
    told = sheet.sheet(draft, on=a.TODAY)
    content, name, _ = sheet.file(told, "xml", at=a.NOW)
    root = etree.fromstring(content)
    assert name == f"BORRADOR-{told.concepts[0]['account']}.xml" and root.get("Serie") == DRAFT_SERIES
    assert not SEAL & set(root.attrib) and root.get("Folio") is None and b"TimbreFiscalDigital" not in content
    faults, unknown = standards.standard().judge(root)
    assert ({fault.attribute for fault in faults}, unknown) == (SEAL, [])
    assert root.get("Total") == str(draft.total) and root.get("SubTotal") == str(draft.base)
    judged = checks.invoice(content.replace(DRAFT_SERIES.encode(), b"A"), a.expectation(draft))
    assert [one.code for one in judged.findings if one.level == "error"] == ["seal_missing"]
    with pytest.raises(FileRefused) as refused:
        services.attach_files(invoice=draft, xml=upload_of(name, content), pdf=None, by=who.user, at=a.NOW)
    assert [one.code for one in refused.value.findings] == ["portal_draft"]
    assert "Es el borrador que te dio el portal" in refused.value.findings[0].message


def test_every_file_of_the_assistant_says_what_its_page_says_to_whose_it_is_and_is_recorded(db) -> None:
    who = a.doctor(regime="626", state="JAL")
    draft = amounts_of(who)
    mine, stranger = people.signed_in(who.user), people.signed_in(a.doctor().user)

    def get(kind: str, client=mine):
        return client.get(reverse("billing:draft_data", args=[draft.pk, kind]))

    page = mine.get(reverse("billing:draft", args=[draft.pk])).content.decode()
    lines = list(csv.reader(io.StringIO(get("csv").content.decode("utf-8-sig"))))
    assert lines[0][-3:] == ["ISR retenido", "Impuesto local retenido", "Neto"] and len(lines) == 6
    assert lines[-1][-4:] == [str(one) for one in (draft.base, draft.withheld_isr, draft.withheld_local, draft.total)]
    assert all(cell in page for line in lines[1:] for cell in line[5:])
    told = json.loads(get("json").content)
    assert [row["net"] for row in told["concepts"]] == [line[-1] for line in lines[1:-1]]
    assert told["data"]["Receptor"]["RFC"] == draft.insurer.rfc and told["total"] == str(draft.total)
    assert "BORRADOR-" in get("xml")["Content-Disposition"]
    assert "Copiar" in page and "Neto\n" in page  # the whole, a tab between columns, in the button that copies it
    assert {get("csv", stranger).status_code, get("pdf").status_code} == {404}
    assert AccessEvent.objects.filter(subject_type="billing.invoice", subject_id="xml:draft").count() == 1


def test_a_draft_xml_without_a_postal_code_says_where_to_write_it(db) -> None:
    who = a.doctor()
    who.party.zip_code = ""
    who.party.save()
    told = sheet.sheet(a.draft(who), on=a.TODAY)
    with pytest.raises(RuleBroken, match="código postal fiscal"):
        sheet.file(told, "xml", at=a.NOW)
    assert b"Impuesto local" not in sheet.file(told, "csv", at=a.NOW)[0]


def test_a_page_with_200_concepts_stays_below_60_kb_as_sent(db) -> None:
    who = a.doctor()
    draft = a.draft(who, 200)
    content = people.signed_in(who.user).get(reverse("billing:draft", args=[draft.pk])).content
    assert content.count(b"data-copy") > 200
    assert len(gzip.compress(content, 6)) < 60_000

"""The PDF of an invoice against its XML, as the examiner runs it (N4): pure."""

from __future__ import annotations

import pytest

from billing.checks import FINDINGS, invoice_pdf, uncompared

MINE, OTHER = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0", "ffffffff-4f50-6172-8394-a5b6c7d8e9f0"


@pytest.mark.parametrize(
    ("text", "uuid", "code"),
    [
        ([f"Folio fiscal {MINE.upper()}"], MINE, "pdf_matches"),
        ([f"{OTHER}", f"{MINE}"], MINE.upper(), "pdf_matches"),
        ([MINE.replace("-", " -\n")], MINE, "pdf_matches"),
        ([f"Folio {OTHER}"], MINE, "pdf_of_another"),
        (["Consulta"], MINE, "pdf_without_uuid"),
        ([], MINE, "pdf_without_uuid"),
        ([MINE], "", "pdf_not_compared"),
    ],
)
def test_n4_the_pdf_shows_the_same_fiscal_folio_as_the_xml(text, uuid, code) -> None:
    judged = invoice_pdf(b"", {"base": {"text": text}, "uuid": uuid})
    assert [finding.code for finding in judged.findings] == [code]
    assert judged.findings[0].level == FINDINGS[code][0]


def test_without_the_base_gate_nothing_is_claimed() -> None:
    judged = invoice_pdf(b"", {"uuid": MINE})
    assert judged.facts == {"uuids": [], "compared_with": MINE} and judged.findings[0].code == "pdf_without_uuid"


@pytest.mark.parametrize("text", [[MINE], ["Consulta"]])
def test_d24_a_pdf_whose_xml_cannot_be_had_is_as_if_it_had_come_alone(text) -> None:
    base = {"base": {"text": text}}
    beside = invoice_pdf(b"", base | {"uuid": MINE})
    assert uncompared(beside.findings, beside.facts) == invoice_pdf(b"", base | {"uuid": ""})

"""What a machine says of a paper that should prove an RFC."""

from __future__ import annotations

import pytest

from portal.proofs import checks

RFC = "CALN900121CC0"


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        (f"CONSTANCIA DE SITUACIÓN FISCAL RFC: {RFC} Nombre NORA", "rfc_named", True),
        (f"Estado de cuenta. RFC {RFC[:4]} {RFC[4:10]} {RFC[10:]} Folio fiscal 1, factura", "rfc_named", True),
        ("Constancia de Situación Fiscal RFC: OERL850612AA9 Nombre LUCÍA", "rfc_of_another", False),
        ("Constancia de Situación Fiscal, sin nada más que leer aquí", "rfc_not_found", False),
        (f"Factura electrónica {RFC} Folio fiscal 0000", "is_invoice", True),
        ("", "no_text", False),
    ],
)
def test_a_paper_is_judged_by_the_rfc_it_names(text: str, code: str, names: bool) -> None:
    judged = checks.names_rfc(b"", {"rfc": RFC, "base": {"text": [text]}})
    assert [finding.code for finding in judged.findings] == [code]
    assert judged.facts == {"names_rfc": names}


def test_without_an_rfc_nothing_is_named() -> None:
    judged = checks.names_rfc(b"", {"base": {"text": ["Constancia de Situación Fiscal de nadie"]}})
    assert judged.facts == {"names_rfc": False}

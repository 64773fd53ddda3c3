"""What a machine says of a paper that should prove an RFC."""

from __future__ import annotations

import pytest

from portal.proofs import checks

RFC = "CALN900121CC0"


HEAD = f"Estado de cuenta\nPeriodo del 1 al 31 de octubre de 2026\nNORA CANO LUNA\nRFC {RFC}"
GROUPED = f"{RFC[:4]} {RFC[4:10]} {RFC[10:]}"
BELOW = f"31/10/2026 PAGO HONORARIOS 5,000.00\n0012180\nREF 12\nNORA CANO LUNA\n{RFC}"
ROW = "31/OCT SPEI ENVIADO SANTANDER NORA CANO LUNA RFC {} 5,000.00"
OF_JUAN = "Estado de cuenta\nPeriodo del 1 al 31 de octubre de 2026\nJUAN PEREZ LOPEZ\nDomicilio conocido"
INVOICE = f"NORA CANO RFC {RFC}\nFolio\nfiscal 0000"


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        (f"CONSTANCIA DE SITUACIÓN FISCAL RFC: {RFC} Nombre NORA", "rfc_named", True),
        (f"Constancia de situación fiscal RFC{RFC} Nombre NORA", "rfc_named", True),
        (f"Estado de cuenta, corte 31. RFC {GROUPED} Folio fiscal 1, factura", "rfc_named", True),
        (f"{HEAD}\n{ROW.format('OERL850612AA9')}", "rfc_named", True),
        (f"{HEAD}\nRFC del banco BBA830831LJ2, público en general XAXX010101000", "rfc_named", True),
        ("Constancia de Situación Fiscal RFC: OERL850612AA9 Nombre LUCÍA", "rfc_of_another", False),
        (f"RFC OERL850612AA9\n{OF_JUAN}\n{ROW.format(RFC)}", "rfc_of_another", False),
        (f"{HEAD}\nCotitular OERL850612AA9", "rfc_beside_another", False),
        (f"{OF_JUAN}\n{ROW.format(RFC)}", "rfc_in_movement", False),
        (f"{OF_JUAN}\n{BELOW}", "rfc_in_movement", False),
        (f"{OF_JUAN}\nNORA CANO LUNA {RFC}\nTraspaso", "rfc_in_movement", False),
        (f"{OF_JUAN}\nDepósito\nNORA CANO LUNA\n{RFC}", "rfc_in_movement", False),
        ("Constancia de Situación Fiscal, sin nada más que leer aquí", "rfc_not_found", False),
        ("Estado de cuenta BBVA México, RFC BBA830831LJ2, de NORA CANO", "rfc_not_found", False),
        (f"Estado de cuenta de NORA CANO, contrato 9{RFC} y {RFC}0", "rfc_not_found", False),
        (f"Factura electrónica {RFC} Folio fiscal 0000", "is_invoice", True),
        (f"FACTURA {INVOICE} Datos de pago CLABE 012180015678912344", "is_invoice", True),
        (f"Comprobante Fiscal Digital por Internet {INVOICE}", "is_invoice", True),
        (f"{INVOICE} Uso CFDI G03 Según su Constancia de Situación Fiscal", "is_invoice", True),
        (f"{INVOICE} Sello digital del SAT. Pague según su estado de cuenta", "is_invoice", True),
        ("", "no_text", False),
    ],
)
def test_a_paper_is_judged_by_the_rfc_it_names(text: str, code: str, names: bool) -> None:
    judged = checks.names_rfc(b"", {"rfc": RFC, "base": {"text": [text]}})
    assert [finding.code for finding in judged.findings] == [code]
    assert judged.facts == {"names_rfc": names}


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("MUÑE561231GR8", "rfc_named"),
        ("MUN\u0303E561231GR8", "rfc_named"),
        ("MUNE561231GR8", "rfc_without_enie"),
        ("MU?E561231GR8", "rfc_without_enie"),
        ("MUE561231GR8", "rfc_without_enie"),
        ("MUNE561231GR9", "rfc_of_another"),
    ],
)
def test_an_rfc_that_lost_its_enie_is_for_a_person(printed: str, code: str) -> None:
    text = f"Constancia de Situación Fiscal\nRFC {printed}\nEVA MUÑOZ"
    judged = checks.names_rfc(b"", {"rfc": "MUÑE561231GR8", "base": {"text": [text]}})
    assert [finding.code for finding in judged.findings] == [code]


def test_without_an_rfc_nothing_is_named() -> None:
    judged = checks.names_rfc(b"", {"base": {"text": ["Constancia de Situación Fiscal de nadie"]}})
    assert judged.facts == {"names_rfc": False}

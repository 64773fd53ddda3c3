"""Names in an invoice: signs and blanks do not count, a shortened or damaged one is a person's question."""

from __future__ import annotations

from typing import Any

import pytest

from portal.errors import Finding
from portal.fiscal import checks
from portal.fiscal.rules.common import names_person
from tests.factories import papers


def judged(written: str, patient: str) -> list[Finding]:
    """An invoice whose concept says `written`, for an order of `patient`."""
    order = {"account": "OA-2026-000123", "payable": "1500.00"}
    content = papers.invoice(orders=[{**order, "patient": written}])
    return list(checks.invoice(content, papers.expected_invoice(orders=[{**order, "patient": patient}])).findings)


@pytest.mark.parametrize(
    ("written", "patient"),
    [
        ("JOSE OFARRILL DIAZ", "José O'Farrill Díaz"),
        ("José O’Farrill Díaz", "JOSE OFARRILL DIAZ"),
        ("José O´Farrill Díaz", "José O'Farrill Díaz"),
        ("Jose O Farrill Diaz", "José O`Farrill Díaz"),
        ("DANGELO RUIZ ANA", "Ana D'Angelo Ruiz"),
        ("Ana García López", "Ana García-López"),
        ("Ana GarcíaLópez", "Ana García-López"),
        ("Juan delaCruz", "Juan de la Cruz"),
    ],
)
def test_apostrophes_hyphens_and_blanks_of_a_patient_do_not_count(written: str, patient: str) -> None:
    assert judged(written, patient) == []


@pytest.mark.parametrize(
    ("written", "patient"),
    [
        ("MA. JOSE NUÑEZ PEÑA", "María José Núñez Peña"),
        ("María José Núñez Peña", "Ma. José Núñez Peña"),
        ("Gpe. Núñez Peña", "Guadalupe Núñez Peña"),
        ("MARIA NU?EZ PE?A", "María Núñez Peña"),
        ("Juan Cruz", "Juan de la Cruz"),
    ],
)
def test_a_shortened_or_damaged_patient_is_a_persons_question(written: str, patient: str) -> None:
    (finding,) = judged(written, patient)
    assert (finding.code, finding.level) == ("patient_differs", "review")
    assert f"«{written}»" in finding.message
    assert patient in finding.message
    assert f"Cuenta OA-2026-000123, paciente {patient}" in finding.cure


@pytest.mark.parametrize(
    ("written", "patient"),
    [
        ("Josefina Ruiz", "José Ruiz"),
        ("Ana López García", "Andrea López García"),
        ("MARIA FERNANDA HERNAN", "María Fernanda Hernández Villavicencio"),
        ("M. L.", "María López"),
    ],
)
def test_another_patient_and_half_a_name_stay_missing(written: str, patient: str) -> None:
    assert [finding.code for finding in judged(written, patient)] == ["patient_missing"]


def test_a_shortened_name_without_its_account_is_not_described() -> None:
    content = papers.invoice(orders=[{"account": "otra", "patient": "Ma. Pérez", "payable": "1500.00"}])
    order = {"account": "OA-2026-000123", "patient": "María Pérez", "payable": "1500.00"}
    codes = [finding.code for finding in checks.invoice(content, papers.expected_invoice(orders=[order])).findings]
    assert codes == ["order_not_described"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("DANGELO SALUD SA", []),
        ("D’Angelo Salud, S.A.", []),
        ("D'ANGELO SALUD S A", []),
        ("DANGEL? SALUD SA", ["receiver_name_differs"]),
        ("SALUD DANGELO", ["receiver_name"]),
    ],
)
def test_a_receiver_is_compared_alike(name: str, codes: list[str]) -> None:
    receiver: dict[str, Any] = {**papers.RECEIVER, "name": name}
    expected = papers.expected_invoice(receiver={**papers.RECEIVER, "name": "D'Angelo Salud SA"})
    assert [finding.code for finding in checks.invoice(papers.invoice(receiver=receiver), expected).findings] == codes


def test_a_name_inside_another_word_is_not_named() -> None:
    assert not names_person("Consulta de Anabel Ruizeño", "Ana Ruiz")
    assert not names_person("Consulta", "")

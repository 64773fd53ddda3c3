"""The holder as extraction, banks and keyboards leave the name: a person reviews what was read, nobody is refused."""

from __future__ import annotations

from typing import Any

import pytest

from config.demo.samples.statements import text_pdf
from portal.treasury import statement

CLABE = "012180015678912344"
CONTEXT = {"clabe": CLABE, "rfc": "", "on": "2026-11-22", "max_age_months": 3}


def judged(printed: str, holder: str, **more: Any) -> Any:
    lines = ["BBVA México", printed, f"CLABE {CLABE}", "Fecha de corte 31/10/2026", "Saldo inicial 1,000.00"]
    return statement.check(text_pdf(lines), {**CONTEXT, "holder": holder, **more})


def said(printed: str, holder: str, **more: Any) -> tuple[str, str, str]:
    judgement = judged(printed, holder, **more)
    (finding,) = [one for one in judgement.findings if one.code.startswith("holder")]
    return finding.code, str(judgement.verdict), finding.message


@pytest.mark.parametrize(
    ("printed", "holder"),
    [
        ("JOSE OFARRILL DIAZ", "José O'Farrill Díaz"),
        ("JOSE O FARRILL DIAZ", "José O'Farrill Díaz"),
        ("José O'Farrill Díaz", "JOSE OFARRILL DIAZ"),
        ("José O’Farrill Díaz", "José O`Farrill Díaz"),
        ("DANGELO RUIZ ANA", "Ana D'Angelo Ruiz"),
        ("DELLACQUA RUIZ ANA", "Ana Dell'Acqua Ruiz"),
        ("GARCIA LOPEZ ANA", "Ana García-López"),
    ],
)
def test_a_holder_with_or_without_apostrophe_is_found(printed: str, holder: str) -> None:
    assert said(printed, holder)[:2] == ("holder_found", "accepted")


@pytest.mark.parametrize(
    ("printed", "holder"),
    [
        ("Ju ana P érez N úñez", "Juana Pérez Núñez"),
        ("J u a n a  P é r e z  N ú ñ e z", "Juana Pérez Núñez"),
        ("JUANAPEREZNUNEZ", "Juana Pérez Núñez"),
        ("MARIA FERNANDA HERNAN", "María Fernanda Hernández Villavicencio"),
        ("MA PEREZ", "María Pérez"),
        ("PE A NU EZ", "Peña Núñez"),
        ("NU?EZ PE?A", "Núñez Peña"),
        ("NUEZ PEA", "Núñez Peña"),
    ],
)
def test_a_broken_cut_or_damaged_holder_is_reviewed_with_what_was_read(printed: str, holder: str) -> None:
    code, verdict, message = said(printed, holder)
    assert (code, verdict) == ("holder_partial", "review")
    assert f"«{' '.join(printed.split())}»" in message


def test_some_words_of_a_holder_are_told() -> None:
    code, verdict, message = said("Gómez MARIA NUÑEZ de otra cosa", "María Núñez Peña")
    assert (code, verdict) == ("holder_partial", "review")
    assert "«MARIA NUNEZ»" in message


@pytest.mark.parametrize("printed", ["OTRA PERSONA CUALQUIERA", "JOSE RUIZ PEÑA", "Pérez", "JUAN NUÑEZ"])
def test_another_holder_stays_refused(printed: str) -> None:
    assert said(printed, "María Fernanda Núñez Peña")[:2] == ("holder_missing", "rejected")


def test_a_changed_name_is_asked_of_two_people_however_it_was_read() -> None:
    assert said("MA PEREZ", "María Pérez", holder_before="Ana Soto")[0] == "holder_changed"
    assert said("JOSE OFARRILL", "José O'Farrill", holder_before="JOSE OFARRILL")[0] == "holder_found"
    assert said("OFARRILL JOSE", "José O'Farrill", holder_before="O'Farrill José")[0] == "holder_found"


def test_a_reviewer_is_told_where_to_look() -> None:
    from portal.treasury.labels import for_reviewer

    told = {one.code: one for one in for_reviewer(judged("MA PEREZ", "María Pérez").findings)}
    assert told["holder_partial"].message.startswith("En lugar del nombre del titular se lee «MA PEREZ».")
    assert told["holder_partial"].cure == "Compara el nombre completo en la imagen."


def test_a_bank_without_licence_is_told_beside_a_right_statement() -> None:
    clabe = "143180012345678904"
    lines = ["CIBanco", "Ana Soto Ruiz", f"CLABE {clabe}", "Fecha de corte 31/10/2026", "Saldo inicial 1,000.00"]
    for content in (text_pdf(lines), text_pdf(["x"])):
        found = statement.check(content, {**CONTEXT, "clabe": clabe, "holder": "Ana Soto Ruiz"}).findings
        (warned,) = [one for one in found if one.code == "bank_without_licence"]
        assert warned.level == "warning"
        assert "CIBANCO perdió su licencia el 10 de octubre de 2025" in warned.message
    assert "bank_without_licence" not in {one.code for one in judged("Ana Soto", "Ana Soto").findings}

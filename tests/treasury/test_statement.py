"""The statement judge over PDFs made here (S0.5-S0.7, domain 2.6)."""

from __future__ import annotations

import io
from datetime import date
from functools import cache

import pytest
from weasyprint import HTML

from portal.calendars.rules import months_before
from portal.errors import Verdict
from portal.treasury import statement, statement_dates
from tests.factories.treasury import clabe

OWN, OTHER = clabe(1234567), clabe(7654321)
OTHER_BANK = "072180001234567897"
CONTEXT = {"clabe": OWN, "holder": "María Núñez Peña", "rfc": "NUPM800101AA1", "on": "2026-11-23", "max_age_months": 3}


def grouped(digits: str, sign: str = " ") -> str:
    return sign.join((digits[:3], digits[3:6], digits[6:17], digits[17:]))


@cache
def pdf(*lines: str) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return HTML(string=f"<html><body>{body}</body></html>").write_pdf()


def lines(
    *, bank="BBVA México", holder="MARIA NUÑEZ PEÑA", rfc="NUPM800101AA1", account=None, cut="Fecha de corte 31/10/2026"
) -> tuple[str, ...]:
    return (bank, "Estado de cuenta", holder, f"RFC {rfc}", f"CLABE {account or OWN}", cut, "Saldo final 12,345.67")


# A row of somebody who was paid, as banks print it: its details stand below.
MOVEMENT = ("31/OCT SPEI ENVIADO SANTANDER 5,000.00", "0012180 REF 12", "MARIA NUÑEZ PEÑA", "RFC NUPM800101AA1")


def codes(content: bytes, **context) -> dict[str, str]:
    judged = statement.check(content, {**CONTEXT, **context})
    return {finding.code: str(finding.level) for finding in judged.findings} | {"verdict": str(judged.verdict)}


ACCEPTED = [
    lines(),
    lines(account=grouped(OWN)),
    lines(account=grouped(OWN, "-")),
    lines(account=" ".join(OWN)),
    lines(cut="Fecha de corte 31/OCT/2026"),
    lines(cut="Fecha de corte: 31-oct-26"),
    lines(cut="Corte al 31 de octubre de 2026"),
    lines(cut="Periodo del 1 al 31 de octubre de 2026"),
    lines(cut="Periodo del 01/10/2026 al 31/10/2026"),
    lines(cut="DEL 01-oct-26 AL 31-oct-26"),
    lines(cut="Fecha de corte 23/11/2026"),
    lines(cut="Fecha de corte 23/08/2026"),
    lines(cut="Próxima fecha de corte 30/12/2026. Fecha de corte 30/10/2026"),
    lines(cut="Fecha de corte<br>Fecha límite de pago<br>31/10/2026<br>20/12/2026"),
    lines(rfc="", holder="PEÑA NUÑEZ MARIA"),
    lines(rfc="", holder="Maria Nunez Pena"),
    lines(holder="OTRA PERSONA"),
    lines(rfc="NUPM 800101 AA1", holder="X"),
    (*lines(), f"Traspaso a {OTHER} BANORTE"),
]


@pytest.mark.parametrize("content", ACCEPTED)
def test_s0_5_a_good_statement_is_accepted(content) -> None:
    found = codes(pdf(*content))
    assert found["verdict"] == Verdict.ACCEPTED, found


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lines(account=OTHER), "clabe_other"),
        (lines(account="•••• 1234"), "clabe_missing"),
        (lines(account=OWN + "7"), "clabe_missing"),
        ((*lines(bank="Banorte"), f"CLABE {OTHER_BANK}"), "bank_other"),
        (lines(rfc="XAXX010101000", holder="OTRA PERSONA CUALQUIERA"), "holder_missing"),
        (lines(cut="Fecha de corte 22/08/2026"), "closing_too_old"),
        (lines(cut="Fecha de corte 24/11/2026"), "closing_in_future"),
        (lines(cut="Periodo del 1 al 31 de octubre de 2025"), "closing_too_old"),
    ],
)
def test_s0_6_a_wrong_statement_is_rejected_with_its_cure(content, code) -> None:
    judged = statement.check(pdf(*content), CONTEXT)
    wrong = [finding for finding in judged.findings if finding.level == "error"]
    assert [finding.code for finding in wrong] == [code]
    assert wrong[0].cure
    assert judged.verdict == Verdict.REJECTED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lines(cut="Saldo inicial 10.00"), "closing_not_found"),
        (lines(bank="Banorte"), "bank_doubtful"),
        (lines(bank="Tu banco de siempre"), "bank_not_named"),
        (lines(rfc="", holder="MARIA NUÑEZ"), "holder_partial"),
        ((*lines(holder="OTRA PERSONA"), "RFC PELJ700101AB1"), "holder_by_rfc"),
        ((*lines(rfc="", holder="JUAN PEREZ LOPEZ"), *MOVEMENT), "holder_in_movement"),
    ],
)
def test_what_the_machine_cannot_settle_goes_to_a_person(content, code) -> None:
    found = codes(pdf(*content))
    assert (found[code], found["verdict"]) == ("review", Verdict.REVIEW)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (lines(), True),
        ((*lines(), *MOVEMENT), True),
        ((*lines(rfc=""), *MOVEMENT), False),
        ((*lines(rfc="", holder="JUAN PEREZ LOPEZ"), *MOVEMENT), False),
        (lines(holder="JUAN PEREZ LOPEZ"), False),
        (lines(holder="NUÑEZ MARIA"), True),
        ((*lines(), "RFC PELJ700101AB1"), False),
    ],
)
def test_ac_11_a_statement_names_the_rfc_of_its_holder_and_of_nobody_it_paid(content, names) -> None:
    assert statement.check(pdf(*content), CONTEXT).facts["names_rfc"] is names


def test_an_rfc_that_lost_its_enie_is_for_a_person_where_no_name_is_read() -> None:
    found = statement.check(pdf(*lines(holder="X", rfc="NUNM800101AA1")), CONTEXT | {"rfc": "NUÑM800101AA1"})
    assert "holder_by_rfc" in {finding.code for finding in found.findings} and not found.facts["names_rfc"]
    assert statement.check(pdf(*lines(holder="X")), CONTEXT | {"holder": ""}).facts["names_rfc"]


def test_s0_7_an_image_only_statement_is_reviewed_by_a_person() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(out, "PDF")
    found = codes(out.getvalue())
    assert (found["image_only"], found["verdict"]) == ("review", Verdict.REVIEW)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda good: b"%PDF-1.7 nothing", "damaged"),
        (lambda good: good[: len(good) // 3], "damaged"),
        (lambda good: _encrypted(bytes(good)), "encrypted"),
        (lambda good: pdf(), "blank"),
    ],
)
def test_a_pdf_that_cannot_be_read_is_rejected_in_words(make, code) -> None:
    found = codes(make(pdf(*lines())))
    assert found["verdict"] == Verdict.REJECTED
    assert code in found


def _encrypted(content: bytes) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt("secreto", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def test_a_datum_the_context_lacks_is_not_checked_and_never_rejects() -> None:
    judged = statement.check(pdf(*lines()), {})
    assert judged.verdict == Verdict.ACCEPTED
    assert [finding.level for finding in judged.findings][2:] == ["not_checked"] * 4


def test_facts_name_clabes_dates_and_banks() -> None:
    judged = statement.check(pdf(*lines(), f"Traspaso a {grouped(OTHER)} BANORTE 05/10/2026"), CONTEXT)
    assert judged.facts["clabes"] == [OWN, OTHER]
    assert judged.facts["dates"] == ["2026-10-05", "2026-10-31"]
    assert set(judged.facts["banks"]) == {"012", "072"}
    assert judged.facts["closing_on"] == "2026-10-31"


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2028, 5, 31), 3, date(2028, 2, 29)),
        (date(2026, 1, 15), 3, date(2025, 10, 15)),
        (date(2026, 12, 31), 3, date(2026, 9, 30)),
    ],
)
def test_s0_6_months_are_calendar_months_clamped_to_their_end(on, months, expected) -> None:
    assert months_before(on, months) == expected


def test_impossible_days_are_no_dates() -> None:
    assert statement_dates.find_dates("31/02/2026 99/99/2026") == []


def test_every_finding_has_a_sentence_and_every_objection_a_cure() -> None:
    for code, (level, message, cure) in statement.FINDINGS.items():
        assert message.endswith("."), code
        assert cure or level in {"ok", "not_checked"}, code

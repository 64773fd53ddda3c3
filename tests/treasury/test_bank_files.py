"""The bank's two files (MO-09, domain 2.7)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.errors import Finding, Level, RuleBroken, Verdict, verdict_of
from portal.treasury import bank_files

CONTEXT = {
    "transfers": {
        "CAUCE1": {"amount": "1000.00", "state": "pending"},
        "CAUCE2": {"amount": "250.50", "state": "pending"},
        "CAUCE3": {"amount": "10.00", "state": "paid"},
    },
    "locked_on": "2026-11-23",
    "on": "2026-11-24",
    "currency": "MXN",
}
HEAD = "clave_rastreo,resultado,fecha,referencia,importe,motivo\n"


def judge(text: str | bytes, context=CONTEXT):
    """As an import reads and judges it; what is wrong with the whole file is its only finding."""
    try:
        read = bank_files.ANSWER.read_file(text if isinstance(text, bytes) else (HEAD + text).encode())
    except RuleBroken as refused:
        return bank_files.Answer((), 0, (), (Finding(refused.code, Level.ERROR, refused.message, ""),))
    return bank_files.judge(read, context)


def test_mo_09_the_order_is_the_same_bytes_each_time_and_no_cell_is_a_formula() -> None:
    row = bank_files.OrderRow(
        1,
        "CAUCE1",
        "012180000012345678",
        '=HYPERLINK("x") Peña 1ª',
        "NUPM800101AA1",
        Decimal("1000.5"),
        "261123",
        "@PAGO FA-1",
    )
    content = bank_files.write_order([row])
    assert content == bank_files.write_order([row])
    assert content.decode("utf-8-sig").splitlines() == [
        "consecutivo,clave_rastreo,clabe_beneficiario,nombre,rfc,importe,referencia_numerica,concepto",
        "1,CAUCE1,012180000012345678,HYPERLINK X PENA 1A,NUPM800101AA1,1000.50,261123,PAGO FA 1",
    ]


def test_a_good_answer_gives_rows_and_control_totals() -> None:
    judged = judge('cauce1,Pagada,2026-11-23,R1,"1,000.00",\nCAUCE2,rechazada,24/11/2026,,250.50,Cuenta cerrada\n')
    assert verdict_of(judged.findings) == Verdict.ACCEPTED
    assert judged.sums == {
        "paid_count": 1,
        "paid_total": "1000.00",
        "rejected_count": 1,
        "rejected_total": "250.50",
    }
    assert [row["outcome"] for row in judged.rows] == ["paid", "rejected"]


def test_semicolons_and_latin_1_are_read() -> None:
    judged = judge(
        HEAD.replace(",", ";").encode() + "CAUCE2;devuelta;2026-11-24;;250.50;Cuenta inválida\n".encode("latin-1")
    )
    assert verdict_of(judged.findings) == Verdict.ACCEPTED
    assert judged.rows[0]["reason"] == "Cuenta inválida"


@pytest.mark.parametrize(
    "content",
    [
        "sep=,\r\n" + HEAD + "CAUCE2,pagada,2026-11-24,R1,250.50,\n",
        HEAD.replace(",", "\t") + "CAUCE2\tpagada\t2026-11-24\tR1\t250.50\t\n",
        HEAD.replace(",", "|") + "CAUCE2|pagada|2026-11-24|R1|250.50|\n",
        "Banco Uno: respuesta del día\n\nClave de Rastreo,RESULTADO,Fecha,Referencia,Importe,Motivo\n"
        "CAUCE2,pagada,2026-11-24,R1,250.50,\n",
    ],
    ids=["sep line", "tabs", "bars", "title and capitals"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_answer_is_read_as_banks_save_it(content, encoding) -> None:
    judged = judge(content.encode(encoding))
    assert verdict_of(judged.findings) == Verdict.ACCEPTED, judged.findings
    assert judged.sums["paid_total"] == "250.50" and judged.rows[0]["reference"] == "R1"


def test_a_wrong_row_is_named_by_its_number_in_a_spreadsheet() -> None:
    judged = judge('\nCAUCE2,pagada,2026-11-24,"dos\nlíneas",250.50,\n\nCAUCE1,pagada,ayer,,1000.00,\n')
    assert [finding.message[:10] for finding in judged.findings if finding.code == "row_refused"] == ["Renglón 5:"]


def test_what_was_applied_before_is_known_and_nothing_new() -> None:
    judged = judge("CAUCE3,pagada,2026-11-23,,10.00,\n")
    assert (verdict_of(judged.findings), judged.rows, judged.known) == (Verdict.ACCEPTED, [], 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("CAUCE9,pagada,2026-11-23,,1.00,\n", "no es de este lote"),
        ("CAUCE1,pagada,2026-11-23,,1000.01,\n", "el importe dice $1,000.01 y la transferencia es por $1,000.00."),
        ("CAUCE1,tal vez,2026-11-23,,1000.00,\n", "debe decir pagada o rechazada"),
        ("CAUCE1,pagada,ayer,,1000.00,\n", "no se entiende"),
        ("CAUCE1,pagada,2026-11-25,,1000.00,\n", "la fecha 25 nov 2026 todavía no llega"),
        ("CAUCE1,pagada,2026-11-22,,1000.00,\n", "la fecha 22 nov 2026 es anterior al cierre del lote (23 nov 2026)."),
        ("CAUCE1,pagada,2026-11-23,,mil,\n", "no se entiende"),
        ("CAUCE3,rechazada,2026-11-23,,10.00,x\n", "otra respuesta"),
        ("CAUCE1,pagada,2026-11-23,,1000.00,\n" * 2, "repite la clave"),
        ("CAUCE1,pagada,23/11/26,,1000.00,\n", "la fecha «23/11/26» trae el año con dos cifras"),
        ("CAUCE1,pagada,23 nov 26,,1000.00,\n", "trae el año con dos cifras"),
        ("CAUCE1,pagada,0026-11-23,,1000.00,\n", "la fecha «0026-11-23» no se entiende. Escríbela como"),
        ("CAUCE1,pagada,23/11/1926,,1000.00,\n", "la fecha 23 nov 1926 es anterior al año 2000"),
        ("CAUCE1,rechazada,2026-11-23,,1000.00,Cuenta invÃ¡lida\n", "Renglón 2: «invÃ¡lida» trae letras rotas"),
        ("CAUCE1,pagada,2026-11-23,=A1,1000.00,\n", "Renglón 2: «=A1» es una fórmula"),
        ("CAUCE1,pagada,2026-11-23,,1,000.00,\n", "el importe dice $1.00"),
        ("CAUCE1,pagada,2026-11-23,,1,000.00,x,y\n", "Renglón 2: El renglón trae más celdas que columnas"),
        (HEAD.replace("motivo", "Importe").encode() + b"1", "más de una vez: importe"),
        (b'clave_rastreo,resultado,fecha,referencia,importe\n"CAUCE1"x,', "comillas o renglones rotos"),
        ("", "no trae renglones"),
        (b"", "vacío"),
        (b"\x00\x01", "no es un CSV"),
        (b"a,b\n1,2\n", "encabezado le falta"),
    ],
)
def test_an_answer_that_does_not_match_is_refused_whole_with_the_reason(text, sentence) -> None:
    judged = judge(text)
    assert verdict_of(judged.findings) == Verdict.REJECTED
    assert sentence in judged.findings[0].message


def test_many_bad_rows_are_told_in_one_screen() -> None:
    judged = judge("X,pagada,2026-11-23,,1.00,\n" * 50)
    assert len(judged.findings) == bank_files.MAX_SHOWN + 1


# --- a transfer that comes back after it was paid (domain 2.7) --------------------------------------------------------

GOOD = "CAUCE1,pagada,2026-11-23,R1,1000.00,\n"


@pytest.mark.parametrize("word", ["devuelta", "Devuelto", "REGRESADA", "returned"])
def test_what_was_paid_and_comes_back_is_a_return_with_its_own_totals(word: str) -> None:
    judged = judge(GOOD + f"CAUCE3,{word},2026-11-24,002,10.00,Cuenta cancelada\n")
    assert verdict_of(judged.findings) == Verdict.ACCEPTED
    assert [(row["tracking"], row["outcome"]) for row in judged.rows] == [
        ("CAUCE1", "paid"),
        ("CAUCE3", "returned"),
    ]
    sums = judged.sums
    assert (sums["paid_count"], sums["rejected_count"], sums["returned_count"]) == (1, 0, 1)
    assert sums["returned_total"] == "10.00"


def test_one_file_tells_the_payment_and_the_return_of_one_transfer_in_any_order() -> None:
    back = "CAUCE1,devuelta,2026-11-24,,1000.00,Cerrada\n"
    for text in (GOOD + back, back + GOOD):
        rows = judge(text).rows
        assert [(row["said"], row["outcome"], row["on"]) for row in rows] == [
            ("paid", "paid", "2026-11-23"),
            ("returned", "returned", "2026-11-24"),
        ]
    twice = judge(GOOD + back * 2)
    assert (verdict_of(twice.findings), len(twice.rows), twice.known) == (Verdict.ACCEPTED, 2, 1)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("CAUCE3,rechazada,2026-11-23,,10.00,x\n", "otra respuesta del banco: «Pagada»"),
        ("CAUCE4,pagada,2026-11-23,,20.00,\n", "otra respuesta del banco: «Rechazada»"),
        ("CAUCE5,rechazada,2026-11-24,,30.00,x\n", "otra respuesta del banco: «Devuelta después de pagada»"),
        ("CAUCE3,devuelta,2026-11-24,,9.00,Comisión\n", "el importe dice $9.00"),
        ("CAUCE3,devuelta,2026-11-25,,10.00,x\n", "todavía no llega"),
        ("CAUCE3,devuelta,,,10.00,x\n", "no se entiende"),
        ("CAUCE6,devuelta,2026-11-23,,40.00,x\n", "se devolvió el 23 nov 2026 y se pagó después, el 24 nov 2026"),
        ("CAUCE3,en trámite,2026-11-24,,10.00,\n", "debe decir pagada o rechazada"),
        ("CAUCE3,pagada,2026-11-23,,10.00,\n" * 2, "repite la clave"),
        ("CAUCE1,devuelta,2026-11-24,,999.00,x\n", "el importe dice $999.00"),
        ("CAUCE1,devuelta,2026-11-22,,1000.00,x\n", "anterior al cierre"),
    ],
)
def test_a_bad_row_of_a_transfer_that_was_answered_is_left_out_alone(bad: str, sentence: str) -> None:
    judged = answered(GOOD + bad)
    assert verdict_of(judged.findings) == Verdict.REVIEW
    assert [finding.code for finding in judged.findings] == [bank_files.LEFT_OUT, "rows_match"]
    assert sentence in judged.findings[0].message
    assert [row["tracking"] for row in judged.rows] == ["CAUCE1"]
    if "CAUCE1" not in bad:
        alone = answered(bad)  # nothing else to apply: the file is refused, with the reason
        assert verdict_of(alone.findings) == Verdict.REJECTED and sentence in alone.findings[0].message


def test_a_row_of_a_transfer_that_waits_still_refuses_the_file_and_is_told_first() -> None:
    judged = answered("CAUCE3,rechazada,2026-11-23,,10.00,x\nCAUCE1,pagada,2026-11-23,,1.00,\n")
    assert verdict_of(judged.findings) == Verdict.REJECTED
    assert [finding.message[:10] for finding in judged.findings] == ["Renglón 3:", "Renglón 2:"]
    assert verdict_of(answered("CAUCE1,devuelta,2026-11-24,,1.00,x\n").findings) == Verdict.REJECTED


@pytest.mark.parametrize(
    "row",
    ["CAUCE4,devuelta,2026-11-23,,20.00,x", "CAUCE5,devuelta,2026-11-24,,30.00,x", "CAUCE5,pagada,2026-11-23,,30.00,"],
)
def test_what_the_bank_repeats_is_known(row: str) -> None:
    judged = answered(f"{row}\n")
    assert (verdict_of(judged.findings), judged.rows, judged.known) == (Verdict.ACCEPTED, [], 1)


def test_many_rows_left_out_are_told_in_one_screen_and_refuse_nothing() -> None:
    judged = answered(GOOD + "CAUCE3,rechazada,2026-11-23,,10.00,x\n" * 50)
    assert verdict_of(judged.findings) == Verdict.REVIEW and len(judged.findings) == bank_files.MAX_SHOWN + 2


def answered(text: str):
    """With transfers that the bank has answered in every way."""
    more = {
        "CAUCE3": {"amount": "10.00", "state": "paid", "paid_on": "2026-11-23"},
        "CAUCE4": {"amount": "20.00", "state": "rejected", "paid_on": None},
        "CAUCE5": {"amount": "30.00", "state": "returned", "paid_on": "2026-11-23"},
        "CAUCE6": {"amount": "40.00", "state": "paid", "paid_on": "2026-11-24"},
    }
    return judge(text, CONTEXT | {"transfers": CONTEXT["transfers"] | more})

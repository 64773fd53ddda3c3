"""Whose paper a statement is (domain 2.6): wallets on another's prefix, merged banks, names that are ordinary words."""

from __future__ import annotations

import pytest

from config.demo.samples.statements import text_pdf
from portal import identifiers
from portal.errors import Verdict
from portal.treasury import statement, statement_banks

HOLDER = {"holder": "Juana Pérez Núñez", "rfc": "PENJ800101AB1"}
PLACE = "18012345678"


def account(code: str, number: str = "18001234567890") -> str:
    """A CLABE at the bank of these three digits."""
    body = f"{code}{number}"[:17].ljust(17, "1")
    return body + identifiers.clabe.check_digit(body + "0")


def judged(*lines: str, clabe: str, **context):
    head, *rest = lines
    whole = [head, "Estado de cuenta", "Titular: JUANA PEREZ NUÑEZ", "RFC: PENJ800101AB1", f"Cuenta CLABE: {clabe}"]
    paper = text_pdf([*whole, "Fecha de corte: 31/10/2026", "Saldo final 18,204.11", *rest])
    facts = {"clabe": clabe, "on": "2026-11-22", "max_age_months": 3, **HOLDER, **context}
    return statement.check(paper, facts)


def said(*lines: str, clabe: str, **context) -> tuple[str, str]:
    """Verdict and the finding about the bank."""
    answer = judged(*lines, clabe=clabe, **context)
    return str(answer.verdict), next(one.code for one in answer.findings if one.code.startswith("bank_"))


@pytest.mark.parametrize("host", sorted(statement_banks.HOSTS))
@pytest.mark.parametrize(
    "wallet", ["Cuenca Tecnología Financiera, S.A. de C.V., I.F.P.E.", "Klar", "Nu México Financiera"]
)
def test_a_wallet_on_another_participants_prefix_goes_to_a_person(host, wallet) -> None:
    assert said(wallet, clabe=account(host)) == (Verdict.REVIEW, "bank_hosts")


def test_a_wallet_nobody_knows_goes_to_a_person_and_one_that_names_its_host_is_accepted() -> None:
    own = account("646")
    assert said("Billetera Nueva, S.A.P.I.", clabe=own) == (Verdict.REVIEW, "bank_not_named")
    lines = ("Cuenca", "Tus depósitos llegan por el Sistema de Transferencias y Pagos STP")
    assert said(*lines, clabe=own) == (Verdict.ACCEPTED, "bank_named")


def test_a_wallet_that_shows_its_old_and_its_new_clabe_is_never_another_banks() -> None:
    lines = ("Cuenca Tecnología Financiera, S.A. de C.V.", f"Tu CLABE nueva: {account('723')}")
    assert said(*lines, clabe=account("646")) == (Verdict.REVIEW, "bank_hosts")


@pytest.mark.parametrize(
    ("code", "paper"),
    [
        ("032", "Banco Mercantil del Norte, S.A., Grupo Financiero Banorte"),
        ("037", "BANORTE"),
        ("134", "Banco Inbursa, S.A."),
        ("614", "Banamex"),
        ("621", "Banco Actinver"),
        ("640", "JP Morgan"),
        ("167", "Banregio"),
        ("630", "Kapital Bank, S.A."),
    ],
)
def test_f03_a_merged_banks_clabe_on_its_successors_paper_is_accepted_with_a_warning(code, paper) -> None:
    answer = judged(paper, clabe=account(code))
    (finding,) = (one for one in answer.findings if one.code.startswith("bank_"))
    assert (finding.code, finding.level, answer.verdict) == ("bank_merged", "warning", Verdict.ACCEPTED)
    assert statement_banks.family(code)


def test_a_successors_new_clabe_beside_the_old_one_does_not_make_it_another_banks() -> None:
    lines = ("Banorte", f"Cuenta CLABE nueva: {account('072')}")
    assert said(*lines, clabe=account("032")) == (Verdict.ACCEPTED, "bank_merged")


def test_the_old_name_on_the_successors_clabe_is_its_own() -> None:
    assert said("IXE Banco, S.A.", clabe=account("072")) == (Verdict.ACCEPTED, "bank_named")


@pytest.mark.parametrize(
    ("code", "head", "line"),
    [
        ("112", "Banco Monex, S.A., Institución de Banca Múltiple", "Av. Paseo de la Reforma 284, Col. Juárez"),
        ("012", "BBVA México", "Paseo de la Reforma 510, Col. Juárez"),
        ("072", "Banorte", "Calle Libertad 15, Col. Progreso, León"),
        ("021", "HSBC", "Pregunta en tu sucursal donde abriste tu cuenta cómo hacer una transfer"),
        ("044", "Scotiabank", "Col. Cuenca, Blvd. Azteca 5, Plaza Zurich"),
    ],
)
def test_f04_a_street_or_a_word_beside_the_banks_own_name_changes_nothing(code, head, line) -> None:
    assert said(head, line, clabe=account(code)) == (Verdict.ACCEPTED, "bank_named")
    assert judged(head, line, clabe=account(code)).facts["banks"] == [code]


@pytest.mark.parametrize(
    "line",
    [
        "Av. Paseo de la Reforma 284",
        "Calle Libertad 15, Col. Progreso",
        "¿Donde puedo pagar? En el Banco de tu preferencia",
        "Haz una transfer y compartamos la cuenta",
        "Col. Santander, Av. Cristóbal Colón 3, Estadio Azteca",
        "Te conviene: valor, value, order, swap, unica y spin",
        "Calle del Banco Azteca 3",
        "Sucursal Banorte Centro",
    ],
)
def test_f04_ordinary_words_name_no_bank_so_a_person_confirms_the_one_not_named(line) -> None:
    answer = judged("Tu banco de siempre", line, clabe=account("059"))
    assert answer.facts["banks"] == []
    assert said("Tu banco de siempre", line, clabe=account("059")) == (Verdict.REVIEW, "bank_not_named")


@pytest.mark.parametrize(
    ("code", "head"),
    [
        ("642", "Reforma Casa de Bolsa"),
        ("670", "Libertad Servicios Financieros, S.A. de C.V."),
        ("670", "LIBERTAD"),
        ("151", "Fundación Dondé Banco"),
        ("151", "Banco Donde, S.A."),
        ("723", "Cuenca"),
        ("127", "Banco Azteca, S.A."),
        ("130", "Compartamos Banco"),
        ("638", "Nu México Financiera, S.A. de C.V."),
        ("661", "Klar Technologies, SAPI"),
        ("113", "Banco Ve por Más, S.A."),
        ("030", "Banco del Bajío, S.A."),
    ],
)
def test_a_bank_whose_name_is_a_word_is_known_by_what_stands_beside_it(code, head) -> None:
    found = judged(head, clabe=account(code))
    assert code in found.facts["banks"] or head.startswith(("Fundación", "Klar"))
    assert found.verdict in {Verdict.ACCEPTED, Verdict.REVIEW}


def test_ones_own_bank_in_a_street_alone_is_not_named() -> None:
    assert said("Tu banco de siempre", "Av. Libertad 10", clabe=account("670")) == (Verdict.REVIEW, "bank_not_named")


def test_another_banks_paper_goes_to_a_person() -> None:
    assert said("Banorte", clabe=account("012")) == (Verdict.REVIEW, "bank_doubtful")
    assert said("Banorte", f"SPEI enviado a {account('072')} PEDRO LOPEZ", clabe=account("012"))[1] == "bank_doubtful"
    assert said("Banorte", f"Cuenta CLABE: {account('044')}", clabe=account("012"))[1] == "bank_doubtful"


@pytest.mark.parametrize(
    "line",
    [
        "Cuenta CLABE: {}",
        "CLABE interbancaria {}",
        "SPEI enviado a {} BANORTE JUANA PEREZ NUÑEZ",
        "Traspaso a {} BANORTE RFC PENJ800101AB1",
    ],
)
def test_another_banks_paper_with_the_holders_own_clabe_there_is_refused(line) -> None:
    other = account("072")
    answer = judged("Banorte", line.format(other), clabe=account("012"))
    (finding,) = (one for one in answer.findings if one.level == "error")
    assert (finding.code, answer.verdict) == ("bank_other", Verdict.REJECTED)
    assert f"•••• {other[-4:]}" in finding.message
    stranger = judged("Banorte", line.format(other), clabe=account("012"), holder="", rfc="")
    assert "bank_doubtful" in [one.code for one in stranger.findings]


def test_another_banks_paper_on_which_the_typed_clabe_only_received_money_is_refused() -> None:
    own, there = account("012"), account("072")
    lines = [
        "Banorte",
        "JUANA PEREZ NUÑEZ",
        f"CLABE {there}",
        "Fecha de corte: 31/10/2026",
        f"SPEI enviado a {own} BBVA",
    ]
    found = statement.check(text_pdf(lines), {"clabe": own, "on": "2026-11-22", "max_age_months": 3, **HOLDER})
    assert [one.code for one in found.findings if one.level == "error"] == ["bank_other"]


def test_a_bank_without_code_in_the_table_is_told_and_names_nobody() -> None:
    assert said("Banco Nuevo", clabe=account("999"))[1] == "bank_unknown"
    assert statement_banks.names(["banco nuevo"], ["999"]) == ""


def test_every_code_of_the_tables_is_a_participant() -> None:
    codes = {*statement_banks.ALIASES, *statement_banks.HOSTS, *statement_banks.SUCCESSORS}
    heirs = {heir for found in statement_banks.SUCCESSORS.values() for heir in found}
    assert (codes | heirs) <= set(identifiers.BANKS)
    assert all(statement_banks.plain(name) == name for names in statement_banks.ALIASES.values() for name in names)

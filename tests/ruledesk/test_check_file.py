"""check-file: the verdicts of the screens for invoices, complements, statements and claim documents."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.demo import samples
from portal.fiscal.findings import FINDINGS
from portal.treasury.statement import FINDINGS as STATEMENT
from tests.factories import papers
from tests.fiscal.test_reading import disagreements
from tests.fiscal.test_rules import COMPLEMENT_ANSWERS, INVOICE_ANSWERS

from .asking import ask, codes, one

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of public samples is absent")
INVOICE: dict[str, Any] = {
    "issuer_rfc": papers.ISSUER["rfc"],
    "receiver": papers.RECEIVER,
    "scheme": "PF_JAL",
    "orders": list(papers.ORDERS),
    "on": papers.ON,
}
COMPLEMENT = {name: value for name, value in papers.expected_complement().items() if name != "trust"}
CLABE, OTHER_BANK = "012180001234567899", "072180001234567890"
HOLDER = {"holder": "María Núñez Peña", "rfc": "NUPM800101AA1"}


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The mill's authority and PAC as files, for --trust."""
    folder = tmp_path_factory.mktemp("trust")
    for number, der in enumerate(samples.trust_der()):
        (folder / f"{number}.cer").write_bytes(der)
    return ["--trust", *map(str, sorted(folder.iterdir()))]


def judged(folder: Path, files: dict[str, bytes], kind: str, facts: object, *more: str) -> dict[str, dict[str, Any]]:
    """Answers by file name, all files in one call."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    paths = [str(folder / name) for name in files]
    answers, ended = ask("check-file", *paths, "--as", kind, "--facts", f"@{folder / 'facts.json'}", *more)
    assert ended == 0, answers
    assert [answer["path"] for answer in answers] == paths
    return dict(zip(files, answers, strict=True))


def said(answer: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in answer["findings"] if finding["level"] not in {"ok", "not_checked"}]


def shape(sentence: str) -> re.Pattern[str]:
    """A sentence of the table with anything in its blanks."""
    return re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(sentence)), re.DOTALL)


def from_table(findings: list[dict[str, str]]) -> list[str]:
    """Codes whose level, sentence or cure are not those of the one table."""
    return [
        one["code"]
        for one in findings
        if one["level"] != FINDINGS[one["code"]].level
        or not shape(FINDINGS[one["code"]].message).fullmatch(one["message"])
        or not shape(FINDINGS[one["code"]].cure).fullmatch(one["cure"])
    ]


# --- invoices (N3) ---------------------------------------------------------------------------------------------------


def test_n3_every_single_fault_of_an_invoice_gives_exactly_its_finding_and_cure(
    tmp_path: Path, trust: list[str]
) -> None:
    assert len(INVOICE_ANSWERS) >= 40
    files = {f"{fault}.xml": papers.invoice([fault]) for fault in INVOICE_ANSWERS}
    answers = judged(tmp_path, files, "invoice", INVOICE, *trust)
    wrong = {
        name: [finding["code"] for finding in answer["findings"]]
        for name, answer in answers.items()
        if [finding["code"] for finding in answer["findings"]] != [INVOICE_ANSWERS[name.removesuffix(".xml")]]
    }
    assert wrong == {}
    for answer in answers.values():
        (finding,) = answer["findings"]
        assert list(finding) == ["code", "level", "message", "cure"]
        assert from_table([finding]) == []
        verdict = {"error": "rejected", "review": "review", "warning": "accepted"}[finding["level"]]
        assert answer["verdict"] == verdict


def test_a_right_invoice_is_accepted_with_its_facts(tmp_path: Path, trust: list[str]) -> None:
    answer = judged(tmp_path, {"a.xml": papers.invoice()}, "invoice", INVOICE, *trust)["a.xml"]
    assert list(answer) == ["path", "verdict", "findings", "facts"]
    assert (answer["verdict"], answer["findings"]) == ("accepted", [])
    facts = answer["facts"]
    assert (facts["seal_ok"], facts["cert_rfc"], facts["cert_rfc_matches"]) == (True, papers.ISSUER["rfc"], True)
    assert (facts["tfd"]["sat_seal_ok"], facts["tfd"]["sello_cfd_matches"], facts["xsd_ok"]) == (True, True, True)
    assert (facts["fields"]["MetodoPago"], facts["total_check"]["ok"], facts["scheme"]) == ("PPD", True, "PF_JAL")


def test_without_trust_a_seal_nobody_knows_goes_to_a_person(tmp_path: Path) -> None:
    answer = judged(tmp_path, {"a.xml": papers.invoice()}, "invoice", INVOICE)["a.xml"]
    assert (answer["verdict"], said(answer)) == ("review", ["certificate_unknown", "stamp_unknown_pac"])
    assert answer["facts"]["tfd"]["sat_seal_ok"] == "unknown_cert"


def test_trust_is_taken_from_pem_and_zip_too(tmp_path: Path) -> None:
    import base64
    import zipfile

    ders = samples.trust_der()
    pems = [b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n" for der in ders]
    (tmp_path / "both.pem").write_bytes(b"".join(pems))
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as bundle:
        bundle.writestr("ca.cer", ders[0])
        bundle.writestr("pac.pem", pems[1])
    for name in ("both.pem", "both.zip"):
        answers = judged(tmp_path, {"a.xml": papers.invoice()}, "invoice", INVOICE, "--trust", str(tmp_path / name))
        assert answers["a.xml"]["verdict"] == "accepted"


@pytest.mark.parametrize("missing", sorted(INVOICE))
def test_a_fact_not_supplied_is_not_checked_and_never_rejects(missing: str, tmp_path: Path, trust: list[str]) -> None:
    facts = {name: value for name, value in INVOICE.items() if name != missing}
    answer = judged(tmp_path, {"a.xml": papers.invoice()}, "invoice", facts, *trust)["a.xml"]
    assert [(finding["code"], finding["level"]) for finding in answer["findings"]] == [("not_checked", "not_checked")]
    assert answer["verdict"] == "accepted"


def test_without_facts_only_the_file_itself_is_judged(tmp_path: Path, trust: list[str]) -> None:
    answers, ended = ask("check-file", *_written(tmp_path, papers.invoice()), "--as", "invoice", *trust)
    assert (answers[0]["verdict"], ended) == ("accepted", 0)
    assert {finding["code"] for finding in answers[0]["findings"]} == {"not_checked"}


def _written(folder: Path, content: bytes, name: str = "a.xml") -> list[str]:
    (folder / name).write_bytes(content)
    return [str(folder / name)]


@pytest.mark.parametrize(
    ("scheme", "components", "issued", "on", "verdict", "followed"),
    [
        ("RESICO_JAL", papers.RESICO_JAL, "2026-11-20T10:00:00", "2026-11-22", "accepted", "RESICO_JAL"),
        ("RESICO_JAL", papers.RESICO_JAL_STAT, "2025-12-30T10:00:00", "2026-01-02", "review", "RESICO_JAL_STAT"),
        ("RESICO_JAL_STAT", papers.RESICO_JAL, "2025-12-30T10:00:00", "2026-01-02", "accepted", "RESICO_JAL"),
        # The statute's row ended with 2025: what counts is the invoice's own date.
        ("RESICO_JAL", papers.RESICO_JAL_STAT, "2026-01-01T10:00:00", "2026-01-02", "rejected", ""),
        ("RESICO", papers.RESICO, "2026-11-20T10:00:00", "2026-11-22", "accepted", "RESICO"),
        ("RESICO", papers.PF, "2026-11-20T10:00:00", "2026-11-22", "rejected", ""),
        # An inactive scheme counts only for whoever names it.
        (
            "RESICO_JAL_26",
            [*papers.RESICO, {"component": "LOCAL", "rate": "0.050000"}],
            "2026-11-20T10:00:00",
            "2026-11-22",
            "review",
            "RESICO_JAL_26",
        ),
        (
            "RESICO_JAL",
            [*papers.RESICO, {"component": "LOCAL", "rate": "0.050000"}],
            "2026-11-20T10:00:00",
            "2026-11-22",
            "rejected",
            "",
        ),
    ],
)
def test_c1_the_scheme_is_the_one_in_force_on_the_invoices_date(  # noqa: PLR0917 - a table
    scheme: str, components: Any, issued: str, on: str, verdict: str, followed: str, tmp_path: Path, trust: list[str]
) -> None:
    from datetime import datetime

    content = papers.invoice(
        components=components, issued_at=datetime.fromisoformat(issued), issuer={**papers.ISSUER, "regime": "626"}
    )
    facts = {**INVOICE, "scheme": scheme, "on": on}
    answer = judged(tmp_path, {"a.xml": content}, "invoice", facts, *trust)["a.xml"]
    assert (answer["verdict"], answer["facts"]["scheme"]) == (verdict, followed), said(answer)


# --- complements (N11) -----------------------------------------------------------------------------------------------


def test_n11_every_fault_of_the_chain_gives_exactly_its_finding_and_cure(tmp_path: Path, trust: list[str]) -> None:
    files = {f"{fault}.xml": papers.complement([fault]) for fault in COMPLEMENT_ANSWERS}
    answers = judged(tmp_path, files, "complement", COMPLEMENT, *trust)
    found = {name.removesuffix(".xml"): [one["code"] for one in answer["findings"]] for name, answer in answers.items()}
    assert found == {fault: [code] for fault, code in COMPLEMENT_ANSWERS.items()}
    assert [code for answer in answers.values() for code in from_table(answer["findings"])] == []


def test_a_right_complement_tells_its_payments_under_the_names_of_the_desk(tmp_path: Path, trust: list[str]) -> None:
    answer = judged(tmp_path, {"rep.xml": papers.complement()}, "complement", COMPLEMENT, *trust)["rep.xml"]
    assert (answer["verdict"], answer["findings"]) == ("accepted", [])
    assert answer["facts"]["payments"][1] == {
        "uuid": papers.SECOND,
        "number": 2,
        "paid_on": "2026-11-18",
        "amount": "500.00",
        "balance_before": "850.00",
        "balance_after": "350.00",
    }


def test_only_what_decisions_names_is_needed_for_a_complement(tmp_path: Path, trust: list[str]) -> None:
    facts = {
        "invoices": [
            {"uuid": papers.FIRST.upper(), "total": 1350, "payments": []},
            {
                "uuid": papers.SECOND,
                "total": "1350.00",
                "payments": [
                    {
                        "number": 1,
                        "paid_on": "2026-11-05",
                        "amount": "500.00",
                        "balance_before": "1350.00",
                        "balance_after": "850.00",
                    }
                ],
            },
        ],
        "transfer": {"on": "2026-11-18", "amount": "1850.00"},
        "on": papers.ON,
    }
    files = {"right.xml": papers.complement(), "skipped.xml": papers.complement(["skipped_partiality"])}
    answers = judged(tmp_path, files, "complement", facts, *trust)
    assert (answers["right.xml"]["verdict"], said(answers["right.xml"])) == ("accepted", [])
    assert [one["level"] for one in answers["right.xml"]["findings"]] == ["not_checked"] * 2
    assert said(answers["skipped.xml"]) == ["partiality"]


# --- statements (S0.5-S0.7) ------------------------------------------------------------------------------------------


def statement(layout: str = "plain", *, closing_on: date = date(2026, 10, 31), bank: str = "BBVA México") -> bytes:
    return samples.make_statement_pdf(
        clabe=CLABE, bank=bank, closing_on=closing_on, layout=layout, holder=HOLDER["holder"], rfc=HOLDER["rfc"]
    )


STATEMENT_FACTS = {"clabe": CLABE, **HOLDER, "on": "2026-11-22"}
LAYOUT_ANSWERS = {
    "plain": ("accepted", []),
    "grouped": ("accepted", []),
    "long_date": ("accepted", []),
    "range": ("accepted", []),
    "long_range": ("accepted", []),
    "two_clabes": ("accepted", []),
    "capitals": ("accepted", []),
    "rfc_only": ("accepted", []),
    "scan": ("review", ["image_only"]),
    "other_clabe": ("rejected", ["clabe_other"]),
    "encrypted": ("rejected", ["pdf.password"]),
    "truncated": ("rejected", ["pdf.incomplete"]),
}


def test_s0_5_every_layout_of_a_statement_gets_its_verdict(tmp_path: Path) -> None:
    assert set(LAYOUT_ANSWERS) == set(samples.LAYOUTS)
    files = {f"{layout}.pdf": statement(layout) for layout in LAYOUT_ANSWERS}
    answers = judged(tmp_path, files, "bank-statement", STATEMENT_FACTS)
    found = {name.removesuffix(".pdf"): (answer["verdict"], said(answer)) for name, answer in answers.items()}
    assert found == LAYOUT_ANSWERS
    for name in ("plain", "grouped", "long_date", "two_clabes", "capitals"):
        facts = answers[f"{name}.pdf"]["facts"]
        assert facts["clabes"][0] == CLABE
        assert "2026-10-31" in facts["dates"]
        assert "012" in facts["banks"]
    assert len(answers["two_clabes.pdf"]["facts"]["clabes"]) == 2
    told = [finding for answer in answers.values() for finding in answer["findings"]]
    assert all(finding["cure"] for finding in told if finding["level"] in {"error", "review"})
    of_statements = [finding for finding in told if not finding["code"].startswith("pdf.")]
    assert {"clabe_other", "image_only", "holder_found"} <= {finding["code"] for finding in of_statements}
    for finding in of_statements:
        assert shape(STATEMENT[finding["code"]][1]).fullmatch(finding["message"])


@pytest.mark.parametrize(
    ("closing", "on", "code"),
    [
        ("2026-08-22", "2026-11-22", ""),
        ("2026-08-21", "2026-11-22", "closing_too_old"),
        ("2026-11-22", "2026-11-22", ""),
        ("2026-11-23", "2026-11-22", "closing_in_future"),
        ("2026-02-28", "2026-05-31", ""),
        ("2026-02-27", "2026-05-31", "closing_too_old"),
        ("2024-02-29", "2024-05-30", ""),
    ],
)
def test_s0_6_three_calendar_months_both_ends_included(closing: str, on: str, code: str, tmp_path: Path) -> None:
    content = statement(closing_on=date.fromisoformat(closing))
    answer = judged(tmp_path, {"a.pdf": content}, "bank-statement", {**STATEMENT_FACTS, "on": on})["a.pdf"]
    assert (answer["verdict"], said(answer)) == ("rejected" if code else "accepted", [code] if code else [])


def test_a_statement_of_another_bank_is_reviewed_and_of_another_person_rejected(tmp_path: Path) -> None:
    answer = judged(tmp_path, {"bank.pdf": statement(bank="Banorte")}, "bank-statement", STATEMENT_FACTS)["bank.pdf"]
    assert (answer["verdict"], said(answer)) == ("review", ["bank_doubtful"])
    stranger = {**STATEMENT_FACTS, "holder": "Juan Pérez López", "rfc": "PELJ700101AB1"}
    assert said(judged(tmp_path, {"a.pdf": statement()}, "bank-statement", stranger)["a.pdf"]) == ["holder_missing"]


def test_a_clabe_typed_wrong_is_refused_with_the_screens_sentence(tmp_path: Path) -> None:
    answer = judged(tmp_path, {"a.pdf": statement()}, "bank-statement", {**STATEMENT_FACTS, "clabe": CLABE[:-1]})
    assert (answer["a.pdf"]["verdict"], said(answer["a.pdf"])) == ("rejected", ["clabe_invalid"])
    spaced = {**STATEMENT_FACTS, "clabe": f"{CLABE[:3]} {CLABE[3:6]} {CLABE[6:]}"}
    assert judged(tmp_path, {"a.pdf": statement()}, "bank-statement", spaced)["a.pdf"]["verdict"] == "accepted"


def test_a_statement_without_facts_is_read_and_nothing_is_held_against_it(tmp_path: Path) -> None:
    answer = one("check-file", *_written(tmp_path, statement(), "a.pdf"), "--as", "bank-statement")
    levels = [finding["level"] for finding in answer["findings"]]
    assert (answer["verdict"], levels.count("not_checked")) == ("accepted", 4)
    assert answer["facts"]["clabes"] == [CLABE]


# --- claim documents and whatever is not what it says ----------------------------------------------------------------


def photo() -> bytes:
    with io.BytesIO() as out:
        Image.effect_noise((640, 480), 90).convert("RGB").save(out, "JPEG")
        return out.getvalue()


def test_s3_21_claim_documents_are_pdf_jpg_or_xml(tmp_path: Path) -> None:
    files = {
        "a.pdf": statement(),
        "b.jpg": photo(),
        "c.xml": papers.invoice(),
        "d.pdf": photo(),
        "e.docx": b"PK\x03\x04word/",
        "f.pdf": b"",
        "g.xml": b"<!DOCTYPE a><a/>",
        "h.jpg": b"MZ\x90\x00",
    }
    answers = judged(tmp_path, files, "claim-document", {})
    assert [answers[name]["verdict"] for name in files] == ["accepted"] * 3 + ["rejected"] * 5
    assert said(answers["f.pdf"]) == ["file_empty"]
    assert said(answers["g.xml"]) == ["xml_doctype"]
    assert answers["g.xml"]["facts"] == {"wellformed": False, "doctype": True}
    assert answers["c.xml"]["facts"]["seal_ok"] is True
    assert "text" not in answers["a.pdf"]["facts"]
    for name in files:
        assert all(finding["cure"] for finding in answers[name]["findings"] if finding["level"] == "error"), name


def test_a_pdf_is_no_invoice_and_an_invoice_is_no_statement(tmp_path: Path) -> None:
    assert said(judged(tmp_path, {"a.pdf": statement()}, "invoice", {})["a.pdf"]) == ["file.kind"]
    assert said(judged(tmp_path, {"a.xml": papers.invoice()}, "bank-statement", {})["a.xml"]) == ["file.kind"]


def test_a_file_above_50_mb_is_rejected_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "big.pdf").open("wb") as file:
        file.truncate(52_428_801)
    answer = one("check-file", str(tmp_path / "big.pdf"), "--as", "claim-document")
    assert (answer["verdict"], said(answer)) == ("rejected", ["file_too_large"])


def test_c7_a_name_with_hidden_signs_is_refused_and_one_with_accents_is_not(tmp_path: Path) -> None:
    names = {"ñandú & cía $#%.xml": papers.invoice(), "a\u202exml.xml": papers.invoice()}
    answers = list(judged(tmp_path, names, "claim-document", {}).values())
    assert [answer["verdict"] for answer in answers] == ["accepted", "rejected"]
    assert said(answers[1]) == ["filename_characters"]


# --- what cannot be judged -------------------------------------------------------------------------------------------


def test_a_missing_file_and_a_folder_fail_on_their_lines_and_the_others_go_on(tmp_path: Path) -> None:
    path = _written(tmp_path, papers.invoice())[0]
    paths = [str(tmp_path / "nada.xml"), path, str(tmp_path), "a\0b.xml"]
    answers, ended = ask("check-file", *paths, "--as", "claim-document")
    assert (codes(answers), ended) == (["file_missing", "", "file_is_folder", "file_missing"], 2)


def test_paths_may_come_from_standard_input(tmp_path: Path) -> None:
    path = _written(tmp_path, papers.invoice())[0]
    answers, ended = ask("check-file", "-", "--as", "claim-document", stdin=f"{path}\n{path}\n")
    assert ([answer["verdict"] for answer in answers], ended) == (["accepted"] * 2, 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--as", "receta"], "kind_unknown"),
        (["--as", "invoice", "--facts", "{"], "facts_unreadable"),
        (["--as", "invoice", "--facts", "[1]"], "facts_unreadable"),
        (["--as", "invoice", "--facts", "@nada.json"], "facts_missing"),
        (["--as", "invoice", "--facts", '{"scheme": "XX"}'], "scheme_unknown"),
        (["--as", "invoice", "--facts", '{"on": "hoy"}'], "date_unreadable"),
        (["--as", "invoice", "--facts", '{"on": "2010-01-01"}'], "rule_missing"),
        (["--as", "invoice", "--facts", '{"receiver": "PSE"}'], "facts_unreadable"),
        (["--as", "invoice", "--facts", '{"orders": {}}'], "facts_unreadable"),
        (["--as", "invoice", "--facts", '{"orders": [{"account": "1"}]}'], "datum_missing"),
        (["--as", "invoice", "--facts", '{"orders": [{"account": "1", "payable": "mil"}]}'], "money_unreadable"),
        (["--as", "complement", "--facts", '{"invoices": [{"uuid": "1"}]}'], "datum_missing"),
        (
            ["--as", "complement", "--facts", '{"invoices": [{"uuid": "1", "total": "1", "payments": [7]}]}'],
            "facts_unreadable",
        ),
        (["--as", "complement", "--facts", '{"transfer": {"amount": "-5"}}'], "money_negative"),
        (["--as", "invoice", "--trust", "nada.cer"], "file_missing"),
        (["--as", "invoice", "--trust", __file__], "trust_unreadable"),
    ],
)
def test_a_call_that_makes_no_sense_says_so_on_each_line(words: list[str], code: str, tmp_path: Path) -> None:
    path = _written(tmp_path, papers.invoice())[0]
    answers, ended = ask("check-file", path, path, *words)
    assert (codes(answers), ended) == ([code] * 2, 2)
    assert all(answer["error"]["message"].endswith(".") for answer in answers)


# --- public samples --------------------------------------------------------------------------------------------------


@needs_samples
@pytest.mark.parametrize("kind", ["invoice", "complement", "claim-document"])
def test_facts_agree_with_every_public_cfdi(kind: str) -> None:
    expected = json.loads((SAMPLES / "cfdi" / "facts.json").read_text())
    paths = [str(SAMPLES / "cfdi" / row["file"]) for row in expected]
    trust = [str(path) for path in sorted((SAMPLES / "certs").iterdir())]
    answers, ended = ask("check-file", *paths, "--as", kind, "--trust", *trust)
    assert ended == 0
    wrong = {}
    for row, answer in zip(expected, answers, strict=True):
        wanted = {key: value for key, value in row.items() if key not in {"file", "case"}}
        if kind == "claim-document":  # nothing is vouched for there: only what the file itself says
            wanted = {key: value for key, value in wanted.items() if key != "tfd"}
        if lines := disagreements(wanted, answer["facts"]):
            wrong[row["file"]] = lines
    assert wrong == {}


@needs_samples
def test_verdicts_agree_with_every_public_pdf() -> None:
    expected = json.loads((SAMPLES / "pdf" / "facts.json").read_text())
    paths = [str(SAMPLES / "pdf" / row["file"]) for row in expected]
    answers, ended = ask("check-file", *paths, "--as", "claim-document")
    assert ended == 0
    wrong = [
        (row["file"], row["expected"], said(answer))
        for row, answer in zip(expected, answers, strict=True)
        if row["expected"] not in {"either", "rejected" if answer["verdict"] == "rejected" else "accepted"}
    ]
    assert wrong == []


@needs_samples
def test_no_public_file_of_any_kind_breaks_the_desk() -> None:
    others = [str(path) for folder in ("bank", "certs", "sat") for path in sorted((SAMPLES / folder).iterdir())]
    pdfs = [str(path) for path in sorted((SAMPLES / "pdf").glob("*.pdf"))[::5]]
    for paths, kind in ((others, "claim-document"), (others[:12], "invoice"), (pdfs, "bank-statement")):
        answers, ended = ask("check-file", *paths, "--as", kind)
        assert (len(answers), ended) == (len(paths), 0)
        assert "file.breaks_reader" not in {code for answer in answers for code in said(answer)}

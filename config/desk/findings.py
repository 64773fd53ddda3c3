"""Every sentence that a machine says of a file, gathered from the code for docs/apps and the help pages.

Rooms that keep a table of findings are read through it. The gates of portal/papers and the bank's answer say theirs
where they judge, so their source is read instead: codes and sentences, blanks left open.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from billing.checks import FINDINGS as OF_INVOICE_PDF
from portal.errors import Finding, Level, RuleBroken
from portal.fiscal.findings import FINDINGS as FISCAL
from portal.fiscal.sentences import GROUP_LABELS
from portal.help.registry import FindingGroup
from portal.papers.examiner import ENDED, LIGHTER
from portal.papers.kinds import ANOTHER, LABELS, PRINTED
from portal.treasury.statement import FINDINGS as OF_STATEMENT

ROOT = Path(__file__).resolve().parents[2]
GATE = ("portal/papers/kinds.py", "portal/papers/rules.py", "portal/papers/xml.py", "portal/papers/examiner")
TABLES_TAKEN_IN, BANK_ANSWER = ("portal/imports/rules",), ("portal/treasury/bank_files.py",)
TABLES = {"layout": "CSV", "tables": "CSV", "cells": "CSV", "sheets": "Excel", "formats": "TXT"}


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One finding: where it is said, its code, how grave, the sentence and the cure; `{…}` is filled in by the rule."""

    where: str
    code: str
    level: str
    message: str
    cure: str


def sections() -> Iterator[tuple[str, str, str, list[Row]]]:
    """(app, title, what is judged, its rows) in the order in which a file meets them."""
    ends = [(code, message, kind) for code, message in ENDED.values() for kind in LIGHTER]
    gate = [Row(LABELS[kind], code, Level.ERROR, message, LIGHTER[kind]) for code, message, kind in ends]
    yield "papers", "The gate", "Every uploaded file, before anything else (`portal/papers`).", [*gate, *_read(GATE)]
    fiscal = [Row(GROUP_LABELS[one.group], code, one.level, one.message, one.cure) for code, one in FISCAL.items()]
    yield "fiscal", "CFDI and payment complement", "The XML (`portal/fiscal/findings.py`).", fiscal
    pdf = [Row("PDF", code, *sentence) for code, sentence in OF_INVOICE_PDF.items()]
    yield "billing", "The invoice's PDF", "Whether it shows the same folio fiscal (`billing/checks.py`).", pdf
    statement = [Row("PDF", code, *sentence) for code, sentence in OF_STATEMENT.items()]
    yield (
        "treasury",
        "The bank statement",
        "Beside the CLABE that was typed (`portal/treasury/statement.py`).",
        statement,
    )
    yield "imports", "Tables taken in", "Every file of an import (`portal/imports/rules`).", [*_read(TABLES_TAKEN_IN)]
    yield (
        "treasury",
        "The bank's answer",
        "The result of a batch (`portal/treasury/bank_files.py`).",
        [*_read(BANK_ANSWER)],
    )


def as_markdown(app: str) -> list[str]:
    """What the machines of one app can say of a file."""
    parts: list[str] = []
    for owner, title, what, rows in sections():
        if owner == app:
            parts += [
                "",
                f"### {title}",
                "",
                what,
                "",
                "| Code | Level | About | Sentence | Cure |",
                "|---|---|---|---|---|",
            ]
            parts += [_line(row) for row in rows]
    told = (
        "`error` refuses the file and stores nothing, `review` asks a person, the others only inform. Blanks in braces",
        "are filled in when the sentence is said: on screens, at the rule desk and in `/ayuda/revisiones/`.",
    )
    return ["## What it says of a file", "", *told, *parts] if parts else []


# Title for people and what it is about, by section; what the bank answers is the desk's business only.
FOR_PEOPLE = {
    "The gate": ("Cualquier archivo", "Antes de leerlo vemos que sea lo que dice ser y que se abra sin riesgo."),
    "CFDI and payment complement": ("Factura y complemento de pago", "El XML, con tus órdenes y tus pagos."),
    "The invoice's PDF": ("PDF de la factura", "Que sea el de tu XML."),
    "The bank statement": ("Estado de cuenta", "Con la CLABE que escribiste."),
}
# In this order; what says that all is well is left out.
_TOLD = (Level.ERROR, Level.REVIEW, Level.WARNING, Level.NOT_CHECKED)


@cache
def for_people() -> tuple[FindingGroup, ...]:
    """The same table for the help pages, gravest first, blanks as an ellipsis."""
    return tuple(
        FindingGroup(*FOR_PEOPLE[title], tuple(_for_people(rows)))
        for _app, title, _what, rows in sections()
        if title in FOR_PEOPLE
    )


def _for_people(rows: list[Row]) -> list[Finding]:
    said = {(row.level, _without_blanks(row.message), _without_blanks(row.cure)): row.code for row in rows}
    told = [Finding(code, Level(level), *sentence) for (level, *sentence), code in said.items() if level in _TOLD]
    return sorted(told, key=lambda finding: _TOLD.index(finding.level))


def _without_blanks(sentence: str) -> str:
    return re.sub(r"…[.…]+", "…", re.sub(r"\{[^}]*\}", "…", sentence))


def _line(row: Row) -> str:
    cells = (f"`{row.code}`", str(row.level), row.where, row.message, row.cure)
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


@cache
def _read(places: tuple[str, ...]) -> tuple[Row, ...]:
    """Rows of source files, in order of file and line, each sentence once; read once, however many documents ask."""
    rows: dict[Row, None] = {}
    for place in places:
        found = ROOT / place
        for path in sorted(found.glob("*.py")) if found.is_dir() else [found]:
            module = ast.parse(path.read_text(encoding="utf-8"))
            constants = {"PRINTED": PRINTED, "ANOTHER": ANOTHER, **_constants(module)}
            for node in sorted(_calls(module), key=lambda call: (call.lineno, call.col_offset)):
                if row := _row(node, path, constants):
                    rows[row] = None
    return tuple(rows)


def _calls(module: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))


def _constants(module: ast.Module) -> dict[str, str]:
    """Sentences and limits that a file names once; the first of a name counts."""
    named: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            said = node.value
            if isinstance(said, ast.JoinedStr) or (
                isinstance(said, ast.Constant) and isinstance(said.value, str | int)
            ):
                named.setdefault(node.targets[0].id, _text(said, {}))
    return named


def _row(node: ast.Call, path: Path, constants: dict[str, str]) -> Row | None:
    """The row that one call says, or None for a call that says nothing by itself."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    said = [_text(argument, constants) for argument in node.args]
    kept = {str(word.arg): _text(word.value, constants) for word in node.keywords}
    where = path.stem if path.parent.name == "examiner" else TABLES.get(path.stem, path.stem)
    if name == "Finding" and len(said) > 2 and said[0] != "{…}":
        level = ast.unparse(node.args[1]).rpartition(".")[2].lower()
        return Row(where, said[0], level, said[2], said[3] if len(said) > 3 else "")
    if name == "_doubt" and said[0] != "{…}":
        return Row(where, said[0], Level.REVIEW, said[1], said[2])
    if name == "_refused":
        return Row(where, said[0], Level.ERROR, said[1], said[2] if len(said) > 2 else constants["PRINTED"])
    if name == "Unreadable":
        return Row(where, said[0], Level.ERROR, said[1], constants.get("_CURE", ""))
    if name in {"RuleBroken", "TooLarge", "TooMany"} and kept.get("code", "{…}") != "{…}":
        finding = RuleBroken(said[0], code=kept["code"]).finding
        return Row(where, finding.code, finding.level, finding.message, finding.cure)
    if name == "_Row":
        return Row(where, "row_refused", Level.ERROR, said[0], "")
    return None


def _text(node: ast.expr, constants: dict[str, str]) -> str:
    """A sentence with its blanks open; what is not a sentence is `{…}`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return constants.get(node.value.id, f"{{{node.value.id}}}")
    if isinstance(node, ast.Name):
        return constants.get(node.id, "{…}")
    return "{…}"

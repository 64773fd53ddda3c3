"""Inside the limited child: a stretch of a table as typed rows for COPY, its errors, its secret cells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from portal.errors import Finding, Level, RuleBroken
from portal.imports.rules import sheets
from portal.imports.rules.cells import unmarked
from portal.imports.rules.copying import ERRORS, FOREIGN, LACKING, MORE, SAID, SECRETS, encoded
from portal.imports.rules.layouts import Item, Layout
from portal.imports.rules.tables import LINES_ABOVE, Content, Headed, bears
from portal.papers.judgement import Judgement, named

_AT_A_TIME = 1_000  # rows that are typed objects at once
_RESTS_NOT = "Trae la columna «{heading}», que es secreta: por eso el archivo no se queda guardado."
_CHOOSE_AGAIN = "Elígelo otra vez cuando lo demás esté bien."


def check(content: bytes, context: Mapping[str, Any]) -> Judgement:
    """A stretch of a table: its rows for COPY (`attached`), every error, and a copy without its secret column.

    Context: `layout` (dotted path), `headings` that are known beside its own, `run` (id), `after` which row and how
    many at `most` are read, `secrets` (cells by sheet row) of a copy that is kept already, else None: then one is made.
    """
    known: Any = named(context["layout"])
    layout: Layout = known.knowing(context["headings"])
    table = _table(content, layout)
    if isinstance(table, Judgement):
        return table
    secrets: Mapping[str, str] | None = context["secrets"]
    copy = None
    try:
        if secrets is None and not context["after"]:
            copy, secrets = layout.without_secret(table)
        facts, rows = _stretch(layout, table, context)
    except RuleBroken as problem:
        asks = layout.foreign(table) if problem.code == "missing_columns" else None
        said = {FOREIGN: asks.foreign, LACKING: asks.lacking} if asks else {SAID: [problem.code, problem.message]}
        facts, rows = {ERRORS: [], MORE: False, **said}, b""
    if copy is not None:
        facts[SECRETS] = dict(secrets or {})
    return Judgement((), facts, attached=rows, replacement=copy or b"")


def check_secret(content: bytes, context: Mapping[str, Any]) -> Judgement:
    """Refuse a table that says something in its secret column: it may not rest as it came (AC-11).

    Context: `layout` (dotted path); `whole`: a long one is refused by its heading alone.
    """
    found: Any = named(context["layout"])
    layout: Layout = found
    table = _table(content, layout, only=0 if context["whole"] else LINES_ABOVE)
    if isinstance(table, Judgement):
        return table
    try:
        says = bool(layout.without_secret(table)[1]) if context["whole"] else bears(table, layout.secret_column())
    except RuleBroken as problem:
        return Judgement((Finding(problem.code, Level.ERROR, problem.message),))
    heading = layout.heading(layout.secret)
    told = Finding("secret_column", Level.ERROR, _RESTS_NOT.format(heading=heading), _CHOOSE_AGAIN)
    return Judgement((told,) if says else ())


def _table(content: bytes, layout: Layout, *, only: int = 0) -> Headed | Judgement:
    """The lines of a sheet (the first `only`, 0: all), the bytes of a text; else why the sheet is refused."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    found = sheets.check(content, {"rows": layout.max_rows, "only": only})
    return found if found.findings else [[unmarked(cell) for cell in line] for line in found.facts[sheets.LINES]]


def _stretch(layout: Layout, content: Content, context: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    assert layout.staged is not None  # only such a layout is read here
    after, most, secrets = int(context["after"]), int(context["most"]), context["secrets"] or {}
    items, errors, more = list[Item](), list[Any](), False
    lines = bytearray()
    for row, value, wrong in layout.read_each(content, after=after):
        if row.number > after + most:
            more = True
            break
        errors += (astuple(error) for error in wrong)
        if not wrong:
            kept = layout.keep(value, secrets.get(str(row.sheet_row))) if secrets else value
            items.append(Item(row.number, kept, row.sheet_row))
        if len(items) == _AT_A_TIME:
            lines += encoded(context["run"], layout.staged, items)
            items.clear()
    lines += encoded(context["run"], layout.staged, items)
    return {ERRORS: errors, MORE: more}, bytes(lines)

"""What stands in a file that was sent or kept: text is read here, anything else by the limited child (ADR 0002)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.errors import RuleBroken
from portal.imports.rules.cells import unmarked
from portal.imports.rules.formats import FOREIGN, LACKING, TYPED, OwnFormat
from portal.imports.rules.layouts import Layout
from portal.imports.rules.tables import FIELD, LINES_ABOVE, TABLE_KINDS, Content, Named
from portal.papers import selectors as files
from portal.papers import services as papers

if TYPE_CHECKING:
    from portal.papers.models import StoredFile

SHEET_CHECK = "portal.imports.rules.sheets.check"
_LINES, _NAMES, _ROWS = "_lines", "_names", "_rows"


def asked(layout: Layout, *, only: int = 0) -> dict[str, Any]:
    """What the examiner is asked: kinds of file, which function reads them, and its context.

    `rows` are the most filled lines that may come, `only` the first ones that are wanted (0: all).
    """
    rows: dict[str, Any] = {"rows": layout.max_rows + LINES_ABOVE, "only": only + LINES_ABOVE if only else 0}
    if layout.source is None:
        return {"kinds": {*TABLE_KINDS}, "check": SHEET_CHECK, "context": rows}
    said = rows | {"format": layout.source.as_json()}
    if isinstance(layout.source, OwnFormat) and layout.source.maps:
        said["headings"] = layout.aliases
    return {"kinds": {*layout.source.kinds}, "check": layout.source.check, "context": said}


def content_of(examined: papers.Examined, content: bytes) -> Content:
    """The lines that the child found in a file; the bytes of a delimited text. Raises RuleBroken for a refused file."""
    refuse_rejected(examined)
    facts = examined.facts
    if _ROWS in facts:
        return Named(
            facts[_NAMES],
            [(line, cells) for line, cells in facts[_ROWS]],
            typed=facts.get(TYPED, False),
            foreign=tuple(facts.get(FOREIGN, ())),
            lacking=tuple(facts.get(LACKING, ())),
        )
    if _LINES in facts:
        return [[unmarked(cell) for cell in line] for line in facts[_LINES]]
    return content


def refuse_rejected(examined: papers.Examined) -> None:
    """Raise RuleBroken for a file that the examiner refused, at the field of the file."""
    if examined.is_rejected:
        refused = examined.refusal
        raise RuleBroken(refused.message, code=refused.code, field=FIELD, findings=refused.findings)


def kept_content(file: StoredFile, layout: Layout, *, only: int = 0) -> Content:
    """The same of a file that is kept; no database transaction may be open for what the child reads."""
    if layout.source is None and file.kind != "xlsx":
        return b"".join(files.open_file(file))
    said = asked(layout, only=only)
    return content_of(papers.examine_stored(file=file, check=said["check"], context=said["context"]), b"")

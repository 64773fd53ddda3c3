"""What stands in a file that was sent or kept: text is read here, a sheet by the limited child (ADR 0002)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.errors import RuleBroken
from portal.imports.rules.cells import unmarked
from portal.imports.rules.layouts import Layout
from portal.imports.rules.tables import FIELD, LINES_ABOVE, Content
from portal.papers import selectors as files
from portal.papers import services as papers

if TYPE_CHECKING:
    from portal.papers.models import StoredFile

SHEET_CHECK = "portal.imports.rules.sheets.check"
_LINES = "_lines"


def asked(layout: Layout, *, only: int = 0) -> dict[str, Any]:
    """What the child is asked of a sheet: the most filled lines that may come; the first `only` of them (0: all)."""
    return {"rows": layout.max_rows + LINES_ABOVE, "only": only + LINES_ABOVE if only else 0}


def content_of(examined: papers.Examined, content: bytes) -> Content:
    """The lines that the child found in a sheet; the bytes of a text. Raises RuleBroken for a file that was refused."""
    if examined.is_rejected:
        refused = examined.refusal
        raise RuleBroken(refused.message, code=refused.code, field=FIELD, findings=refused.findings)
    if _LINES not in examined.facts:
        return content
    return [[unmarked(cell) for cell in line] for line in examined.facts[_LINES]]


def kept_content(file: StoredFile, layout: Layout, *, only: int = 0) -> Content:
    """The same of a file that is kept; no database transaction may be open for a sheet."""
    if file.kind == "xlsx":
        return content_of(papers.examine_stored(file=file, check=SHEET_CHECK, context=asked(layout, only=only)), b"")
    return b"".join(files.open_file(file))

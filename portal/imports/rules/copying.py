"""Typed rows as COPY reads them, and what the limited child answers beside them (`staging`). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal.imports.rules.layouts import Item, Staged

CHECK = "portal.imports.rules.staging.check"
SECRET_CHECK = "portal.imports.rules.staging.check_secret"
# Facts for the caller alone, never stored: errors of rows, secret cells by sheet row, whether more rows follow,
# headings that nobody knows and the columns they may be, why the file as a whole is not read (code, message).
ERRORS, SECRETS, MORE, FOREIGN, LACKING, SAID = "_errors", "_secrets", "_more", "_foreign", "_lacking", "_said"
OF_ROW = ("run_id", "number", "sheet_row")  # columns of every staging table, before those of its layout
FLAG = {True: "t", False: "f"}  # yes and no as COPY reads them
_SPECIAL = re.compile("[\\\\\n\r\t\x00\ud800-\udfff]")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def encoded(run_id: object, staged: Staged, items: Iterable[Item]) -> bytes:
    """Rows as lines of COPY: run, number, sheet row, and each column; what no column can hold becomes U+FFFD."""
    lines, values_of, run = [], staged.values, str(run_id)
    for item in items:
        values = values_of(item.value)
        if _SPECIAL.search("".join(values)):
            values = [_SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), value) for value in values]
        lines.append("\t".join((run, str(item.number), str(item.sheet_row), *values)))
    lines.append("")
    return "\n".join(lines).encode()

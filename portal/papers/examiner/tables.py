"""Plain tables from banks and insurers: text of up to 5 MB, UTF-8, UTF-16 or Latin-1, without a NUL."""

from __future__ import annotations

from typing import Any

from portal.errors import Finding, RuleBroken
from portal.text import decode_text


def open_table(content: bytes) -> tuple[list[Finding], dict[str, Any]]:
    """Findings and facts (`encoding`, `lines`). Raises RuleBroken for what is not text."""
    text, encoding = decode_text(content)
    if "\x00" in text:
        raise RuleBroken(
            "El archivo no es de texto: trae bytes nulos. Guárdalo como CSV UTF-8 en tu hoja de cálculo.",
            code="table.binary",
        )
    if not text.strip():
        raise RuleBroken(
            "El archivo no trae ningún renglón. Genera otro en el sistema que lo hizo y ábrelo antes de subirlo.",
            code="table.empty",
        )
    return [], {"encoding": encoding, "lines": len(text.splitlines())}

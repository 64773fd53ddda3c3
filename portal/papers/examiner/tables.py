"""Plain tables from banks and insurers: text of up to 5 MB, UTF-8 or Latin-1, without a NUL byte."""

from __future__ import annotations

from typing import Any

from portal.errors import Finding, RuleBroken


def open_table(content: bytes) -> tuple[list[Finding], dict[str, Any]]:
    """Findings and facts (`encoding`, `lines`). Raises RuleBroken for what is not text."""
    if b"\x00" in content:
        raise RuleBroken("El archivo no es de texto: trae bytes nulos. Expórtalo otra vez.", code="table.binary")
    text, encoding = decode(content)
    if not text.strip():
        raise RuleBroken("El archivo está vacío. Expórtalo otra vez.", code="table.empty")
    return [], {"encoding": encoding, "lines": len(text.splitlines())}


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding): UTF-8 with or without mark, otherwise Windows-1252, otherwise Latin-1, which takes any byte."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"

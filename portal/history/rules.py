"""What may stand in an event, how its signature and the chain are computed. Pure: no Django, no clock (AD-03, AD-05)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

MAX_TEXT = 500
MAX_DETAILS = 4_000
UNSEALED_FAULT_AFTER = timedelta(seconds=60)
GENESIS = "0" * 64
# C0 and C1 controls, line separators: what could break a line of a log or colour a terminal.
_UNSAFE = {*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029}


def escape_controls(text: str) -> str:
    """The text with every control character (CR, LF, ESC…) written as `\\xNN` or `\\uNNNN` (AD-05)."""
    if not any(ord(letter) in _UNSAFE for letter in text):
        return text
    return "".join(_escaped(letter) if ord(letter) in _UNSAFE else letter for letter in text)


def _escaped(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


def plain(value: Any) -> Any:
    """Details as plain JSON without floats: money, dates and ids become text, controls are escaped.

    Raises TypeError for a type that has no exact text, ValueError for a text over 500 characters: both are bugs.
    """
    if value is None or isinstance(value, bool | int):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, str):
        return _plain_text(value.value if isinstance(value, Enum) else value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_plain_text(str(key)): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    raise TypeError(f"an event's detail cannot be {type(value).__name__}")


def _plain_text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(f"an event's text has {len(text)} characters; at most {MAX_TEXT} belong in the record")
    return escape_controls(text)


def safe_text(text: str) -> str:
    """A reason or label, at most 500 characters, controls escaped; refuses identifiers that must stay masked."""
    return _plain_text(text)


def safe_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details ready to be stored and signed."""
    stored: dict[str, Any] = plain(details)
    if len(canonical(stored)) > MAX_DETAILS:
        raise ValueError(f"an event's details pass {MAX_DETAILS} bytes")
    return stored


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The one byte form that is signed: JSON, keys in order, no blanks, UTF-8."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign(key: bytes, facts: Mapping[str, Any]) -> str:
    """HMAC-SHA256 (hex) over the canonical form."""
    return hmac.new(key, canonical(facts), hashlib.sha256).hexdigest()


def signature_holds(key: bytes, facts: Mapping[str, Any], signature: str) -> bool:
    """Whether a stored signature belongs to these facts."""
    return hmac.compare_digest(sign(key, facts), signature)


@dataclass(frozen=True, slots=True)
class Link:
    """One seal: its number (1, 2, 3…), which row of which table it seals with which signature, and the seal before."""

    number: int
    table: str
    row: int
    row_hmac: str
    previous_hmac: str

    def facts(self) -> dict[str, Any]:
        """What the seal signs."""
        return {
            "number": self.number,
            "table": self.table,
            "row": self.row,
            "row_hmac": self.row_hmac,
            "previous": self.previous_hmac,
        }

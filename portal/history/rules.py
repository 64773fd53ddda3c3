"""What may stand in an event, how its signature and the chain are computed. Pure (AD-03, AD-05)."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

MAX_TEXT = 500
MAX_DETAILS = 4_000
UNSEALED_FAULT_AFTER = timedelta(seconds=60)
# The seal before the first one.
REFUSED = "Sin permiso:"  # how a page that was refused is noted beside the readings; the page's name follows
GENESIS = "0" * 64
# Controls, line separators, direction marks, lone surrogates: what breaks a line of a log, colours a terminal,
# reorders what one reads, or cannot be stored at all.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# CLABE (also in groups), RFC and CURP whole: people type them into reasons, and they may not stay (AD-05). An id of
# ours stays whole, though its last group may look like an RFC (bac887813a60) and its digits like a CLABE.
_WHOLE_IDENTIFIER = re.compile(
    r"(?P<ours>(?<!\w)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\w))"
    r"|(?<!\w)(?:\d(?:[ -]?\d){17}|[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}|[A-ZÑ]{4}\d{6}[A-Z]{6}[A-Z0-9]\d)(?!\w)",
    re.IGNORECASE,
)


_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def safe_text(text: str) -> str:
    """A reason or detail: whole identifiers masked but for the last four, controls written as `\\xNN` (AD-05).

    Raises ValueError above 500 characters: forms limit what people type, so this is a bug of the caller. What grows
    beyond them by writing its controls out (a line break takes four letters) is cut with an ellipsis.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"an event's text has {len(text)} characters; at most {MAX_TEXT} belong in the record")
    masked = _WHOLE_IDENTIFIER.sub(lambda found: found["ours"] or f"••••{found[0][-4:]}", text)
    written = _UNSAFE.sub(lambda found: _escaped(found[0]), masked)
    return written if len(written) <= MAX_TEXT else f"{written[: MAX_TEXT - 1]}…"


def _escaped(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


def safe_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details as plain JSON. Raises ValueError above 4,000 bytes, TypeError for what has no exact text (a float)."""
    stored: dict[str, Any] = _plain(details)
    if len(canonical(stored)) > MAX_DETAILS:
        raise ValueError(f"an event's details pass {MAX_DETAILS} bytes")
    return stored


def _plain(value: Any) -> Any:
    if type(value) is str:  # nearly all of them
        return safe_text(value)
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {safe_text(str(key)): _plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return [_plain(entry) for entry in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, str | Decimal | UUID):
        return safe_text(str(value))
    raise TypeError(f"an event's detail cannot be {type(value).__name__}")


def instant(at: datetime) -> str:
    """An instant as it is signed: UTC, so that the zone of the connection does not matter."""
    return at.astimezone(UTC).isoformat()


def canonical(facts: Any) -> bytes:
    """The one byte form that is signed: JSON, keys in order, no blanks, UTF-8."""
    return _written(facts).encode()


def sign(key: bytes, facts: Any) -> str:
    """HMAC-SHA256 (hex) over the canonical form."""
    return hmac.digest(key, canonical(facts), "sha256").hex()


def signature_holds(key: bytes, facts: Any, signature: str) -> bool:
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

    def facts(self) -> list[str | int]:
        """What the seal signs."""
        return [self.number, self.table, self.row, self.row_hmac, self.previous_hmac]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the record: a slug, the row (`history_auditevent 17`), and the sentence."""

    kind: str
    row: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found: seals checked, rows not sealed yet, the first fault or None."""

    checked: int
    unsealed: int
    fault: Fault | None

    @property
    def holds(self) -> bool:
        """Whether the record is whole."""
        return self.fault is None

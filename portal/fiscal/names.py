"""The issuer and the subject of a certificate, read straight from its DER.

SAT writes Ñ and accents into certificate names in encodings that `cryptography` refuses and pyOpenSSL only reads
through calls that it announces to drop. A name is four nested DER shapes: this reads exactly those, and nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

ORGANISATION, COMMON_NAME = "2.5.4.10", "2.5.4.3"
UNIQUE_IDENTIFIER = "2.5.4.45"
_SEQUENCE, _SET, _OID, _VERSION, _BMP = 0x30, 0x31, 0x06, 0xA0, 0x1E
_LONG_FORM, _MAX_LENGTH_BYTES = 0x80, 4


class BadName(ValueError):
    """The bytes are not the DER of a certificate's names."""


class Node(NamedTuple):
    """One DER value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes


def issuer_and_subject(to_be_signed: bytes) -> tuple[bytes, bytes]:
    """The DER of issuer and subject inside a certificate's signed part."""
    fields = _children(_only(to_be_signed).content)
    if fields and fields[0].tag == _VERSION:
        fields = fields[1:]
    # serial, algorithm, issuer, validity, subject, …
    if len(fields) < 5 or fields[2].tag != _SEQUENCE or fields[4].tag != _SEQUENCE:
        raise BadName("not a certificate")
    return fields[2].whole, fields[4].whole


def attributes(name: bytes) -> dict[str, str]:
    """Dotted OID → text of the first value with it."""
    found: dict[str, str] = {}
    for group in _children(_only(name).content):
        for pair in _children(group.content):
            parts = _children(pair.content)
            if len(parts) == 2 and parts[0].tag == _OID:  # an attribute is a pair
                found.setdefault(_dotted(parts[0].content), _text(parts[1]))
    return found


def _only(encoded: bytes) -> Node:
    return (_children(encoded) or [Node(0, b"", b"")])[0]


def _children(content: bytes) -> list[Node]:
    at, found = 0, []
    while at < len(content):
        start, tag = at, content[at]
        length, at = _length(content, at + 1)
        if at + length > len(content):
            raise BadName("cut short")
        found.append(Node(tag, content[at : at + length], content[start : at + length]))
        at += length
    return found


def _length(content: bytes, at: int) -> tuple[int, int]:
    if at >= len(content):
        raise BadName("cut short")
    first = content[at]
    if first < _LONG_FORM:
        return first, at + 1
    count = first - _LONG_FORM
    if not 1 <= count <= _MAX_LENGTH_BYTES or at + 1 + count > len(content):
        raise BadName("bad length")
    return int.from_bytes(content[at + 1 : at + 1 + count], "big"), at + 1 + count


@lru_cache(maxsize=256)
def _dotted(encoded: bytes) -> str:
    arcs, value = [encoded[0] // 40, encoded[0] % 40] if encoded else [], 0
    for byte in encoded[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    return ".".join(map(str, arcs))


def _text(value: Node) -> str:
    if value.tag == _BMP:
        return value.content.decode("utf-16-be", errors="replace")
    try:
        return value.content.decode("utf-8")
    except UnicodeDecodeError:
        return value.content.decode("latin-1")

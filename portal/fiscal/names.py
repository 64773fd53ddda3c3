"""The issuer and the subject of a certificate, read straight from its DER.

SAT writes Ñ and accents into certificate names in encodings that `cryptography` refuses and pyOpenSSL only reads
through calls that it announces to drop. A name is four nested DER shapes: this reads exactly those, and nothing else.
"""

from __future__ import annotations

from functools import lru_cache

ORGANISATION, COMMON_NAME = "2.5.4.10", "2.5.4.3"
UNIQUE_IDENTIFIER = "2.5.4.45"
_SEQUENCE, _SET, _OID, _VERSION, _BMP = 0x30, 0x31, 0x06, 0xA0, 0x1E
_LONG_FORM, _MAX_LENGTH_BYTES = 0x80, 4


class BadName(ValueError):
    """The bytes are not the DER of a certificate's names."""


# One DER value: its tag, its content, and where all its bytes begin and end in what holds it.
Node = tuple[int, bytes, int, int]


def issuer_and_subject(to_be_signed: bytes) -> tuple[bytes, bytes]:
    """The DER of issuer and subject inside a certificate's signed part."""
    signed = _only(to_be_signed)
    fields = _children(signed)
    if fields and fields[0][0] == _VERSION:
        fields = fields[1:]
    # serial, algorithm, issuer, validity, subject, …
    if len(fields) < 5 or fields[2][0] != _SEQUENCE or fields[4][0] != _SEQUENCE:
        raise BadName("not a certificate")
    issuer, subject = (signed[fields[place][2] : fields[place][3]] for place in (2, 4))
    return issuer, subject


def attributes(name: bytes) -> dict[str, str]:
    """Dotted OID → text of the first value with it."""
    found: dict[str, str] = {}
    for _, group, _, _ in _children(_only(name)):
        for _, pair, _, _ in _children(group):
            parts = _children(pair)
            if len(parts) == 2 and parts[0][0] == _OID:  # an attribute is a pair
                found.setdefault(_dotted(parts[0][1]), _text(parts[1]))
    return found


def _only(encoded: bytes) -> bytes:
    """The content of the one value there."""
    values = _children(encoded)
    return values[0][1] if values else b""


def _children(content: bytes) -> list[Node]:
    """The values that follow each other; in one loop, because a CFDI asks for forty of them."""
    at, end, found = 0, len(content), list[Node]()
    try:
        while at < end:
            start, tag, length = at, content[at], content[at + 1]
            at += 2
            if length >= _LONG_FORM:
                count = length - _LONG_FORM
                if not 1 <= count <= _MAX_LENGTH_BYTES or at + count > end:
                    raise BadName("bad length")
                length = int.from_bytes(content[at : at + count], "big")
                at += count
            stop = at + length
            if stop > end:
                raise BadName("cut short")
            found.append((tag, content[at:stop], start, stop))
            at = stop
    except IndexError as error:
        raise BadName("cut short") from error
    return found


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
    tag, content, _, _ = value
    if tag == _BMP:
        return content.decode("utf-16-be", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")

"""How many pixels the images of a PDF ask for when they are opened: some kilobytes can be a wall of gigapixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from pypdf.generic import DictionaryObject, StreamObject

from portal.papers.examiner import entries

MAX_PIXELS = 60_000_000
_INLINE = re.compile(rb"(?<![^\s])BI\s(.{1,2000}?)\sID\s", re.DOTALL)
_WIDTH = re.compile(rb"/W(?:idth)?\s+(\d{1,10})")
_HEIGHT = re.compile(rb"/H(?:eight)?\s+(\d{1,10})")
_JPEG_SIZE = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)", re.DOTALL)
_JPX_SIZE = re.compile(rb"\xff\x4f\xff\x51....(.{4})(.{4})(.{4})(.{4})", re.DOTALL)
# Streams that draw nothing: tables of the file, fonts, descriptions.
_NO_DRAWING = {"/XRef", "/ObjStm", "/Metadata", "/EmbeddedFile", "/CMap"}
_PAGE_INFORMATION = 48  # the kind of a JBIG2 segment that says how large the page is
_UNKNOWN_HEIGHT = 0xFFFFFFFF


def asked_for(piece: DictionaryObject) -> int:
    """The most pixels that any image of this object has, by what the PDF says and by what the image itself says."""
    if not isinstance(piece, StreamObject):
        return 0
    # A mask or a thumbnail is an image by where it stands, whatever it calls itself.
    if entries.word(piece, "/Subtype") == "/Image" or {"/Width", "/Height"} <= piece.keys():
        return max(_declared(piece), *_own(piece), 0)
    if entries.word(piece, "/Type") in _NO_DRAWING or "/Length1" in piece or "/Length3" in piece:
        return 0
    with suppress(Exception):  # what cannot be unpacked draws nothing
        return max(_inline(piece.get_data()), default=0)
    return 0


def _declared(piece: DictionaryObject) -> int:
    asked = [entries.number(piece, "/Width") * entries.number(piece, "/Height")]
    for one in entries.items(piece, "/DecodeParms"):
        if isinstance(one, DictionaryObject):
            asked.append(entries.number(one, "/Columns") * entries.number(one, "/Rows"))
    return max(asked)


def _own(piece: StreamObject) -> Iterator[int]:
    """What the packed image says of itself: JPEG, JPEG 2000 and JBIG2 carry a size of their own."""
    raw = bytes(piece._data)
    names = str(entries.items(piece, "/Filter"))
    if "DCTDecode" in names or raw.startswith(b"\xff\xd8"):
        yield from (_big(high) * _big(wide) for high, wide in _JPEG_SIZE.findall(raw[:65536]))
    if "JPXDecode" in names:
        yield from ((_big(x) - _big(a)) * (_big(y) - _big(b)) for x, y, a, b in _JPX_SIZE.findall(raw[:65536]))
    if "JBIG2Decode" in names:
        yield from _jbig2(raw)


def _jbig2(raw: bytes) -> Iterator[int]:
    """Sizes of the page segments. Header of a segment: number (4), flags (1), referred-to (1), page (1), length (4)."""
    place = 0
    while place + 11 <= len(raw):
        kind, length = raw[place + 4] & 63, _big(raw[place + 7 : place + 11])
        if raw[place + 5] >> 5 or raw[place + 4] & 64:
            return  # refers to others or counts pages in four bytes: no page segment does
        if kind == _PAGE_INFORMATION:
            wide, high = _big(raw[place + 11 : place + 15]), _big(raw[place + 15 : place + 19])
            yield wide * (high if high != _UNKNOWN_HEIGHT else 1)
        place += 11 + length


def _inline(content: bytes) -> Iterator[int]:
    for said in _INLINE.findall(content):
        wide, high = _WIDTH.search(said), _HEIGHT.search(said)
        if wide and high:
            yield int(wide[1]) * int(high[1])


def _big(raw: bytes) -> int:
    return int.from_bytes(raw, "big")

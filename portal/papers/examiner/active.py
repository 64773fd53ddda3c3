"""What a PDF does when opened: each object walked, names decoded, inside object streams too (docs/security.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from portal.papers.examiner import entries, pixels

ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "una acción que abre programas",
    "/SubmitForm": "una acción que envía datos",
    "/ImportData": "una acción que importa datos",
    "/GoToE": "un enlace a un archivo incrustado",
    "/GoToR": "un enlace a otro archivo",
    "/Rendition": "contenido multimedia",
    "/Movie": "contenido multimedia",
    "/Sound": "contenido multimedia",
    "/GoTo3DView": "contenido multimedia",
    "/RichMediaExecute": "contenido multimedia",
}
_KEYS = {"/JS": "JavaScript", "/XFA": "un formulario XFA", "/RichMediaContent": "contenido multimedia"}
_NAMES = {
    b"/JavaScript": "/JavaScript",
    b"/Launch": "/Launch",
    b"/SubmitForm": "/SubmitForm",
    b"/ImportData": "/ImportData",
    b"/GoToR": "/GoToR",
    b"/GoToE": "/GoToE",
}
_PLAIN = re.compile(rb"/(?:JavaScript|Launch|SubmitForm|ImportData|GoToR|GoToE)(?![A-Za-z0-9#])")
# Links to the web stay: the SAT and banks print them.
_WEB = re.compile(r"https?:|mailto:|tel:|www\.", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2060\ufeff]+")
_NAMELESS = "sin nombre"
_ELSEWHERE = "datos que están en otro archivo"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
MAX_OBJECTS = 200_000


@dataclass
class Found:
    """`active` is a Spanish noun for the first active thing, or ""; `embedded` are (name, bytes) of files inside.

    `pixels`: what the largest image asks for.
    """

    active: str = ""
    pixels: int = 0
    embedded: list[tuple[str, bytes]] = field(default_factory=list)


def walk(reader: PdfReader) -> Found:
    """Look at every object the file lists, used by a page or not."""
    found = Found()
    seen: set[int] = set()
    for thing in _objects(reader):
        for piece in entries.within(thing):
            found.active = found.active or _what_it_does(piece)
            found.pixels = max(found.pixels, pixels.asked_for(piece))
            _take_embedded(piece, found, seen)
        if found.active:
            break
    return found


def in_plain_sight(content: bytes) -> str:
    """Active names anywhere in the bytes, also in objects that no table lists but a repair would find."""
    text = _ESCAPED.sub(lambda match: bytes([int(match.group(1), 16)]), content) if b"#" in content else content
    hit = _PLAIN.search(text)
    return ACTIONS[_NAMES[hit.group()]] if hit else ""


def _objects(reader: PdfReader) -> Iterator[Any]:
    yield reader.trailer
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    for number, generation in sorted(numbers)[:MAX_OBJECTS]:
        with suppress(Exception):  # a broken object that no page uses harms nobody; pages are read for themselves
            yield reader.get_object(IndirectObject(number, generation, reader))


def _what_it_does(piece: DictionaryObject) -> str:
    for key, words in _KEYS.items():
        if entries.value(piece, key) is not None:
            return words
    if _reads_elsewhere(piece):
        return _ELSEWHERE
    action = entries.word(piece, "/S")
    if action == "/Thread" and "/F" in piece:
        return ACTIONS["/GoToR"]
    if action == "/URI" and _opens_a_program(entries.text(piece, "/URI")):
        return ACTIONS["/Launch"]
    # What a link without a scheme is joined to: the catalogue says it once for all of them.
    if _opens_a_program(entries.text(piece, "/Base")):
        return ACTIONS["/Launch"]
    return ACTIONS.get(action, "")


def _reads_elsewhere(piece: DictionaryObject) -> bool:
    """A stream whose bytes, or a form whose drawing, are to be fetched from another file."""
    if not isinstance(piece, StreamObject):
        return False
    return "/F" in piece or (entries.word(piece, "/Subtype") == "/Form" and "/Ref" in piece)


def _opens_a_program(address: str) -> bool:
    """Whether following it leaves the web; whoever follows it drops blanks and controls within the scheme."""
    bare = _UNSEEN.sub("", address)
    return bool(_SCHEME.match(bare)) and not _WEB.match(bare)


def _take_embedded(piece: DictionaryObject, found: Found, seen: set[int]) -> None:
    held, related = entries.value(piece, "/EF"), entries.value(piece, "/RF")
    name = entries.text(piece, "/UF") or entries.text(piece, "/F") or _NAMELESS
    if isinstance(held, DictionaryObject):
        for key in held:
            _take(name, held.raw_get(key), found, seen)
    elif held is not None:
        found.embedded.append((name, b""))
    if isinstance(related, DictionaryObject):  # beside each file, a list of names and the files they go with
        for key in related:
            for one in entries.items(related, key)[1::2]:
                _take(_NAMELESS, getattr(one, "indirect_reference", None) or one, found, seen)
    if entries.word(piece, "/Type") == "/EmbeddedFile":
        _take(_NAMELESS, piece.indirect_reference or piece, found, seen)


def _take(name: str, held: Any, found: Found, seen: set[int]) -> None:
    identity = held.idnum if isinstance(held, IndirectObject) else id(held)
    if identity in seen:
        if name != _NAMELESS:
            found.embedded = [(name if known == _NAMELESS else known, body) for known, body in found.embedded]
        return
    seen.add(identity)
    stream = entries.resolved(held)
    found.embedded.append((name, stream.get_data() if isinstance(stream, StreamObject) else b""))

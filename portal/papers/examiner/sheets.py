"""XLSX from people: what may not even be opened (UP-12). Macros, links to other books, bombs, DTDs, damaged books."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

from portal.errors import Finding, RuleBroken

MAX_PARTS = 1_000
MAX_BYTES = 150 * 1024 * 1024  # of all parts together, unpacked
MAX_RATIO = 200  # unpacked for packed bytes, of one part; a sheet full of the same word packs a hundredfold
RATIO_FROM = 1024 * 1024  # smaller parts harm nobody
_CHUNK = 1 << 16
# What a parser of XML would read, whatever the part is called: pictures and printer settings begin otherwise.
_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|[\s\x00])*(?:<|\Z)")
_DTD = re.compile(rb"<!(?:doctype|entity)", re.IGNORECASE)
_ENTITY = re.compile(rb"<!entity", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_OTHER_LETTERS = re.compile(rb"\xff\xfe|\xfe\xff|\s*\x00|\s*<\x00")
_MACROS = re.compile(r"vbaproject|xl/(macrosheets|activex|ctrlprops|dialogsheets)/|\.bin\Z")
_HARMLESS = re.compile(r"xl/printersettings/[^/]*\.bin\Z")
# The printer of a Mac and pictures that programs draw name their document type, which does nothing without entities.
_NAMES_ITS_TYPE = re.compile(r"xl/(printersettings/[^/]*\.bin|media/[^/]*\.svg)\Z")
_LINKS = re.compile(r"xl/(externallinks|embeddings|querytables|model)/|xl/connections\.xml\Z")
_AGAIN = "Ábrelo, guárdalo otra vez como «Libro de Excel (.xlsx)» y sube esa copia."


def open_sheet(content: bytes) -> tuple[list[Finding], dict[str, Any]]:
    """Findings and facts (`parts`) of a workbook that may be read. Raises RuleBroken for one that may not."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = book.infolist()
            _check_parts(parts)
            for part in parts:
                _check_content(book, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise RuleBroken(f"La hoja de Excel está dañada y no se abre. {_AGAIN}", code="sheet.broken") from error
    return [], {"parts": len(parts)}


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if len(set(names)) < len(names) or "[content_types].xml" not in names:
        raise RuleBroken(f"El archivo no es una hoja de Excel completa. {_AGAIN}", code="sheet.broken")
    if any(part.flag_bits & 0x1 for part in parts):
        raise RuleBroken("La hoja de Excel tiene contraseña. Quítasela y súbela otra vez.", code="sheet.locked")
    if any(_MACROS.search(name) and not _HARMLESS.search(name) for name in names):
        raise _macros()
    if any(_LINKS.search(name) for name in names):
        raise RuleBroken(
            "La hoja de Excel trae datos de otro libro o de otra fuente. Copia sus celdas, pégalas como valores en un "
            "libro nuevo y sube ese.",
            code="sheet.links",
        )
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_BYTES
        or any(part.file_size > max(RATIO_FROM, MAX_RATIO * part.compress_size) for part in parts)
    ):
        raise RuleBroken(
            "La hoja de Excel es demasiado grande al abrirse. Deja solo los renglones y columnas con datos, o guárdala "
            "como CSV, y súbela otra vez.",
            code="sheet.bomb",
        )


def _macros() -> RuleBroken:
    return RuleBroken(
        "La hoja de Excel trae macros. Guárdala como «Libro de Excel (.xlsx)», sin macros, y sube esa copia.",
        code="sheet.macros",
    )


def _check_content(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No DTD, no alphabet in which one could hide, in any part that a reader parses; a whole part, by its checksum."""
    name = part.filename.replace("\\", "/").lower()
    is_xml, is_list = False, name == "[content_types].xml"
    forbidden = _ENTITY if _NAMES_ITS_TYPE.search(name) else _DTD
    before = b""
    with book.open(part) as content:
        while chunk := content.read(_CHUNK):
            if not before and _XML.match(chunk):
                is_xml = True
                _check_letters(chunk)
            if is_xml and forbidden.search(before + chunk):
                raise RuleBroken(f"La hoja de Excel trae una definición ajena dentro. {_AGAIN}", code="sheet.doctype")
            if is_list and b"macroEnabled" in before + chunk:
                raise _macros()
            before = chunk[-32:]


def _check_letters(start: bytes) -> None:
    said = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf").lstrip())
    if _OTHER_LETTERS.match(start) or (said and said[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}):
        raise RuleBroken(f"La hoja de Excel no está en UTF-8. {_AGAIN}", code="sheet.encoding")

"""What a file says it is and what its first bytes say: pure, for the gate and for the quick look before large files."""

from __future__ import annotations

from portal.errors import Finding, Level
from portal.papers import outside

MAX_XML = 2 * 1024 * 1024  # UP-01
MAX_TABLE = 5 * 1024 * 1024
CONTENT_TYPES = {
    "xml": "application/xml",
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "cer": "application/pkix-cert",
}
LABELS = {"xml": "XML", "pdf": "PDF", "jpeg": "JPG", "csv": "CSV", "txt": "TXT", "xlsx": "Excel", "cer": "CER"}
# PNG and HEIC are photographs that become JPEG before they count (UP-03).
BY_EXTENSION = {
    "xml": "xml",
    "pdf": "pdf",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jfif": "jpeg",
    "png": "png",
    "heic": "heic",
    "heif": "heic",
    "csv": "csv",
    "tsv": "csv",
    "txt": "txt",
    "sta": "txt",
    "mt940": "txt",
    "940": "txt",
    "xlsx": "xlsx",
    "cer": "cer",
}
SORT = {
    "xml": "xml",
    "pdf": "pdf",
    "jpeg": "jpeg",
    "png": "jpeg",
    "heic": "jpeg",
    "csv": "csv",
    "txt": "txt",
    "xlsx": "xlsx",
    "cer": "cer",
}
NAMES = {
    "xml": "un XML",
    "pdf": "un PDF",
    "jpeg": "una foto JPG",
    "png": "una imagen PNG",
    "heic": "una foto HEIC",
    "xlsx": "una hoja de Excel",
    "cer": "un certificado",
}
_MACRO_BOOKS = frozenset({"xlsm", "xltm", "xlsb", "xlam"})
_SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "pdf", ""),
    (b"\xff\xd8\xff", "jpeg", ""),
    (b"\x89PNG\r\n\x1a\n", "png", ""),
    (b"GIF8", "", "un GIF"),
    (b"II*\x00", "", "un TIFF"),
    (b"MM\x00*", "", "un TIFF"),
    (b"BM", "", "un BMP"),
    (b"MZ", "", "un programa de Windows"),
    (b"\x7fELF", "", "un programa"),
    (b"Rar!", "", "un RAR"),
    (b"7z\xbc\xaf", "", "un 7z"),
    (b"\x1f\x8b", "", "un GZIP"),
    (b"{\\rtf", "", "un documento RTF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "un documento viejo de Office"),
)
GLUED = "un PDF con algo pegado delante"
# Cures that lead on: who sends the same file again meets the same refusal.
PRINTED = "Ábrelo en tu equipo, elige Imprimir y «Guardar como PDF», y sube esa copia."
ANOTHER = "Descárgalo de nuevo de donde lo sacaste; si tampoco se abre en tu equipo, pide otro a quien te lo dio."
MACRO_BOOK = Finding(
    "sheet.macros",
    Level.ERROR,
    "El libro de Excel puede traer macros.",
    "Guárdalo como «Libro de Excel (.xlsx)», sin macros, y sube esa copia.",
)
_ZIPPED = ((b"word/", "un documento de Word"), (b"ppt/", "una presentación"))
_PACKED = "un ZIP"
_BOXES = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"heif"}


def extension_of(name: str) -> str:
    """The last extension in lower case, without dot."""
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def claimed(name: str) -> str:
    """The kind that the extension claims ("png", "heic" among them), or ""."""
    return BY_EXTENSION.get(extension_of(name), "")


def recognised(start: bytes) -> tuple[str, str]:
    """(kind, words) from the first bytes; kind "" = not one of ours, both "" = plain text or unknown."""
    for sign, kind, words in _SIGNS:
        if start.startswith(sign) and (len(sign) > 2 or b"\x00" in start[:64]):  # "BM" also begins words
            return kind, words or NAMES[kind]
    if start.startswith(b"PK\x03\x04"):
        if b"xl/" in start:
            return "xlsx", NAMES["xlsx"]
        return "", next((words for inside, words in _ZIPPED if inside in start), _PACKED)
    if start.startswith(b"RIFF"):
        return "", "un WebP" if start[8:12] == b"WEBP" else "un archivo de audio o video"
    if start[4:8] == b"ftyp":
        return ("heic", NAMES["heic"]) if start[8:12] in _BOXES else ("", "un video")
    return _recognised_text(start)


def _recognised_text(start: bytes) -> tuple[str, str]:
    head = outside.NOISE.sub(b"", start, count=1)[:512].lower()
    if head.startswith((b"<!doctype html", b"<html", b"<script", b"<head", b"<body")):
        return "", "una página web"
    if head.startswith(b"<svg"):
        return "", "una imagen SVG"
    if head.startswith(b"<"):
        return "xml", NAMES["xml"]
    if b"%pdf-" in start[:1024].lower():
        return "", GLUED
    return "", ""


def wanted(kinds: set[str]) -> str:
    """The kinds asked for as words: "JPG o PDF"."""
    labels = sorted(LABELS[kind] for kind in kinds)
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} o {labels[-1]}"


def mismatch(name: str, start: bytes, kinds: set[str]) -> Finding | None:
    """Why this file is none of `kinds`, judged by extension and first bytes (UP-03), or None when both agree."""
    said, (really, words) = claimed(name), recognised(start)
    cure = f"Súbelo como {wanted(kinds)}."
    if SORT.get(said, "") in {"csv", "txt"} and not words:
        really = said  # text has no sign; the gate of tables reads it whole
    if said == "xlsx" and words == _PACKED:
        really, words = said, NAMES[said]  # its parts stand in any order; the gate of sheets opens it
    if said == "cer" and (not words or words == _PACKED):
        really, words = said, NAMES[said]  # one, or a ZIP of several; the check that asked reads it
    if said == "xml" and start and outside.NOISE.fullmatch(start):
        really, words = said, NAMES[said]  # nothing but blanks so far; the parser reads it whole
    if really and really == said and SORT[said] in kinds:
        return None
    if really == "xlsx" and really in kinds and extension_of(name) in _MACRO_BOOKS:
        return MACRO_BOOK
    if not said and really and SORT[really] in kinds:
        ending = extension_of(name)
        ended = f"termina en «.{ending}»" if ending else "no tiene terminación"
        cure = f"Cámbiale el nombre para que termine en «.{really}» y súbelo otra vez."
        return Finding("file.extension", Level.ERROR, f"El archivo es {words}, pero su nombre {ended}.", cure)
    if words == GLUED:
        return Finding("file.kind", Level.ERROR, f"El archivo es {words}.", PRINTED)
    if words and (said != really or SORT.get(really, "") not in kinds):
        ending = f" aunque su nombre termina en «.{extension_of(name)}»" if said and said != really else ""
        return Finding("file.kind", Level.ERROR, f"El archivo es {words}{ending}.", cure)
    if said and SORT[said] in kinds:
        return Finding("file.kind", Level.ERROR, f"El archivo no es {_article(said)} que se pueda abrir.", ANOTHER)
    return Finding("file.kind", Level.ERROR, "No reconocemos qué tipo de archivo es.", cure)


def too_large_for_kind(kind: str, size: int, *, largest: int = 0) -> Finding | None:
    """XML and tables have limits of their own below the 50 MB of every file (UP-01); `largest`: bytes of this table."""
    most = largest or MAX_TABLE
    if kind == "xml" and size > MAX_XML:
        return Finding(
            "xml.too_large", Level.ERROR, "El XML pesa más de 2 MB.", "Sube el archivo tal como lo entregó el SAT."
        )
    if kind in {"csv", "txt", "xlsx"} and size > most:
        told = f"El archivo pesa más de {most // (1024 * 1024)} MB."
        return Finding("table.too_large", Level.ERROR, told, "Divídelo y súbelo por partes.")
    return None


def _article(kind: str) -> str:
    return NAMES.get(kind, f"un {LABELS.get(kind, 'archivo')}")

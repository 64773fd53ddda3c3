"""The only place where an XML parser is made (XP-01): bytes in, a tree without entities, network or DOCTYPE out."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from portal.errors import RuleBroken, TooLarge
from portal.papers import outside
from portal.papers.kinds import MAX_XML

MAX_DEPTH = 64
_UTF16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_DOCTYPE = re.compile(rb"<!doctype", re.IGNORECASE)
# A node that many levels below the root; libxml2 stops at the first level that is empty.
_TOO_DEEP = etree.XPath("boolean(" + "/*" * MAX_DEPTH + "/node()[not(self::text())])")
_DECLARED_UTF8 = {"", "utf-8", "utf8", "us-ascii", "ascii"}


def parse(content: bytes) -> etree._Element:
    """The root of a UTF-8 document of at most 2 MB, without DOCTYPE, at most 64 levels deep (XP-01).

    The parser sees a copy without what no seal covers (`outside`), the Addenda among it. Raises RuleBroken (TooLarge
    above 2 MB) with a sentence that names the cause.
    """
    if len(content) > MAX_XML:
        raise TooLarge("El XML pesa más de 2 MB. Sube el archivo tal como lo entregó el SAT.", code="xml_too_large")
    if content.startswith(_UTF16_OR_32):
        raise _not_utf8()
    if _DOCTYPE.search(content):
        raise _doctype()
    covered = _covered(content)
    _check_utf8(covered)
    root = _tree(covered)
    info = root.getroottree().docinfo
    if info.doctype:
        raise _doctype()
    if (info.encoding or "").lower() not in _DECLARED_UTF8:
        raise _not_utf8()
    if _TOO_DEEP(root):
        raise RuleBroken(
            "El XML tiene demasiados niveles y no es una factura. Sube el archivo tal como lo entregó el SAT.",
            code="xml_too_deep",
        )
    return root


def _covered(content: bytes) -> bytes:
    try:
        return outside.cut(content)
    except outside.InDoubt as error:
        raise RuleBroken(
            "La Addenda del XML no cierra o no va sola al final, y no se distingue de lo que timbró el SAT. "
            "Pide a quien te da el sistema de facturación el mismo XML sin Addenda y súbelo.",
            code="xml_addenda",
        ) from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=False)


def _tree(content: bytes) -> etree._Element:
    try:
        return etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        where = f" (línea {line})" if line else ""
        raise RuleBroken(
            f"El XML está mal formado{where}. Descárgalo otra vez del SAT y súbelo sin editarlo.",
            code="xml_malformed",
        ) from error
    except (ValueError, LookupError) as error:
        raise _not_utf8() from error


def _check_utf8(content: bytes) -> None:
    if b"\x00" in content:
        raise _not_utf8()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8() from error


def _doctype() -> RuleBroken:
    return RuleBroken(
        "El XML trae una declaración DOCTYPE y no se abre. Un CFDI nunca la lleva: descárgalo otra vez del SAT.",
        code="xml_doctype",
    )


def _not_utf8() -> RuleBroken:
    return RuleBroken(
        "El XML no está en UTF-8, que es como el SAT lo entrega. Descárgalo otra vez y súbelo sin abrirlo.",
        code="xml_not_utf8",
    )

"""The SAT's schemas and stylesheets as satcfdi ships them: local files, compiled once a process, nothing fetched."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from portal.fiscal.catalogues import Catalogues, Keys, UnknownKey, taken_out

CFDI = "http://www.sat.gob.mx/cfd/4"
CFDI_3 = "http://www.sat.gob.mx/cfd/3"
PAGOS = "http://www.sat.gob.mx/Pagos20"
IMPLOCAL = "http://www.sat.gob.mx/implocal"
TFD = "http://www.sat.gob.mx/TimbreFiscalDigital"
SCHEMAS = {
    CFDI: "4/cfdv40.xsd",
    PAGOS: "Pagos/Pagos20.xsd",
    IMPLOCAL: "implocal/implocal.xsd",
    TFD: "TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd",
}
STYLESHEETS = {
    "4.0": "4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt",
    "3.3": "3/cadenaoriginal_3_3/cadenaoriginal_3_3.xslt",
    "TFD": "TimbreFiscalDigital/cadenaoriginal_TFD_1_1.xslt",
}
_HERE = "shipped:///"
_CATALOGUES = ("catalogos/catCFDI.xsd", "catalogos/Pagos/catPagos.xsd")


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One way in which a file breaks its schema: which element, which attribute if known, libxml2's words."""

    element: str
    attribute: str
    message: str


@dataclass(frozen=True, slots=True)
class Standard:
    """The compiled schema and the catalogues that were taken out of it."""

    schema: etree.XMLSchema
    catalogues: Catalogues

    def judge(self, root: etree._Element, added: Keys | None = None) -> tuple[list[SchemaFault], list[UnknownKey]]:
        """What the schemas of CFDI 4.0, Pagos 2.0, local taxes and stamp object to, and keys in no catalogue.

        `added` are keys beyond those of the package, by catalogue. An Addenda is nobody's business.
        """
        judged = _known_part(root)
        faults = [] if self.schema.validate(judged) else [_fault(entry.message) for entry in self.schema.error_log]
        unknown = self.catalogues.unknown(judged, added or {})
        faults += [_no_key(one) for one in unknown if not one.is_plausible]
        return faults, [one for one in unknown if one.is_plausible]


@cache
def standard() -> Standard:
    """The schemas, compiled at the first call (about 0.15 s)."""
    lean, keys = dict[str, str](), dict[str, frozenset[str]]()
    for name in _CATALOGUES:
        lean[name], found = taken_out((_folder() / name).read_text(encoding="utf-8"))
        keys |= found
    parser = _own_parser()
    parser.resolvers.add(_Shipped(lean))
    imports = "".join(f'<xs:import namespace="{ns}" schemaLocation="{_HERE}{name}"/>' for ns, name in SCHEMAS.items())
    entry = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    schemas = [etree.parse(str(_folder() / name), _own_parser()).getroot() for name in SCHEMAS.values()]
    compiled = etree.XMLSchema(etree.fromstring(entry, parser, base_url=f"{_HERE}all.xsd"))
    return Standard(compiled, Catalogues.of(keys, schemas))


class _Shipped(etree.Resolver):
    """Hands out the shipped files, catalogues in their lean form; there is no other place to read from."""

    def __init__(self, lean: dict[str, str]) -> None:
        self._lean = lean

    def resolve(self, url: str, public_id: str | None, context: Any) -> Any:
        """The file at an address of ours. Raises FileNotFoundError for any other."""
        name = url.removeprefix(_HERE)
        content = self._lean.get(name) or (_folder() / name).read_bytes()
        return self.resolve_string(content, context, base_url=url)


def original_string(kind: str, element: etree._Element) -> bytes:
    """The cadena original, UTF-8: the SAT's own stylesheet over the raw element (never over an object model)."""
    return bytes(_stylesheet(kind)(element))


def stylesheets() -> None:
    """Compile those of today's version."""
    for kind in ("4.0", "TFD"):
        _stylesheet(kind)


@cache
def _stylesheet(kind: str) -> etree.XSLT:
    sheet = etree.parse(str(_folder() / STYLESHEETS[kind]), _own_parser())
    return etree.XSLT(sheet, access_control=etree.XSLTAccessControl.DENY_ALL)


def _own_parser() -> etree.XMLParser:
    """For what is shipped and trusted; so that nothing is fetched and no entity opened, here neither."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@cache
def _folder() -> Path:
    return package_folder() / "transform" / "schemas" / "www.sat.gob.mx" / "sitio_internet" / "cfd"


@cache
def package_folder() -> Path:
    """Where satcfdi lies, without importing it (that costs 0.3 s)."""
    spec = find_spec("satcfdi")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("satcfdi")
    return Path(next(iter(spec.submodule_search_locations)))


def _known_part(root: etree._Element) -> etree._Element:
    """The document without its Addenda and without complements of other standards, which our schemas cannot judge."""
    foreign = [
        child
        for complement in root.findall(f"{{{CFDI}}}Complemento")
        for child in complement
        if isinstance(child.tag, str) and child.tag[1:].partition("}")[0] not in SCHEMAS
    ]
    if not foreign and root.find(f"{{{CFDI}}}Addenda") is None:
        return root
    copy = deepcopy(root)
    for element in (*copy.findall(f"{{{CFDI}}}Addenda"), *copy.iterfind(f"{{{CFDI}}}Complemento/*")):
        namespace = etree.QName(element).namespace if isinstance(element.tag, str) else CFDI
        if namespace not in SCHEMAS or etree.QName(element).localname == "Addenda":
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    for complement in copy.findall(f"{{{CFDI}}}Complemento"):
        if not len(complement):
            copy.remove(complement)
    return copy


def _no_key(one: UnknownKey) -> SchemaFault:
    element, _, attribute = one.where.partition("@")
    return SchemaFault(element, attribute, f"'{one.key}' is not in {one.catalogue}")


_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?(\w+)'")
_ATTRIBUTE = re.compile(r"[Aa]ttribute '(?:\{[^}]*\})?(\w+)'")


def _fault(message: str) -> SchemaFault:
    element, attribute = _ELEMENT.search(message), _ATTRIBUTE.search(message)
    return SchemaFault(
        element[1] if element else "", attribute[1] if attribute else "", re.sub(r"\{[^}]*\}", "", message)[:300]
    )

"""The SAT's catalogues as the package ships them: which attribute takes its value from which, and what is not there.

They are a snapshot, and the SAT adds keys several times a year: administrators add those that are newer (`models`).
libxml2 searches enumerations one by one (9 ms a file, half a second to compile), so they are taken out of the schemas
on their way in and looked up as sets. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

# The day on which satcfdi 26.10.1, the version that is pinned, packed its copy; a test holds both together.
PACKED_ON, PACKED_IN = date(2026, 10, 19), "26.10.1"
SHAPE = re.compile(r"[A-Za-z0-9]{1,12}", re.ASCII)
LABELS = {
    "c_ClaveProdServ": "Clave de producto o servicio",
    "c_ClaveUnidad": "Clave de unidad",
    "c_CodigoPostal": "Código postal",
    "c_Exportacion": "Exportación",
    "c_FormaPago": "Forma de pago",
    "c_Impuesto": "Impuesto",
    "c_Meses": "Meses",
    "c_MetodoPago": "Método de pago",
    "c_Moneda": "Moneda",
    "c_ObjetoImp": "Objeto de impuesto",
    "c_Pais": "País",
    "c_Periodicidad": "Periodicidad",
    "c_RegimenFiscal": "Régimen fiscal",
    "c_TipoCadenaPago": "Tipo de cadena de pago",
    "c_TipoDeComprobante": "Tipo de comprobante",
    "c_TipoFactor": "Tipo de factor",
    "c_TipoRelacion": "Tipo de relación",
    "c_UsoCFDI": "Uso del CFDI",
}
_XS = "{http://www.w3.org/2001/XMLSchema}"
_SIMPLE_TYPE = re.compile(r'<xs:simpleType name="(\w+)">(.*?)</xs:simpleType>', re.DOTALL)
_VALUE = re.compile(r'<xs:enumeration value="([^"]*)"\s*/?>(?:</xs:enumeration>)?')

Keys = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A value that stands in no catalogue we have: where it was written, the catalogue's name, the value."""

    where: str
    catalogue: str
    key: str

    @property
    def is_plausible(self) -> bool:
        """Whether the SAT may have added it since: no key is empty, long, or has signs."""
        return SHAPE.fullmatch(self.key) is not None


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Every catalogue by name, and the attributes that take their value from one: (tag, attribute) → name."""

    keys: Mapping[str, frozenset[str]]
    attributes: Mapping[tuple[str, str], str]
    tags: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, keys: Mapping[str, frozenset[str]], schemas: Iterable[etree._Element]) -> Catalogues:
        """From the values taken out of the catalogues and the schemas that refer to them."""
        found: dict[tuple[str, str], str] = {}
        for schema in schemas:
            space = schema.get("targetNamespace")
            for attribute in schema.iter(f"{_XS}attribute"):
                name = (attribute.get("type") or "").rpartition(":")[2]
                element = next(attribute.iterancestors(f"{_XS}element"), None)
                if name in keys and element is not None:
                    found[f"{{{space}}}{element.get('name')}", attribute.get("name") or ""] = name
        tags: dict[str, tuple[str, ...]] = {}
        for tag, attribute_name in found:
            tags[tag] = (*tags.get(tag, ()), attribute_name)
        return cls(keys, found, tags)

    def unknown(self, root: etree._Element, added: Keys) -> list[UnknownKey]:
        """Each value once that neither the package nor `added` has, in the order of the document."""
        found: dict[UnknownKey, None] = {}
        for element in root.iter(*self.tags):
            tag = str(element.tag)
            for attribute in self.tags[tag]:
                value = element.get(attribute)
                if value is None:
                    continue
                key, name = value.strip(), self.attributes[tag, attribute]
                if key not in self.keys[name] and key not in added.get(name, ()):
                    where = f"{etree.QName(element).localname}@{attribute}"
                    found[UnknownKey(where, name, key[:40])] = None
        return list(found)


def taken_out(text: str) -> tuple[str, dict[str, frozenset[str]]]:
    """A catalogue's schema without its enumerations, and those as sets."""
    keys: dict[str, frozenset[str]] = {}

    def strip(found: re.Match[str]) -> str:
        keys[found[1]] = frozenset(_VALUE.findall(found[2]))
        return f'<xs:simpleType name="{found[1]}">{_VALUE.sub("", found[2])}</xs:simpleType>'

    return _SIMPLE_TYPE.sub(strip, text), keys

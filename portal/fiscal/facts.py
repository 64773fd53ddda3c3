"""What a CFDI says, as plain values: read by `reading`, judged by `rules`, stored as JSON. Pure.

Amounts stay the text of the file; `amount()` reads them strictly (XP-05). Instants are the file's local time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from portal.fiscal.catalogues import UnknownKey
from portal.money import ZERO, round_money

CENT = Decimal("0.01")
# Unknown keys that are told of one file; a hostile one may have thousands.
MAX_KEYS_TOLD = 5
# Decimals that the SAT's schemas allow: six everywhere, ten in EquivalenciaDR.
_DECIMALS, _OF_EQUIVALENCE = 6, 10
_LONGEST_AMOUNT = 18 + 1 + _OF_EQUIVALENCE
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,10})?", re.ASCII)


def amount(text: str | None) -> Decimal | None:
    """An amount as SAT writes it: ASCII digits, a point, at most six decimals. Anything else is None, never a guess."""
    if text is None:
        return None
    return _decimal(text, _DECIMALS) if len(text) <= _LONGEST_AMOUNT else _read(text, _DECIMALS)


def equivalence(text: str | None) -> Decimal | None:
    """EquivalenciaDR, as `amount` but with up to ten decimals (Pagos20.xsd): 1.0000000000 is one."""
    return _read(text, _OF_EQUIVALENCE)


def decimals_written(text: str) -> int:
    """How many decimals an amount shows: 1.50 has two."""
    return len(text.strip().partition(".")[2])


def _read(text: str | None, decimals: int) -> Decimal | None:
    bare = text or ""
    if len(bare) > _LONGEST_AMOUNT:
        bare = bare.strip()
    return _decimal(bare, decimals) if len(bare) <= _LONGEST_AMOUNT else None


@lru_cache(maxsize=1024)
def _decimal(text: str, decimals: int) -> Decimal | None:
    """Each rule asks for the same few amounts again."""
    bare = text.strip()
    return Decimal(bare) if _AMOUNT.fullmatch(bare) and decimals_written(bare) <= decimals else None


def cents(value: Decimal) -> Decimal:
    """Half-up to the two decimals of pesos, the only currency of the CFDIs we take."""
    return round_money(value, "MXN")


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax line: `tax` 001 ISR, 002 IVA, 003 IEPS; `rate` as a fraction in text, empty when exempt."""

    tax: str
    factor: str
    rate: str
    base: str
    amount: str


@dataclass(frozen=True, slots=True)
class LocalTax:
    """A line of the local-tax complement; `percentage` as written (3.00 is three per cent)."""

    name: str
    percentage: str
    amount: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of an invoice."""

    product: str
    unit: str
    description: str
    quantity: str
    unit_price: str
    amount: str
    discount: str
    tax_object: str
    transferred: tuple[Tax, ...] = ()
    withheld: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class PaidDocument:
    """One DoctoRelacionado: an invoice that a payment pays in full or in part."""

    uuid: str
    currency: str
    equivalence: str
    number: str
    balance_before: str
    paid: str
    balance_after: str
    tax_object: str
    transferred: tuple[Tax, ...] = ()
    withheld: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentNode:
    """One Pago of a complement with the documents it pays."""

    paid_on: str
    form: str
    currency: str
    rate: str
    amount: str
    documents: tuple[PaidDocument, ...] = ()
    withheld: tuple[Tax, ...] = ()
    transferred: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """The TimbreFiscalDigital. `sat_seal_ok` is True, False or "unknown_cert" (nobody vouched for that PAC)."""

    uuid: str
    fecha: str
    rfc_pac: str
    cert: str
    sello_cfd_matches: bool
    sat_seal_ok: bool | str


@dataclass(frozen=True, slots=True)
class Signer:
    """The certificate inside the CFDI. `vouched` is trusted, unknown_ca or forged."""

    rfc: str
    serial: str
    holder: str
    valid_from: str
    valid_to: str
    serial_matches: bool
    valid_at_issue: bool
    vouched: str


@dataclass(frozen=True, slots=True)
class CfdiFacts:
    """Everything the rules need. `seal` is valid, invalid, unknown_certificate, unreadable_certificate or missing."""

    root: str
    namespace: str
    version: str
    seal: str = "missing"
    signer: Signer | None = None
    stamps: int = 0
    stamp: Stamp | None = None
    schema_faults: tuple[tuple[str, str, str], ...] | None = None
    unknown_keys: tuple[UnknownKey, ...] = ()
    header: dict[str, str] = field(default_factory=dict)
    issuer: dict[str, str] = field(default_factory=dict)
    receiver: dict[str, str] = field(default_factory=dict)
    concepts: tuple[Concept, ...] = ()
    withheld: tuple[Tax, ...] = ()
    transferred: tuple[Tax, ...] = ()
    total_withheld: str = ""
    total_transferred: str = ""
    local_nodes: int = 0
    local_withheld: tuple[LocalTax, ...] = ()
    local_transferred: tuple[LocalTax, ...] = ()
    local_total_withheld: str = ""
    local_total_transferred: str = ""
    payment_nodes_found: int = 0
    payments: tuple[PaymentNode, ...] = ()
    payment_totals: dict[str, str] = field(default_factory=dict)

    @property
    def is_cfdi_4(self) -> bool:
        """A Comprobante of version 4.0, the only one taken today."""
        return self.root == "Comprobante" and self.namespace.endswith("/cfd/4") and self.version == "4.0"

    @property
    def is_stamped(self) -> bool:
        """One stamp over this seal that verifies or whose certificate nobody vouched for: a PAC has judged the file."""
        sealed = self.seal in {"valid", "unknown_certificate"}
        stamp = self.stamp
        return sealed and self.stamps == 1 and bool(stamp and stamp.sello_cfd_matches and stamp.sat_seal_ok)

    @property
    def kind(self) -> str:
        """TipoDeComprobante: I income, P payment, E credit, N payroll, T transfer of goods."""
        return self.header.get("TipoDeComprobante", "")

    @property
    def computed_total(self) -> Decimal | None:
        """SubTotal − Descuento + transferred − withheld + local transferred − local withheld; None if unreadable."""
        parts = [
            (self.header.get("SubTotal"), 1),
            (self.header.get("Descuento") or "0", -1),
            (self.total_transferred or "0", 1),
            (self.total_withheld or "0", -1),
            (self.local_total_transferred or "0", 1),
            (self.local_total_withheld or "0", -1),
        ]
        total = ZERO
        for text, sign in parts:
            value = amount(text)
            if value is None:
                return None
            total += sign * value
        return cents(total)

    def as_json(self) -> dict[str, Any]:
        """The stored facts; key names of docs/rule-desk.md first, our own detail after them."""
        told: dict[str, Any] = {"wellformed": True, "doctype": False, "root": self.root, "ns": self.namespace}
        told["version"] = self.version
        if self.seal != "missing" or self.is_cfdi_4:
            told["seal_ok"] = {"missing": None, "unreadable_certificate": None, "invalid": False}.get(self.seal, True)
            told["seal"] = self.seal
        if self.signer:
            told["cert_rfc"] = self.signer.rfc
            told["cert_rfc_matches"] = self.signer.rfc == self.issuer.get("rfc", "").strip()
            told["certificate"] = _told(self.signer)
        if self.stamp:
            told["tfd"] = _told(self.stamp)
        if self.is_cfdi_4:
            told |= self._detail()
            told["unknown_keys"] = [_told(key) for key in self.unknown_keys[:MAX_KEYS_TOLD]]
        return told

    def _detail(self) -> dict[str, Any]:
        header = {name: self.header.get(name) for name in FIELDS}
        told: dict[str, Any] = {
            "xsd_ok": not (self.schema_faults or self.unknown_keys),
            "fields": {
                **header,
                "emisor_rfc": self.issuer.get("rfc"),
                "regimen": self.issuer.get("regime"),
                "receptor_rfc": self.receiver.get("rfc"),
                "uso": self.receiver.get("use"),
            },
            "issuer": self.issuer,
            "receiver": self.receiver,
            "concepts": [_told(concept) for concept in self.concepts],
            "withheld": [_told(tax) for tax in self.withheld],
            "local_withheld": [_told(tax) for tax in self.local_withheld],
        }
        if self.kind in {"I", "E"}:
            declared, computed = amount(self.header.get("Total")), self.computed_total
            told["total_check"] = {
                "computed": None if computed is None else str(computed),
                "declared": self.header.get("Total"),
                "ok": declared is not None and declared == computed,
            }
        if self.kind == "P":
            told["payments"] = [
                {
                    "uuid": document.uuid.lower(),
                    "number": int(document.number) if document.number.isascii() and document.number.isdigit() else None,
                    "paid_on": node.paid_on[:10],
                    "amount": document.paid,
                    "balance_before": document.balance_before,
                    "balance_after": document.balance_after,
                }
                for node in self.payments
                for document in node.documents
            ]
            told["payment_nodes"] = [{"on": n.paid_on[:10], "amount": n.amount, "form": n.form} for n in self.payments]
            told["payment_totals"] = self.payment_totals
        return told


def _told(line: Any) -> dict[str, Any]:
    """One of the records above as JSON tells it; `asdict` would copy every text of it, at ten times the time."""
    kind: Any = type(line)
    names, values = _slots(kind)
    shown = dict(zip(names, values(line), strict=True))
    for name, value in shown.items():
        if type(value) is tuple:
            shown[name] = tuple(map(_told, value))
    return shown


@cache
def _slots(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of a record's fields and what reads all of them at once."""
    names = tuple(one.name for one in fields(kind))
    return names, attrgetter(*names)


FIELDS = (
    "Serie",
    "Folio",
    "Fecha",
    "FormaPago",
    "MetodoPago",
    "SubTotal",
    "Descuento",
    "Total",
    "Moneda",
    "TipoDeComprobante",
    "LugarExpedicion",
    "Exportacion",
)

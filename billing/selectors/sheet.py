"""The assistant's data as one whole (N3): a row a concept with its withholding, as text to paste, CSV, JSON and a CFDI
to stamp. Reads only; all of them say what the page says that day.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing import rules, selectors
from billing.models import Invoice
from billing.rules.draft_cfdi import UNIT, DraftConcept, draft_cfdi
from billing.selectors import assistant
from portal import clock
from portal.errors import RuleBroken
from portal.zones import MEXICO_CITY

if TYPE_CHECKING:
    from billing.selectors.parts import Context

_BOM = "\ufeff"  # Excel reads accents only with it
FILES = ("csv", "json", "xml")
HEADS = ("Cuenta de la orden", "Descripción", "Clave", "Unidad", "Cantidad", "Importe", "ISR retenido")
LOCAL_HEAD, NET_HEAD = "Impuesto local retenido", "Neto"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every datum of one invoice: groups as on the page, a concept a row, the sum."""

    invoice: Invoice
    now: assistant.Figures
    groups: list[tuple[str, list[assistant.Datum]]]
    concepts: list[Context]
    each: list[rules.WithholdingSum]

    @property
    def has_local(self) -> bool:
        """Whether a local tax is withheld, which has a column of its own then."""
        return any(line.component == "LOCAL" for line in self.now.withheld.lines)

    @property
    def heads(self) -> list[str]:
        """What the columns of the concepts are called."""
        return [*HEADS, *([LOCAL_HEAD] if self.has_local else []), NET_HEAD]

    @property
    def rows(self) -> list[list[str]]:
        """The concepts in those columns, then their sum."""
        kept = ("ISR", "LOCAL") if self.has_local else ("ISR",)
        lines = [
            [row["account"], row["concept"], row["key"].split()[0], UNIT, "1", *_amounts(withheld, kept)]
            for row, withheld in zip(self.concepts, self.each, strict=True)
        ]
        return [*lines, ["Total", "", "", "", "", *_amounts(self.now.withheld, kept)]]


def _amounts(withheld: rules.WithholdingSum, kept: Sequence[str]) -> list[str]:
    return [f"{amount:.2f}" for amount in (withheld.base, *map(withheld.amount_of, kept), withheld.payable)]


def sheet(invoice: Invoice, *, on: date) -> Sheet:
    """All of it by the rules of that day; once an XML fixed them, by those it follows."""
    now, concepts = assistant.shown(invoice, on=on), assistant.concepts(invoice)
    parts = [rules.SchemeComponent(line.component, line.rate) for line in now.withheld.lines]
    each = rules.withhold_each([Decimal(row["payable"]) for row in concepts], parts)
    told = [row | _told(withheld) for row, withheld in zip(concepts, each, strict=True)]
    return Sheet(invoice, now, assistant.to_type(invoice, now), told, each)


def draft(invoice: Invoice, *, on: date) -> Context:
    """The whole assistant page, by the rules of that day."""
    found = sheet(invoice, on=on)
    return assistant.draft(invoice, on=on) | {
        "concepts": found.concepts,
        "has_local": found.has_local,
        "whole": _told(found.now.withheld) | {"payable": f"{found.now.withheld.base:.2f}"},
        "all": as_text(found),
    }


def _told(withheld: rules.WithholdingSum) -> dict[str, str]:
    isr, local = (f"{withheld.amount_of(one):.2f}" for one in ("ISR", "LOCAL"))
    return {"withheld_isr": isr, "withheld_local": local, "net": f"{withheld.payable:.2f}"}


def as_text(found: Sheet) -> str:
    """To paste: label and value a line, then the concepts, a tab between columns."""
    data = [f"{label}\t{value}" for _, rows in found.groups for label, value, _ in rows]
    return "\n".join([*data, "", "\t".join(found.heads), *("\t".join(row) for row in found.rows)])


def as_csv(found: Sheet) -> bytes:
    """The concepts as a table; what could be read as a formula is kept as text (OP-08)."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(found.heads)
    writer.writerows([f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell for cell in row] for row in found.rows)
    return f"{_BOM}{out.getvalue()}".encode()


def as_json(found: Sheet) -> bytes:
    """Everything, for a program."""
    names = ("account", "patient", "service_on", "concept", "payable", "withheld_isr", "withheld_local", "net")
    told = {
        "data": {title: {label: value for label, value, _ in rows} for title, rows in found.groups},
        "concepts": [{name: row[name] for name in names} for row in found.concepts],
        "base": f"{found.now.withheld.base:.2f}",
        "total": f"{found.now.withheld.payable:.2f}",
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def as_cfdi(found: Sheet, *, at: datetime) -> bytes:
    """The CFDI without seal, certificate and folio. Raises RuleBroken while the physician's postal code is not told."""
    invoice, party = found.invoice, found.invoice.party
    if not party.zip_code:
        raise RuleBroken(
            "El borrador en XML lleva tu código postal fiscal y no lo tenemos. Escríbelo en «Régimen fiscal» y "
            "vuelve a pedirlo.",
            code="no_zip",
        )
    assignment = selectors.assignment_on(party, on=clock.date_in(at))
    insurer = invoice.insurer
    return draft_cfdi(
        issuer={
            "rfc": party.rfc,
            "name": party.name,
            "regime": assignment.regime if assignment else party.fiscal_regime,
            "zip": party.zip_code,
        },
        receiver={
            "rfc": insurer.rfc,
            "name": insurer.name,
            "zip": insurer.zip_code,
            "regime": insurer.fiscal_regime,
        },
        concepts=[
            DraftConcept(row["concept"], withheld) for row, withheld in zip(found.concepts, found.each, strict=True)
        ],
        whole=found.now.withheld,
        issued_at=at.astimezone(ZoneInfo(MEXICO_CITY)),
    )


def file(found: Sheet, kind: str, *, at: datetime) -> tuple[bytes, str, str]:
    """The bytes, name and type of one of its `FILES`."""
    account = found.concepts[0]["account"]
    if kind == "xml":
        return as_cfdi(found, at=at), f"BORRADOR-{account}.xml", "application/xml"
    if kind == "json":
        return as_json(found), f"datos-{account}.json", "application/json"
    return as_csv(found), f"datos-{account}.csv", "text/csv; charset=utf-8"

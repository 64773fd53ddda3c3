"""The invoice assistant (N3): every datum to type, the withholding as a sum, what the files lack. Reads only.

Until an XML is kept, the figures are those of today's rules: what was stored when the draft was begun may follow a
regime or a rule that has changed since, and an invoice is judged by its own date (ADR 0005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from billing import rules, selectors
from billing.models import Invoice, InvoiceWithholding, ReviewDecision
from billing.selectors import figures
from billing.selectors.parts import Context, checked, money
from portal.design.detailing import Missing, Told, told_of
from portal.errors import Verdict
from portal.fiscal import selectors as fiscal
from portal.history import selectors as history
from portal.money import ZERO, format_rate
from portal.prepared import prepared

if TYPE_CHECKING:
    from portal.people.models import Party

Datum = tuple[str, str, str]
TERMS: list[Datum] = [
    ("Método de pago", "PPD Pago en parcialidades o diferido", "Así podrás emitir tu complemento cuando te paguemos."),
    ("Forma de pago", "99 Por definir", ""),
    ("Moneda", "MXN Peso mexicano", ""),
    ("Exportación", "01 No aplica", ""),
]
EXEMPT: list[Datum] = [
    ("Objeto de impuesto", "02 Sí objeto de impuesto", ""),
    ("IVA", "Exento", "Los honorarios médicos están exentos; no es tasa 0."),
]
PRODUCT = "85121502 Servicios de consulta de médicos de atención primaria"
PRODUCT_WHY = "Si eres especialista usa la de tu especialidad: empieza con 8512."
REGIMES = {
    "601": "General de Ley Personas Morales",
    "603": "Personas Morales con Fines no Lucrativos",
    "620": "Sociedades Cooperativas de Producción que optan por diferir sus ingresos",
    "622": "Actividades Agrícolas, Ganaderas, Silvícolas y Pesqueras",
    "623": "Opcional para Grupos de Sociedades",
    "624": "Coordinados",
    "626": "Régimen Simplificado de Confianza",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What an invoice says today (MXN): its sum, where it comes from, and what changed since the draft was begun."""

    withheld: rules.WithholdingSum
    explanation: dict[str, Any]
    conflict_note: str = ""
    changed: str = ""


def shown(invoice: Invoice, *, on: date) -> Figures:
    """The stored figures once an XML fixed them; before that those of the scheme in force on `on` (S0.20-S0.23)."""
    lines = tuple(rules.WithheldLine(*row) for row in _withheld_of(invoice.pk))
    stored = rules.WithholdingSum(invoice.base, lines, invoice.total)
    schemes = selectors.schemes_for(invoice.party, on=invoice.issued_on or on)
    if invoice.xml_id is not None or not schemes or invoice.review_state is not rules.ReviewState.DRAFT:
        mine = next((scheme for scheme in schemes if scheme.code == invoice.scheme), None)
        return Figures(stored, invoice.explanation, mine.conflict_note if mine else "")
    scheme = schemes[0]
    today = rules.withhold(invoice.base, scheme.components)
    changed = _changed(invoice, today=today, stored=stored)
    return Figures(today, figures.explain_total(today, scheme), scheme.conflict_note, changed)


@prepared
def _withheld_of(invoice_id: UUID) -> QuerySet[InvoiceWithholding, Any]:
    rows = InvoiceWithholding.objects.filter(invoice=invoice_id).order_by("component")
    return rows.values_list("component", "rate", "base", "amount")


def conflict_note(invoice: Invoice, *, on: date) -> str:
    """The conflict of the rule that an invoice follows, else of one that it might have followed that day (C1)."""
    schemes = selectors.schemes_for(invoice.party, on=invoice.issued_on or on)
    own_first = sorted(schemes, key=lambda scheme: scheme.code != invoice.scheme)
    return next((scheme.conflict_note for scheme in own_first if scheme.conflict_note), "")


def _changed(invoice: Invoice, *, today: rules.WithholdingSum, stored: rules.WithholdingSum) -> str:
    """What the physician is told when the sum is no longer the one the draft was begun with; empty otherwise."""
    followed = history.timeline(invoice).filter(action="billing.draft_followed").first()
    before = Decimal(followed.details["before"]) if followed else stored.payable
    if before == today.payable:
        return ""
    return (
        f"Cuando empezaste este borrador el total era {money(before)}. Hoy es {money(today.payable)}: cambió tu "
        "régimen o la regla de retención. Usa los datos de hoy; si tu factura lleva otra fecha, vale lo de ese día."
    )


def to_invoice(party: Party, payables: Sequence[Decimal], *, on: date) -> Figures | None:
    """What orders come to once invoiced (S0.14, S0.15), each order on its own; None until the regime is told."""
    schemes = selectors.schemes_for(party, on=on)
    if not schemes or not payables:
        return None
    scheme = schemes[0]
    each = [rules.withhold(payable, scheme.components) for payable in payables]
    lines = tuple(
        rules.WithheldLine(
            part.component,
            part.rate,
            sum((one.base for one in each), ZERO),
            sum((one.amount_of(part.component) for one in each), ZERO),
        )
        for part in sorted(scheme.components, key=lambda part: part.component)
    )
    base, total = sum(payables, ZERO), sum((one.payable for one in each), ZERO)
    withheld = rules.WithholdingSum(base, lines, total)
    told = figures.explain_total(withheld, scheme, title="Total a facturar")
    return Figures(withheld, told, scheme.conflict_note)


def sums(invoice: Invoice, *, on: date) -> Context:
    """The withholding as a sum: base, minus each tax, equals the CFDI's total; before an XML as of `on`."""
    return sum_lines(shown(invoice, on=on))


def sum_lines(now: Figures) -> Context:
    """The same sum as its component reads it."""
    lines = [("Importe de las órdenes", money(now.withheld.base), "")]
    for row in now.withheld.lines:
        lines.append(
            (f"{figures.COMPONENT_LABELS[row.component]} ({format_rate(row.rate)})", f"−{money(row.amount)}", "")
        )
    return {"lines": lines, "total": money(now.withheld.payable), "explanation": now.explanation}


def to_type(invoice: Invoice, now: Figures) -> list[tuple[str, list[Datum]]]:
    """Every datum of the CFDI, in the order invoicing systems ask: (group, [(label, value, why)])."""
    taxes = EXEMPT + [_withheld(row) for row in now.withheld.lines]
    amounts: list[Datum] = [("Subtotal", f"{now.withheld.base}", ""), ("Total", f"{now.withheld.payable}", "")]
    who = receiver(invoice.insurer, use="G03 Gastos en general")
    return [("Receptor", who), ("Comprobante", TERMS), ("Impuestos", taxes), ("Importes", amounts)]


def receiver(insurer: Party, *, use: str) -> list[Datum]:
    """Who receives a CFDI, as its system asks: an invoice and its complement differ by the use alone."""
    regime = f"{insurer.fiscal_regime} {REGIMES.get(insurer.fiscal_regime, '')}".strip()
    return [
        ("RFC", insurer.rfc, ""),
        ("Nombre", insurer.name, "Tal cual, sin agregar el régimen de capital."),
        ("Código postal", insurer.zip_code, ""),
        ("Régimen fiscal", regime, ""),
        ("Uso del CFDI", use, ""),
    ]


def _withheld(row: rules.WithheldLine) -> Datum:
    if row.component == "ISR":
        why = f"Son {money(row.amount)}. Va en los impuestos del concepto y en el resumen."
        return "Retención de ISR", f"{row.rate:.6f}", why
    why = f"Son {money(row.amount)}. Va en el complemento de impuestos locales, en porcentaje."
    return "Retención de impuesto local", f"{row.rate * 100:.2f}", why


def concepts(invoice: Invoice) -> list[Context]:
    """One concept per order, its text ready to copy (S0.16, S0.17)."""
    return [
        row | {"key": PRODUCT, "key_why": PRODUCT_WHY, "unit": "E48 Unidad de servicio"}
        for row in selectors.lines_of(invoice)
    ]


def answers(invoice: Invoice, accounts: list[str]) -> list[tuple[str, str, str]]:
    """What is about to be sent, as it was read: (label, value, where it is changed)."""
    some = ", ".join(accounts[:5]) + (f" y {len(accounts) - 5} más" if len(accounts) > 5 else "")
    files = [(label, file) for label, file in (("XML", invoice.xml), ("PDF", invoice.pdf)) if file is not None]
    return [
        ("Factura", f"{invoice.party.name}, a {invoice.insurer.name}", ""),
        (
            f"{len(accounts)} {'orden' if len(accounts) == 1 else 'órdenes'}",
            some,
            "" if invoice.folio else "#otras-ordenes",
        ),
        *((label, file.display_name, "#archivos") for label, file in files),
        ("Folio fiscal", invoice.uuid, "#archivos"),
        ("Total", money(invoice.total), "#archivos"),
    ]


def draft(invoice: Invoice, *, on: date) -> Context:
    """The whole assistant page, by the rules of that day."""
    rows = list(invoice.lines.filter(live=True).select_related("order"))
    withdrawn = [row.order.account for row in rows if row.order.state == rules.OrderState.WITHDRAWN]
    now, told = shown(invoice, on=on), checked(invoice)
    decision = invoice.decisions.order_by("pk").last()
    missing = rules.missing_to_submit(
        has_xml=invoice.xml_id is not None,
        has_pdf=invoice.pdf_id is not None,
        verdict=invoice.verdict,
        orders=len(rows),
        withdrawn=withdrawn,
        mended=invoice.is_mended,
        paired=invoice.is_paired,
    )
    return {
        "invoice": invoice,
        "groups": to_type(invoice, now),
        "concepts": concepts(invoice),
        "sums": sum_lines(now),
        "changed": now.changed,
        "was_judged": invoice.xml is not None or bool(told["findings"]),
        "passes": invoice.verdict == Verdict.ACCEPTED,
        "is_doubtful": invoice.verdict == Verdict.REVIEW,
        **told,
        "missing": missing,
        "told": _draft_told(invoice, missing, decision),
        "conflict_note": now.conflict_note,
        "stored": [file for file in (invoice.xml, invoice.pdf) if file is not None],
        "answers": answers(invoice, [row.order.account for row in rows]),
        "removed": selectors.removed_files(invoice),
        "receipt": fiscal.receipt_view(invoice.facts) if invoice.facts else None,
        "decision": decision,
        "crumbs": [("Facturas", reverse("billing:invoices")), (str(invoice), "")],
    }


def _draft_told(invoice: Invoice, missing: list[str], decision: ReviewDecision | None) -> Told:
    """Whose turn a draft is, what it lacks, and the part of its page where that is given; a returned one since when."""
    stand = rules.REVIEW.at(invoice.review_state)
    return told_of(
        stand,
        since=decision.at if decision else None,
        next=stand.next if missing else "Revísala y envíala",
        missing=tuple(Missing(said) for said in missing),
        act=("Subir archivos", "#archivos") if missing else ("Revisar lo que envías", "#enviar"),
        folio=invoice.folio or "",
    )

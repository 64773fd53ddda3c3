"""What each of billing's pages shows: page-shaped reads, no decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from billing import rules, selectors
from billing.models import CareOrder, Complement, Invoice
from billing.selectors import figures
from portal import clock
from portal.access import Permission
from portal.errors import Finding, Level, RuleBroken
from portal.fiscal import selectors as fiscal
from portal.history import selectors as history
from portal.money import format_money
from portal.people.models import Party
from portal.treasury import selectors as treasury

if TYPE_CHECKING:
    from django import forms

    from portal.people.models import User

Context = dict[str, Any]
UNPROCESSABLE = 422
FACTURA = ("factura", "facturas")


# --- small reads shared by the views ---------------------------------------------------------------------------------


def own_party(user: User, permission: Permission) -> Party:
    """The physician this person acts for; 404 when there is none."""
    ids = user.party_ids(permission)
    if not ids:
        raise Http404
    return Party.objects.get(pk=ids[0])


def uuids(values: Iterable[str]) -> list[UUID]:
    """Identifiers chosen in a form; what is not one is 404, like an order of somebody else."""
    try:
        return [UUID(value) for value in values]
    except ValueError as error:
        raise Http404 from error


def status_of(form: forms.Form) -> int:
    """422 for a form that came back with errors, 200 otherwise."""
    return UNPROCESSABLE if form.is_bound and form.errors else 200


def money(amount: Any) -> str:
    """An amount in the portal's one currency for orders (MXN)."""
    return format_money(amount, rules.CURRENCY)


def findings(rows: list[dict[str, str]]) -> list[Finding]:
    """Stored findings as their component reads them."""
    return [Finding.from_json(row) for row in rows]


def checklist(lines: Sequence[Mapping[str, Any]], *, bad: Level) -> list[Finding]:
    """Each group of rules with its verdict, passes too (N3); `bad` is how grave a failing one is."""
    return [Finding("", Level.OK if line["ok"] else bad, line["label"]) for line in lines]


def checked(invoice: Invoice) -> Context:
    """Every rule's verdict on the files that are kept: what the machine found, and the list of all groups."""
    lines = invoice.facts.get("checklist", []) if invoice.facts else []
    return {
        "findings": findings([*invoice.findings, *(invoice.pdf.findings if invoice.pdf else [])]),
        "checklist": checklist(lines, bad=Level.REVIEW),
    }


def problem_of(problem: RuleBroken) -> Context:
    """A refusal with what the file does pass, for the same page again."""
    return {"problem": problem, "checklist": checklist(getattr(problem, "checklist", []), bad=Level.ERROR)}


def events(subject: Any) -> list[Context]:
    """What happened to one thing, as its timeline shows it."""
    return [
        {
            "title": rules.EVENT_LABELS.get(event.action, event.action),
            "at": event.at,
            "by": str(event.by) if event.by else "",
            "text": event.reason,
            "bad": event.action in rules.UNHAPPY_EVENTS,
        }
        for event in history.timeline(subject)
    ]


# --- the physician ---------------------------------------------------------------------------------------------------


def home(user: User) -> Context:
    """The one thing to do next, then what waits and what is coming."""
    ids = user.party_ids(Permission.SEE_OWN_BILLING)
    party = Party.objects.filter(pk__in=ids).first()
    balance = selectors.balance_of(ids)
    mine_at_bank = treasury.my_account(party=party, at=clock.now()) if party else None
    account = (mine_at_bank.current or mine_at_bank.under_way) if mine_at_bank else None
    assignment = selectors.assignment_on(party, on=clock.today()) if party else None
    manages = Permission.MANAGE_OWN_ACCOUNT in user.permissions
    mine = Invoice.objects.filter(party__in=ids)
    return {
        "balance": balance,
        "account": account,
        "account_state": treasury.account_state(party=party, at=clock.now()) if party else "",
        "needs_regime": assignment is None,
        "manages": manages,
        "next_step": (_first_steps(account, assignment) if manages else None) or _next_step(balance),
        "returned": mine.filter(state=rules.ReviewState.RETURNED).order_by("-decided_at")[:5],
        "owing": mine.without_complement().order_by("complement_due_on", "pk")[:5],
        "kpis": _kpis(balance),
        "crumbs": [],
    }


Step = tuple[str, str, str]


def _first_steps(account: object | None, assignment: object | None) -> Step | None:
    """What only the physician can tell, before anything else: (sentence, button, address)."""
    if assignment is None:
        said = "Dinos tu régimen fiscal: de él depende cuánto te retienen."
        return said, "Decir mi régimen", reverse("billing:regime")
    if account is None:
        said = "Registra la cuenta donde quieres recibir tus pagos."
        return said, "Registrar mi cuenta", reverse("treasury:my_account")
    return None


def _next_step(balance: selectors.Balance) -> Step:
    """(sentence, button, address): the first of these that applies."""
    if balance.returned_count:
        return "Tienes facturas por corregir.", "Ver facturas", f"{reverse('billing:invoices')}?estado=returned"
    if balance.complement_due_count:
        return "Nos falta tu complemento de pago.", "Ver pagos", reverse("billing:payments")
    if balance.to_invoice_count:
        return "Tienes órdenes listas para facturar.", "Facturar", f"{reverse('billing:orders')}?estado=available"
    return "Todo está al día. Te avisaremos cuando llegue una orden.", "Ver órdenes", reverse("billing:orders")


def _kpis(balance: selectors.Balance) -> list[tuple[str, str, str, str]]:
    """(label, amount, how many, address) of each step of the money."""
    steps = (
        ("Por facturar", "to_invoice", ("orden", "órdenes"), "orders", "?estado=available"),
        ("En revisión", "in_review", FACTURA, "invoices", "?estado=submitted"),
        ("Por pagar", "payable", FACTURA, "invoices", "?pago=payable"),
        ("Pago programado", "scheduled", FACTURA, "invoices", "?pago=scheduled"),
        ("Pagado", "paid", FACTURA, "payments", ""),
        ("Sin complemento", "complement_due", FACTURA, "invoices", "?pago=complement_due"),
    )
    rows = []
    for label, name, (one, many), page, query in steps:
        count = getattr(balance, f"{name}_count")
        amount, how_many = money(getattr(balance, name)), f"{count} {one if count == 1 else many}"
        rows.append((label, amount, how_many, reverse(f"billing:{page}") + query))
    return rows


def regime(party: Party) -> Context:
    """What the chosen regime means today, as a sum on 1,000.00."""
    on = clock.today()
    assignment = selectors.assignment_on(party, on=on)
    schemes = selectors.schemes_for(party, on=on)
    return {"assignment": assignment, "scheme": schemes[0] if schemes else None}


def orders(user: User, *, chosen: Sequence[UUID] = ()) -> Context:
    """Orders to invoice, ready to be chosen, and their CSV."""
    mine = CareOrder.objects.of_parties(user.party_ids(Permission.BILL_ORDERS))
    waiting = list(mine.to_invoice().select_related("insurer").order_by("insurer__name", "service_on", "pk")[:100])
    ticked = set(chosen) or ({waiting[0].pk} if len(waiting) == 1 else set())
    may_bill = Permission.BILL_ORDERS in user.permissions
    return {"waiting": waiting, "ticked": ticked, "may_bill": may_bill, "problem": None, "crumbs": []}


SIGNED = {True: "Digitalmente firmado", False: "Sin firma digital"}


def order(found: CareOrder) -> Context:
    """The three amounts of an order (C3) and who vouches for it."""
    line = found.lines.filter(live=True).select_related("invoice").first()
    return {
        "order": found,
        "invoice": line.invoice if line else None,
        "detail": [
            ("Honorario tabulado", money(found.fee)),
            ("Coaseguro que te pagó el paciente", money(found.coaseguro)),
            ("Importe a pagar por la aseguradora", money(found.payable)),
        ],
        "facts": [
            ("Paciente", found.patient),
            ("Aseguradora", found.insurer.name),
            ("Fecha de atención", f"{found.service_on:%d/%m/%Y}"),
            ("Concepto", found.concept or "Consulta médica"),
        ],
        # S0.10-S0.12: the three marks of a digital order.
        "marks": [
            ("Folio en el campo «Cuenta»", found.account),
            ("Autorizada por", found.authorised_by),
            ("Firma del asegurado", SIGNED[found.signed_by_insured]),
            ("Firma del médico", SIGNED[found.signed_by_physician]),
        ],
    }


def statement(balance: selectors.Balance) -> Context:
    """The account as steps: each amount proved by the list it links to."""
    return {"balance": balance, "kpis": _kpis(balance), "crumbs": []}


# --- the assistant ---------------------------------------------------------------------------------------------------


def sums(invoice: Invoice) -> Context:
    """The withholding as a sum: base, minus each tax, equals the CFDI's total."""
    lines = [("Importe de las órdenes", money(invoice.base), "")]
    for row in invoice.withholdings.order_by("component"):
        percent = (row.rate * 100).normalize()
        lines.append((f"{figures.COMPONENT_LABELS[row.component]} ({percent:f} %)", f"- {money(row.amount)}", ""))
    return {"lines": lines, "total": money(invoice.total), "explanation": invoice.explanation}


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


def to_type(invoice: Invoice) -> list[tuple[str, list[Datum]]]:
    """Every datum of the CFDI, in the order invoicing systems ask: (group, [(label, value, why)])."""
    insurer = invoice.insurer
    receiver: list[Datum] = [
        ("RFC", insurer.rfc, ""),
        ("Nombre", insurer.name, "Tal cual, sin agregar el régimen de capital."),
        ("Código postal", insurer.zip_code, ""),
        ("Régimen fiscal", f"{insurer.fiscal_regime} General de Ley Personas Morales", ""),
        ("Uso del CFDI", "G03 Gastos en general", ""),
    ]
    taxes = EXEMPT + [_withheld(row.component, row.rate) for row in invoice.withholdings.order_by("component")]
    amounts: list[Datum] = [("Subtotal", f"{invoice.base}", ""), ("Total", f"{invoice.total}", "")]
    return [("Receptor", receiver), ("Comprobante", TERMS), ("Impuestos", taxes), ("Importes", amounts)]


def _withheld(component: str, rate: Any) -> Datum:
    if component == "ISR":
        return "Retención de ISR", f"{rate:.6f}", "Va en los impuestos del concepto y en el resumen."
    return (
        "Retención de impuesto local",
        f"{rate * 100:.2f}",
        "Va en el complemento de impuestos locales, en porcentaje.",
    )


def concepts(invoice: Invoice) -> list[Context]:
    """One concept per order, its text ready to copy (S0.16, S0.17)."""
    return [
        row
        | {"key": "85121502 Servicios de consulta de médicos de atención primaria", "unit": "E48 Unidad de servicio"}
        for row in selectors.lines_of(invoice)
    ]


def _conflict_note(invoice: Invoice) -> str:
    """What the rulebook says against the scheme this invoice follows (C1)."""
    on = invoice.issued_on or clock.today()
    scheme = selectors.scheme_by_code(invoice.scheme, party=invoice.party, on=on)
    return scheme.conflict_note if scheme else ""


def draft(invoice: Invoice) -> Context:
    """The whole assistant page."""
    rows = list(invoice.lines.filter(live=True).select_related("order"))
    withdrawn = [row.order.account for row in rows if row.order.state == rules.OrderState.WITHDRAWN]
    return {
        "invoice": invoice,
        "groups": to_type(invoice),
        "concepts": concepts(invoice),
        "sums": sums(invoice),
        **checked(invoice),
        "missing": rules.missing_to_submit(
            has_xml=invoice.xml_id is not None, has_pdf=invoice.pdf_id is not None, verdict=invoice.verdict,
            orders=len(rows), withdrawn=withdrawn, mended=invoice.is_mended,
        ),
        "conflict_note": _conflict_note(invoice),
        "receipt": fiscal.receipt_view(invoice.facts) if invoice.facts else None,
        "decision": invoice.decisions.order_by("pk").last(),
        "crumbs": [("Facturas", reverse("billing:invoices")), (str(invoice), "")],
    }  # fmt: skip


def submitted(invoice: Invoice) -> Context:
    """What the confirmation says: who looks at it now and by when the money should move."""
    return {
        "invoice": invoice,
        "crumbs": [
            ("Facturas", reverse("billing:invoices")),
            (invoice.folio, reverse("billing:invoice", args=[invoice.folio])),
            ("Enviada", ""),
        ],
    }


def invoice(found: Invoice) -> Context:
    """One invoice as its physician follows it."""
    return {
        "invoice": found,
        "sums": sums(found),
        "concepts": concepts(found),
        **checked(found),
        "receipt": fiscal.receipt_view(found.facts) if found.facts else None,
        "decisions": list(found.decisions.order_by("pk")),
        "complements": list(found.complement_payments.select_related("complement").order_by("number")),
        "events": events(found),
        "payment_due": figures.payment_due(found),
        "complement_due": figures.complement_due(found),
        "crumbs": [("Facturas", reverse("billing:invoices")), (found.folio, "")],
    }


# --- deposits --------------------------------------------------------------------------------------------------------


def payment(invoices: list[Invoice]) -> Context:
    """One deposit and the exact data its complement must carry (N11)."""
    transfer = invoices[0].transfer
    assert transfer is not None and transfer.paid_on is not None  # these are the invoices of a paid deposit
    complements = list(Complement.objects.filter(transfer=transfer, party=invoices[0].party).order_by("-handed_in_at"))
    in_review = any(row.state == rules.ComplementState.IN_REVIEW for row in complements)
    due = [row for row in invoices if row.payment_state == rules.PaymentState.COMPLEMENT_DUE]
    owing = [] if in_review else due
    return {
        "transfer": transfer,
        "invoices": invoices,
        "owing": owing,
        "in_review": in_review,
        "due_on": min((row.complement_due_on for row in owing if row.complement_due_on), default=None),
        "due_figure": figures.complement_due(owing[0]) if owing else {},
        "links": [selectors.next_link(row) for row in owing],
        "insurer": invoices[0].insurer,
        "complements": complements,
        "advice": transfer.advice,
        "crumbs": [("Pagos", reverse("billing:payments")), (f"Depósito del {transfer.paid_on:%d/%m/%Y}", "")],
    }

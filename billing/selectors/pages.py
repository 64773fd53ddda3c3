"""What each of billing's pages shows: page-shaped reads, no decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from billing import rules, selectors
from billing.models import CareOrder, Invoice
from billing.selectors import assistant, figures, listings
from billing.selectors.parts import Context, ball, checked, events, money
from portal import clock
from portal.access import Permission
from portal.design import dates
from portal.design.tables import Card
from portal.fiscal import selectors as fiscal
from portal.people import selectors as people
from portal.people.models import Party
from portal.proofs import selectors as proofs
from portal.text import search_key
from portal.treasury import selectors as treasury

if TYPE_CHECKING:
    from portal.people.models import User

CHOICES = 100  # orders offered at once on the page that starts an invoice
FACTURA = ("factura", "facturas")


Step = tuple[str, str, str]


# --- the physician ---------------------------------------------------------------------------------------------------


def home(user: User, *, at: datetime) -> Context:
    """The one thing to do next, then what waits and what is coming."""
    ids = user.proved_party_ids(Permission.SEE_OWN_BILLING)
    own = user.party_ids(Permission.MANAGE_OWN_ACCOUNT)
    # One's own party before one that is assisted: its account is the only one this person may read.
    party = next(iter(own or user.party_ids(Permission.SEE_OWN_BILLING)), None)
    balance, today = selectors.balance_of(ids), clock.date_in(at)
    account = treasury.account_in_short
    bank = account(party_id=party, purpose=rules.DIGITAL_ORDERS, at=at) if party else None
    assignment = selectors.assignment_on(party, on=today) if party else None
    manages = bool(own)
    mine = Invoice.objects.filter(party__in=ids).only("folio", "total", "transfer", "complement_due__due_on")
    owed = mine.without_complement().select_related("complement_due").order_by("complement_due__due_on", "pk")
    owing = list(owed[:5])
    return {
        "balance": balance,
        "account": (bank.current or bank.under_way) if bank and manages else None,  # the team page says: never
        "account_state": treasury.standing(bank, bank.shown)[0] if bank else "",
        "needs_regime": assignment is None,
        "manages": manages,
        "next_step": _proof_step(user)
        or _first_step(bank, assignment, manages=manages)
        or _next_step(balance, owing, on=today),
        "returned": mine.filter(state=rules.ReviewState.RETURNED).order_by("-decided_at", "-pk")[:5]
        if balance.returned_count
        else [],
        "owing": [(invoice, invoice.is_overdue(on=today)) for invoice in owing],
        "kpis": [(f"{label} · {many}", amount, href) for label, amount, many, href in kpis(balance)],
        "unproved": unproved(user),
        "crumbs": [],
    }


def unproved(user: User) -> Context | None:
    """What a page says while an RFC of this person is not proved: how many orders wait, and the way to prove it."""
    if not people.unproved_parties(user, Permission.SEE_OWN_BILLING):
        return None
    count, manages = selectors.waiting_for_proof(user), _own_unproved(user) is not None
    waiting = "Espera una orden." if count == 1 else f"Esperan {count} órdenes." if count else "Aún no espera ninguna."
    said = "Las verás" if manages else "Las verán"
    return {
        "title": "Falta acreditar el RFC",
        "text": f"{waiting} {said} cuando sepamos que el RFC es {'tuyo' if manages else 'del médico'}.",
        "href": reverse("proofs:own") if manages else "",
        "label": "Acreditar mi RFC",
    }


def _own_unproved(user: User) -> Party | None:
    """The person's own party while its RFC is not proved: whoever assists another has nothing to prove there."""
    missing = people.unproved_parties(user, Permission.SEE_OWN_BILLING)
    return own if missing and (own := people.own_party(user)) in missing else None


def _proof_step(user: User) -> Step | None:
    """One's own RFC comes before anything else; while its paper is looked at, the rest can go on."""
    own = _own_unproved(user)
    if own is None or proofs.is_in_review(own):
        return None
    said = "Acredita que tu RFC es tuyo: así verás tus órdenes."
    return said, "Acreditar mi RFC", reverse("proofs:own")


def _first_step(bank: treasury.MyAccount | None, assignment: object | None, *, manages: bool) -> Step | None:
    """What only the physician can tell, before anything else: (sentence, button, address)."""
    account = reverse("treasury:my_account")
    if manages and bank is not None and treasury.returned_to(bank.under_way):
        said = "El banco devolvió tu pago. Mira por qué y qué hacer con tu cuenta bancaria."
        return said, "Ver mi cuenta bancaria", account
    if assignment is None and not manages:
        return "Para facturar falta que el médico diga su régimen fiscal.", "Ver órdenes", reverse("billing:orders")
    if assignment is None:
        said = "Dinos tu régimen fiscal: de él depende cuánto te retienen."
        return said, "Decir mi régimen", reverse("billing:regime")
    if not manages or bank is None or bank.current is not None:
        return None
    if bank.under_way is None:
        again = "Tu cuenta no quedó registrada. Mira el motivo y regístrala otra vez."
        first = "Registra la cuenta donde quieres recibir tus pagos."
        return again if bank.refused else first, "Registrar mi cuenta", account
    if bank.to_submit:
        return "Falta enviar tu cuenta bancaria a revisión.", "Enviar mi cuenta", account
    return None


def _next_step(balance: selectors.Balance, owing: Sequence[Invoice], *, on: date) -> Step:
    """(sentence, button, address): the first of these that applies; `owing` a complement, the one due first before."""
    invoices, orders_page = reverse("billing:invoices"), reverse("billing:orders")
    if balance.returned_count:
        return "Tienes facturas por corregir.", "Ver facturas", f"{invoices}?estado=returned"
    if owing and owing[0].is_overdue(on=on):
        return "Tienes un complemento vencido. Súbelo cuanto antes.", "Ver pagos", reverse("billing:payments")
    if owing:
        return "Nos falta tu complemento de pago.", "Ver pagos", reverse("billing:payments")
    if balance.drafts_count:
        return "Tienes facturas empezadas sin enviar.", "Seguir con ellas", f"{invoices}?estado=draft"
    if balance.to_invoice_count:
        return "Tienes órdenes listas para facturar.", "Facturar", f"{orders_page}?estado=available"
    return "Todo está al día. Te avisaremos cuando llegue una orden.", "Ver órdenes", orders_page


STEPS = (
    ("Por facturar", "to_invoice", ("orden", "órdenes"), "orders", "?estado=available"),
    ("En borrador", "drafts", FACTURA, "invoices", "?estado=draft"),
    ("Por corregir", "returned", FACTURA, "invoices", "?estado=returned"),
    ("En revisión", "in_review", FACTURA, "invoices", "?estado=submitted"),
    ("Por pagar", "payable", FACTURA, "invoices", "?pago=payable"),
    ("Pago programado", "scheduled", FACTURA, "invoices", "?pago=scheduled"),
    ("Pagado", "paid", FACTURA, "payments", ""),
    ("Sin complemento", "complement_due", FACTURA, "invoices", "?pago=complement_due"),
)
SELDOM = {"drafts", "returned"}


def kpis(balance: selectors.Balance, *, whole: bool = False) -> list[tuple[str, str, str, str]]:
    """(label, amount, how many, address) of each step of the money; seldom ones only if they hold any or `whole`."""
    rows, addresses = [], {page: reverse(f"billing:{page}") for page in ("orders", "invoices", "payments")}
    for label, name, (one, many), page, query in STEPS:
        count = getattr(balance, f"{name}_count")
        if name in SELDOM and not count and not whole:
            continue
        amount, how_many = money(getattr(balance, name)), f"{count} {one if count == 1 else many}"
        rows.append((label, amount, how_many, addresses[page] + query))
    return rows


def regime(party: Party, *, on: date) -> Context:
    """What the chosen regime means that day, as a sum on 1,000.00."""
    assignment = selectors.assignment_on(party, on=on)
    schemes = selectors.schemes_for(party, on=on)
    planned = party.scheme_assignments.filter(valid_from__gt=on, valid_to=None).first()
    if planned and assignment and (planned.regime, planned.state) == (assignment.regime, assignment.state):
        planned = None  # a change that was taken back
    return {
        "assignment": assignment,
        "scheme": schemes[0] if schemes else None,
        "planned": planned,
        "planned_label": rules.REGIME_LABELS[planned.regime] if planned else "",
    }


def orders(user: User, *, chosen: Sequence[UUID] = ()) -> Context:
    """Orders to invoice, ready to be chosen, and their CSV."""
    mine = CareOrder.objects.of_rfcs(user.proved_rfcs(Permission.BILL_ORDERS))
    rows = mine.to_invoice().order_by("insurer", "service_on", "pk")  # that of an index: names are sorted here
    found = list(rows.values("pk", "account", "patient", "insurer__name", "service_on", "payable")[: CHOICES + 1])
    names = {name: search_key(name) for name in {row["insurer__name"] for row in found}}
    waiting = sorted(found[:CHOICES], key=lambda row: names[row["insurer__name"]])
    ticked = set(chosen) or ({waiting[0]["pk"]} if len(waiting) == 1 else set())
    return {
        "waiting": [_card(row, ticked=row["pk"] in ticked) for row in waiting],
        "more": len(found) > CHOICES,
        "may_bill": Permission.BILL_ORDERS in user.permissions,
        "problem": None,
        "crumbs": [],
        "unproved": unproved(user),
    }


def _card(row: Mapping[str, Any], *, ticked: bool) -> Card:
    """An order to choose; as rows of fields, for a page has a hundred of them."""
    before, after = (
        f"{row['insurer__name']}. Atención del ",
        f". Te pagan {money(row['payable'])} antes de retenciones.",
    )
    return Card(str(row["pk"]), row["account"], row["patient"], before, row["service_on"], after, ticked)


SIGNED = {True: "Digitalmente firmado", False: "Sin firma digital"}


def order(found: CareOrder, *, on: date) -> Context:
    """The three amounts of an order (C3) and who vouches for it."""
    line = found.lines.filter(live=True).select_related("invoice").first()
    party = Party.objects.filter(rfc=found.physician_rfc).first()
    drafting = found.state == rules.OrderState.AVAILABLE and line is not None
    waits = found.state == rules.OrderState.AVAILABLE and line is None
    now = assistant.to_invoice(party, [found.payable], on=on) if party and waits else None
    return {
        "order": found,
        "drafting": drafting,
        "waits": waits,
        "state": listings.DRAFT_STATE if drafting else (found.state_label, found.tone),
        "invoice": line.invoice if line else None,
        "sums": assistant.sum_lines(now) if now else None,
        "conflict_note": now.conflict_note if now else "",
        "detail": [
            ("Honorario tabulado", money(found.fee)),
            ("Coaseguro que pagó el paciente", money(found.coaseguro)),
            ("Importe a pagar por la aseguradora", money(found.payable)),
        ],
        "facts": [
            ("Paciente", found.patient),
            ("Aseguradora", found.insurer.name),
            ("Fecha de atención", dates.short(found.service_on)),
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


# --- invoices -----------------------------------------------------------------------------------------------------


AFTER_SENDING = (
    "Una persona de revisión la mira. Si falta algo, te lo decimos todo junto.",
    "Cuando se acepta, entra al siguiente pago a tu cuenta.",
    "Al pagarte te pedimos el complemento de pago.",
)


def submitted(invoice: Invoice) -> Context:
    """What the confirmation says: who looks at it now and by when the money should move."""
    return {
        "invoice": invoice,
        "next_steps": AFTER_SENDING,
        "receipt": reverse("papers:document", args=[invoice.receipt_id]) if invoice.receipt_id else "",
        "crumbs": [
            ("Facturas", reverse("billing:invoices")),
            (invoice.folio, reverse("billing:invoice", args=[invoice.folio])),
            ("Enviada", ""),
        ],
    }


def invoice(found: Invoice, *, on: date, desk: bool = False) -> Context:
    """One invoice as its physician follows it, or with what stays between reviewers, at the `desk`."""
    accepted, due = found.review_state is rules.ReviewState.ACCEPTED, figures.payment_due(found)
    paid = list(found.complement_payments.select_related("complement").order_by("number")) if accepted else []
    return {
        "invoice": found,
        "sums": assistant.sums(found, on=on),
        "concepts": assistant.concepts(found),
        **checked(found),
        "receipt": fiscal.receipt_view(found.facts) if found.facts else None,
        "decisions": list(found.decisions.order_by("pk")) if found.decided_at else [],
        "complements": paid,
        "events": events(found, desk=desk),
        "ball": ball(found, paid),
        "owes_complement": found.payment_state == rules.PaymentState.COMPLEMENT_DUE,
        "is_late": found.is_overdue(on=on),
        "payment_due": due,
        "waits_for_payment": bool(due) and found.transfer_id is None,
        "complement_due": figures.complement_due(found),
        "crumbs": [("Facturas", reverse("billing:invoices")), (found.folio, "")],
    }

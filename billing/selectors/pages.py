"""What each of billing's pages shows: page-shaped reads, no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from billing import listings, rules, selectors
from billing.models import CareOrder, ComplementPayment, Invoice
from billing.selectors import assistant, figures, promises
from billing.selectors.parts import Context, ball, checked, events, money
from portal import clock
from portal.access import Permission
from portal.design import dates
from portal.design.detailing import Clock, Missing, Told, told_of
from portal.errors import Verdict
from portal.fiscal import selectors as fiscal
from portal.listing.filters import Month
from portal.people import selectors as people
from portal.people.models import Party

if TYPE_CHECKING:
    from portal.listing.paging import Page
    from portal.people.models import User

FACTURA = ("factura", "facturas")
MONTHS_OFFERED = 12  # as links; others are typed


# --- the physician ---------------------------------------------------------------------------------------------------


def unproved(user: User) -> Context | None:
    """What a page says while an RFC of this person is not proved: how many orders wait, and the way to prove it."""
    if not people.unproved_parties(user, Permission.SEE_OWN_BILLING):
        return None
    count, manages = selectors.waiting_for_proof(user), own_unproved(user) is not None
    waiting = (
        "Hay una orden en espera."
        if count == 1
        else f"Hay {count:,} órdenes en espera."
        if count
        else "Aún no hay ninguna en espera."
    )
    which = "La" if count == 1 else "Las"
    said = f"{which} verás" if manages else f"{which} verán"
    return {
        "title": "Falta acreditar el RFC",
        "text": f"{waiting} {said} cuando sepamos que el RFC es {'tuyo' if manages else 'del médico'}.",
        "href": reverse("proofs:own") if manages else "",
        "label": "Acreditar mi RFC",
    }


def own_unproved(user: User) -> Party | None:
    """The person's own party while its RFC is not proved: whoever assists another has nothing to prove there."""
    missing = people.unproved_parties(user, Permission.SEE_OWN_BILLING)
    return own if missing and (own := people.own_party(user, Permission.MANAGE_OWN_BILLING)) in missing else None


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


def kpis(balance: selectors.Balance, *, whole: bool = False) -> list[tuple[str, str, str, str]]:
    """(label, amount, how many, address) of each step of the money that holds any; of all of them if `whole`."""
    rows, addresses = [], {page: reverse(f"billing:{page}") for page in ("orders", "invoices", "payments")}
    for label, name, (one, many), page, query in STEPS:
        count = getattr(balance, f"{name}_count")
        if not count and not whole:
            continue
        amount, how_many = money(getattr(balance, name)), f"{count:,} {one if count == 1 else many}"
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


def orders(user: User, page: Page) -> Context:
    """What stands around the list of orders: whether any waits to be invoiced, mostly one of this very page."""
    rfcs = user.proved_rfcs(Permission.BILL_ORDERS)
    seen = rfcs == user.proved_rfcs(Permission.SEE_OWN_BILLING) and page.shows("state", listings.WAITING[1])
    waiting = seen or CareOrder.objects.of_rfcs(rfcs).to_invoice().exists()
    return {"waiting": waiting, "crumbs": [], "unproved": unproved(user)}


def accountant(user: User) -> Context:
    """The months in which something was deposited, the newest first."""
    months = listings.paid_invoices(user).dates("paid_on", "month", order="DESC")[:MONTHS_OFFERED]
    page = reverse("billing:accountant")
    return {
        "months": [(str(Month(first)), f"{page}?mes={first:%Y-%m}") for first in months],
        "crumbs": [("Mi estado de cuenta", reverse("billing:statement")), ("Para mi contador", "")],
    }


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
        "told": _order_told(found, line.invoice if drafting and line else None),
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


def _order_told(found: CareOrder, draft: Invoice | None) -> Told:
    """Whose turn an order is; one that a draft holds leads to it."""
    told = told_of(rules.ORDER.at(found.state), folio=found.account)
    if draft is None:
        return told
    return replace(
        told, next="Sigue con su factura", act=("Seguir con la factura", reverse("billing:draft", args=[draft.pk]))
    )


# --- invoices -----------------------------------------------------------------------------------------------------


AFTER_SENDING = "Una persona de revisión la mira. Si falta algo, te lo decimos todo junto."
AFTER_PAYING = "Al pagarte te pedimos el complemento de pago."


def submitted(invoice: Invoice, *, on: date) -> Context:
    """What the confirmation says: who looks at it now, by when we answer and by when the money should move."""
    return {
        "invoice": invoice,
        "next_steps": [AFTER_SENDING, *promises.sentences(invoice, on=on), AFTER_PAYING],
        "receipt": reverse("papers:document", args=[invoice.receipt_id]) if invoice.receipt_id else "",
        "crumbs": [
            ("Facturas", reverse("billing:invoices")),
            (invoice.folio, reverse("billing:invoice", args=[invoice.folio])),
            ("Enviada", ""),
        ],
    }


def own_invoice(found: Invoice, *, user: User, at: datetime) -> Context:
    """One invoice as its physician follows it: what is promised of it, and what its payment waits for."""
    on = clock.date_in(at)
    page = invoice(found, user=user, on=on)
    waits = promises.waits_for(found, at=at) if page["waits_for_payment"] else []
    due = promises.due_on(found) if waits else None
    return page | {
        "told": _told(found, page, on=on),
        "documents": _documents(found, page["complements"]),
        "events": [*page["events"], *promises.steps_ahead(found, on=on)],
        "payment_waits": waits,
        "payment_is_late": due is not None and due < on,
        "payment_due_on": due,
        "payment_record": promises.payment_record(on=on) if waits else "",
    }


def _told(found: Invoice, page: Context, *, on: date) -> Told:
    """Who moves next, every promised day, what lacks, the one act: the same words as the machines'."""
    turn = page["ball"]
    act = None
    if turn["waits"]:
        act = ("Subir complemento", reverse("billing:complement", args=[found.transfer_id]))
    elif turn.get("again"):
        act = ("Facturar sus órdenes", reverse("billing:start"))
    elif found.is_editable:
        act = ("Corregir factura", reverse("billing:draft", args=[found.pk]))
    return Told(
        turn["text"],
        since=turn["since"],
        next="Sube tu complemento" if turn["waits"] else turn.get("next", ""),
        clocks=tuple(
            Clock(one.title, one.on, late=one.on < on, figure=one.figure) for one in promises.ahead(found, on=on)
        ),
        missing=_missing(found, page),
        act=act,
        more=_more(found),
        folio=found.folio,
    )


def _documents(found: Invoice, complements: Sequence[ComplementPayment]) -> list[tuple[str, str, str, str, str]]:
    """Every document of an invoice and where it stands: its XML and PDF, our receipt, its complement once paid."""
    lacks, see = ("Falta", "warn"), "Ver"
    judged = ("Pasa todas las reglas", "ok") if found.verdict == Verdict.ACCEPTED else ("Lo mira una persona", "info")
    files = (("XML de la factura", found.xml, judged), ("PDF de la factura", found.pdf, ("Guardado", "ok")))
    rows = []
    for what, file, told in files:
        href = reverse("papers:file", args=[file.pk]) if file else ""
        rows.append((what, *(told if file else lacks), href, see))
    if found.receipt_id:
        rows.append(("Acuse", "Entregado", "ok", reverse("papers:document", args=[found.receipt_id]), "Descargar"))
    if found.transfer_id:
        live = next((row.complement for row in complements if row.live), None)
        href = reverse("billing:payment", args=[found.transfer_id])
        rows.append(("Complemento de pago", *((live.state_label, live.tone) if live else lacks), href, see))
    return rows


def _missing(found: Invoice, page: Context) -> tuple[Missing, ...]:
    """What a returned invoice has to mend, or the complement of a paid one, and where its data are."""
    if found.review_state is rules.ReviewState.RETURNED and page["decisions"]:
        last = page["decisions"][-1]
        return tuple(Missing(said) for said in rules.read_sentences(last.reasons, last.note))
    if page["ball"]["waits"]:
        data = reverse("billing:payment", args=[found.transfer_id])
        return (Missing("El complemento de pago.", data, "Ver los datos para emitirlo"),)
    return ()


def _more(found: Invoice) -> tuple[tuple[str, str], ...]:
    """The other ways on."""
    acts = [("Descargar acuse", reverse("papers:document", args=[found.receipt_id]))] if found.receipt_id else []
    if found.transfer_id:
        acts.append(("Ver el depósito", reverse("billing:payment", args=[found.transfer_id])))
    return tuple(acts)


def invoice(found: Invoice, *, user: User, on: date) -> Context:
    """One invoice as its physician follows it."""
    accepted, due = found.review_state is rules.ReviewState.ACCEPTED, figures.payment_due(found, user=user)
    paid = list(found.complement_payments.select_related("complement").order_by("number")) if accepted else []
    return {
        "invoice": found,
        "sums": assistant.sums(found, on=on),
        "concepts": assistant.concepts(found),
        **checked(found),
        "receipt": fiscal.receipt_view(found.facts) if found.facts else None,
        "decisions": list(found.decisions.order_by("pk")) if found.decided_at else [],
        "complements": paid,
        "events": events(found),
        "ball": ball(found, paid),
        "owes_complement": found.payment_state == rules.PaymentState.COMPLEMENT_DUE,
        "is_late": found.is_overdue(on=on),
        "payment_due": due,
        "waits_for_payment": bool(due) and found.transfer_id is None,
        "complement_due": figures.complement_due(found),
        "crumbs": [("Facturas", reverse("billing:invoices")), (found.folio, "")],
    }

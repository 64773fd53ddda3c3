"""What the desk's pages of billing show: page-shaped reads, no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.forms import Form
from django.http import QueryDict
from django.urls import reverse

from billing import questions, queues, rules, selectors
from billing.models import (
    CareOrder,
    Complement,
    ComplementDecision,
    ComplementPayment,
    Invoice,
    InvoiceDecision,
    OrderDelivery,
    ReviewDecision,
)
from billing.selectors import assistant, comparing, figures, pages
from billing.selectors.parts import Context, checked, checklist, events, findings, money
from portal import clock
from portal.access import Permission
from portal.design import undoing
from portal.design.asking import FIELD
from portal.design.detailing import Missing, Told, told_of
from portal.design.reviewing import Way
from portal.errors import Level
from portal.fiscal import selectors as fiscal
from portal.imports import selectors as imports
from portal.imports.models import ImportRun
from portal.money import ZERO
from portal.papers.selectors import page_links
from portal.people import scopes
from portal.people import selectors as people
from portal.people.models import User
from portal.prepared import prepared
from portal.states import DESK_BALL_LABELS, Ball
from portal.work import selectors as work

READ_BY = "Así lo lee el médico:"


def review(found: Invoice, *, user: User, asked: QueryDict, at: datetime) -> Context:
    """The reviewer's page, opened from the list that `asked`; look-alikes lead where this person may go."""
    standing = work.standing(queues.INVOICES.name, found, user=user, at=at, asked=asked)
    on, in_review = clock.date_in(at), found.review_state is rules.ReviewState.SUBMITTED
    decided = undoing.standing(
        InvoiceDecision.objects.filter(invoice=found),
        in_review=in_review,
        did=lambda row: f"la {rules.THEY_DECIDED[rules.ReviewState(row.outcome)]}",
    )
    accepted, told = found.review_state is rules.ReviewState.ACCEPTED, checked(found)
    decisions = _decisions(found.pk) if found.decided_at else []
    return {
        "invoice": found,
        "findings": rules.gravest_first(rules.for_reviewer(told["findings"])),
        "checklist": told["checklist"],
        **_held(found, on=on),
        **_corrected(found, decisions),
        "complements": _complements(found.pk) if accepted else [],
        "events": events(found, desk=True),
        "page_urls": page_links(found.pdf) if found.pdf else [],
        "conflict_note": assistant.conflict_note(found, on=on),
        "work": standing,
        "is_open": in_review and not decided.get("waits") and standing.may_decide,
        "decided": decided,
        "look_alikes": fiscal.look_alikes(found, user=user, on=found.issued_on or on),
        "due": figures.review_due(found) if in_review else {},
        "can_cancel": rules.can_cancel(found.state, found.payment_state),
        "cancelling": questions.cancel_invoice(found),
        "crumbs": [("Facturas", standing.list_address), (found.folio, "")],
    }


@prepared
def _decisions(invoice_id: UUID) -> QuerySet[ReviewDecision]:
    return ReviewDecision.objects.filter(invoice=invoice_id).select_related("reviewer").order_by("pk")


@prepared
def _complements(invoice_id: UUID) -> QuerySet[ComplementPayment]:
    return ComplementPayment.objects.filter(invoice=invoice_id).select_related("complement").order_by("number")


def _held(found: Invoice, *, on: date) -> Context:
    """The invoice against what we have: parties and terms, orders against concepts, scheme against withholdings."""
    shown = assistant.shown(found, on=on)
    assignment = selectors.assignment_on(found.party, on=found.issued_on or on)
    return {
        "heads": {"facts": comparing.HEADS, "orders": comparing.ORDER_HEADS, "scheme": comparing.SCHEME_HEADS},
        "parties": comparing.parties(found, regime=assignment.regime if assignment else "") if found.facts else [],
        "orders": comparing.orders(found, selectors.lines_of(found)),
        "withholdings": comparing.withholdings(found, shown.withheld) if found.facts else [],
        "explanation": shown.explanation,
        "scheme": rules.REGIME_LABELS[assignment.regime] if assignment else "",
    }


def _corrected(found: Invoice, decisions: Sequence[ReviewDecision]) -> Context:
    """What a corrected invoice says otherwise than when it was given back, while it waits for a reviewer again."""
    before = decisions[-1] if decisions and found.review_state is rules.ReviewState.SUBMITTED else None
    return {
        "returned": before,
        "decisions": decisions[:-1] if before else decisions,
        "changes": comparing.changes(found, before.seen) if before else [],
        "changed_heads": comparing.CHANGED_HEADS,
    }


def ways(found: Invoice, *, returning: Form, rejecting: Form) -> list[Way]:
    """How a reviewer decides an invoice: accept it, give it back to be corrected, or end it."""
    return [
        Way("Aceptar factura", action=reverse("billing:accept", args=[found.folio]), key="a"),
        Way(
            "Devolver para corregir",
            action=reverse("billing:give_back", args=[found.folio]),
            name=FIELD,
            value=questions.RETURN,
            key="d",
            kind="secondary",
            opens="Devolver",
            form=returning,
            read_by=READ_BY,
        ),
        Way(
            opens="Rechazar",
            key="r",
            kind="danger",
            form=rejecting,
            question=questions.reject_invoice(found),
            read_by=READ_BY,
        ),
    ]


def complement(found: Complement, *, user: User, asked: QueryDict, at: datetime) -> Context:
    """One complement: chain, findings, receipt, and what of its deposit it pays. `asked`: from which list."""
    standing = work.standing(queues.COMPLEMENTS_TO_REVIEW.name, found, user=user, at=at, asked=asked)
    chain = found.payments.select_related("invoice__insurer", "invoice__complement_due")
    payments = list(chain.order_by("invoice__folio", "number"))
    paid = sum((row.paid for row in payments), ZERO)
    decided = undoing.standing(
        ComplementDecision.objects.filter(complement=found),
        in_review=found.state == rules.ComplementState.IN_REVIEW,
        did=lambda row: f"lo {rules.COMPLEMENT_THEY_DECIDED[row.accept]}",
    )
    return {
        "complement": found,
        "work": standing,
        "decided": decided,
        "is_open": standing.may_decide,
        "can_cancel": rules.COMPLEMENT.allows(found.state, rules.ComplementState.CANCELLED),
        "payments": payments,
        "paid": paid,
        "chain_figure": figures.chain(payments),
        "due_figure": figures.complement_due(payments[0].invoice) if payments else {},
        "in_part": bool(payments) and paid != found.transfer.amount,
        "facts": comparing.complement(found, payments, paid=paid),
        "heads": ("El depósito", "Lo que dice el complemento"),
        "findings": rules.gravest_first(rules.for_reviewer(findings(found.findings))),
        "checklist": checklist(found.facts.get("checklist", []), bad=Level.REVIEW),
        "events": events(found, desk=True),
        "crumbs": [("Complementos", standing.list_address), (found.party.name, "")],
    }


def complement_ways(found: Complement, page: Context, *, form: Form) -> list[Way]:
    """How the desk decides a complement: accept or reject it, or say that it was cancelled at the SAT."""
    address = reverse("billing:decide_complement", args=[found.pk])
    told: Context = {"action": address, "form": form, "fields": ("reason",), "kind": "danger"}
    if page["is_open"]:
        return [
            Way("Aceptar complemento", action=address, name="act", value="accept", key="a"),
            Way(opens="Rechazar", question=questions.reject_complement(found), key="r", read_by=READ_BY, **told),
        ]
    if page["can_cancel"]:
        return [Way(opens="Cancelado en el SAT", question=questions.cancel_complement(found), read_by=READ_BY, **told)]
    return []


def order(found: CareOrder, *, on: date) -> Context:
    """One order as the desk sees it."""
    crumbs = [("Órdenes", reverse("billing:desk_orders")), (found.account, "")]
    return pages.order(found, on=on) | {
        "told": told_of(rules.ORDER.at(found.state), desk=True),
        "events": events(found),
        "may_withdraw": found.state == rules.OrderState.AVAILABLE,
        "crumbs": crumbs,
    }


def insurer_choices(user: User) -> list[tuple[str, str]]:
    """Organisations whose orders this person may take in."""
    within = scopes.within(user, "pk", Permission.IMPORT_ORDERS)
    return [(str(row.pk), row.name) for row in people.insurers().filter(within)]


def delivery_address(run: ImportRun) -> str:
    """The page that tells what an applied import of orders brought."""
    return reverse("billing:delivery", args=[run.order_delivery.pk])


def delivery(found: OrderDelivery) -> Context:
    """What became of one delivery; a file's rows bear the number that a spreadsheet shows."""
    run = found.run
    return {
        "delivery": found,
        "run": run,
        "told": _delivery_told(run),
        "wrong": imports.wrong_rows(run),
        "facts": [
            ("Aseguradora", run.sender.name),
            ("Órdenes en el archivo", str(found.rows)),
            ("Nuevas", str(found.accepted)),
            ("Ya estaban", str(found.unchanged)),
            ("Con error", str(run.wrong)),
            ("Importe a pagar", money(found.payable)),
        ],
        "crumbs": [("Órdenes", reverse("billing:desk_orders")), ("Entrega", "")],
    }


def _delivery_told(run: ImportRun) -> Told:
    """Whose turn a delivery is: what did not enter is its insurer's, who sends it again; else nobody's."""
    orders = ("Ver las órdenes", reverse("billing:desk_orders"))
    if not run.wrong:
        return Told(DESK_BALL_LABELS[Ball.NOBODY], act=orders)
    several = "orden" if run.wrong == 1 else "órdenes"
    return Told(
        DESK_BALL_LABELS[Ball.YOU],
        since=run.closed_at,
        missing=(Missing(f"{run.wrong:,} {several} de esta entrega, con su dato corregido."),),
        act=("Descargar los errores", reverse("imports:errors", args=[run.pk])),
        more=(orders, ("Importar otro archivo", reverse("billing:import_orders"))),
    )

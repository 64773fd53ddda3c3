"""What the desk's pages of billing show: page-shaped reads, no decisions."""

from __future__ import annotations

from datetime import date, datetime

from django.http import QueryDict
from django.urls import reverse

from billing import questions, rules
from billing.models import CareOrder, Complement, ComplementDecision, Invoice, InvoiceDecision, OrderDelivery
from billing.selectors import assistant, pages, queues
from billing.selectors.parts import Context, checklist, events, findings, money
from portal import clock
from portal.design import undoing
from portal.errors import Level
from portal.fiscal import selectors as fiscal
from portal.imports import selectors as imports
from portal.imports.models import ImportRun
from portal.money import ZERO
from portal.papers.selectors import page_links
from portal.people.models import Party, User
from portal.work import selectors as work


def review(found: Invoice, *, user: User, asked: QueryDict, at: datetime) -> Context:
    """The reviewer's split view, opened from the list that `asked`; look-alikes lead where this person may go."""
    standing = work.standing(queues.INVOICES.name, found, user=user, at=at, asked=asked)
    on = clock.date_in(at)
    context, in_review = pages.invoice(found, on=on, desk=True), found.review_state is rules.ReviewState.SUBMITTED
    decided = undoing.standing(
        InvoiceDecision.objects.filter(invoice=found),
        in_review=in_review,
        did=lambda row: f"la {rules.THEY_DECIDED[rules.ReviewState(row.outcome)]}",
    )
    return context | {
        "findings": rules.for_reviewer(context["findings"]),
        "page_urls": page_links(found.pdf) if found.pdf else [],
        "conflict_note": assistant.conflict_note(found, on=on),
        "work": standing,
        "is_open": in_review and not decided.get("waits") and standing.may_decide,
        "decided": decided,
        "look_alikes": fiscal.look_alikes(found, user=user, on=found.issued_on or on),
        "rejecting": questions.reject_invoice(found),
        "can_cancel": rules.can_cancel(found.state, found.payment_state),
        "cancelling": questions.cancel_invoice(found),
        "crumbs": [("Facturas", standing.list_address), (found.folio, "")],
    }


def complement(found: Complement, *, user: User, asked: QueryDict, at: datetime) -> Context:
    """One complement: chain, findings, receipt, and what of its deposit it pays. `asked`: from which list."""
    standing = work.standing(queues.COMPLEMENTS_TO_REVIEW.name, found, user=user, at=at, asked=asked)
    payments = list(found.payments.select_related("invoice").order_by("invoice__folio", "number"))
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
        "in_part": bool(payments) and paid != found.transfer.amount,
        "findings": rules.for_reviewer(findings(found.findings)),
        "checklist": checklist(found.facts.get("checklist", []), bad=Level.REVIEW),
        "receipt": fiscal.receipt_view(found.facts),
        "events": events(found, desk=True),
        "rejecting": questions.reject_complement(found),
        "cancelling": questions.cancel_complement(found),
        "crumbs": [("Complementos", standing.list_address), (found.party.name, "")],
    }


def order(found: CareOrder, *, on: date) -> Context:
    """One order as the desk sees it."""
    crumbs = [("Órdenes", reverse("billing:desk_orders")), (found.account, "")]
    return pages.order(found, on=on) | {
        "events": events(found),
        "may_withdraw": found.state == rules.OrderState.AVAILABLE,
        "crumbs": crumbs,
    }


def insurer_choices() -> list[tuple[str, str]]:
    """Organisations that may send orders: those with a machine grant or earlier deliveries."""
    rows = Party.objects.filter(kind=Party.Kind.ORGANISATION, is_operator=False).exclude(rfc="").order_by("name")
    return [(str(row.pk), row.name) for row in rows]


def delivery_address(run: ImportRun) -> str:
    """The page that tells what an applied import of orders brought."""
    return reverse("billing:delivery", args=[run.order_delivery.pk])


def delivery(found: OrderDelivery) -> Context:
    """What became of one delivery; a file's rows bear the number that a spreadsheet shows."""
    run = found.run
    return {
        "delivery": found,
        "run": run,
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

"""Small reads that every page of billing is put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing import rules
from billing.models import Complement, ComplementPayment, Invoice
from portal.errors import Finding, Level
from portal.history import selectors as history
from portal.money import format_money
from portal.states import Ball
from portal.work import audit_words

Context = dict[str, Any]
_LABELS = {**rules.EVENT_LABELS, **audit_words.ACTS}
_OF_THE_DESK = rules.OF_THE_DESK | set(audit_words.ACTS)  # who took it is nobody's business but the desk's


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


def ball(found: Invoice, complements: Sequence[ComplementPayment]) -> Context:
    """Who has to move next and since when, seen by the physician; `waits` when it is the physician's complement.

    `complements` are what its complements paid; `next` is what the physician does, where the page has no sentence of
    its own for it.
    """
    if in_review := _complement_in_review(found, complements):
        return {
            "text": "Nos toca a nosotros: revisamos tu complemento",
            "since": in_review.handed_in_at,
            "waits": False,
        }
    if found.review_state in {rules.ReviewState.REJECTED, rules.ReviewState.CANCELLED}:
        again = found.lines.filter(order__state=rules.OrderState.AVAILABLE).exists()
        ended = (event.at for event in history.acts(found) if event.action == "billing.invoice_cancelled")
        return {
            "text": rules.REJECTED_AGAIN if again else rules.REJECTED_OVER,
            "since": next(ended, found.decided_at) if again else None,
            "waits": False,
            "again": again,
        }
    last = next((event for event in reversed(history.acts(found)) if event.action in rules.HANDOVERS), None)
    waits = found.payment_state == rules.PaymentState.COMPLEMENT_DUE
    return {
        "text": found.ball_label,
        "since": last.at if last and found.stand.ball is not Ball.NOBODY else None,
        "waits": waits,
        "next": "" if waits else found.stand.next,
    }


def _complement_in_review(found: Invoice, complements: Sequence[ComplementPayment]) -> Complement | None:
    of_its_deposit = (row for row in complements if row.live and row.complement.transfer_id == found.transfer_id)
    waits = (row.complement for row in of_its_deposit if row.complement.state == rules.ComplementState.IN_REVIEW)
    return next(waits, None) if found.transfer_id else None


def events(subject: Any, *, desk: bool = False) -> list[Context]:
    """What happened to one thing, as its timeline shows it; what stays between reviewers only at the `desk`."""
    return [
        {
            "title": _LABELS.get(event.action, event.action),
            "at": event.at,
            "by": str(event.by) if event.by else "",
            "text": event.reason,
            "bad": event.action in rules.UNHAPPY_EVENTS,
        }
        for event in history.acts(subject)
        if desk or event.action not in _OF_THE_DESK
    ]

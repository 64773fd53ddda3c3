"""What is promised of an invoice when it is sent."""

from __future__ import annotations

from datetime import date

from billing import rules, selectors
from billing.models import Invoice
from billing.selectors import assistant, parts
from portal.rulebook import selectors as rulebook


def promise_answer(*, invoice: Invoice, on: date) -> None:
    """The day of our answer, whether the machine found nothing, whether it is drawn to be opened."""
    due = selectors.review_due(on=on)
    invoice.review_due_on, invoice.review_due_rule = due.on, due.rule
    findings = parts.checked(invoice)["findings"]
    doubted = bool(assistant.conflict_note(invoice, on=on)) or invoice.returned_by_id is not None
    invoice.clean = rules.is_clean(findings, verdict=invoice.verdict) and not doubted
    invoice.drawn = rules.is_drawn(str(invoice.pk), percent=rulebook.whole("review.drawn_percent", on=on))

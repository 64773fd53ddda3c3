"""What a physician is promised (N8, N11): the next payment, the day of our answer, and how such promises were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.urls import reverse

from billing import rules, selectors
from billing.models import Invoice
from billing.selectors import figures
from billing.selectors.parts import Context
from portal import clock
from portal.design import dates
from portal.money import ZERO
from portal.reading import once_a_reading
from portal.states import BALL_LABELS, Ball
from portal.treasury.models import Payable
from portal.treasury.selectors import promised as treasury

KIND = "invoice"
LEAST_TOLD = 20  # of fewer promises a record would say nothing
_KEPT_DAYS = 365


@dataclass(frozen=True, slots=True)
class NextPayment:
    """What is paid next (MXN): of all that is late, else of the day that comes first; `held` is what keeps it back."""

    on: date
    amount: Decimal
    folios: list[str]
    late: bool
    waits: list[str]
    held: list[str]
    since: datetime
    figure: dict[str, Any]

    @property
    def href(self) -> str:
        """The invoice, or the list of those that wait for their payment."""
        if len(self.folios) == 1:
            return reverse("billing:invoice", args=[self.folios[0]])
        return f"{reverse('billing:invoices')}?pago={rules.PaymentState.PAYABLE}"

    @property
    def holds(self) -> str:
        """What it holds: one folio, or how many."""
        return self.folios[0] if len(self.folios) == 1 else f"{len(self.folios)} facturas"


def next_payment(party_ids: Sequence[UUID], *, at: datetime) -> NextPayment | None:
    """Three queries at most; None where nothing is owed."""
    owed, today = treasury.open_payables(kind=KIND, party_ids=party_ids), clock.date_in(at)
    if not owed:
        return None
    late = [one for one in owed if one.due_on < today]
    group = treasury.what_they_wait_for(late or [one for one in owed if one.due_on == owed[0].due_on], at=at)
    return NextPayment(
        on=group[0].payable.due_on,
        amount=sum((one.payable.amount for one in group), ZERO),
        folios=[one.payable.reference for one in group],
        late=bool(late),
        waits=_told(group),
        held=_told([one for one in group if one.held]),
        since=group[0].payable.opened_at,
        figure=figures.next_payment([one.payable for one in group]),
    )


def _told(group: Sequence[treasury.Waiting]) -> list[str]:
    """Each reason once, with whose turn it is and, where they differ, what it concerns."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in group:
        turn = "" if one.ball is Ball.NOBODY else f" {BALL_LABELS[one.ball]}."
        reasons.setdefault((one.why, turn), []).append(one.payable.reference)
    return [
        f"{why}.{turn}" if len(reasons) == 1 else f"{_named(folios)}: {why[0].lower()}{why[1:]}.{turn}"
        for (why, turn), folios in reasons.items()
    ]


def _named(folios: Sequence[str]) -> str:
    return ", ".join(folios) if len(folios) <= 3 else f"{len(folios)} facturas"


# --- how promises were kept ------------------------------------------------------------------------------------------


def record(kept: int, total: int, what: str) -> str:
    """`A tiempo 212 de 214 pagos del último año.`; nothing where they are too few to say anything."""
    return f"A tiempo {kept} de {total} {what} del último año." if total >= LEAST_TOLD else ""


def payment_record(*, on: date) -> str:
    """How often the promised day of payment was kept."""
    return record(*treasury.kept_promises(kind=KIND, on=on), "pagos")


@once_a_reading
def answer_record(*, on: date) -> str:
    """How often the promised day of an answer was kept."""
    since = on - timedelta(days=_KEPT_DAYS)
    answered = Invoice.objects.filter(review_due_on__gte=since, decided_at__gte=F("submitted_at"))
    kept = Q(decided_at__date__lte=F("review_due_on"))
    told = answered.aggregate(kept=Count("pk", filter=kept), total=Count("pk"))
    return record(told["kept"], told["total"], "respuestas")


# --- what comes for one invoice --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day that is promised: what happens, when, how that was kept before, and where the day comes from."""

    title: str
    on: date
    record: str
    figure: dict[str, Any] = field(default_factory=dict)


def ahead(invoice: Invoice, *, on: date) -> list[Ahead]:
    """What is promised of an invoice from here on: our answer and the payment that would follow, or the payment."""
    if invoice.review_state is rules.ReviewState.SUBMITTED and invoice.review_due_on:
        paid = selectors.payment_due(on=max(on, invoice.review_due_on))
        why = figures.payment_ahead(invoice, due_rule=paid.rule, due_on=paid.on, on=on)
        return [
            Ahead("Te respondemos", invoice.review_due_on, answer_record(on=on), figures.review_due(invoice)),
            Ahead("Si se acepta ese día, te pagamos", paid.on, payment_record(on=on), why),
        ]
    if invoice.payment_state in {rules.PaymentState.PAYABLE, rules.PaymentState.SCHEDULED}:
        return [Ahead("Te pagamos", one.due_on, payment_record(on=on)) for one in _owed(invoice)]
    if invoice.payment_state == rules.PaymentState.COMPLEMENT_DUE and invoice.complement_due_on:
        return [Ahead("Esperamos tu complemento", invoice.complement_due_on, "", figures.complement_due(invoice))]
    return []


def steps_ahead(invoice: Invoice, *, on: date) -> list[Context]:
    """The same as the future steps of its timeline."""
    return [
        {"title": one.title, "at": one.on, "text": one.record, "next": True, "by": ""} for one in ahead(invoice, on=on)
    ]


def sentences(invoice: Invoice, *, on: date) -> list[str]:
    """The same as sentences, for a confirmation."""
    return [f"{one.title} a más tardar el {dates.long(one.on)}. {one.record}".strip() for one in ahead(invoice, on=on)]


def waits_for(invoice: Invoice, *, at: datetime) -> list[str]:
    """What the payment of an accepted invoice waits for, and whose turn it is; a day gone by is said with its cause."""
    return _told(treasury.what_they_wait_for(_owed(invoice), at=at))


def due_on(invoice: Invoice) -> date | None:
    """The stored day by which its payment is promised; None where nothing is owed."""
    return next((one.due_on for one in _owed(invoice)), None)


def _owed(invoice: Invoice) -> list[Payable]:
    """What is still owed for one invoice: one row or none."""
    return treasury.open_payables(kind=KIND, party_ids=[invoice.party_id], subject=str(invoice.pk))

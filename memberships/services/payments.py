"""Money that comes for a membership, and money that goes back: each by its day, then everything is said anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models, transaction

from memberships import selectors
from memberships.models import DuesPayment, Membership
from memberships.models.shared import CURRENCY
from memberships.rules import Means, MembershipState, ledger
from memberships.rules.refunds import UNDER_WAY
from memberships.rules.slips import SlipNews
from memberships.services import papers, telling
from memberships.services.charging import lines_of
from memberships.services.standing import locked, restate
from portal import clock
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.money import ZERO, round_money
from portal.treasury import services as treasury
from portal.treasury.models import LedgerTransaction

if TYPE_CHECKING:
    from portal.people.models import User


@transaction.atomic
def receive_payment(
    *,
    membership: Membership,
    amount: Decimal,
    value_on: date,
    source: models.Model,
    means: str,
    by: User | None,
    at: datetime,
    news: SlipNews | None = None,
    beside: Sequence[DuesPayment] | None = None,
) -> DuesPayment:
    """Money of a family, in MXN, by its value date: it becomes credit and what it pays is said anew, the past too.

    Of a deposit (store, bank) treasury posts the entry that makes it credit, `deposit_matched`, and reverses it; of
    other means this does (`rules.ledger.RECEIVED`). One mail tells what came of it, the receipt, what `news` says
    of its slip, and the receipts of those `beside` it; with none of these ([]) another one's mail tells it. The same
    source again gives the payment that stands. Raises RuleBroken for an amount or a day that cannot be, Conflict for a
    membership that is not complete or whose titular joined anew.
    """
    row = locked(membership)
    origin = {"source_type": source._meta.label_lower, "source_id": str(source.pk)}
    if (standing := row.payments.filter(**origin, taken_back_on=None).first()) is not None:
        return standing
    _check_payment(row, amount=amount, value_on=value_on, at=at)
    told = {"amount": amount, "value_on": value_on, "means": Means(means).value}
    payment = DuesPayment.objects.create(membership=row, received_at=at, received_by=by, **told, **origin)
    if (act := ledger.RECEIVED.get(Means(means))) is not None:
        treasury.post_entry(kind=act, lines=lines_of(row, act, amount), subject=payment, at=at, on=value_on, by=by)
    stood = restate(membership=row, by=by, at=at)
    papers.issue_receipt(membership=row, payment=payment, by=by, at=at)
    if any(standing == MembershipState.ACTIVE for _day, standing in stood.happened):
        papers.issue_papers(membership=row, by=by, at=at)
    telling.tell_payment(membership=row, payment=payment, news=stood, slip=news, beside=beside, at=at)
    telling.tell_steps(membership=row, steps=stood.happened, at=at)
    details = {"amount": str(amount), "value_on": value_on.isoformat(), "means": str(means), "state": row.state}
    record(action="memberships.payment_received", subject=row, by=by, at=at, details=details)
    return payment


@transaction.atomic
def take_back(*, payment: DuesPayment, reason: str, by: User | None, at: datetime, kept: Decimal = ZERO) -> DuesPayment:
    """A match was undone or a card charged back: from today on the money is not there, the past stays as it was.

    Its entry is reversed (a deposit's by treasury, who matched it); what it paid last opens again. What of it the
    family had got back stays theirs and is booked as lost; `kept`: of a card, only the rest was taken.
    Raises Conflict for one that was taken back already, or while its money is on its way back.
    """
    row = locked(payment.membership)
    payment = DuesPayment.objects.select_for_update(of=("self",)).select_related("receipt").get(pk=payment.pk)
    if payment.taken_back_on is not None:
        raise Conflict("Ese pago ya se había retirado. Recarga la página para ver cómo quedó.", code="taken_back")
    payment.kept, payment.lost = kept, ZERO if kept else _given_back(row, payment)
    payment.taken_back_on, payment.taken_back_at = clock.date_in(at), at
    payment.save(update_fields=["taken_back_on", "taken_back_at", "lost", "kept"])
    entries = LedgerTransaction.objects.filter(subject_type=payment._meta.label_lower, subject_id=str(payment.pk))
    for entry in entries.order_by("at", "pk"):
        treasury.reverse_entry(entry=entry, by=by, at=at, on=payment.taken_back_on, reason=reason)
    if stays := payment.lost + payment.kept:
        act = ledger.CARD_KEPT if kept else ledger.REFUND_LOST
        lines = lines_of(row, act, stays)
        treasury.post_entry(kind=act, lines=lines, subject=payment, at=at, on=payment.taken_back_on, by=by)
    news = restate(membership=row, by=by, at=at)
    telling.tell_taken_back(membership=row, payment=payment, reason=reason, at=at)
    telling.tell_steps(membership=row, steps=news.happened, at=at)
    record(
        action="memberships.payment_taken_back",
        subject=row,
        by=by,
        at=at,
        reason=reason,
        details={
            "amount": str(payment.amount),
            "lost": str(payment.lost),
            "kept": str(payment.kept),
            "value_on": payment.value_on.isoformat(),
            "state": row.state,
        },
    )
    return payment


def _given_back(membership: Membership, payment: DuesPayment) -> Decimal:
    """What of a payment the family got back, beyond what its other payments cover. Raises Conflict while it is under
    way: the refund may still be declined.
    """
    short = selectors.not_covered(membership, without=payment)
    if short > 0 and membership.refunds.filter(state__in=UNDER_WAY).exists():
        raise Conflict(
            "Ese dinero se le está devolviendo a la familia. Di que la devolución no procede, o espera a que termine.",
            code="given_back",
        )
    return max(short, ZERO)


def _check_payment(membership: Membership, *, amount: Decimal, value_on: date, at: datetime) -> None:
    if membership.joined_on is None or membership.state == MembershipState.DRAFT:
        raise Conflict("La afiliación no está completa todavía: termínala antes de recibir pagos.", code="not_complete")
    if amount <= 0 or amount != round_money(amount, CURRENCY):
        raise RuleBroken(
            "El importe debe ser mayor que cero y llevar dos decimales. Corrígelo.", code="amount_wrong", field="amount"
        )
    if value_on > clock.date_in(at):
        raise RuleBroken(
            f"El {dates.short(value_on)} no ha llegado. Escribe el día en que se pagó.",
            code="value_on_ahead",
            field="value_on",
        )
    if value_on < membership.joined_on:
        raise RuleBroken(
            f"El pago es del {dates.short(value_on)}, anterior al día de la afiliación, el "
            f"{dates.short(membership.joined_on)}. Revisa de qué membresía es.",
            code="before_joining",
            field="value_on",
        )

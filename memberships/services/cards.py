"""Paying by card: an attempt is begun here, and only what the gateway signed says what became of it (ADR 0016)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from memberships import gateway, selectors
from memberships.models import CardAttempt, CardLine, DuesPayment, GatewayDoubt, GatewayEvent, Membership, Refund
from memberships.rules import Means, MembershipState, card, ledger, slips
from memberships.rules.card import CARD, CardState, Outcome, RefundWord, Word
from memberships.rules.refunds import RefundState
from memberships.rules.slips import Month
from memberships.services.charging import lines_of
from memberships.services.payments import receive_payment, take_back
from memberships.services.refunds import decline_refund, finish_card_refund, give_after_all
from memberships.services.standing import locked
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio
from portal.history.services import record
from portal.money import ZERO
from portal.people.selectors import acts_for
from portal.text import clean_text
from portal.treasury import services as treasury

if TYPE_CHECKING:
    from portal.people.models import User


def start_card(*, membership: Membership, months: int, by: User | None, at: datetime) -> CardAttempt:
    """Begin to pay a family's first `months` by card; the gateway's page does the rest.

    Raises Conflict while there is no gateway, and what `begin_attempt` raises.
    """
    if not gateway.is_on():
        raise Conflict("El pago con tarjeta está apagado por ahora. Paga en tienda o banco.", code="gateway_off")
    return begin_attempt(membership=membership, months=months, by=by, at=at)


@transaction.atomic
def begin_attempt(*, membership: Membership, months: int, by: User | None, at: datetime) -> CardAttempt:
    """An attempt of a family's first `months`, which waits for the gateway's word.

    Raises Conflict while another attempt of the family is open or a person has to look at one, or where it takes no
    money, RuleBroken where there are not so many months.
    """
    row, on = locked(membership), clock.date_in(at)
    complete = row.joined_on is not None and row.state != MembershipState.DRAFT
    slips.check_may_pay(complete=complete, cancelled=row.state == MembershipState.CANCELLED)
    assert row.titular is not None  # `check_may_pay`
    if row.card_attempts.open().exists():
        raise Conflict(
            "Hay un pago con tarjeta sin terminar de estas mensualidades. Termínalo, o espera 15 minutos para empezar "
            "otro.",
            code="card_open",
        )
    if selectors.doubts_open().filter(event__attempt__membership=row).exists():
        raise Conflict(card.HELD, code="card_doubtful")
    payable = selectors.payable_by_slip(row, on=on)
    chosen = slips.months_to_pay(
        payable.owed,
        count=months,
        following=payable.following,
        last_period=payable.last_period,
        waiting=[one.folio for one in payable.slips],
    )
    attempt = _keep_attempt(row, chosen, by=by, at=at)
    told = {"folio": attempt.folio, "amount": str(attempt.amount), "months": len(chosen)}
    record(action="memberships.card_started", subject=attempt, party_id=attempt.party_id, by=by, at=at, details=told)
    return attempt


def _keep_attempt(row: Membership, months: Sequence[Month], *, by: User | None, at: datetime) -> CardAttempt:
    assert row.titular is not None  # complete
    attempt = CardAttempt.objects.create(
        folio=next_folio(prefix="FP", at=at),
        membership=row,
        party=row.titular.party,
        amount=sum((month.amount for month in months), ZERO),
        started_at=at,
        started_by=by,
        expires_at=clock.real_now() + card.LIFE,
    )
    CardLine.objects.bulk_create(CardLine(attempt=attempt, period=one.period, amount=one.amount) for one in months)
    return attempt


def receive_event(*, body: bytes, signature: str, at: datetime) -> GatewayEvent:
    """Take in what the gateway says, signed. Raises RuleBroken for a false, old or unreadable event, and what
    `hear_gateway` raises.
    """
    return hear_gateway(word=gateway.read_event(body, signature), at=at)


@transaction.atomic
def hear_gateway(*, word: Word, at: datetime) -> GatewayEvent:
    """What the gateway said, whose signature was read: each event once, whatever order they come in.

    Raises RuleBroken for an attempt that is not ours, Conflict for one that comes before what it is about: the gateway
    sends it again.
    """
    attempt = CardAttempt.objects.select_related("membership").filter(folio=word.attempt).first()
    if attempt is None:
        raise RuleBroken("Ese intento de pago no es de este portal.", code="attempt_unknown")
    locked(attempt.membership)
    attempt = CardAttempt.objects.select_for_update(of=("self",)).select_related("membership").get(pk=attempt.pk)
    if (known := GatewayEvent.objects.filter(event_id=word.event_id).first()) is not None:
        return known
    refund = selectors.refund_of_attempt(attempt)
    outcome = _outcome(attempt, word, refund)
    if outcome is Outcome.APPLIED:
        outcome = _apply_event(attempt, word, refund, at=at)
    event = GatewayEvent.objects.create(
        event_id=word.event_id,
        attempt=attempt,
        kind=word.kind.value,
        amount=word.amount,
        reason=word.reason,
        outcome=outcome.value,
        said_at=word.said_at,
        received_at=at,
    )
    if outcome is Outcome.DOUBTFUL:
        _keep_doubt(attempt, event, at=at)
    told = {"folio": attempt.folio, "kind": word.kind.value, "outcome": outcome.value, "state": attempt.state}
    record(action="memberships.gateway_said", subject=attempt, party_id=attempt.party_id, by=None, at=at, details=told)
    return event


def _outcome(attempt: CardAttempt, word: Word, refund: Refund | None) -> Outcome:
    """What an event makes of the attempt: of a refund, the folio and amount that were authorised.

    Any other is doubtful, but for one that is told again, or a no that comes late.
    """
    ours = refund is not None and refund.state == RefundState.SENT and word.refund == refund.folio
    if ours and isinstance(word.kind, RefundWord):
        return Outcome.APPLIED
    asked, in_doubt = attempt.amount, selectors.has_doubtful_capture(attempt)
    if word.kind is CardState.REFUNDED and selectors.was_done(attempt, folio=word.refund, amount=word.amount):
        return Outcome.NOTHING_NEW
    if word.kind is CardState.REFUNDED and (refund is not None or word.refund):
        asked, in_doubt = refund.amount if refund else asked, not ours
    return card.outcome_of(attempt.state, word, asked=asked, in_doubt=in_doubt)


def _keep_doubt(attempt: CardAttempt, event: GatewayEvent, *, at: datetime) -> None:
    """It waits for collections; an open attempt is over, so that its family can pay another way meanwhile."""
    GatewayDoubt.objects.create(event=event, since=at)
    if attempt.state in card.OPEN:
        CARD.check(attempt.state, CardState.TIMED_OUT)
        attempt.state, attempt.answered_at = CardState.TIMED_OUT.value, at
        attempt.save(update_fields=["state", "answered_at"])


@transaction.atomic
def settle_doubt(*, doubt: GatewayDoubt, comment: str, by: User, at: datetime, books: bool = False) -> GatewayDoubt:
    """Say what was done about a doubtful event: given back by the gateway, or placed by hand; or book what it says.

    Raises Conflict once it was said or where there is nothing to book, RuleBroken for whoever acts for the family.
    """
    locked(doubt.event.attempt.membership)
    row = (
        GatewayDoubt.objects.select_for_update(of=("self",))
        .select_related("event__attempt__membership")
        .get(pk=doubt.pk)
    )
    if row.settled_at is not None:
        raise Conflict("Alguien ya dijo qué se hizo. Recarga la página para verlo.", code="doubt_settled")
    attempt = row.event.attempt
    if acts_for(by, attempt.party, on=clock.date_in(at)):
        raise RuleBroken("Es un pago de tu propia familia. Le toca a otra persona de Cobranza.", code="own_doubt")
    row.comment = clean_text(comment, max_length=300, what="Qué se hizo")
    if not row.comment:
        raise RuleBroken("Escribe qué se hizo: queda en el historial.", code="comment_missing", field="comment")
    if books:
        _book(attempt, row.event, by=by, at=at)
    row.settled_at, row.settled_by = at, by
    row.save(update_fields=["settled_at", "settled_by", "comment"])
    told = {"folio": attempt.folio, "event": row.event.event_id, "booked": "yes" if books else "no"}
    record(
        action="memberships.doubt_settled",
        subject=attempt,
        party_id=attempt.party_id,
        by=by,
        at=at,
        reason=row.comment,
        details=told,
    )
    return row


def _book(attempt: CardAttempt, event: GatewayEvent, *, by: User, at: datetime) -> None:
    """Do what a doubtful event says of money, which a person made sure of. Raises Conflict where that is nothing."""
    kind, refund = CardState(event.kind), selectors.refund_of_attempt(attempt)
    word = Word(event.event_id, kind, attempt.folio, event.amount, event.said_at)
    due = refund.amount if refund is not None and kind is CardState.REFUNDED else attempt.amount
    if kind is CardState.CAPTURED:
        value_on, means = _value_on(attempt, word, at=at), Means.CARD
        receive_payment(
            membership=attempt.membership,
            amount=event.amount,
            value_on=value_on,
            source=event,
            means=means,
            by=by,
            at=at,
        )
    elif refund is None and _gave_late(attempt, word, by=by, at=at):
        pass
    elif CARD.allows(attempt.state, kind) and event.amount == due:
        _move_money(attempt, word, refund, at=at)
        CARD.check(attempt.state, kind)
        attempt.state = kind.value
        attempt.save(update_fields=["state"])
    elif _took_back(attempt, word, by=by, at=at):
        pass
    elif attempt.state in card.WHY_BACK and kind != attempt.state:
        act, on = ledger.GATEWAY_LOST, clock.date_in(at)
        lines = lines_of(attempt.membership, act, event.amount)
        treasury.post_entry(kind=act, lines=lines, subject=event, at=at, on=on, by=by)
    else:
        raise Conflict(card.NOTHING_TO_BOOK, code="nothing_to_book")


def _gave_late(attempt: CardAttempt, word: Word, *, by: User, at: datetime) -> bool:
    """Whether this is a refund that a person had given up: it is done after all, of the credit; else of its payment."""
    given_up = selectors.given_up(attempt, word.amount) if word.kind is CardState.REFUNDED else None
    payment = _payment_of(attempt)
    if given_up is None or payment is None or attempt.state != CardState.CAPTURED:
        return False
    try:
        with transaction.atomic():
            give_after_all(given_up=given_up, by=by, at=at)
    except RuleBroken:  # the family used its credit meanwhile
        kept = payment.amount - word.amount
        take_back(payment=payment, reason=card.WHY_BACK[CardState.REFUNDED], by=by, at=at, kept=kept)
    CARD.check(attempt.state, CardState.REFUNDED)
    attempt.state = CardState.REFUNDED.value
    attempt.save(update_fields=["state"])
    return True


def _took_back(attempt: CardAttempt, word: Word, *, by: User, at: datetime) -> bool:
    """Whether what went back was booked by hand, or is what a refund in part had left: its payment is taken back."""
    reason = card.WHY_BACK[CardState(word.kind)]
    for event in attempt.events.filter(kind=CardState.CAPTURED.value, amount=word.amount).order_by("pk"):
        if (payment := _payment_of(event)) is not None:
            take_back(payment=payment, reason=reason, by=by, at=at)
            return True
    payment, part = _payment_of(attempt), selectors.part_given_back(attempt)
    if payment is None or not 0 < part < payment.amount or word.amount not in {payment.amount, payment.amount - part}:
        return False
    take_back(payment=payment, reason=reason, by=by, at=at, kept=payment.amount - word.amount)
    return True


def _payment_of(source: CardAttempt | GatewayEvent) -> DuesPayment | None:
    """What it brought, while that stands."""
    rows = DuesPayment.objects.filter(source_type=source._meta.label_lower, source_id=str(source.pk))
    return rows.filter(taken_back_on=None).select_related("membership").first()


def _apply_event(attempt: CardAttempt, word: Word, refund: Refund | None, *, at: datetime) -> Outcome:
    """Move the money and then the attempt; a payment that only a clerk can place leaves it as it stood."""
    try:
        with transaction.atomic():
            _move_money(attempt, word, refund, at=at)
    except Conflict:
        return Outcome.DOUBTFUL
    if isinstance(word.kind, RefundWord):  # the attempt stays paid
        return Outcome.APPLIED
    CARD.check(attempt.state, word.kind)
    attempt.state, attempt.reason, attempt.answered_at = word.kind.value, word.reason, at
    attempt.save(update_fields=["state", "reason", "answered_at"])
    return Outcome.APPLIED


def _move_money(attempt: CardAttempt, word: Word, refund: Refund | None, *, at: datetime) -> None:
    """What was captured is credit by the gateway's day; what went back is the refund that was asked, or taken back."""
    if refund is not None and word.kind is CardState.REFUNDED:
        finish_card_refund(refund=refund, at=at)
        return
    if refund is not None:  # the gateway said no, or the bank took all of it back instead
        decline_refund(refund=refund, reason=card.WHY_NO_REFUND[word.kind], by=None, at=at)
    if word.kind is CardState.CAPTURED:
        receive_payment(
            membership=attempt.membership,
            amount=attempt.amount,
            value_on=_value_on(attempt, word, at=at),
            source=attempt,
            means=Means.CARD,
            by=None,
            at=at,
        )
    elif isinstance(word.kind, CardState) and word.kind in card.WHY_BACK:
        payment = DuesPayment.objects.select_related("membership").get(
            source_type=attempt._meta.label_lower, source_id=str(attempt.pk), taken_back_on=None
        )
        take_back(payment=payment, reason=card.WHY_BACK[word.kind], by=None, at=at)


def _value_on(attempt: CardAttempt, word: Word, *, at: datetime) -> date:
    """The gateway's day, never before the attempt nor after today; the demo's clock runs ahead of the gateway's."""
    said = at - max(clock.real_now() - word.said_at, timedelta())
    return clock.date_in(min(max(said, attempt.started_at), at))

"""Refunds: collections ask them of a family's credit, another person authorises, the bank or the gateway ends them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from memberships import gateway, selectors
from memberships.models import CardAttempt, Membership, Refund, Slip
from memberships.models.shared import CURRENCY
from memberships.rules import MembershipState, card, ledger, refunds
from memberships.rules.card import CardState
from memberships.rules.refunds import REFUND, RefundMeans, RefundState
from memberships.rules.slips import PAID, SLIP, SlipState
from memberships.selectors.refunds import Way
from memberships.services import papers, telling
from memberships.services.charging import lines_of
from memberships.services.slip_ends import SHORT, end_slip
from memberships.services.slips import held_slip
from memberships.services.standing import News, locked, restate
from portal import clock
from portal.access import Permission
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio
from portal.history.services import record
from portal.people.selectors import acts_for, users_of_party
from portal.text import clean_text
from portal.treasury import services as treasury
from portal.treasury.models import LedgerTransaction, Payable, Transfer
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

KIND = selectors.REFUND_KIND


@transaction.atomic
def want_refund(*, membership: Membership, amount: Decimal, note: str, by: User, at: datetime) -> Refund:
    """A titular wants their credit back: it waits for collections, the credit stays until these ask it.

    Raises RuleBroken for more than the credit, Conflict while another one waits.
    """
    row = _complete(membership)
    if row.refunds.filter(state=RefundState.WANTED).exists():
        raise Conflict("Ya pediste una devolución y la estamos revisando. Espera la respuesta.", code="refund_wanted")
    refunds.check_amount(amount, credit=row.credit)
    assert row.titular is not None  # complete
    found = Refund.objects.create(
        membership=row,
        party=row.titular.party,
        amount=amount,
        since=at,
        wanted_by=by,
        note=clean_text(note, max_length=300, what="El mensaje"),
    )
    _record_refund("refund_wanted", found, by=by, at=at)
    return found


@transaction.atomic
def ask_refund(*, membership: Membership, amount: Decimal, how: Way, reason: str, by: User, at: datetime) -> Refund:
    """Collections ask a family's credit back, in MXN, never above it: from today on the credit is less.

    By card it waits for who authorises, by transfer for a batch; what its titular wanted is answered by it. Raises
    RuleBroken for an amount that cannot be or for one's own family, Conflict for what cannot be given back any more.
    """
    row, on = _complete(membership), clock.date_in(at)
    refunds.check_asker(own=row.titular is not None and acts_for(by, row.titular.party, on=on))
    if row.card_attempts.open().filter(expires_at__gt=clock.real_now()).exists():  # one that is over pays nothing
        raise Conflict("La familia está pagando con tarjeta en este momento. Espera 15 minutos.", code="card_open")
    news = restate(membership=row, by=by, at=at)
    attempt = _paid_attempt(how.attempt) if how.attempt else None
    refunds.check_amount(amount, credit=row.credit, most=attempt.amount if attempt else None)
    slip = _paid_slip(how.slip, amount, row) if how.slip else None
    if how.means is RefundMeans.TRANSFER and not users_of_party(row.titular.party_id, on=on):  # type: ignore[union-attr]
        raise Conflict(refunds.NOBODY, code="nobody_to_tell")
    reason = clean_text(reason, max_length=300, what="El motivo")
    if not reason:
        raise RuleBroken("Escribe por qué se devuelve: queda en el historial.", code="reason_missing", field="reason")
    found = _wanted(row) or Refund(membership=row, party=row.titular.party, since=at)  # type: ignore[union-attr]
    work.settle(thing=found, by=by)
    REFUND.check(found.state, RefundState.ASKED)
    found.state, found.amount, found.reason, found.since = RefundState.ASKED.value, amount, reason, at
    found.means, found.attempt, found.slip = how.means.value, attempt, slip
    found.asked_by, found.asked_at, found.asked_on = by, at, on
    found.due_on, found.due_rule = selectors.refund_due(on)
    found.folio = next_folio(prefix="DV", at=at)
    found.save()
    act = ledger.REFUND_ASKED
    treasury.post_entry(kind=act, lines=lines_of(row, act, amount), subject=found, at=at, on=on, by=by)
    if how.means is RefundMeans.TRANSFER:
        _owe(found, by=by, at=at)
    _say_anew(row, [*news.happened], by=by, at=at)
    ended = _end_slips_short(row, by=by, at=at)
    telling.tell_refund(refund=found, kind="refund_asked", at=at, slips=ended)
    _record_refund("refund_asked", found, by=by, at=at, reason=reason)
    return found


def _complete(membership: Membership) -> Membership:
    row = locked(membership)
    if row.joined_on is None or row.state == MembershipState.DRAFT or row.titular is None:
        raise Conflict("Esta afiliación no está completa: no tiene dinero que devolver.", code="not_complete")
    return row


def _paid_attempt(attempt: CardAttempt) -> CardAttempt:
    """The attempt, held, that the gateway still can give back."""
    held = CardAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    _check_clear(held)
    if not selectors.refundable(CardAttempt.objects.filter(pk=held.pk)).exists():
        raise Conflict("Ese pago con tarjeta ya se devolvió o ya no está cobrado.", code="attempt_moved")
    return held


def _paid_slip(slip: Slip, amount: Decimal, row: Membership) -> Slip:
    """The slip, held, whose whole money still can be given back."""
    held = held_slip(slip.folio)
    whose = set(held.lines.values_list("membership", flat=True))
    refunds.check_slip(held.state, asked=held.amount, amount=amount, whose=whose, membership=row.pk)
    if held.refunds.filter(state__in=refunds.LIVE).exists():
        raise Conflict(refunds.MOVED, code="refunded_already")
    return held


def _check_clear(attempt: CardAttempt) -> None:
    """Nothing that the gateway said of an attempt waits for a person: it may have given the money back by itself."""
    if selectors.doubts_open().filter(event__attempt=attempt).exists():
        raise Conflict(card.UNCLEAR, code="card_doubtful")


def _wanted(row: Membership) -> Refund | None:
    return Refund.objects.select_for_update(of=("self",)).filter(membership=row, state=RefundState.WANTED).first()


def _owe(refund: Refund, *, by: User, at: datetime) -> None:
    assert refund.due_on is not None and refund.folio is not None
    treasury.open_payable(
        party=refund.party,
        amount=refund.amount,
        currency=CURRENCY,
        kind=KIND,
        subject=refund,
        reference=refund.folio,
        due_on=refund.due_on,
        due_rule=refund.due_rule,
        by=by,
        at=at,
    )


def _end_slips_short(row: Membership, *, by: User, at: datetime) -> list[str]:
    """Cancel the open slips that counted on the credit that goes back; their folios."""
    short = sorted(selectors.slips_short_of_credit(row, on=clock.date_in(at)), key=lambda one: one.pk)
    return [end_slip(slip=held_slip(one.folio), reason=SHORT, by=by, at=at).folio for one in short]


def _say_anew(row: Membership, before: list[tuple[date, str]], *, by: User | None, at: datetime) -> News:
    """What the dues are with the credit of now; each step is told once."""
    news = restate(membership=row, by=by, at=at)
    telling.tell_steps(membership=row, steps=[*before, *news.happened], at=at)
    return news


@transaction.atomic
def approve_refund(*, refund: Refund, by: User, at: datetime) -> Refund:
    """Another person authorises a refund to a card; the gateway is asked for it from then on.

    Raises RuleBroken for who asked it or acts for its family, Conflict for one that moved or while there is no gateway.
    """
    row, found = _held(refund)
    own = acts_for(by, found.party, on=clock.date_in(at))
    refunds.check_approver(approver=by.pk, asked_by=found.asked_by_id, own=own)
    if found.state == RefundState.WANTED:
        raise Conflict("Cobranza todavía no pide esta devolución. Autorízala cuando la pida.", code="not_asked")
    if found.means != RefundMeans.CARD:
        raise Conflict("Esta devolución va por transferencia: se autoriza con su lote.", code="by_batch")
    if not gateway.is_on():
        raise Conflict("La pasarela está apagada. Autorízala cuando esté encendida.", code="gateway_off")
    assert found.attempt is not None  # to a card
    _check_clear(found.attempt)
    if found.attempt.state != CardState.CAPTURED:
        raise Conflict("Ese pago con tarjeta ya no está cobrado.", code="attempt_moved")
    work.settle(thing=found, by=by)
    _move_refund(found, RefundState.SENT)
    found.approved_by, found.approved_at = by, at
    found.save(update_fields=["state", "approved_by", "approved_at"])
    _record_refund("refund_approved", found, by=by, at=at)
    return found


@transaction.atomic
def decline_refund(*, refund: Refund, reason: str, by: User | None, at: datetime) -> Refund:
    """A refund is not given: what had been asked is credit again from today on, by a reversal; the family reads why.

    `by` is None for the gateway. One that was authorised waits for what the gateway says; once its day is over, or
    while there is no gateway, a person may say no. Raises Conflict for one that is on its way or was given, RuleBroken
    for whoever acts for its family or does not answer it.
    """
    if refund.means != RefundMeans.CARD:  # what is paid by batches is held before the family
        treasury.hold_treasury()
    row, found = _held(refund)
    if by is not None:
        _check_decliner(found, by=by, on=clock.date_in(at))
    reason = clean_text(reason, max_length=300, what="El motivo")
    if not reason:
        raise RuleBroken("Escribe por qué no procede: lo lee la familia.", code="reason_missing", field="reason")
    work.settle(thing=found, by=by)
    _move_refund(found, RefundState.DECLINED)
    found.ended_on, found.answer = clock.date_in(at), reason
    found.save(update_fields=["state", "ended_on", "answer"])
    if found.asked_on is not None:
        _give_credit_back(found, by=by, at=at)
        _regain(found, by=by, at=at)
        news = _say_anew(row, [], by=by, at=at)
        if any(standing == MembershipState.ACTIVE for _day, standing in news.happened):
            papers.issue_papers(membership=row, by=by, at=at)
        telling.tell_came_back(membership=row, refund=found, news=news, at=at)
    telling.tell_refund(refund=found, kind="refund_declined", at=at)
    _record_refund("refund_declined", found, by=by, at=at, reason=reason)
    return found


def may_be_given_up(refund: Refund, *, on: date) -> bool:
    """Whether a person may end a refund that the gateway was asked for: its day is over, or there is no gateway."""
    sent = refund.means == RefundMeans.CARD and refund.state == RefundState.SENT
    return sent and (not gateway.is_on() or (refund.due_on is not None and refund.due_on < on))


def _check_decliner(refund: Refund, *, by: User, on: date) -> None:
    refunds.check_decliner(
        RefundState(refund.state),
        own=acts_for(by, refund.party, on=on),
        collects=Permission.MATCH_DEPOSITS in by.permissions,
        to_card=refund.means == RefundMeans.CARD,
        waited=may_be_given_up(refund, on=on),
    )


def _give_credit_back(refund: Refund, *, by: User | None, at: datetime) -> None:
    if refund.means == RefundMeans.TRANSFER:
        payable = Payable.objects.get(kind=KIND, subject_id=str(refund.pk))
        treasury.cancel_payable(payable=payable, reason=refund.answer, by=by, at=at)
        return
    entry = LedgerTransaction.objects.get(
        kind=ledger.REFUND_ASKED, subject_type=refund._meta.label_lower, subject_id=str(refund.pk)
    )
    treasury.reverse_entry(entry=entry, by=by, at=at, on=clock.date_in(at), reason=refund.answer)


def _regain(refund: Refund, *, by: User | None, at: datetime) -> None:
    """What was booked as lost because of it, when its payment was taken back, is not: nothing of that is credit."""
    if not (part := selectors.regained_by(refund)):
        return
    refund.regained = part
    refund.save(update_fields=["regained"])
    act, on = ledger.REFUND_REGAINED, clock.date_in(at)
    treasury.post_entry(kind=act, lines=lines_of(refund.membership, act, part), subject=refund, at=at, on=on, by=by)


@transaction.atomic
def give_after_all(*, given_up: Refund, by: User, at: datetime) -> Refund:
    """The gateway gave back what had been given up meanwhile, as a person made sure: another refund, done today.

    Raises RuleBroken where the family's credit does not reach for it any more.
    """
    row, on = _complete(given_up.membership), clock.date_in(at)
    restate(membership=row, by=by, at=at)
    refunds.check_amount(given_up.amount, credit=row.credit)
    told = ("membership_id", "party_id", "amount", "means", "attempt_id", "asked_by_id", "approved_by_id")
    found = Refund(**{name: getattr(given_up, name) for name in told}, since=at)
    _move_refund(found, RefundState.ASKED)
    found.asked_at = found.approved_at = at
    found.asked_on, found.reason = on, f"La pasarela devolvió después la {given_up.folio}."
    found.due_on, found.due_rule = selectors.refund_due(on)
    found.folio = next_folio(prefix="DV", at=at)
    found.save(force_insert=True)
    act = ledger.REFUND_ASKED
    treasury.post_entry(kind=act, lines=lines_of(row, act, found.amount), subject=found, at=at, on=on, by=by)
    _say_anew(row, [], by=by, at=at)
    _end_slips_short(row, by=by, at=at)
    finish_card_refund(refund=found, at=at)
    return found


def finish_card_refund(*, refund: Refund, at: datetime) -> None:
    """The gateway gave it back: what was owed to the family is paid. Part of hearing the gateway, under its locks."""
    found = Refund.objects.select_for_update(of=("self",)).select_related("membership__titular").get(pk=refund.pk)
    act = ledger.CARD_REFUNDED
    lines, on = lines_of(found.membership, act, found.amount), clock.date_in(at)
    if found.state == RefundState.ASKED:  # the gateway gave it back by itself, as a person made sure
        _move_refund(found, RefundState.SENT)
    treasury.post_entry(kind=act, lines=lines, subject=found, at=at, on=on, by=None)
    _finish_refund(found, by=None, at=at)


# --- what treasury tells of a transfer -------------------------------------------------------------------------------


def note_scheduled(*, payable: Payable, transfer: Transfer, by: User, at: datetime) -> None:
    """Its money is in a batch."""
    found = _of(payable)
    _move_refund(found, RefundState.SENT)
    found.save(update_fields=["state"])
    _record_refund("refund_scheduled", found, by=by, at=at)


def note_waits(*, payable: Payable, transfer: Transfer, reason: str, by: User, at: datetime) -> None:
    """Its batch was given up, the bank refused it or returned it: it waits for the next batch."""
    found = _of(payable)
    _move_refund(found, RefundState.ASKED)
    found.ended_on = None
    found.save(update_fields=["state", "ended_on"])
    if found.slip is not None and (slip := held_slip(found.slip.folio)).state == SlipState.REFUNDED:
        _move_slip(slip, selectors.paid_state_of(slip), "slip_paid", by=by, at=at)  # its money is here again
    _record_refund("refund_waits", found, by=by, at=at, reason=reason)


def note_paid(*, payable: Payable, transfer: Transfer, by: User, at: datetime) -> None:
    """The bank paid it: it is there, and the slip that brought it is given back."""
    found = _of(payable)
    _finish_refund(found, by=by, at=at, paid_by=transfer)
    if found.slip is not None and (slip := held_slip(found.slip.folio)).state in PAID:
        _move_slip(slip, SlipState.REFUNDED, "slip_refunded", by=by, at=at)


def _move_slip(slip: Slip, state: SlipState, act: str, *, by: User, at: datetime) -> None:
    SLIP.check(slip.state, state)
    slip.state = state.value
    slip.save(update_fields=["state"])
    details = {"amount": str(slip.amount), "state": slip.state}
    record(action=f"memberships.{act}", subject=slip, party_id=slip.party_id, by=by, at=at, details=details)


def _of(payable: Payable) -> Refund:
    rows = Refund.objects.select_for_update(of=("self",)).select_related("membership__titular", "slip")
    return rows.get(pk=payable.subject_id)


def _finish_refund(refund: Refund, *, by: User | None, at: datetime, paid_by: Transfer | None = None) -> None:
    """It is there; each transfer that brings it is told, one of the bank that came back was not the last."""
    _move_refund(refund, RefundState.DONE)
    refund.ended_on = clock.date_in(at)
    refund.save(update_fields=["state", "ended_on"])
    telling.tell_refund(refund=refund, kind="refund_done", at=at, key=str(paid_by.pk) if paid_by else "")
    _record_refund("refund_done", refund, by=by, at=at)


def _held(refund: Refund) -> tuple[Membership, Refund]:
    row = locked(refund.membership)
    rows = Refund.objects.select_for_update(of=("self",)).select_related("attempt", "slip", "party", "membership")
    return row, rows.get(pk=refund.pk)


def _move_refund(refund: Refund, state: RefundState) -> None:
    REFUND.check(refund.state, state)
    refund.state = state.value


def _record_refund(act: str, refund: Refund, *, by: User | None, at: datetime, reason: str = "") -> None:
    told = {"folio": refund.folio or "", "amount": str(refund.amount), "state": refund.state, "means": refund.means}
    record(
        action=f"memberships.{act}",
        subject=refund,
        party_id=refund.party_id,
        by=by,
        at=at,
        reason=reason,
        details=told,
    )

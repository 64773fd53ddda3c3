"""Reading refunds: how one may go back, what a family and the desk see of it, which the gateway has to be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse

from memberships.models import CardAttempt, DuesPayment, GatewayDoubt, Membership, Refund, Slip, SlipLine
from memberships.models.shared import CURRENCY
from memberships.rules import CardState, slips
from memberships.rules.refunds import (
    LIVE,
    MEANS_LABELS,
    MEMBER_PAYMENTS,
    REFUND,
    UNDER_WAY,
    RefundMeans,
    RefundState,
)
from portal import clock
from portal.access import Permission, may
from portal.calendars import rules as calendar_rules
from portal.calendars.selectors import calendar
from portal.design import dates
from portal.money import ZERO, format_money
from portal.people.selectors import users_of_party
from portal.rulebook.rules import refer
from portal.rulebook.selectors import explain_due, rule_on
from portal.states import Ball
from portal.treasury import selectors as treasury
from portal.treasury.models import Payable
from portal.treasury.selectors.promised import what_they_wait_for

if TYPE_CHECKING:
    from portal.people.models import User

DUE_CODE, BANK_DAYS = "dues.refund_days", "mx-bank"
KIND = "member_refund"  # among what treasury pays
_SHOWN, _AT_HOME, _TOLD_FOR = 12, 3, timedelta(days=30)


def refund_due(on: date) -> tuple[date, str]:
    """Until when what is asked back on a day is to be there, and the rule that says so."""
    rule = rule_on(DUE_CODE, on=on)
    return calendar_rules.due_after_business_days(calendar(BANK_DAYS), on, int(rule.value)), str(refer(rule))


@dataclass(frozen=True, slots=True)
class Way:
    """How a refund may go back: by transfer, for a slip's whole money too, or to the card of an attempt."""

    key: str
    label: str
    means: RefundMeans
    attempt: CardAttempt | None = None
    slip: Slip | None = None


TRANSFER = Way("transfer", "Por transferencia, del saldo a favor", RefundMeans.TRANSFER)


def ways_back(membership: Membership) -> list[Way]:
    """Every way for a family now: the transfer, its paid slips that the credit covers, its captured card attempts."""
    gone = Refund.objects.filter(membership=membership, state__in=LIVE)
    attempts = refundable(membership.card_attempts.all())
    paid = Slip.objects.filter(lines__membership=membership, state__in=slips.PAID, amount__lte=membership.credit)
    paid = paid.exclude(lines__in=_lines_of_others(membership)).exclude(refunds__in=gone).distinct()
    return [
        TRANSFER,
        *(
            Way(one.folio, f"Por transferencia, la ficha {one.folio}: {_money(one.amount)}", TRANSFER.means, slip=one)
            for one in paid.order_by("-made_at", "-pk")
        ),
        *(
            Way(one.folio, f"A la tarjeta del pago {one.folio}: {_money(one.amount)}", RefundMeans.CARD, attempt=one)
            for one in attempts.order_by("-started_at", "-pk")
        ),
    ]


def ways_shown(ways: list[Way], asked: str) -> list[Way]:
    """Those that a form shows: the transfer, the newest slips and attempts, and the one that was asked for."""
    slips_of, attempts = [one for one in ways if one.slip], [one for one in ways if one.attempt]
    shown = [TRANSFER, *slips_of[:_SHOWN], *attempts[:_SHOWN]]
    return [one for one in ways if one in shown or one.key == asked]


def most_back(way: Way | None, *, credit: Decimal) -> Decimal:
    """How much goes back at most that way, which its form proposes."""
    thing = way.slip or way.attempt if way else None
    return min(credit, thing.amount) if thing else credit


def refundable(attempts: QuerySet[CardAttempt]) -> QuerySet[CardAttempt]:
    """Those whose money may go back to the card: captured without a doubt, nothing of them to settle, nobody asked."""
    doubts = GatewayDoubt.objects.filter(Q(settled_at=None) | Q(event__kind=CardState.CAPTURED.value))
    found = attempts.filter(state=CardState.CAPTURED).exclude(refunds__state__in=LIVE)
    return found.exclude(events__doubt__in=doubts)


def not_covered(membership: Membership, *, without: DuesPayment | None = None) -> Decimal:
    """What a family got back beyond what of its payments is there, or was booked as lost before; below zero: less."""
    payments = membership.payments.exclude(pk=without.pk) if without else membership.payments.all()
    standing = payments.aggregate(sum=Sum("amount", filter=Q(taken_back_on=None)), kept=Sum("kept"))
    given = membership.refunds.filter(state__in=LIVE).aggregate(sum=Sum("amount"))["sum"] or ZERO
    there = (standing["sum"] or ZERO) + (standing["kept"] or ZERO)
    return given - there - _lost(membership, payments)


def _lost(membership: Membership, payments: QuerySet[DuesPayment]) -> Decimal:
    regained = membership.refunds.aggregate(sum=Sum("regained"))["sum"] or ZERO
    return (payments.aggregate(sum=Sum("lost"))["sum"] or ZERO) - regained


def regained_by(refund: Refund) -> Decimal:
    """What of a refund that was declined had been booked as lost with its payment, and is not lost any more."""
    lost, needed = _lost(refund.membership, refund.membership.payments.all()), not_covered(refund.membership)
    return min(refund.amount, lost, max(-needed, ZERO))


def given_up(attempt: CardAttempt, amount: Decimal) -> Refund | None:
    """A refund to the card that was authorised and then given up, of which the gateway says late that it was given."""
    rows = attempt.refunds.filter(state=RefundState.DECLINED, amount=amount).exclude(approved_at=None)
    return rows.order_by("-approved_at", "-pk").first()


def part_given_back(attempt: CardAttempt) -> Decimal:
    """What of an attempt went back to the card by refunds."""
    return attempt.refunds.filter(state=RefundState.DONE).aggregate(sum=Sum("amount"))["sum"] or ZERO


def _lines_of_others(membership: Membership) -> QuerySet[Any]:
    mine = SlipLine.objects.filter(membership=membership).values("slip")
    return SlipLine.objects.filter(slip__in=mine).exclude(membership=membership)


def _money(amount: Any) -> str:
    return format_money(amount, CURRENCY)


def refund_of_attempt(attempt: CardAttempt) -> Refund | None:
    """The refund of an attempt that was asked and has not ended."""
    return Refund.objects.under_way().filter(attempt=attempt).select_related("membership").first()


def was_done(attempt: CardAttempt, *, folio: str, amount: Decimal) -> bool:
    """Whether a refund of an attempt, of that folio and amount, was given back already."""
    return attempt.refunds.filter(folio=folio, amount=amount, state=RefundState.DONE).exists()


def may_be_refunded(attempt: CardAttempt) -> bool:
    """Whether what a card paid may be asked back to it: `refundable`, and its family has credit."""
    return attempt.membership.credit > 0 and refundable(CardAttempt.objects.filter(pk=attempt.pk)).exists()


def refunds_to_ask() -> QuerySet[Refund]:
    """Refunds to cards that were authorised and of which the gateway has still to say something."""
    rows = Refund.objects.filter(state=RefundState.SENT, means=RefundMeans.CARD.value)
    return rows.select_related("attempt").order_by("approved_at", "pk")


def refunds_wanted() -> QuerySet[Refund]:
    """What families want back and nobody of collections has answered."""
    return Refund.objects.filter(state=RefundState.WANTED)


def refunds_to_approve() -> QuerySet[Refund]:
    """Refunds to cards that wait for somebody who authorises."""
    return Refund.objects.filter(state=RefundState.ASKED, means=RefundMeans.CARD.value)


def asked_by_of(payables: Any) -> list[tuple[Any, Any]]:
    """Of each payable, who asked its refund: they neither prepare nor approve its batch (MO-05)."""
    keys = {str(one.subject_id): one.pk for one in payables}
    rows = Refund.objects.filter(pk__in=keys).exclude(asked_by=None).values_list("pk", "asked_by")
    return [(keys[str(pk)], person) for pk, person in rows]


def refund_told(refund: Refund, *, on: date, waits: str = "") -> str:
    """Where a refund stands on a day, in one sentence for its family; `waits`: for what of theirs it does."""
    amount = _money(refund.amount)
    place = "en tu tarjeta" if refund.means == RefundMeans.CARD else "en tu banco"
    until = f": {place} a más tardar el {dates.long(refund.due_on)}" if refund.due_on else ""
    if refund.due_on and refund.due_on < on:
        until = f": debió estar {place} el {dates.long(refund.due_on)} y se atrasó"
    if waits:
        until = f". {waits}"
    return {
        RefundState.WANTED: f"Pediste de vuelta {amount}: lo revisa una persona.",
        RefundState.ASKED: f"Devolución de {amount} pedida{until}.",
        RefundState.SENT: f"Devolución de {amount} en camino{until}.",
        RefundState.DONE: f"Devolvimos {amount} el {dates.short(refund.ended_on) if refund.ended_on else ''}.",
        RefundState.DECLINED: f"La devolución de {amount} no procedió: {refund.answer.rstrip('.')}.",
    }[RefundState(refund.state)]


def refunds_of(*, membership: Membership, on: date) -> list[tuple[Refund, str]]:
    """The last refunds of a family, each with its sentence."""
    rows = Refund.objects.filter(membership=membership)
    return [(one, refund_told(one, on=on)) for one in rows.order_by("-since", "-pk")[:_SHOWN]]


def family_refunds(membership: Membership, *, at: datetime) -> list[tuple[str, str]]:
    """What of a family's refunds its titular reads at home: those under way and those that ended lately."""
    ended = clock.date_in(at) - _TOLD_FOR
    rows = membership.refunds.filter(Q(ended_on=None) | Q(ended_on__gte=ended)).order_by("-since", "-pk")
    return _told_with_ways(rows[:_AT_HOME], at=at)


def refunds_under_way(user: User, *, at: datetime) -> list[tuple[str, str]]:
    """What goes back to the families whose titular somebody is: a sentence each, and where they do what is missing."""
    mine = user.party_ids(Permission.SEE_OWN_MEMBERSHIP)
    return _told_with_ways(Refund.objects.under_way().filter(party__in=mine).order_by("due_on", "pk"), at=at)


def _told_with_ways(rows: Iterable[Refund], *, at: datetime) -> list[tuple[str, str]]:
    """Each with its sentence and the page of the bank account where it waits for that, "" where for nothing."""
    found = list(rows)
    owed = Payable.objects.filter(kind=KIND, subject_id__in=[str(one.pk) for one in found if one.is_asked])
    waiting = what_they_wait_for(list(owed.select_related("transfer__batch")), at=at)
    why = {one.payable.subject_id: one.why for one in waiting if one.ball is Ball.YOU}
    page, on = treasury.account_page(MEMBER_PAYMENTS), clock.date_in(at)
    told = [(one, why.get(str(one.pk), "")) for one in found]
    return [(refund_told(one, on=on, waits=waits), page if waits else "") for one, waits in told]


def who_knows(refund: Refund, *, on: date) -> str:
    """Whether a family was told of what happened to a refund, or has to be."""
    told = " La familia ya lo sabe."
    return told if users_of_party(refund.party_id, on=on) else " Díselo a la familia: su titular no tiene perfil."


def refund_wanted(membership: Membership) -> Refund | None:
    """What its titular wants back and waits for an answer to."""
    return membership.refunds.filter(state=RefundState.WANTED).first()


AFTER_WISHING = (
    "Una persona de Cobranza revisa tu petición y decide cómo regresa el dinero.",
    "Te avisamos por correo lo que decida; si no procede, te decimos por qué.",
    "Mientras tanto el saldo sigue siendo tuyo.",
)


def wish_answers(*, amount: Decimal, note: str, change: str) -> list[tuple[str, str, str]]:
    """What a titular is about to ask back, each with the way to change it."""
    return [
        ("Importe", _money(amount), f"{change}#id_amount"),
        ("Mensaje para Cobranza", note or "Sin mensaje", f"{change}#id_note"),
    ]


def wish_facts(refund: Refund) -> list[tuple[str, str]]:
    """What a titular asked back, as its confirmation says it."""
    facts = [("Importe", _money(refund.amount)), ("La pediste", dates.instant(refund.since))]
    return [*facts, ("Tu mensaje", refund.note)] if refund.note else facts


def refund_facts(refund: Refund, user: User) -> list[tuple[str, ...]]:
    """A refund at the desk, with the ways to what this person may see."""
    family = refund.membership
    to_family = (family.get_absolute_url(),) if may(user, Permission.SEE_MEMBERSHIPS) else ()
    facts: list[tuple[str, ...]] = [
        ("Membresía", family.folio, *to_family),
        ("Titular", str(family.titular)),
        ("Saldo a favor hoy", _money(family.credit)),
    ]
    if refund.wanted_by_id:
        facts.append(("La familia escribió", refund.note or "Nada"))
    if refund.asked_on:
        facts += [
            ("Cómo", MEANS_LABELS[RefundMeans(refund.means)]),
            ("Motivo", refund.reason),
            ("La pidió", f"{refund.asked_by}, {dates.short(refund.asked_on)}"),
        ]
    if refund.attempt:
        to_attempt = (refund.attempt.get_desk_url(),) if may(user, Permission.SEE_COLLECTIONS) else ()
        facts.append(("Pago con tarjeta", refund.attempt.folio, *to_attempt))
    if refund.slip:
        facts.append(("Ficha", refund.slip.folio, refund.slip.get_absolute_url()))
    if refund.approved_by:
        facts.append(("La autorizó", str(refund.approved_by)))
    if refund.answer:
        facts.append(("Por qué no procedió", refund.answer))
    return facts


def refund_figure(refund: Refund) -> dict[str, Any]:
    """Where the date of a refund comes from; {} before it is asked."""
    if refund.asked_on is None or refund.due_on is None or refund.state not in UNDER_WAY:
        return {}
    return explain_due(
        title="Cuándo estará la devolución",
        formula="fecha en que se pidió + días hábiles bancarios",
        start=("Pedida el", refund.asked_on),
        due_on=refund.due_on,
        due_rule=refund.due_rule,
    )


def attempt_facts(attempt: CardAttempt) -> list[tuple[str, ...]]:
    """A card attempt at the desk."""
    payments = attempt.membership.payments.filter(
        source_type=attempt._meta.label_lower, source_id=str(attempt.pk)
    ).order_by("pk")
    receipts = [
        ("Recibo", dates.short(one.value_on), reverse("papers:document", args=[one.receipt_id]))
        for one in payments
        if one.receipt_id
    ]
    return [
        ("Membresía", attempt.membership.folio, attempt.membership.get_absolute_url()),
        ("Importe", _money(attempt.amount)),
        ("Saldo a favor de la familia hoy", _money(attempt.membership.credit)),
        *receipts,
        *(("Devolución", str(one), one.get_absolute_url()) for one in attempt.refunds.order_by("pk")),
        ("Página pública", attempt.folio, attempt.get_absolute_url()),
    ]


def state_of_refund(refund: Refund) -> tuple[str, str]:
    """Where it stands at the desk, and its colour."""
    return REFUND.desk_label(refund.state), REFUND.tone(refund.state)

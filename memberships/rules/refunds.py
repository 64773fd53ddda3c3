"""Refunds: credit that goes back to a family, by card or by transfer; who asks it and who authorises it. Pure.

A refund lowers the credit on the day it is asked, never below zero (domain 2.10). By card a payment-approver says yes
and the gateway's signed word ends it; by transfer the batch is the approval (MO-05).
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from memberships.rules.slips import PAID
from portal.errors import Conflict, RuleBroken
from portal.money import format_money, round_money
from portal.states import Ball, Machine, Stand, choices

MOVED = "Esta devolución ya cambió. Recarga la página para ver cómo quedó."
NOBODY = "Su titular no tiene perfil en el portal y no puede decir dónde recibirlo. Invítalo antes, en su afiliación."
CURRENCY = "MXN"
MEMBER_PAYMENTS = "member_payments"  # what bank accounts of members are for


class RefundState(StrEnum):
    """Where a refund stands."""

    WANTED = "wanted"
    ASKED = "asked"
    SENT = "sent"
    DONE = "done"
    DECLINED = "declined"


REFUND = Machine(
    RefundState,
    {
        RefundState.WANTED: Stand(
            label="La revisamos",
            desk="La pide la familia",
            tone="warn",
            to=(RefundState.ASKED, RefundState.DECLINED),
            ball=Ball.US,
        ),
        RefundState.ASKED: Stand(
            label="Devolución pedida",
            desk="Por autorizar",
            tone="warn",
            to=(RefundState.SENT, RefundState.DECLINED),
            ball=Ball.US,
            due="dues.refund_days",
        ),
        # Asked again where the bank did not take it, or its batch was given up.
        RefundState.SENT: Stand(
            label="Devolución en camino",
            desk="Autorizada",
            tone="info",
            to=(RefundState.DONE, RefundState.ASKED, RefundState.DECLINED),
            ball=Ball.US,
            due="dues.refund_days",
        ),
        # Asked again where the bank returned it.
        RefundState.DONE: Stand(label="Devuelta", tone="ok", to=(RefundState.ASKED,)),
        RefundState.DECLINED: Stand(label="No procedió", tone="neutral"),
    },
    moved=MOVED,
)
LIVE = (RefundState.ASKED.value, RefundState.SENT.value, RefundState.DONE.value)
UNDER_WAY = (RefundState.ASKED.value, RefundState.SENT.value)


class RefundMeans(StrEnum):
    """How a refund goes back."""

    CARD = "card"
    TRANSFER = "transfer"


MEANS_LABELS = {RefundMeans.CARD: "A la tarjeta", RefundMeans.TRANSFER: "Por transferencia"}
MEANS_CHOICES = choices(MEANS_LABELS)


def check_amount(amount: Decimal, *, credit: Decimal, most: Decimal | None = None) -> None:
    """A refund is above zero, in whole centavos, never above the credit nor above what a card paid (`most`)."""
    if amount <= 0 or amount != round_money(amount, CURRENCY):
        raise RuleBroken(
            "El importe debe ser mayor que cero y llevar dos decimales. Corrígelo.", code="amount_wrong", field="amount"
        )
    if amount > credit:
        raise RuleBroken(
            f"El saldo a favor es de {format_money(credit, CURRENCY)}. Escribe un importe que no lo pase.",
            code="above_credit",
            field="amount",
        )
    if most is not None and amount > most:
        raise RuleBroken(
            f"Con esa tarjeta se pagaron {format_money(most, CURRENCY)}. Escribe un importe que no lo pase.",
            code="above_payment",
            field="amount",
        )


def check_slip(state: str, *, asked: Decimal, amount: Decimal, whose: Collection[UUID], membership: UUID) -> None:
    """A slip is given back whole, once it was paid, and only where it pays this membership alone."""
    if state not in PAID:
        raise Conflict("Esa ficha ya no está pagada. Recarga la página para ver cómo quedó.", code="slip_moved")
    if set(whose) != {membership}:
        raise RuleBroken(
            "Esa ficha paga varias membresías. Pide la devolución de cada una sin elegir la ficha.",
            code="slip_of_several",
            field="slip",
        )
    if amount != asked:
        raise RuleBroken(
            f"La ficha es de {format_money(asked, CURRENCY)}: escribe ese importe, o no elijas la ficha.",
            code="slip_amount",
            field="amount",
        )


def check_asker(*, own: bool) -> None:
    """Nobody asks a refund for whom they act for (MO-05)."""
    if own:
        raise RuleBroken("Es dinero de tu propia familia. La pide otra persona de Cobranza.", code="own_refund")


def check_decliner(state: RefundState, *, own: bool, collects: bool, to_card: bool, waited: bool) -> None:
    """Collections say no; who authorises, to a card alone. Authorised, it is on its way until its day is over."""
    if own:
        raise RuleBroken("Es dinero de tu propia familia. La responde otra persona de Cobranza.", code="own_refund")
    if not collects and not (to_card and state is RefundState.ASKED):
        raise RuleBroken("Esta devolución la responde Cobranza, no quien autoriza.", code="collections_answer")
    if state is RefundState.SENT and not to_card:
        raise Conflict("Esta devolución va en un lote. Espera lo que diga el banco.", code="on_its_way")
    if state is RefundState.SENT and not waited:
        raise Conflict(
            "Ya se pidió a la pasarela. Espera su respuesta; si pasa su fecha sin ella, podrás decir que no procede.",
            code="on_its_way",
        )


def check_approver(*, approver: UUID, asked_by: UUID | None, own: bool) -> None:
    """Who asked a refund, or acts for whom it is for, does not authorise it (MO-05)."""
    if own:
        raise RuleBroken("Es dinero de tu propia familia. La autoriza otra persona.", code="own_refund")
    if approver == asked_by:
        raise RuleBroken("Tú pediste esta devolución. La autoriza otra persona.", code="asked_by_you")

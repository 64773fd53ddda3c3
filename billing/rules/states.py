"""The four machines of billing: states, labels, transitions, and who has to move next."""

from __future__ import annotations

from enum import StrEnum

from portal.errors import RuleBroken


class OrderState(StrEnum):
    """Where an order of care stands."""

    AVAILABLE = "available"
    INVOICED = "invoiced"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


ORDER_LABELS: dict[OrderState, str] = {
    OrderState.AVAILABLE: "Por facturar",
    OrderState.INVOICED: "Facturada",
    OrderState.SETTLED: "Pagada",
    OrderState.WITHDRAWN: "Retirada por la aseguradora",
}
ORDER_TONES: dict[OrderState, str] = {
    OrderState.AVAILABLE: "warn",
    OrderState.INVOICED: "info",
    OrderState.SETTLED: "ok",
    OrderState.WITHDRAWN: "neutral",
}
ORDER_TRANSITIONS: dict[OrderState, set[OrderState]] = {
    OrderState.AVAILABLE: {OrderState.INVOICED, OrderState.WITHDRAWN},
    OrderState.INVOICED: {OrderState.AVAILABLE, OrderState.SETTLED},
    OrderState.SETTLED: {OrderState.INVOICED},  # the bank returned what had paid it
    OrderState.WITHDRAWN: set(),
}


class ReviewState(StrEnum):
    """Where an invoice stands with the reviewer."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


REVIEW_LABELS: dict[ReviewState, str] = {
    ReviewState.DRAFT: "Borrador",
    ReviewState.SUBMITTED: "En revisión",
    ReviewState.RETURNED: "Te la devolvimos para corregir",
    ReviewState.ACCEPTED: "Aceptada",
    ReviewState.REJECTED: "Rechazada",
}
REVIEW_TONES: dict[ReviewState, str] = {
    ReviewState.DRAFT: "neutral",
    ReviewState.SUBMITTED: "info",
    ReviewState.RETURNED: "warn",
    ReviewState.ACCEPTED: "ok",
    ReviewState.REJECTED: "error",
}
REVIEW_DESK_LABELS: dict[ReviewState, str] = {
    ReviewState.DRAFT: "Borrador del médico",
    ReviewState.SUBMITTED: "Por revisar",
    ReviewState.RETURNED: "Devuelta al médico",
    ReviewState.ACCEPTED: "Aceptada",
    ReviewState.REJECTED: "Rechazada",
}
REVIEW_TRANSITIONS: dict[ReviewState, set[ReviewState]] = {
    ReviewState.DRAFT: {ReviewState.SUBMITTED},
    ReviewState.SUBMITTED: {ReviewState.ACCEPTED, ReviewState.RETURNED, ReviewState.REJECTED},
    ReviewState.RETURNED: {ReviewState.SUBMITTED},
    ReviewState.ACCEPTED: set(),
    ReviewState.REJECTED: set(),
}


class PaymentState(StrEnum):
    """Where the money of an accepted invoice stands; `none` until it is accepted."""

    NONE = "none"
    PAYABLE = "payable"
    SCHEDULED = "scheduled"
    PAID = "paid"
    COMPLEMENT_DUE = "complement_due"
    CLOSED = "closed"


PAYMENT_LABELS: dict[PaymentState, str] = {
    PaymentState.NONE: "Sin pago todavía",
    PaymentState.PAYABLE: "Por pagar",
    PaymentState.SCHEDULED: "Pago programado",
    PaymentState.PAID: "Pagada",
    PaymentState.COMPLEMENT_DUE: "Pagada: falta el complemento",
    PaymentState.CLOSED: "Cerrada",
}
PAYMENT_TONES: dict[PaymentState, str] = {
    PaymentState.NONE: "neutral",
    PaymentState.PAYABLE: "info",
    PaymentState.SCHEDULED: "info",
    PaymentState.PAID: "ok",
    PaymentState.COMPLEMENT_DUE: "warn",
    PaymentState.CLOSED: "ok",
}
PAYMENT_TRANSITIONS: dict[PaymentState, set[PaymentState]] = {
    PaymentState.NONE: {PaymentState.PAYABLE},
    PaymentState.PAYABLE: {PaymentState.SCHEDULED},
    PaymentState.SCHEDULED: {PaymentState.PAYABLE, PaymentState.PAID},
    PaymentState.PAID: {PaymentState.COMPLEMENT_DUE},
    # Payable again when the bank returns the deposit.
    PaymentState.COMPLEMENT_DUE: {PaymentState.CLOSED, PaymentState.PAYABLE},
    PaymentState.CLOSED: {PaymentState.COMPLEMENT_DUE, PaymentState.PAYABLE},
}


class ComplementState(StrEnum):
    """Where a payment complement stands: the machine accepts, or a person looks when a certificate is unknown.

    `to_cancel`: the bank returned the deposit it was made for; its physician is asked to cancel it at the SAT.
    """

    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TO_CANCEL = "to_cancel"
    CANCELLED = "cancelled"


COMPLEMENT_LABELS: dict[ComplementState, str] = {
    ComplementState.IN_REVIEW: "En revisión",
    ComplementState.ACCEPTED: "Aceptado",
    ComplementState.REJECTED: "Rechazado",
    ComplementState.TO_CANCEL: "Por cancelar en el SAT",
    ComplementState.CANCELLED: "Cancelado en el SAT",
}
COMPLEMENT_TONES: dict[ComplementState, str] = {
    ComplementState.IN_REVIEW: "info",
    ComplementState.ACCEPTED: "ok",
    ComplementState.REJECTED: "error",
    ComplementState.TO_CANCEL: "warn",
    ComplementState.CANCELLED: "warn",
}
COMPLEMENT_TRANSITIONS: dict[ComplementState, set[ComplementState]] = {
    ComplementState.IN_REVIEW: {ComplementState.ACCEPTED, ComplementState.REJECTED, ComplementState.TO_CANCEL},
    ComplementState.ACCEPTED: {ComplementState.CANCELLED, ComplementState.TO_CANCEL},
    ComplementState.REJECTED: set(),
    ComplementState.TO_CANCEL: {ComplementState.CANCELLED},
    ComplementState.CANCELLED: set(),
}

State = OrderState | ReviewState | PaymentState | ComplementState
_MACHINES: tuple[tuple[type[StrEnum], dict, dict], ...] = (
    (OrderState, ORDER_TRANSITIONS, ORDER_LABELS),
    (ReviewState, REVIEW_TRANSITIONS, REVIEW_LABELS),
    (PaymentState, PAYMENT_TRANSITIONS, PAYMENT_LABELS),
    (ComplementState, COMPLEMENT_TRANSITIONS, COMPLEMENT_LABELS),
)


def check_transition(current: State, target: State) -> None:
    """Refuse a step that the machine does not draw, naming both states as people read them."""
    for kind, transitions, labels in _MACHINES:
        if isinstance(current, kind) and isinstance(target, kind):
            if target in transitions[current]:
                return
            now, wanted = labels[current], labels[target]
            cause = f"Ya está en «{now}»" if now == wanted else f"Está en «{now}» y así no puede pasar a «{wanted}»"
            raise RuleBroken(
                f"{cause}: alguien se adelantó, quizá tú en otra ventana. Vuelve a abrir la página para ver qué sigue.",
                code="wrong_state",
            )
    raise TypeError(f"{current!r} and {target!r} belong to different machines")


class Ball(StrEnum):
    """Who has to move next."""

    YOU = "you"
    US = "us"
    BANK = "bank"
    NOBODY = "nobody"


BALL_LABELS: dict[Ball, str] = {
    Ball.YOU: "Te toca a ti",
    Ball.US: "Nos toca a nosotros",
    Ball.BANK: "Tu pago está en camino",
    Ball.NOBODY: "Nadie debe nada",
}
# A rejected invoice owes nothing, but what it billed does: who did the work has not been paid.
REJECTED_AGAIN = "Te toca a ti: sus órdenes están otra vez por facturar"
REJECTED_OVER = "No se paga esta factura y sus órdenes ya no están por facturar"
_REVIEW_BALL: dict[ReviewState, Ball] = {
    ReviewState.DRAFT: Ball.YOU,
    ReviewState.SUBMITTED: Ball.US,
    ReviewState.RETURNED: Ball.YOU,
    ReviewState.ACCEPTED: Ball.US,
    ReviewState.REJECTED: Ball.NOBODY,
}
_PAYMENT_BALL: dict[PaymentState, Ball] = {
    PaymentState.NONE: Ball.US,
    PaymentState.PAYABLE: Ball.US,
    PaymentState.SCHEDULED: Ball.BANK,
    PaymentState.PAID: Ball.YOU,
    PaymentState.COMPLEMENT_DUE: Ball.YOU,
    PaymentState.CLOSED: Ball.NOBODY,
}


def ball(review: ReviewState, payment: PaymentState) -> Ball:
    """Who holds the ball, seen by the physician."""
    return _PAYMENT_BALL[payment] if review is ReviewState.ACCEPTED else _REVIEW_BALL[review]

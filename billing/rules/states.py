"""The four machines of billing, and what an invoice's two say together."""

from __future__ import annotations

from enum import StrEnum

from portal.states import Ball, Machine, Stand


class OrderState(StrEnum):
    """Where an order of care stands."""

    AVAILABLE = "available"
    INVOICED = "invoiced"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


ORDER = Machine(
    OrderState,
    {
        OrderState.AVAILABLE: Stand(
            label="Por facturar",
            tone="warn",
            to=(OrderState.INVOICED, OrderState.WITHDRAWN),
            ball=Ball.YOU,
            next="Factúrala",
        ),
        OrderState.INVOICED: Stand(
            label="Facturada", tone="info", to=(OrderState.AVAILABLE, OrderState.SETTLED), ball=Ball.US
        ),
        # Back when the bank returned what had paid it.
        OrderState.SETTLED: Stand(label="Pagada", tone="ok", to=(OrderState.INVOICED,)),
        OrderState.WITHDRAWN: Stand(label="Retirada por la aseguradora", tone="neutral"),
    },
)


class ReviewState(StrEnum):
    """Where an invoice stands with the reviewer."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


REVIEW = Machine(
    ReviewState,
    {
        ReviewState.DRAFT: Stand(
            label="Borrador",
            desk="Borrador del médico",
            tone="neutral",
            to=(ReviewState.SUBMITTED,),
            ball=Ball.YOU,
            next="Sube su XML y su PDF y envíala",
        ),
        ReviewState.SUBMITTED: Stand(
            label="En revisión",
            desk="Por revisar",
            tone="info",
            to=(ReviewState.RETURNED, ReviewState.ACCEPTED, ReviewState.REJECTED),
            ball=Ball.US,
            due="invoice.review_days",
        ),
        ReviewState.RETURNED: Stand(
            label="Te la devolvimos para corregir",
            desk="Devuelta al médico",
            tone="warn",
            to=(ReviewState.SUBMITTED,),
            ball=Ball.YOU,
            next="Corrígela y envíala otra vez",
        ),
        # From here on its payment tells who moves; while it is open, its physician may have cancelled it at the SAT.
        ReviewState.ACCEPTED: Stand(label="Aceptada", tone="ok", to=(ReviewState.CANCELLED,)),
        ReviewState.REJECTED: Stand(label="Rechazada", tone="error"),
        ReviewState.CANCELLED: Stand(label="Cancelada en el SAT", tone="error"),
    },
)


class PaymentState(StrEnum):
    """Where the money of an accepted invoice stands; `none` until it is accepted.

    `paid` never rests in a row: who is told of a deposit goes through it to `complement_due` in the same transaction.
    """

    NONE = "none"
    PAYABLE = "payable"
    SCHEDULED = "scheduled"
    PAID = "paid"
    COMPLEMENT_DUE = "complement_due"
    CLOSED = "closed"


_HAND_IN = "Sube tu complemento"
PAYMENT = Machine(
    PaymentState,
    {
        PaymentState.NONE: Stand(label="Sin pago todavía", tone="neutral", to=(PaymentState.PAYABLE,), ball=Ball.US),
        PaymentState.PAYABLE: Stand(
            label="Por pagar",
            tone="info",
            to=(PaymentState.SCHEDULED, PaymentState.NONE),
            ball=Ball.US,
            due="invoice.payment_days",
        ),
        PaymentState.SCHEDULED: Stand(
            label="Pago programado", tone="info", to=(PaymentState.PAYABLE, PaymentState.PAID), ball=Ball.BANK
        ),
        PaymentState.PAID: Stand(
            label="Pagada", tone="ok", to=(PaymentState.COMPLEMENT_DUE,), ball=Ball.YOU, next=_HAND_IN
        ),
        # Payable again when the bank returns the deposit.
        PaymentState.COMPLEMENT_DUE: Stand(
            label="Pagada: falta el complemento",
            tone="warn",
            to=(PaymentState.PAYABLE, PaymentState.CLOSED),
            ball=Ball.YOU,
            next=_HAND_IN,
            due="rep_due_day",
        ),
        PaymentState.CLOSED: Stand(label="Cerrada", tone="ok", to=(PaymentState.PAYABLE, PaymentState.COMPLEMENT_DUE)),
    },
)


class ComplementState(StrEnum):
    """Where a payment complement stands: the machine accepts, or a person looks when a certificate is unknown.

    `withdrawn`: who handed it in took it out before anybody decided.
    `to_cancel`: the bank returned the deposit it was made for; its physician is asked to cancel it at the SAT.
    """

    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TO_CANCEL = "to_cancel"
    CANCELLED = "cancelled"


COMPLEMENT = Machine(
    ComplementState,
    {
        ComplementState.IN_REVIEW: Stand(
            label="En revisión",
            tone="info",
            to=(
                ComplementState.ACCEPTED,
                ComplementState.REJECTED,
                ComplementState.WITHDRAWN,
                ComplementState.TO_CANCEL,
            ),
            ball=Ball.US,
        ),
        ComplementState.ACCEPTED: Stand(
            label="Aceptado", tone="ok", to=(ComplementState.TO_CANCEL, ComplementState.CANCELLED)
        ),
        ComplementState.REJECTED: Stand(label="Rechazado", tone="error"),
        ComplementState.WITHDRAWN: Stand(label="Lo quitaste", desk="Lo quitó quien lo subió", tone="neutral"),
        ComplementState.TO_CANCEL: Stand(
            label="Por cancelar en el SAT",
            tone="warn",
            to=(ComplementState.CANCELLED,),
            ball=Ball.YOU,
            next="Cancélalo en el SAT",
        ),
        ComplementState.CANCELLED: Stand(label="Cancelado en el SAT", tone="warn"),
    },
)

# A rejected or cancelled invoice owes nothing, but what it billed does: who did the work has not been paid.
REJECTED_AGAIN = "Te toca a ti: sus órdenes están otra vez por facturar"
REJECTED_OVER = "No se paga esta factura y sus órdenes ya no están por facturar"


def invoice_stand(review: str, payment: str) -> Stand:
    """Where an invoice stands for its physician: with the money once it is accepted, with the review before."""
    return PAYMENT.at(payment) if review == ReviewState.ACCEPTED else REVIEW.at(review)


def can_cancel(review: str, payment: str) -> bool:
    """Whether the desk may take an invoice as cancelled at the SAT: accepted, and its payment still open."""
    return REVIEW.allows(review, ReviewState.CANCELLED) and PAYMENT.allows(payment, PaymentState.NONE)

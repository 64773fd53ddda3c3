"""The two machines of a claim: what becomes of it, and where its money stands (domain 6, S3.32-S3.34). Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from portal.states import Ball, Machine, Stand


class ClaimState(StrEnum):
    """What becomes of a claim: it is written, sent, looked at, decided; a message never moves it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    PENDING_DOCUMENTS = "pending_documents"
    SECOND_LOOK = "second_look"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


_S = ClaimState
CLAIM = Machine(
    ClaimState,
    {
        _S.DRAFT: Stand(
            label="Borrador",
            tone="neutral",
            to=(_S.SUBMITTED, _S.DISCARDED),
            ball=Ball.YOU,
            next="Termina de llenarlo y envíalo",
        ),
        # The published rules may decide it, or hand it to a second person; an analyst takes it, its filer withdraws it.
        _S.SUBMITTED: Stand(
            label="Lo recibimos y espera a quien lo dictamina",
            desk="Por dictaminar",
            tone="info",
            to=(_S.IN_REVIEW, _S.DECIDED, _S.SECOND_LOOK, _S.WITHDRAWN),
            ball=Ball.US,
            due="claim.promise_hours",
        ),
        _S.IN_REVIEW: Stand(
            label="Lo está revisando una persona de dictamen",
            desk="En dictamen",
            tone="info",
            to=(_S.PENDING_DOCUMENTS, _S.SECOND_LOOK, _S.DECIDED, _S.WITHDRAWN),
            ball=Ball.US,
            due="claim.promise_hours",
        ),
        _S.PENDING_DOCUMENTS: Stand(
            label="Nos faltan documentos tuyos",
            desk="Pendiente de documentos",
            tone="warn",
            to=(_S.IN_REVIEW, _S.WITHDRAWN),
            ball=Ball.YOU,
            next="Sube lo que te pedimos",
            due="claim.documents_days",
        ),
        _S.SECOND_LOOK: Stand(
            label="Una segunda persona confirma la decisión",
            desk="Segunda vista",
            tone="info",
            to=(_S.DECIDED, _S.IN_REVIEW),
            ball=Ball.US,
            due="claim.promise_hours",
        ),
        # Looked at again where its decision is withdrawn.
        _S.DECIDED: Stand(label="Decidido", tone="ok", to=(_S.IN_REVIEW,)),
        _S.WITHDRAWN: Stand(label="Lo retiraste", desk="Retirado por quien lo presentó", tone="neutral"),
        _S.DISCARDED: Stand(label="Borrador descartado", tone="neutral"),
    },
    moved="Este trámite ya cambió de estado. Recarga la página para ver cómo quedó.",
    code="claim_moved_on",
)

# Nobody at the desk ever sees these.
BEFORE_SENDING = frozenset({ClaimState.DRAFT, ClaimState.DISCARDED})
# Sent, and not over: what its filer follows.
UNDER_WAY = frozenset({_S.SUBMITTED, _S.IN_REVIEW, _S.PENDING_DOCUMENTS, _S.SECOND_LOOK})


class PaymentState(StrEnum):
    """Where the money of a decided claim stands; `none` until a decision pays something."""

    NONE = "none"
    PAYABLE = "payable"
    SCHEDULED = "scheduled"
    PAID = "paid"


PAYMENT = Machine(
    PaymentState,
    {
        PaymentState.NONE: Stand(label="Sin pago", tone="neutral", to=(PaymentState.PAYABLE,)),
        PaymentState.PAYABLE: Stand(
            label="Aprobado: preparamos tu pago",
            desk="Por pagar",
            tone="info",
            to=(PaymentState.SCHEDULED, PaymentState.NONE),
            ball=Ball.US,
            due="claim.payment_days",
        ),
        PaymentState.SCHEDULED: Stand(
            label="Tu pago va en camino",
            desk="Pago programado",
            tone="info",
            to=(PaymentState.PAYABLE, PaymentState.PAID),
            ball=Ball.BANK,
        ),
        # Payable again where the bank returns it.
        PaymentState.PAID: Stand(label="Te pagamos", desk="Pagado", tone="ok", to=(PaymentState.PAYABLE,)),
    },
)


# An event whose letter stands: its hospital attends, and sends its bill.
AT_HOSPITAL = replace(CLAIM.at(_S.DECIDED), ball=Ball.HOSPITAL)


def claim_stand(state: str, payment: str) -> Stand:
    """Where a claim stands for its family: with the money once it is decided and pays, with the review before."""
    pays = state == ClaimState.DECIDED and payment != PaymentState.NONE
    return PAYMENT.at(payment) if pays else CLAIM.at(state)

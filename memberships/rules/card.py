"""Card attempts: what the gateway's signed word makes of one, whatever order it comes in (S1.20). Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.errors import Conflict, RuleBroken
from portal.states import Ball, Machine, Stand, choices

LIFE = timedelta(minutes=15)  # for which the gateway keeps an attempt open
QUIET = timedelta(minutes=2)  # without word, from which the gateway is asked
SIGNED_FOR = timedelta(minutes=5)  # a signature of before or after is none
LONGEST_WORD = 16_384  # bytes of an event


class CardState(StrEnum):
    """Where an attempt to pay by card stands."""

    STARTED = "started"
    CHALLENGED = "challenged"
    CAPTURED = "captured"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


_ANSWERS = (CardState.CAPTURED, CardState.DECLINED, CardState.TIMED_OUT)
CARD = Machine(
    CardState,
    {
        CardState.STARTED: Stand(
            label="Sin terminar",
            tone="warn",
            to=(CardState.CHALLENGED, *_ANSWERS),
            ball=Ball.YOU,
            next="Termina el pago en la página de la tarjeta",
        ),
        CardState.CHALLENGED: Stand(
            label="Tu banco pide confirmarlo", tone="warn", to=_ANSWERS, ball=Ball.YOU, next="Confírmalo con tu banco"
        ),
        CardState.CAPTURED: Stand(label="Pagado", tone="ok", to=(CardState.REFUNDED, CardState.CHARGED_BACK)),
        CardState.DECLINED: Stand(label="Rechazado por el banco", tone="error"),
        # The bank's yes may come after we had given up.
        CardState.TIMED_OUT: Stand(label="Sin respuesta", tone="neutral", to=(CardState.CAPTURED,)),
        CardState.REFUNDED: Stand(label="Devuelto a la tarjeta", tone="neutral"),
        CardState.CHARGED_BACK: Stand(label="Contracargo", tone="error"),
    },
)


class RefundWord(StrEnum):
    """What the gateway says of a refund beside that it was done: the attempt stays paid."""

    DECLINED = "refund_declined"


WORD_LABELS: dict[str, str] = dict(CARD.choices) | {RefundWord.DECLINED: "No aceptó la devolución"}
WORD_TONES: dict[str, str] = {str(state): tone for state, tone in CARD.tones.items()} | {RefundWord.DECLINED: "error"}
OPEN = (CardState.STARTED.value, CardState.CHALLENGED.value)


class Refusal(StrEnum):
    """Why a bank declined."""

    FUNDS = "insufficient_funds"
    EXPIRED = "expired_card"
    HELD = "card_held"
    WRONG = "wrong_data"
    OTHER = "other"


REFUSALS = {
    Refusal.FUNDS: "La tarjeta no tiene saldo suficiente. Usa otra, o paga en tienda o banco.",
    Refusal.EXPIRED: "La tarjeta ya venció. Usa otra.",
    Refusal.HELD: "El banco bloqueó la tarjeta. Llámale, o usa otra.",
    Refusal.WRONG: "Un dato de la tarjeta no coincide. Revísalo e intenta otra vez.",
    Refusal.OTHER: "El banco no dijo por qué. Llámale, o usa otra tarjeta.",
}
WHY_BACK = {
    CardState.CHARGED_BACK: "Tu banco devolvió el cargo de la tarjeta (contracargo).",
    CardState.REFUNDED: "El pago se devolvió a la tarjeta.",
}
WHY_NO_REFUND: dict[CardState | RefundWord, str] = {
    RefundWord.DECLINED: "La pasarela de la tarjeta no aceptó la devolución.",
    CardState.CHARGED_BACK: "Tu banco devolvió antes el cargo de la tarjeta (contracargo).",
}
LEADS = {
    CardState.STARTED: "Escribes los datos de tu tarjeta en la página segura de la pasarela. Aquí no los vemos ni se "
    "guardan.",
    CardState.CHALLENGED: "Tu banco te pide confirmar el pago. Termínalo en la página de la pasarela.",
    CardState.CAPTURED: "Recibimos tu pago. Te mandamos un correo con el recibo.",
    CardState.TIMED_OUT: "Se acabó el tiempo y no se cobró nada. Puedes intentar otra vez.",
    CardState.REFUNDED: "El pago se devolvió a la tarjeta.",
    CardState.CHARGED_BACK: "Tu banco devolvió el cargo: ese pago ya no vale.",
}
DOUBTFUL = "La pasarela dijo algo que no coincide con este pago. Una persona lo revisa; no pagues otra vez con tarjeta."
HELD = (
    "La pasarela dijo algo que no coincide con tu último pago con tarjeta. Una persona lo revisa; no pagues otra vez "
    "con tarjeta. En tienda o banco sí puedes."
)
UNCLEAR = "La pasarela dijo algo que no coincide con ese pago. Aclara primero su aviso, en Avisos de la pasarela."
NOTHING_TO_BOOK = "Por ese importe no hay nada de ese pago que asentar. Di qué se hizo, sin asentarlo."
REVIEWED = "Una persona lo revisó; lo que se hizo está en tu membresía."
TO_SETTLE = "Por aclarar"  # in place of what was done about a doubtful event
REFUSAL_CHOICES = choices({one: text for one, text in REFUSALS.items()})


class Outcome(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    NOTHING_NEW = "nothing_new"
    DOUBTFUL = "doubtful"


OUTCOMES = {
    Outcome.APPLIED: "Cambió el intento",
    Outcome.NOTHING_NEW: "Ya se sabía",
    Outcome.DOUBTFUL: "Una persona lo revisa",
}
OUTCOME_TONES = {Outcome.APPLIED: "ok", Outcome.NOTHING_NEW: "neutral", Outcome.DOUBTFUL: "error"}


@dataclass(frozen=True, slots=True)
class Word:
    """One event as it was signed; `attempt` and `refund` are folios."""

    event_id: str
    kind: CardState | RefundWord
    attempt: str
    amount: Decimal
    said_at: datetime
    reason: str = ""
    refund: str = ""


def outcome_of(state: str, word: Word, *, asked: Decimal, in_doubt: bool) -> Outcome:
    """What an event makes of an attempt. Raises Conflict for one that comes before what it is about: it is sent again.

    Money that the gateway took otherwise than was asked, or after a refusal, is for a person to look at; so is all that
    it says of money once a capture was such (`in_doubt`), and what went back both as a refund and as a chargeback.
    """
    kind = word.kind
    if isinstance(kind, RefundWord):  # what it says of a refund is not said of the attempt
        return Outcome.NOTHING_NEW
    if {state, kind} == {CardState.REFUNDED, CardState.CHARGED_BACK}:
        return Outcome.DOUBTFUL
    if kind in {CardState.CAPTURED, CardState.REFUNDED, CardState.CHARGED_BACK} and (
        in_doubt or word.amount != asked or state == CardState.DECLINED
    ):
        return Outcome.DOUBTFUL
    if CARD.allows(state, kind):
        return Outcome.APPLIED
    if kind in {CardState.REFUNDED, CardState.CHARGED_BACK} and state in {*OPEN, CardState.TIMED_OUT}:
        raise Conflict("Todavía no sabemos que ese pago se cobró. Manda el aviso otra vez.", code="too_early")
    return Outcome.NOTHING_NEW


def sign(body: bytes, *, secret: str, at: datetime) -> str:
    """The header that goes with a body: its instant in seconds and the HMAC of both."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_mac(body, secret=secret, stamp=stamp)}"


def check_signature(body: bytes, header: str, *, secret: str, now: datetime) -> None:
    """Refuse what the gateway did not sign, or signed more than five minutes before or after. Raises RuleBroken."""
    told = dict(part.partition("=")[::2] for part in header.split(","))
    stamp, mac = told.get("t", ""), told.get("v1", "")
    right = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
    if not right or not hmac.compare_digest(_mac(body, secret=secret, stamp=int(stamp)), mac):
        raise RuleBroken("La firma del aviso no es de la pasarela.", code="signature_wrong")
    if abs(now - datetime.fromtimestamp(int(stamp), tz=UTC)) > SIGNED_FOR:
        raise RuleBroken("La firma del aviso es de hace más de cinco minutos.", code="signature_old")


def _mac(body: bytes, *, secret: str, stamp: int) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()

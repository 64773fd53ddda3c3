"""The gateway of cards: off, or at its address; whoever runs it, it says the same signed words (ADR 0016).

Nothing of a card passes here: the browser is sent to the gateway's own page with a signed order, and the gateway tells
us by `POST /pagos/pasarela/avisos/`, or when it is asked.
"""

from __future__ import annotations

import http.client
import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from memberships.models.shared import CURRENCY
from memberships.rules import card
from memberships.rules.card import CardState, RefundWord, Refusal, Word
from portal import clock
from portal.errors import Conflict, RuleBroken

if TYPE_CHECKING:
    from memberships.models import CardAttempt, Refund

TIMEOUT = 5.0  # seconds for which the gateway may think when it is asked
HEADER = "Gateway-Signature"
_OFF = "El pago con tarjeta está apagado por ahora. Paga en tienda o banco."


def is_on() -> bool:
    """Whether there is a gateway."""
    return bool(settings.GATEWAY_URL and settings.GATEWAY_SECRET)


def origin() -> str:
    """The gateway's origin, which the one page that leads there may send its form to."""
    parts = urlsplit(settings.GATEWAY_URL)
    return f"{parts.scheme}://{parts.netloc}"


def order_for(attempt: CardAttempt) -> dict[str, str]:
    """What the browser carries to the gateway's page: the order and its signature. Raises Conflict when it is off."""
    if not is_on():
        raise Conflict(_OFF, code="gateway_off")
    order = {
        "attempt": attempt.folio,
        "amount": f"{attempt.amount:.2f}",
        "currency": CURRENCY,
        "back": f"{settings.BASE_URL}{attempt.get_absolute_url()}?regreso=si",
        "events": f"{settings.BASE_URL}{reverse('memberships:gateway_events')}",
        "expires": attempt.expires_at.isoformat(),
    }
    body = json.dumps(order, sort_keys=True)
    return {"order": body, "signature": card.sign(body.encode(), secret=settings.GATEWAY_SECRET, at=clock.real_now())}


def read_event(body: bytes, signature: str) -> Word:
    """An event as the gateway signed it. Raises RuleBroken for one that it did not sign, or that cannot be read."""
    if not is_on():
        raise Conflict(_OFF, code="gateway_off")
    card.check_signature(body, signature, secret=settings.GATEWAY_SECRET, now=clock.real_now())
    try:
        return _word(json.loads(body))
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise RuleBroken("El aviso no se puede leer. Revisa sus campos.", code="event_unreadable") from error


def _word(told: dict[str, Any]) -> Word:
    said_at, amount, event_id = datetime.fromisoformat(told["at"]), Decimal(str(told["amount"])), str(told["id"])
    if said_at.tzinfo is None or not 0 < len(event_id) <= 64 or not amount.is_finite() or not 0 < amount < 10**12:
        raise ValueError(event_id)
    reason, said, refund = str(told.get("reason", "")), str(told["kind"]), str(told.get("refund", ""))
    kind = RefundWord(said) if said in set(RefundWord) else CardState(said)
    if kind is CardState.STARTED:
        raise ValueError(kind)
    if kind is CardState.DECLINED:
        reason = reason if reason in set(Refusal) else Refusal.OTHER.value
    reason = reason if kind is CardState.DECLINED else ""
    return Word(event_id, kind, str(told["attempt"]), amount, said_at, reason, refund)


def ask(attempt: CardAttempt) -> tuple[bytes, str] | None:
    """What the gateway knows of an attempt, signed as an event; None where it has nothing to say yet.

    The signed question tells the amount and until when the attempt stands: of one that it never knew, or forgot, the
    gateway says that its time is over. Raises OSError when it does not answer.
    """
    asked = {"attempt": attempt.folio, "amount": f"{attempt.amount:.2f}", "expires": attempt.expires_at.isoformat()}
    query = urlencode(asked)
    return _signed_call("GET", "intentos", query.encode(), query=query)


def ask_refund(refund: Refund) -> tuple[bytes, str] | None:
    """Ask the gateway to give money back to a card, once however often it is asked: the refund's folio is its key, and
    stands in what the gateway says of it.

    Answers its signed event, None where it has still to say something. Raises OSError when it does not answer.
    """
    attempt = refund.attempt
    assert attempt is not None  # to a card
    order = {
        "refund": refund.folio,
        "attempt": attempt.folio,
        "amount": f"{refund.amount:.2f}",
        "events": f"{settings.BASE_URL}{reverse('memberships:gateway_events')}",
    }
    body = json.dumps(order, sort_keys=True).encode()
    return _signed_call("POST", "devoluciones", body)


def _signed_call(method: str, place: str, signed: bytes, *, query: str = "") -> tuple[bytes, str] | None:
    """A signed question, by its query or as a body, and the signed event that answers it."""
    parts = urlsplit(settings.GATEWAY_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        header = card.sign(signed, secret=settings.GATEWAY_SECRET, at=clock.real_now())
        asked = f"{parts.path}/{place}" + (f"?{query}" if query else "")
        connection.request(method, asked, body=None if query else signed, headers={HEADER: header})
        answer = connection.getresponse()
        body = answer.read(card.LONGEST_WORD)
        return (body, answer.headers.get(HEADER, "")) if answer.status == http.client.OK else None
    except http.client.HTTPException as error:
        raise OSError("the gateway answers no HTTP") from error
    finally:
        connection.close()

"""Bank accounts of the demo world; what a bank would send of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from billing.rules import DIGITAL_ORDERS
from config.demo import samples
from config.demo.cast import Cast
from config.demo.uploads import upload_of
from portal import clock
from portal.people.models import Party
from portal.treasury import services as treasury
from portal.treasury.models import PaymentBatch

BANK_CODE = {"012": "BBVA MEXICO", "072": "BANORTE", "002": "BANAMEX"}


def clabe_of(bank: str, number: int) -> str:
    """A CLABE with its check digit right, for sample people."""
    body = f"{bank}180{number:011d}"
    weights = (3, 7, 1) * 6
    return body + str(-sum(int(digit) * weight % 10 for digit, weight in zip(body, weights, strict=False)) % 10)


def statement_for(party: Party, clabe: str, closing: Any) -> bytes:
    """A bank statement of this party for this CLABE."""
    return samples.make_statement_pdf(
        clabe=clabe, bank=BANK_CODE[clabe[:3]], holder=party.name, rfc=party.rfc, closing_on=closing
    )


def play(cast: Cast) -> None:
    """Lucía's account was validated long ago, Iván's waits for a reviewer."""
    for slug, bank, number, decided in (("lucia", "012", 12345678901, True), ("ivan", "072", 22233344455, False)):
        party, user = cast.parties[slug], cast.users[slug]
        at = cast.days_ago(50 if decided else 1)
        clabe = clabe_of(bank, number)
        pdf = upload_of(
            f"estado-de-cuenta-{slug}.pdf", statement_for(party, clabe, clock.date_in(at) - timedelta(days=20))
        )
        account = treasury.capture_account(party=party, purpose=DIGITAL_ORDERS, clabe=clabe, upload=pdf, by=user, at=at)
        treasury.submit_account(account=account, by=user, at=at)
        if decided:
            treasury.review_account(
                account=account, decision="approved", by=cast.users["rebeca"], at=at + timedelta(hours=3)
            )


def bank_answer(batch: PaymentBatch, *, on: Any, outcome: str = "pagada") -> bytes:
    """What the bank would send back for an exported batch."""
    lines = ["clave_rastreo,resultado,fecha,referencia,importe,motivo"]
    for row in batch.transfers.order_by("number"):
        reason = "" if outcome == "pagada" else "Cuenta cancelada"
        lines.append(f"{row.tracking},{outcome},{on:%d/%m/%Y},BNK{row.number:07d},{row.amount},{reason}")
    return "\r\n".join(lines).encode() + b"\r\n"

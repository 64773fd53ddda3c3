"""Bank accounts of the demo world; what a bank would send of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.rules import DIGITAL_ORDERS
from config.demo import samples
from config.demo.cast import Cast
from config.demo.uploads import upload_of
from memberships.rules.refunds import MEMBER_PAYMENTS
from portal import clock
from portal.people.models import Party
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount, CollectionAccount, Payable, PaymentBatch

BANK_CODE = {"012": "BBVA MEXICO", "072": "BANORTE", "002": "BANAMEX"}


# Whose account, the bank's code, its number, and how many days ago it was handed in.
ACCOUNTS = (
    ("lucia", "012", 12345678901, 50),
    ("hector", "012", 33344455566, 50),
    ("beatriz", "072", 44455566677, 50),
    ("ivan", "072", 22233344455, 1),
    ("beatriz", "012", 77788899900, 2),
)


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
    """Accounts validated long ago, one that waits for a reviewer, a change that waits for its second; deposits too."""
    for slug, bank, number, days in ACCOUNTS:
        at = cast.days_ago(days)
        account = _submitted(cast, slug, clabe_of(bank, number), at)
        if days > 1:
            rebeca = cast.users["rebeca"]
            treasury.review_account(account=account, decision="approved", by=rebeca, at=at + timedelta(hours=3))
    _collect(cast)


def _submitted(cast: Cast, slug: str, clabe: str, at: datetime) -> BankAccount:
    """An account with its statement, handed in; of who has one already it is a change, which two people review."""
    party, user = cast.parties[slug], cast.users[slug]
    content = statement_for(party, clabe, clock.date_in(at) - timedelta(days=20))
    pdf = upload_of(f"estado-de-cuenta-{slug}.pdf", content)
    account = treasury.capture_account(party=party, purpose=DIGITAL_ORDERS, clabe=clabe, upload=pdf, by=user, at=at)
    return treasury.submit_account(account=account, by=user, at=at)


def _collect(cast: Cast) -> None:
    """A bank's file and a shop network's entered; what nobody could place waits for Ramiro."""
    by = cast.users["ramiro"]
    for number, days in enumerate((6, 2), start=1):
        at = cast.days_ago(days)
        on = clock.date_in(at) - timedelta(days=1)
        for code, name, content in (
            ("mx-collections", f"banco-{on:%Y%m%d}.csv", bank_movements(on, number)),
            ("mx-stores", f"tiendas-{on:%Y%m%d}.txt", store_payments(on, number)),
        ):
            account = CollectionAccount.objects.get(code=code)
            run = treasury.read_movements_file(account=account, upload=upload_of(name, content), by=by, at=at)
            file = treasury.apply_movements(file=run.movement_file, by=by, at=at)
            treasury.match_file(run=file.matchings.get(), at=at)


Paid = Sequence[tuple[str, Decimal]]


def bank_movements(on: date, number: int, heading: Sequence[str] = samples.KNOWN, slips: Paid = ()) -> bytes:
    """What a bank's file of a day holds: deposits without a word of whose they are, its fee, and slips (O for a 0)."""
    rows = [
        *(
            (on, "PAGO FICHA", reference.replace("0", "O", 1), f"BNET9{place:09d}", amount)
            for place, (reference, amount) in enumerate(slips)
        ),
        (on, "SPEI RECIBIDO PAGO MENSUALIDAD", f"00{number}5531", f"BNET01{number:08d}", Decimal("350.00")),
        (on, "DEPOSITO EN EFECTIVO", "", "", Decimal("120.00") * number),
        (on, "COMISION POR SERVICIO", "", f"COM{number:09d}", Decimal("-58.00")),
    ]
    return samples.make_bank_csv(rows, opening=Decimal(10_000 * number), heading=heading)


def store_payments(on: date, number: int, slips: Paid = ()) -> bytes:
    """What a shop network's file of a day holds: a payment that nobody knows, and slips."""
    return samples.make_store_file([(f"31055{on:%y%m%d}{number:03d}", Decimal("350.00")), *slips], on=on)


def bank_answer(batch: PaymentBatch, *, on: Any, outcome: str = "pagada") -> bytes:
    """What the bank would send back for an exported batch."""
    lines = ["clave_rastreo,resultado,fecha,referencia,importe,motivo"]
    for row in batch.transfers.order_by("number"):
        reason = "" if outcome == "pagada" else "Cuenta bancaria cancelada"
        lines.append(f"{row.tracking},{outcome},{on:%d/%m/%Y},BNK{row.number:07d},{row.amount},{reason}")
    return "\r\n".join(lines).encode() + b"\r\n"


def family_account(cast: Cast, *, slug: str, party: Party, numbers: tuple[str, int]) -> None:
    """A family's own account, where it is paid its claims and refunds; Rebeca looked at it weeks ago."""
    at, user, clabe = cast.days_ago(48), cast.users[slug], clabe_of(*numbers)
    content = samples.make_statement_pdf(
        clabe=clabe,
        bank=BANK_CODE[numbers[0]],
        holder=party.name,
        rfc=party.rfc,
        closing_on=clock.date_in(cast.days_ago(60)),
    )
    account = treasury.capture_account(
        party=party,
        purpose=MEMBER_PAYMENTS,
        clabe=clabe,
        upload=upload_of(f"estado-de-cuenta-{slug}.pdf", content),
        by=user,
        at=at,
    )
    account = treasury.submit_account(account=account, by=user, at=at)
    treasury.review_account(account=account, decision="approved", by=cast.users["rebeca"], at=at + timedelta(hours=3))


def paid_batch(cast: Cast, payables: Sequence[Payable], at: datetime) -> None:
    """What families are owed goes through a batch that the bank paid."""
    pablo = cast.users["pablo"]
    batch = treasury.prepare_batch(payables=payables, by=pablo, at=at)
    batch = treasury.approve_batch(batch=batch, total=batch.total, by=cast.users["aurora"], at=at + timedelta(hours=1))
    at += timedelta(hours=2)
    treasury.export_bank_file(batch=batch, by=pablo, at=at)
    batch.refresh_from_db()
    answer = upload_of(f"respuesta-{batch.folio}.csv", bank_answer(batch, on=clock.date_in(at)))
    result = treasury.read_bank_result(batch=batch, upload=answer, by=pablo, at=at + timedelta(hours=2))
    treasury.import_bank_result(result=result, by=pablo, at=at + timedelta(hours=2))

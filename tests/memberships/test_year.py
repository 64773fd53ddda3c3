"""A family's year by services, the clock as their argument: the books end at nothing (issue 11, story H step 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.demo.uploads import upload_of
from memberships import services
from memberships.models import Membership, ReferenceScheme, Slip
from memberships.rules.card import CardState, Word
from portal import clock, queue
from portal.treasury import invariants
from portal.treasury import services as treasury
from portal.treasury.models import CollectionAccount, MatchRun, Movement, MovementFile
from portal.treasury.selectors import balance
from tests.factories import collections, people
from tests.factories import memberships as a

pytestmark = pytest.mark.django_db
D, PRICE, FEE = Decimal, Decimal("350.00"), Decimal("12.00")
YEAR = clock.real_now().year - 1
ZEROS = (
    "dues_receivable",
    "store_clearing",
    "gateway_clearing",
    "unmatched_deposits",
    "member_credit",
    "member_payable",
)


def at(month: int, day: int) -> datetime:
    """Noon of a day of that year."""
    return datetime.combine(date(YEAR, month, day), time(12), ZoneInfo("America/Mexico_City"))


def by_card(family: Membership, months: int, now: datetime) -> None:
    """The gateway captures at once."""
    attempt = services.begin_attempt(membership=family, months=months, by=None, at=now)
    word = Word(f"y-{attempt.folio}", CardState.CAPTURED, attempt.folio, attempt.amount, clock.real_now())
    services.hear_gateway(word=word, at=now)


def by_slip(family: Membership, now: datetime) -> Slip:
    scheme = ReferenceScheme.objects.get(code="paynet")
    return services.make_slip(membership=family, scheme=scheme, months=1, by=None, at=now)


def arrives(code: str, body: bytes, now: datetime, *, by: Any) -> Sequence[Movement]:
    """A file of an account is read, applied and matched."""
    account = CollectionAccount.objects.get(code=code)
    run = treasury.read_movements_file(account=account, upload=upload_of("movimientos.txt", body), by=by, at=now)
    file = MovementFile.objects.select_related("run").get(run=run)
    treasury.apply_movements(file=file, by=by, at=now)
    queue.drain(MatchRun, lambda one: treasury.match_file(run=one, at=now))
    return list(Movement.objects.filter(file=file).select_related("account").order_by("row"))


def test_h8_a_year_later_receivable_clearing_unmatched_and_credit_stand_at_zero() -> None:
    """Twelve charges: four by card, four at a store, four by transfer; both networks settle what they owe."""
    clerk, _house = collections.clerk(), people.the_operator()
    family = a.bare(state="awaiting_payment", joined_on=date(YEAR, 1, 2), plan=a.a_plan(price=PRICE))
    by_card(family, 2, at(1, 2))  # January and, ahead, February
    for month in range(2, 13):
        now = at(month, 1)
        services.pass_days(membership=family, on=now.date(), at=now)
        if month in {3, 5, 7, 9}:
            slip = by_slip(family, now)
            paid = collections.store_file((slip.reference, 35_000), on=f"{YEAR}{month:02d}02")
            (row,) = arrives("mx-stores", paid, at(month, 3), by=clerk)
            assert (row.state, Slip.objects.get(pk=slip.pk).state) == ("matched", "paid")
        elif month in {4, 6}:
            by_card(family, 1, at(month, 2))
        elif month in {8, 11}:  # two months at a time, the second ahead: matched by a person
            told = collections.row("", "700.00", text=f"PAGO {family.folio}", on=f"02/{month:02d}/{YEAR}")
            rows = arrives("mx-collections", (collections.HEAD + told).encode(), at(month, 3), by=clerk)
            parts = [("memberships", family.folio, D("700.00"))]
            treasury.match_deposit(movement=rows[0], parts=parts, by=clerk, at=at(month, 3))
    family.refresh_from_db()
    assert family.charges.filter(undone_at=None).count() == 12
    assert (family.state, family.owed, family.credit) == ("active", 0, 0)
    assert set(family.charges.values_list("state", flat=True)) == {"settled"}
    assert list(family.covers.values_list("since", "until")) == [(date(YEAR, 1, 2), None)], "covered without a gap"
    lumps = [collections.row("", f"{PRICE * 4 - FEE}", text=text, on=f"20/12/{YEAR}") for text in ("RED", "PASARELA")]
    for row, code in zip(
        arrives("mx-collections", (collections.HEAD + "".join(lumps)).encode(), at(12, 21), by=clerk),
        ("mx-stores", "mx-gateway"),
        strict=True,
    ):
        settles = CollectionAccount.objects.get(code=code)
        treasury.settle_channel(movement=row, settles=settles, fee=FEE, by=clerk, at=at(12, 21))
    assert {code: balance(code=code, currency="MXN") for code in ZEROS} == dict.fromkeys(ZEROS, D(0))
    assert invariants.faults() == []
    assert balance(code="dues_income", currency="MXN") == -PRICE * 12
    assert balance(code="collections_bank", currency="MXN") == PRICE * 12 - FEE * 2
    assert balance(code="collection_fees", currency="MXN") == FEE * 2

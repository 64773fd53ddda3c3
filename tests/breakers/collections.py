"""What breaks the constraints of treasury's inbound half."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import models

from portal import clock
from portal.treasury.models import Allocation, Movement
from tests.breakers import Breaker, changed, same
from tests.factories import collections as a

REFERENCE = "31055248164201"


def movement() -> Movement:
    with a.shelf():
        return a.brought(a.HEAD + a.row("1", "5.00"), by=a.clerk())[0]


def allocation() -> Allocation:
    with a.shelf() as shelf:
        shelf.slip("FP-1", REFERENCE, "480.00")
        return a.brought(a.HEAD + a.row(REFERENCE, "480.00"), by=a.clerk())[0].allocations.get()


def allocation_share() -> models.Model:
    return allocation().shares.get()


OUT = ("movement_out_is_only_noted",)
BREAKERS: dict[str, Breaker] = {
    "movement_state_known": changed(movement, state="lost", without=OUT),
    "movement_not_zero": changed(movement, amount=Decimal("0.00"), without=OUT),
    "movement_out_is_only_noted": changed(movement, state="outgoing"),
    "movement_clp_whole": changed(movement, currency="CLP", amount=Decimal("1.50")),
    "one_movement_per_identity": same(movement),
    "allocation_act_known": changed(allocation, act="lost", without=("allocation_settles_one_account",)),
    "allocation_discards_with_comment": changed(allocation, act="discarded"),
    "allocation_settles_one_account": changed(allocation, fee=Decimal("1.00")),
    "allocation_undone_who_and_when": changed(allocation, undone_at=clock.real_now() + timedelta(days=1)),
    "one_live_allocation_per_movement": same(allocation),
    "share_positive": changed(allocation_share, amount=Decimal("0.00")),
    "one_share_per_target": same(allocation_share),
}

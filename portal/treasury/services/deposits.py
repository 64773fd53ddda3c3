"""What becomes of a deposit: matched, taken for a network's lump sum, set aside; undone by reversal (domain 2.9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from portal import clock
from portal.errors import Conflict
from portal.history.services import record
from portal.money import ZERO
from portal.people.selectors import acts_for
from portal.treasury import registry
from portal.treasury.models import Allocation, AllocationShare, CollectionAccount, LedgerTransaction, Movement
from portal.treasury.rules import Line, collecting
from portal.treasury.rules.collecting import Act, MovementState, Portion
from portal.treasury.rules.matching import Match
from portal.treasury.selectors import GONE, balance, targets_of
from portal.treasury.services.ledger import post_entry, reverse_entry
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

Parts = Sequence[tuple[str, str, Decimal]]
"""(kind, key, amount) of each thing that a deposit pays."""


@transaction.atomic
def match_deposit(
    *, movement: Movement, parts: Parts, by: User | None, at: datetime, found: Match | None = None
) -> Allocation:
    """Say what a deposit pays: its parts go to the credit of whose they are, and their apps hear of it.

    `found` is what the matcher said, where it was followed. Raises Conflict when somebody else decided it or has it, or
    when what was chosen can be paid no more; RuleBroken for parts that are not the deposit, or one's own.
    """
    movement = _hold_movement(movement)
    collecting.MOVEMENT.check(movement.state, MovementState.MATCHED)
    work.settle(thing=movement, by=by)
    shares = _shares_of(parts)
    collecting.check_shares(shares, amount=movement.amount, currency=movement.currency)
    own = by is not None and acts_for(by, *{one.party for one in shares}, on=clock.date_in(at))
    collecting.check_not_own(own=own)
    said = _said_of(movement, shares, found)
    made = Allocation.objects.create(movement=movement, act=Act.MATCHED.value, fee=ZERO, at=at, by=by, **said)
    kept = AllocationShare.objects.bulk_create(
        AllocationShare(
            allocation=made, kind=one.kind, key=one.key, party_id=one.party, liability=one.liability, amount=one.amount
        )
        for one in shares
    )
    _post_allocation(made, collecting.matched(shares, currency=movement.currency), by=by, at=at)
    movement.state = MovementState.MATCHED.value
    movement.save(update_fields=["state"])
    for kind, group in groupby(sorted(kept, key=attrgetter("kind")), key=attrgetter("kind")):
        registry.candidates_of(kind).matched(allocation=made, shares=list(group), by=by, at=at)
    details = {"amount": str(movement.amount), "to": [one.key for one in shares], "result": made.result}
    record(action="treasury.deposit_matched", subject=movement, by=by, at=at, details=details)
    return made


def _said_of(movement: Movement, shares: Sequence[Portion], found: Match | None) -> dict[str, Any]:
    """What the matcher said, where it was followed: by the system, or by a person who took what it proposed."""
    if found is not None:
        return {"result": str(found.result), "score": found.score, "message": found.message}
    proposal = movement.proposal
    proposed = {(kind, key) for kind, key in proposal.get("targets", ())}
    if proposed != {(one.kind, one.key) for one in shares}:
        return {}
    return {name: proposal[name] for name in ("result", "score", "message")}


def _shares_of(parts: Parts) -> list[Portion]:
    """Parts with whose credit each is. Raises Conflict for a thing that no deposit may pay any more."""
    kinds: dict[str, list[str]] = {}
    for kind, key, _amount in parts:
        kinds.setdefault(kind, []).append(key)
    targets = targets_of(kinds)
    if any((kind, key) not in targets for kind, key, _amount in parts):
        raise Conflict(GONE, code="target_gone")
    return [
        Portion(kind, key, targets[kind, key].party, registry.candidates_of(kind).liability, amount)
        for kind, key, amount in parts
    ]


@transaction.atomic
def discard_deposit(*, movement: Movement, comment: str, by: User, at: datetime) -> Allocation:
    """Set aside a deposit that is nobody's here, with a comment. Raises Conflict when somebody else decided it."""
    movement = _hold_movement(movement)
    collecting.MOVEMENT.check(movement.state, MovementState.DISCARDED)
    work.settle(thing=movement, by=by)
    comment = collecting.check_comment(comment)
    made = Allocation.objects.create(
        movement=movement, act=Act.DISCARDED.value, comment=comment, fee=ZERO, at=at, by=by
    )
    _post_allocation(made, collecting.discarded(movement.amount, currency=movement.currency), by=by, at=at)
    movement.state = MovementState.DISCARDED.value
    movement.save(update_fields=["state"])
    record(action="treasury.deposit_discarded", subject=movement, by=by, at=at, reason=comment)
    return made


@transaction.atomic
def settle_channel(
    *, movement: Movement, settles: CollectionAccount, fee: Decimal, by: User, at: datetime
) -> Allocation:
    """Take a deposit for the lump sum by which a network settles what it collected, less its fee.

    Raises RuleBroken when it is more than the network owes; Conflict when somebody else decided it.
    """
    movement = _hold_movement(movement)
    collecting.MOVEMENT.check(movement.state, MovementState.MATCHED)
    work.settle(thing=movement, by=by)
    settles = CollectionAccount.objects.select_for_update().get(pk=settles.pk)
    collecting.check_channel(
        cleared=settles.cleared, own=settles.pk == movement.account_id, same=settles.currency == movement.currency
    )
    waiting = balance(code=settles.ledger, currency=settles.currency)
    collecting.check_settles(movement.amount, fee=fee, waiting=waiting, currency=movement.currency)
    made = Allocation.objects.create(movement=movement, act=Act.SETTLED.value, settles=settles, fee=fee, at=at, by=by)
    lines = collecting.settled(movement.amount, fee=fee, clearing=settles.ledger, currency=movement.currency)
    _post_allocation(made, lines, by=by, at=at)
    movement.state = MovementState.MATCHED.value
    movement.save(update_fields=["state"])
    details = {"account": settles.code, "amount": str(movement.amount), "fee": str(fee)}
    record(action="treasury.channel_settled", subject=movement, by=by, at=at, details=details)
    return made


def undo_deposit(*, movement: Movement, allocation: UUID, by: User, at: datetime) -> Movement:
    """Take back the `allocation` of a deposit that whoever asks saw. Raises Conflict when it stands no more."""
    seen = movement.allocations.filter(pk=allocation).first()
    collecting.check_live(undone=seen is None)
    assert seen is not None  # `check_live`
    return undo_allocation(allocation=seen, by=by, at=at)


@transaction.atomic
def undo_allocation(*, allocation: Allocation, by: User, at: datetime) -> Movement:
    """Take back what became of a deposit, by reversal: it waits again, and the apps that it paid hear of it.

    Raises Conflict when it was undone before, RuleBroken for one's own.
    """
    movement = _hold_movement(allocation.movement)
    made = Allocation.objects.select_for_update().get(pk=allocation.pk)
    collecting.check_live(undone=made.undone_at is not None)
    collecting.MOVEMENT.check(movement.state, MovementState.WAITING)
    shares = list(made.shares.order_by("kind", "pk"))
    own = acts_for(by, *{one.party_id for one in shares}, on=clock.date_in(at)) if shares else False
    collecting.check_not_own(own=own)
    made.undone_at, made.undone_by = at, by
    made.save(update_fields=["undone_at", "undone_by"])
    entry = LedgerTransaction.objects.get(
        kind=collecting.ENTRIES[Act(made.act)], subject_type=made._meta.label_lower, subject_id=str(made.pk)
    )
    reverse_entry(entry=entry, by=by, at=at, on=clock.date_in(at), reason="")
    movement.state = MovementState.WAITING.value
    movement.save(update_fields=["state"])
    for kind, group in groupby(shares, key=attrgetter("kind")):
        registry.candidates_of(kind).undone(allocation=made, shares=list(group), by=by, at=at)
    record(action="treasury.deposit_undone", subject=movement, by=by, at=at, details={"act": made.act})
    return movement


def _hold_movement(movement: Movement) -> Movement:
    """The movement as it stands, held."""
    return Movement.objects.select_for_update(of=("self",)).select_related("account").get(pk=movement.pk)


def _post_allocation(made: Allocation, lines: Sequence[Line], *, by: User | None, at: datetime) -> None:
    kind = collecting.ENTRIES[Act(made.act)]
    on = made.movement.on if made.act == Act.MATCHED else clock.date_in(at)  # money counts from its value date
    post_entry(kind=kind, lines=lines, subject=made, at=at, on=on, by=by)

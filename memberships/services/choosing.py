"""How a family pays what it chose: by card at the gateway, or with a slip at a shop or bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from memberships.models import CardAttempt, Membership, ReferenceScheme, Slip
from memberships.services.cards import start_card
from memberships.services.slips import make_slip_of

if TYPE_CHECKING:
    from portal.people.models import User


def begin_payment(
    *, chosen: Sequence[tuple[Membership, int]], scheme: ReferenceScheme | None, by: User | None, at: datetime
) -> Slip | CardAttempt:
    """A slip of the first months, so many of each, of memberships of one titular; without a `scheme` by card, of one.

    Raises what `make_slip_of` and `start_card` raise.
    """
    if scheme is not None:
        return make_slip_of(chosen=chosen, scheme=scheme, by=by, at=at)
    [(membership, months)] = chosen
    return start_card(membership=membership, months=months, by=by, at=at)

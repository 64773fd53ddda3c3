"""News of a bank account, and of what was paid to it, for everybody who may manage it, at every address of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal import clock
from portal.notices.services import notify
from portal.treasury.models import BankAccount, Transfer
from portal.treasury.selectors import account_page, owners


def tell_owner(*, account: BankAccount, kind: str, at: datetime, **context: Any) -> None:
    """One notice of `kind` a person and account, in the caller's transaction."""
    notify(
        user_ids=owners(account.party, on=clock.date_in(at)),
        kind=kind,
        key=f"{kind}:{account.pk}",
        context={"account": account, **context},
        url=account_page(account.purpose, party_id=account.party_id),
        at=at,
        action_label="Ver mi cuenta bancaria",
    )


def tell_people_paid(
    *, transfer: Transfer, kind: str, at: datetime, folios: str = "", steps: Sequence[Any] = ()
) -> None:
    """One notice of `kind` a person and transfer; `folios` names what it pays (PR-08), `steps` what they do next."""
    notify(
        user_ids=owners(transfer.party, on=clock.date_in(at)),
        kind=kind,
        key=f"{kind}:{transfer.pk}",
        context={"transfer": transfer, "folios": folios, "steps": steps},
        url=account_page(transfer.account.purpose, party_id=transfer.party_id),
        at=at,
    )

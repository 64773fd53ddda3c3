"""News of a bank account for everybody who may manage it, at every address of theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from portal import clock
from portal.notices.services import notify
from portal.treasury.models import BankAccount
from portal.treasury.selectors import owners


def tell_owner(*, account: BankAccount, kind: str, at: datetime, **context: Any) -> None:
    """One notice of `kind` a person and account, in the caller's transaction."""
    notify(
        user_ids=owners(account.party, on=clock.date_in(at)),
        kind=kind,
        key=f"{kind}:{account.pk}",
        context={"account": account, **context},
        url=reverse("treasury:my_account"),
        at=at,
        action_label="Ver mi cuenta bancaria",
    )

"""What every database test of billing stands on."""

from __future__ import annotations

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from billing.models import Complement, Invoice


@pytest.fixture
def trusted(db: None) -> None:
    """The paper mill's certificates are known."""
    from tests.factories import billing

    billing.trust()


@pytest.fixture
def scene(db: None) -> SimpleNamespace:
    """One row of every kind, by hand where no file matters, and every actor with a browser."""
    from billing.models import OrderDelivery
    from tests.factories import billing as a
    from tests.factories import people

    who = a.doctor()
    order = a.orders(who)[0]
    draft = a.draft(who)
    sent = a.bare(who)
    paid = a.bare(
        who,
        paid_on=a.TODAY,
        complement_due_on=a.TODAY + timedelta(days=9),
    )
    actors = {
        "owner": who.user,
        "assistant": people.assistant_of(who.user),
        "stranger": people.stranger(),
        "reviewer": people.reviewer(),
        "preparer": people.preparer(),
        "support": people.support(),
        "nobody": None,
    }
    return SimpleNamespace(
        who=who,
        order=order,
        draft=draft,
        sent=sent,
        paid=paid,
        complement=_in_review(who, paid),
        delivery=OrderDelivery.objects.order_by("pk")[0],
        people=actors,
        browsers={name: people.signed_in(user) for name, user in actors.items()},
    )


def _in_review(who: SimpleNamespace, paid: Invoice) -> Complement:
    """A complement of a paid invoice that waits for a reviewer."""
    from billing.models import Complement
    from tests.factories import billing as a
    from tests.factories.treasury import stored_pdf

    return Complement.objects.create(
        party=who.party,
        transfer=paid.transfer,
        state="in_review",
        xml=stored_pdf(who.party, who.user),
        uuid=str(uuid.uuid4()),
        handed_in_by=who.user,
        handed_in_at=a.NOW,
    )

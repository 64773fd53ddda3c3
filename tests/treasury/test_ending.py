"""Accounts that end because the RFC goes to its owner (AC-11)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal.access import Role
from portal.people.models import User
from portal.treasury import selectors, services
from portal.treasury.models import BankAccount

from . import situations as a
from .situations import NOW

pytestmark = pytest.mark.django_db


def test_accounts_end_when_the_rfc_goes_to_its_owner_AC_11() -> None:
    """Whatever is not locked pays nobody; the owner sees none of it and registers a first account."""
    doctor, by = a.physician(), a.person("Administra", Role.ADMINISTRATOR)
    old = a.validated(doctor, NOW - timedelta(days=9))
    desk = a.desk()
    batch = services.prepare_batch(payables=[a.payable(doctor), a.payable(payee())], by=desk.preparer, at=NOW)
    waiting = a.in_review(a.physician())
    services.end_accounts(party=doctor.party, by=by, at=NOW)
    services.end_accounts(party=waiting.party, by=by, at=NOW)
    captured = a.captured(a.physician())
    services.end_accounts(party=captured.party, by=by, at=NOW)
    for account in (old, waiting, captured):
        account.refresh_from_db()
        assert (account.state, account.usable_from, account.replaced_at) == ("stopped", None, NOW)
    batch.refresh_from_db()
    assert batch.count == 1 and not batch.transfers.filter(account=old).exclude(state="withdrawn").exists()
    doctor.party.rfc_moved_at = NOW
    doctor.party.save()
    mine = selectors.my_account(party=doctor.party, at=NOW)
    assert (mine.current, mine.under_way, mine.refused) == (None, None, None)
    assert not BankAccount.objects.visible_to(User.objects.get(pk=doctor.user.pk)).exists()
    assert a.in_review(doctor, NOW + timedelta(hours=1)).reviews_needed == 1


def payee() -> SimpleNamespace:
    made = a.physician()
    a.validated(made, NOW - timedelta(days=9))
    return made

"""What is owed and then owed no more: while it waits, by a reversal, and never once it is on its way (MO-02)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.treasury import invariants, rules, selectors, services
from portal.treasury.models import LedgerTransaction, Payable
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TEST, TODAY

from .test_returns import bank_says, returned, sent

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
WHY = "El CFDI se canceló en el SAT."


def booked(doctor: SimpleNamespace, amount: str = "900.00") -> Payable:
    """Owed, and in the books."""
    owed = a.payable(doctor, amount)
    lines = [
        rules.Line("care_expense", owed.amount, "MXN"),
        rules.Line("physician_payable", -owed.amount, "MXN", doctor.party.pk),
    ]
    services.post_entry(kind=TEST.entry, subject=subject(owed), lines=lines, at=NOW, on=TODAY, by=None)
    return owed


def subject(owed: Payable) -> Any:
    return a.Party.objects.get(pk=owed.subject_id)


def cancel(owed: Payable, *, by: Any = None, reason: str = WHY) -> Payable:
    return services.cancel_payable(payable=owed, reason=reason, by=by, at=LATER)


def owed_to(doctor: SimpleNamespace) -> Decimal:
    return -selectors.balance(code="physician_payable", currency="MXN", party=doctor.party)


def test_mo_02_what_waits_is_cancelled_by_the_reversal_of_what_booked_it_once(doctor, people) -> None:
    owed, other = booked(doctor), booked(doctor, "100.00")
    cancelled = cancel(owed, by=people.reviewer)
    assert (cancelled.state, cancelled.reason, cancelled.cancelled_by, cancelled.cancelled_at) == (
        "cancelled",
        WHY,
        people.reviewer,
        LATER,
    )
    assert cancel(cancelled, reason="otra vez").reason == WHY, "again changes nothing"
    mirror = LedgerTransaction.objects.get(reverses__isnull=False)
    assert (mirror.reverses.kind, mirror.reverses.subject_id, mirror.on) == (
        TEST.entry,
        owed.subject_id,
        clock.date_in(LATER),
    )
    assert (owed_to(doctor), list(Payable.objects.waiting())) == (other.amount, [other])
    event = AuditEvent.objects.get(action="treasury.payable_cancelled")
    assert (event.subject_id, event.by_id, event.reason) == (str(owed.pk), people.reviewer.pk, WHY)
    assert invariants.faults() == []
    with pytest.raises(Conflict, match="no se vuelve a deber"):
        services.open_payable(
            party=doctor.party,
            amount=owed.amount,
            currency="MXN",
            kind="test",
            subject=subject(owed),
            reference=owed.reference,
            due_on=TODAY,
            due_rule=a.DUE_RULE,
            by=None,
            at=LATER,
        )


def test_what_is_in_a_batch_or_paid_is_not_cancelled_and_what_came_back_is(doctor, people) -> None:
    a.validated(doctor)
    owed = booked(doctor)
    batch = services.prepare_batch(payables=[owed], by=people.preparer, at=NOW)
    with pytest.raises(Conflict, match="ya está en un lote") as refused:
        cancel(owed)
    assert (refused.value.status, refused.value.code) == (409, "state_moved_on")
    services.cancel_batch(batch=batch, reason="Otra vez", by=people.preparer, at=NOW)
    batch = sent(people, owed)
    transfer = batch.transfers.get()
    bank_says(batch, (transfer, "pagada", ""))
    with pytest.raises(Conflict, match="ya se hizo"):
        cancel(owed)
    assert owed_to(doctor) == 0
    transfer.refresh_from_db()
    returned(transfer)
    assert (owed_to(doctor), cancel(owed).state, owed_to(doctor)) == (owed.amount, "cancelled", 0)
    assert invariants.faults() == []


def test_what_the_bank_refused_is_cancelled_too(doctor, people) -> None:
    a.validated(doctor)
    owed = booked(doctor)
    batch = sent(people, owed)
    bank_says(batch, (batch.transfers.get(), "rechazada", "Cuenta cerrada"))
    owed.refresh_from_db()
    assert (owed.state, cancel(owed).state, owed_to(doctor)) == ("rejected", "cancelled", 0)


def test_a_cancellation_says_why_and_only_of_what_was_booked(doctor) -> None:
    owed = booked(doctor)
    with pytest.raises(RuleBroken, match="por qué"):
        cancel(owed, reason="  ")
    never = a.payable(doctor)
    with pytest.raises(ValueError, match="never booked"):
        cancel(never)
    assert set(Payable.objects.values_list("state", flat=True)) == {"open"}
    Payable.objects.filter(pk=never.pk).update(state="cancelled", cancelled_at=NOW, reason="a mano")
    assert invariants.faults() == [f"cancelled_payable_is_reversed: {never.pk}"]

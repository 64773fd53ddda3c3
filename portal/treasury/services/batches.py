"""Payment batches: prepare, approve, cancel. Three people, one lock (MO-05)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from portal import clock
from portal.access import Permission
from portal.errors import Conflict, RuleBroken
from portal.folios.services import next_folio, void_folio
from portal.history.services import record
from portal.ids import CODE_ALPHABET
from portal.people.selectors import acts_for
from portal.rulebook.rules import refer
from portal.rulebook.selectors import rule_on
from portal.treasury import registry, rules, selectors
from portal.treasury.models import (
    BankAccount,
    BatchApproval,
    BatchBarred,
    Payable,
    PaymentBatch,
    Transfer,
    TransferItem,
)
from portal.treasury.selectors import barred_from, called, is_downloaded, stopped_transfers
from portal.treasury.services.batch_news import ask_approvers, tell_approvers, tell_preparer
from portal.treasury.services.locks import hold_treasury
from portal.treasury.services.release import release_transfers
from portal.vault import blind_index
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

State = rules.BatchState
Group = tuple[BankAccount, list[Payable]]


@transaction.atomic
def prepare_batch(*, payables: Iterable[Payable], by: User, at: datetime) -> PaymentBatch:
    """Put waiting payables into a new batch: one transfer per beneficiary account.

    Raises RuleBroken when one is their own or was reviewed by them, or currencies mix, Conflict when one no longer
    waits or its account cannot be paid now.
    """
    hold_treasury()
    rows = Payable.objects.select_for_update(of=("self",)).select_related("party")
    chosen = list(rows.filter(pk__in=[payable.pk for payable in payables]).order_by("pk"))
    currency = rules.check_selection([(payable.currency, payable.state) for payable in chosen])
    rules.check_not_paid(own=acts_for(by, *{payable.party_id for payable in chosen}, on=clock.date_in(at)))
    barred = registry.barred_people(chosen)
    rules.check_preparer(by=by.pk, barred=barred, what=registry.called(chosen))
    groups = _payables_by_account(chosen, at=at)
    total = sum((payable.amount for payable in chosen), Decimal(0))
    limit = rule_on(rules.FOUR_EYES_LIMITS[currency], on=clock.date_in(at))
    batch = PaymentBatch.objects.create(
        currency=currency,
        total=total,
        count=len(groups),
        prepared_by=by,
        prepared_at=at,
        approvals_needed=rules.approvals_needed(total=total, limit=Decimal(str(limit.value))),
        limit_rule=str(refer(limit)),
    )
    BatchBarred.objects.bulk_create(BatchBarred(batch=batch, user_id=person) for person in sorted(barred))
    for number, group in enumerate(groups, start=1):
        _add_transfer(batch, number, group, by=by, at=at)
    ask_approvers(batch=batch, at=at)
    record(
        action="treasury.batch_prepared",
        subject=batch,
        by=by,
        at=at,
        details={"total": str(total), "currency": currency, "count": len(groups)},
    )
    return batch


def _payables_by_account(chosen: Sequence[Payable], *, at: datetime) -> list[Group]:
    accounts = {
        (account.party_id, account.purpose): account
        for account in BankAccount.objects.select_for_update(of=("self",))
        .usable(at=at)
        .filter(party__in={payable.party_id for payable in chosen})
        .order_by("pk")
    }
    groups: dict[UUID, Group] = {}
    for payable in chosen:
        account = accounts.get((payable.party_id, payable.purpose))
        if account is None:
            raise Conflict(
                f"{payable.reference}: la cuenta bancaria de {payable.party.name} no se puede pagar ahora. "
                "Quítala de la selección y vuelve a intentar.",
                code="account_not_usable",
            )
        groups.setdefault(account.pk, (account, []))[1].append(payable)
    return list(groups.values())


def _add_transfer(batch: PaymentBatch, number: int, group: Group, *, by: User, at: datetime) -> None:
    account, payables = group
    if blind_index(account.clabe, purpose="clabe") != account.clabe_index:
        raise AssertionError(f"the CLABE of account {account.pk} is not the one that was reviewed")
    transfer = Transfer.objects.create(
        batch=batch,
        number=number,
        account=account,
        party=payables[0].party,
        clabe=account.clabe,
        clabe_index=account.clabe_index,
        last4=account.last4,
        bank_name=account.bank_name,
        holder=account.holder,
        rfc=payables[0].party.rfc,
        amount=sum((payable.amount for payable in payables), Decimal(0)),
        currency=batch.currency,
        tracking=_tracking_key(at),
        numeric_reference=f"{clock.date_in(at):%y%m%d}",
        concept=rules.concept((row.reference for row in payables), what=registry.called(payables)),
    )
    TransferItem.objects.bulk_create(
        TransferItem(transfer=transfer, payable=payable, amount=payable.amount) for payable in payables
    )
    for payable in payables:
        rules.PAYABLE.check(payable.state, rules.PayableState.SCHEDULED)
        payable.state, payable.transfer, payable.reason = rules.PayableState.SCHEDULED, transfer, ""
        payable.save(update_fields=["state", "transfer", "reason"])
        registry.payable_kind(payable.kind).scheduled(payable=payable, transfer=transfer, by=by, at=at)


def _tracking_key(at: datetime) -> str:
    """Clave de rastreo, 24 letters and digits (up to 30 are allowed), unique for ever (domain 2.7)."""
    return f"CAUCE{clock.date_in(at):%y%m%d}" + "".join(secrets.choice(CODE_ALPHABET) for _ in range(13))


@transaction.atomic
def approve_batch(*, batch: PaymentBatch, total: Decimal, by: User, at: datetime) -> PaymentBatch:
    """One person's yes to the total they read and typed. The last one needed locks the batch, with its folio LP-….

    Raises RuleBroken for its preparer, a reviewer of what it pays or whom it pays, Conflict when it moved on or its
    total is not the one they typed.
    """
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    rules.BATCH.check(batch.state, State.APPROVED)
    rules.check_same_total(typed=total, current=batch.total, currency=batch.currency)
    rules.check_not_paid(own=acts_for(by, *selectors.paid_parties(batch), on=clock.date_in(at)))
    approvers = set(batch.approvals.filter(voided_at=None).values_list("approver_id", flat=True))
    rules.check_approver(
        by=by.pk,
        preparer=batch.prepared_by_id,
        earlier=approvers,
        barred=barred_from(batch),
        what=called(batch),
    )
    work.settle(thing=batch, by=by)
    BatchApproval.objects.create(batch=batch, approver=by, at=at)
    if len(approvers) + 1 >= batch.approvals_needed:
        _lock_batch(batch, at=at)
        tell_preparer(batch=batch, what="approved", by=by, at=at)
    record(
        action="treasury.batch_approved",
        subject=batch,
        by=by,
        at=at,
        details={"total": str(batch.total), "state": str(batch.state), "folio": batch.folio or ""},
    )
    return batch


def _lock_batch(batch: PaymentBatch, *, at: datetime) -> None:
    pending = batch.transfers.filter(state=rules.TransferState.PENDING)
    accounts = list(pending.order_by("account_id").values_list("account_id", flat=True))
    usable = BankAccount.objects.select_for_update().usable(at=at).filter(pk__in=accounts).order_by("pk")
    if len(usable) != len(accounts):
        raise Conflict(
            "Una cuenta bancaria de este lote ya no se puede pagar. Cancela el lote y prepáralo de nuevo.",
            code="account_not_usable",
        )
    rules.BATCH.check(batch.state, State.APPROVED)
    batch.state, batch.locked_at = State.APPROVED, at
    batch.folio = next_folio(prefix="LP", at=at)
    batch.save(update_fields=["state", "locked_at", "folio"])


@transaction.atomic
def cancel_batch(*, batch: PaymentBatch, reason: str, by: User, at: datetime) -> PaymentBatch:
    """Undo a batch before its lock: every payable waits again. `reason` is required.

    A locked one too while nobody has its file, when it pays an account that was stopped since: its folio is void.
    Raises RuleBroken for anybody but its preparer and people who approve payments, Conflict once it is locked.
    """
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    rules.BATCH.check(batch.state, State.CANCELLED, rules.LOCKED)
    rules.check_cancels(
        locked=batch.locked_at is not None, stopped=bool(stopped_transfers(batch)), downloaded=is_downloaded(batch)
    )
    rules.check_canceller(
        by=by.pk, preparer=batch.prepared_by_id, may_approve=Permission.APPROVE_PAYMENTS in by.permissions
    )
    if not reason.strip():
        raise RuleBroken("Escribe por qué se cancela el lote.", code="reason_missing", field="reason")
    transfers = list(batch.transfers.filter(state=rules.TransferState.PENDING).order_by("pk"))
    release_transfers(batch=batch, transfers=transfers, reason=reason.strip(), by=by, at=at)
    if batch.folio:
        void_folio(folio=batch.folio, at=at)
        tell_approvers(batch=batch, what="undone", by=by, at=at)
    tell_preparer(batch=batch, what="cancelled", by=by, at=at)
    record(
        action="treasury.batch_cancelled",
        subject=batch,
        by=by,
        at=at,
        reason=reason.strip(),
        details={"count": len(transfers)},
    )
    return batch

"""Transfers and deposits: what they pay, to whom, and what of them is still under way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from portal.money import format_money
from portal.text import listed
from portal.treasury import labels, rules
from portal.treasury.models import (
    BankFile,
    Payable,
    PaymentBatch,
    Transfer,
)


def transfers_of(batch: PaymentBatch) -> list[Transfer]:
    """Transfers with their payables' references, by number."""
    rows = batch.transfers.select_related("party", "account", "advice").prefetch_related("items__payable")
    return list(rows.order_by("number"))


def folios_of(transfer: Transfer) -> str:
    """What a transfer pays, or paid, by the references its people know, in words."""
    return listed(transfer.items.order_by("payable__reference").values_list("payable__reference", flat=True))


def tries_of(payable: Payable) -> list[Transfer]:
    """Every transfer that carried a payable, the newest first; all but the last left their batch or came back."""
    rows = Transfer.objects.filter(items__payable=payable).select_related("batch")
    return list(rows.order_by("-batch__prepared_at", "-pk"))


def deposits() -> QuerySet[Transfer]:
    """Transfers that reached their account, also when their money went back; whose they are, the caller asks."""
    return Transfer.objects.filter(state__in=[rules.TransferState.PAID, rules.TransferState.RETURNED])


def deposit(pk: UUID) -> Transfer | None:
    """One of them."""
    return deposits().filter(pk=pk).select_related("batch", "advice").first()


def subjects_of(transfer: Transfer, *, kind: str) -> list[str]:
    """Ids of what a transfer pays, or paid, among payables of one kind."""
    return list(transfer.items.filter(payable__kind=kind).order_by("pk").values_list("payable__subject_id", flat=True))


def batch_folios(transfer_ids: Iterable[Any]) -> dict[str, str]:
    """The folio of the batch of each of these transfers, by the transfer's id as text; other ids are left out."""
    rows = Transfer.objects.filter(pk__in=list(transfer_ids)).values_list("pk", "batch__folio")
    return {str(pk): folio or "" for pk, folio in rows.order_by("pk")}


def stopped_transfers(batch: PaymentBatch) -> list[Transfer]:
    """What a batch would pay to accounts that were stopped since it was prepared, by number (AC-11)."""
    waiting = batch.transfers.filter(state=rules.TransferState.PENDING, account__state=rules.AccountState.STOPPED)
    return list(waiting.order_by("number"))


def payees(transfers: Iterable[Transfer]) -> str:
    """Whom transfers pay, how much and where, in words."""
    return listed(f"{row.holder} {format_money(row.amount, row.currency)} a •••• {row.last4}" for row in transfers)


def is_downloaded(batch: PaymentBatch) -> bool:
    """Whether somebody has the batch's file for the bank."""
    return BankFile.objects.filter(batch=batch, downloads__gt=0).exists()


def locked_transfers_to(*parties: Any) -> QuerySet[Transfer]:
    """What people said yes to pay to the accounts of these parties and the bank has not answered."""
    locked = [rules.BatchState.APPROVED, rules.BatchState.EXPORTED]
    waiting = Transfer.objects.filter(account__party__in=parties, batch__state__in=locked)
    return waiting.filter(state=rules.TransferState.PENDING)


def under_way_to(*, parties: Collection[Any], ended: bool) -> list[tuple[UUID, str]]:
    """(party, line) of each locked batch that pays one: for who moves its RFC. `ended`: what pays stopped accounts."""
    rows = locked_transfers_to(*parties).select_related("batch__prepared_by", "batch__bank_file")
    if ended:
        rows = rows.filter(account__state=rules.AccountState.STOPPED)
    return [
        (row.whose, f"{_batch_now(row.batch)}: paga a •••• {row.last4}. Lo preparó {row.batch.prepared_by}.")
        for row in rows.annotate(whose=F("account__party")).order_by("batch__folio")
    ]


def _batch_now(batch: PaymentBatch) -> str:
    file = getattr(batch, "bank_file", None)
    state = labels.shown(
        batch.state, downloads=file.downloads if file else 0, sent=file is not None and file.sent_at is not None
    )
    return f"Lote {batch.folio} ({labels.SHOWN_LABELS[state].lower()})"

"""What of treasury waits for people at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from portal import clock
from portal.access import Permission, Workspace
from portal.listing import Link
from portal.money import format_money
from portal.people.scopes import of_party
from portal.people.selectors import parties_of
from portal.treasury.listings import ACCOUNTS, BATCHES, DEPOSITS
from portal.treasury.models import BankAccount, Movement, Payable, PaymentBatch
from portal.treasury.selectors import accounts_to_review, batches_to_approve, batches_to_send
from portal.work.registry import Queue

# What is told of a batch.
_TOLD = ("folio", "total", "count", "currency", "prepared_at", "locked_at", "prepared_by__name", "prepared_by__email")


def _accounts(user: Any, at: datetime) -> QuerySet[BankAccount]:
    return accounts_to_review(user).select_related("party").only("submitted_at", "returned_at", "party__name")


def _payables(user: Any, at: datetime) -> QuerySet[Payable]:
    return Payable.objects.waiting()


def _due(user: Any, at: datetime) -> QuerySet[Payable]:
    return Payable.objects.waiting().filter(due_on__lte=clock.date_in(at))


def _to_send(user: Any, at: datetime) -> QuerySet[PaymentBatch]:
    return batches_to_send(user).only(*_TOLD)


def _to_approve(user: Any, at: datetime) -> QuerySet[PaymentBatch]:
    return batches_to_approve(user).only(*_TOLD)


def _deposits(user: Any, at: datetime) -> QuerySet[Movement]:
    """Those that the matcher saw, but for what seems to be of whom this person acts for."""
    rows = Movement.objects.waiting().exclude(proposal={})
    for party in parties_of(user):
        rows = rows.exclude(proposal__parties__contains=str(party))
    return rows.only("amount", "currency", "reference", "arrived_at")


def _batch_title(batch: PaymentBatch) -> str:
    name = f"Lote {batch.folio}" if batch.folio else str(batch)
    return f"{name}, {format_money(batch.total, batch.currency)}"


ACCOUNTS_TO_REVIEW = Queue(
    name="treasury.accounts",
    label="Cuentas bancarias por revisar",
    permission=Permission.REVIEW_ACCOUNTS,
    rows=_accounts,
    seen=lambda user: BankAccount.objects.visible_to(user).exclude(submitted_at=None),
    page="treasury:account_reviews",
    query="espera=revisar",
    listing=ACCOUNTS,
    parts={"estado": "state"},
    since=Coalesce("returned_at", "submitted_at"),
    title=lambda row: "Cuenta bancaria",
    who=lambda row: row.party.name,
    of_insurer=lambda insurer: of_party("party", [insurer]),
    href=Link("treasury:account_review"),
)
PAYABLES = Queue(
    name="treasury.payables",
    workspace=Workspace.TREASURY,
    label="Pagos por preparar",
    permission=Permission.PREPARE_PAYMENTS,
    rows=_payables,
    page="treasury:new_batch",
    since="waiting_since",
    title=str,
    pile=("pago por preparar", "pagos por preparar"),
)
DUE = Queue(
    name="treasury.due",
    workspace=Workspace.TREASURY,
    label="Pagos que ya vencen",
    permission=Permission.PREPARE_PAYMENTS,
    rows=_due,
    page="treasury:new_batch",
    query="hasta=hoy",
    since="waiting_since",
    title=str,
    counts_only=True,
    told=False,
)
TO_SEND = Queue(
    name="treasury.to_send",
    workspace=Workspace.TREASURY,
    label="Lotes por enviar o por conciliar",
    permission=Permission.PREPARE_PAYMENTS,
    rows=_to_send,
    told=False,
    page="treasury:batches",
    query="espera=enviar",
    listing=BATCHES,
    since=Coalesce("locked_at", "prepared_at"),
    title=_batch_title,
    who=lambda row: str(row.prepared_by),
    href=Link("treasury:batch"),
)
TO_APPROVE = Queue(
    name="treasury.to_approve",
    workspace=Workspace.TREASURY,
    label="Lotes por autorizar",
    permission=Permission.APPROVE_PAYMENTS,
    rows=_to_approve,
    told=False,
    seen=PaymentBatch.objects.visible_to,
    page="treasury:batches",
    query="espera=autorizar",
    listing=BATCHES,
    since="prepared_at",
    title=_batch_title,
    who=lambda row: str(row.prepared_by),
    href=Link("treasury:batch"),
)
DEPOSITS_TO_MATCH = Queue(
    name="treasury.deposits",
    workspace=Workspace.TREASURY,
    label="Depósitos por asignar",
    permission=Permission.MATCH_DEPOSITS,
    rows=_deposits,
    seen=Movement.objects.visible_to,
    page="treasury:deposits",
    listing=DEPOSITS,
    parts={"estado": "state"},
    since="arrived_at",
    title=lambda row: f"Depósito de {format_money(row.amount, row.currency)}",
    who=lambda row: row.reference,
    href=Link("treasury:deposit"),
)
QUEUES = (ACCOUNTS_TO_REVIEW, PAYABLES, DUE, TO_SEND, TO_APPROVE, DEPOSITS_TO_MATCH)

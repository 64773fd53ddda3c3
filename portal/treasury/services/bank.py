"""What goes to the bank and what comes back: one file out, answers in, the books follow (MO-09)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from portal import clock
from portal.design import dates
from portal.errors import Conflict, RuleBroken
from portal.history.services import record
from portal.imports import services as imports
from portal.imports.rules.layouts import Item, Judged, Read
from portal.money import format_money
from portal.papers import services as papers
from portal.people.models import Party
from portal.treasury import bank_files, registry, rules
from portal.treasury.models import BankFile, BankResult, Payable, PaymentBatch, Transfer
from portal.treasury.selectors import PAYMENT, folios_of, payees, stopped_transfers
from portal.treasury.services.batch_news import tell_approvers, tell_preparer
from portal.treasury.services.ledger import post_entry
from portal.treasury.services.locks import hold_treasury
from portal.treasury.services.release import free_payables
from portal.treasury.services.returns import take_back
from portal.treasury.services.telling import tell_people_paid
from portal.vault import blind_index

if TYPE_CHECKING:
    from portal.imports.models import ImportRun
    from portal.people.models import User

ANSWERS = "treasury.bank_answers"
State = rules.BatchState


@transaction.atomic
def export_bank_file(*, batch: PaymentBatch, by: User, at: datetime) -> BankFile:
    """Write the locked batch's order to the bank, once: numbered, hashed, kept. Again gives the file that stands.

    Raises Conflict, with whom and the cure, when it pays an account that was stopped since (AC-11)."""
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    rules.check_is_preparer(by=by.pk, preparer=batch.prepared_by_id)
    if existing := BankFile.objects.filter(batch=batch).first():
        return existing
    rules.BATCH.check(batch.state, State.EXPORTED)
    _refuse_stopped_accounts(batch)
    number = (BankFile.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    pending = batch.transfers.filter(state=rules.TransferState.PENDING).order_by("number")
    content = bank_files.write_order(map(_order_row, pending))
    file = papers.store_bytes(
        content=content,
        name=f"{batch.folio}-SPEI-{number:06d}.csv",
        kind="csv",
        purpose="bank-file",
        party=None,
        by=by,
        at=at,
    )
    bank_file = BankFile.objects.create(
        batch=batch, number=number, file=file, sha256=file.sha256, exported_by=by, exported_at=at
    )
    batch.state = State.EXPORTED
    batch.save(update_fields=["state"])
    record(
        action="treasury.bank_file_exported",
        subject=batch,
        by=by,
        at=at,
        details={"number": number, "sha256": bank_file.sha256, "total": str(batch.total), "count": batch.count},
    )
    return bank_file


def _refuse_stopped_accounts(batch: PaymentBatch) -> None:
    if stopped := stopped_transfers(batch):
        raise Conflict(rules.STOPPED.format(who=payees(stopped)), code="account_stopped")


def _order_row(transfer: Transfer) -> bank_files.OrderRow:
    if blind_index(transfer.clabe, purpose="clabe") != transfer.clabe_index:
        raise AssertionError(f"the CLABE of transfer {transfer.pk} is not the one that was approved")
    return bank_files.OrderRow(
        transfer.number,
        transfer.tracking,
        transfer.clabe,
        transfer.holder,
        transfer.rfc,
        transfer.amount,
        transfer.numeric_reference,
        transfer.concept,
    )


@transaction.atomic
def note_download(*, bank_file: BankFile, by: User, at: datetime) -> BankFile:
    """Count a download by the preparer; from the second on it is recorded as a re-export of the same bytes.

    Raises Conflict for the first one when the batch was cancelled, or pays an account that was stopped since (AC-11).
    """
    hold_treasury()
    bank_file = BankFile.objects.select_for_update().select_related("batch", "file").get(pk=bank_file.pk)
    rules.check_is_preparer(by=by.pk, preparer=bank_file.batch.prepared_by_id)
    again = bank_file.downloads > 0
    if not again:
        if bank_file.batch.state == State.CANCELLED:
            raise Conflict(rules.BATCH_MOVED, code="state_moved_on")
        _refuse_stopped_accounts(bank_file.batch)
        bank_file.downloaded_by, bank_file.downloaded_at = by, at
    bank_file.downloads += 1
    bank_file.save(update_fields=["downloads", "downloaded_by", "downloaded_at"])
    record(
        action="treasury.bank_file_exported_again" if again else "treasury.bank_file_downloaded",
        subject=bank_file.batch,
        by=by,
        at=at,
        details={"number": bank_file.number, "times": bank_file.downloads},
    )
    return bank_file


@transaction.atomic
def note_sent(*, batch: PaymentBatch, by: User, at: datetime) -> PaymentBatch:
    """The preparer says that the bank has the file («Ya lo subí»); who and when is kept once, again changes nothing.

    Raises Conflict before its first download, and once the bank answered.
    """
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    bank_file = BankFile.objects.select_for_update().filter(batch=batch).first()
    rules.check_sent(
        state=State(batch.state),
        downloads=bank_file.downloads if bank_file else 0,
        by=by.pk,
        preparer=batch.prepared_by_id,
    )
    assert bank_file is not None  # `check_sent`: it was downloaded
    if bank_file.sent_at is None:
        _keep_sent(bank_file, by=by, at=at)
        record(action="treasury.bank_file_sent", subject=batch, by=by, at=at, details={"number": bank_file.number})
    return batch


def _keep_sent(bank_file: BankFile, *, by: User | None, at: datetime) -> None:
    bank_file.sent_by, bank_file.sent_at = by, at
    bank_file.save(update_fields=["sent_by", "sent_at"])


def read_bank_result(*, batch: PaymentBatch, upload: Any, by: User, at: datetime) -> BankResult:
    """Import a bank answer without applying it: judged and kept; the same bytes again give the result that stands.

    Raises RuleBroken with one finding a refused row (422, nothing stored).
    """
    rules.check_takes_answer(state=State(batch.state), by=by.pk, preparer=batch.prepared_by_id)
    run = imports.read_file(
        kind=ANSWERS, sender=_account_holder(), subject_id=str(batch.pk), upload=upload, declared=None, by=by, at=at
    )
    return BankResult.objects.select_related("run__file", "run__read_by", "batch").get(run=run)


def _account_holder() -> Party:
    """Whose account the bank answers for: whoever runs this installation."""
    return Party.objects.get(is_operator=True)


def find_answered(word: str, user: Any) -> tuple[Party, str]:
    """Whose account pays, and the id of the batch with this folio, for its preparer. Raises RuleBroken."""
    batch = PaymentBatch.objects.visible_to(user).filter(folio=word.strip().upper()).first()
    if batch is None:
        raise RuleBroken(f"Ningún lote tiene el folio {word}. Cópialo de su página.", code="no_batch")
    rules.check_takes_answer(state=State(batch.state), by=user.pk, preparer=batch.prepared_by_id)
    return _account_holder(), str(batch.pk)


def judge_answer(*, sender: Party, subject_id: str, read: Read, on: date) -> Judged:
    """What a bank answer does to its batch as it stands now, row by row, and why it would not be kept (MO-09).

    Holds the treasury until the transaction ends, so that what was judged is what is applied.
    """
    del sender
    hold_treasury()
    batch = PaymentBatch.objects.get(pk=subject_id)
    answer = bank_files.judge(read, _answer_context(batch, on=on))
    return Judged(answer.items, answer.known, errors=answer.errors, refusal=answer.refusal)


def _answer_context(batch: PaymentBatch, *, on: date) -> dict[str, Any]:
    """What a bank answer is compared with; no CLABE among it."""
    rows = batch.transfers.exclude(state=rules.TransferState.WITHDRAWN).order_by("number")
    locked_on = clock.date_in(batch.locked_at) if batch.locked_at else on
    return {
        "transfers": {
            row.tracking: {
                "amount": str(row.amount),
                "state": str(row.state),
                "paid_on": row.paid_on.isoformat() if row.paid_on else None,
            }
            for row in rows
        },
        "locked_on": locked_on.isoformat(),
        "on": on.isoformat(),
        "currency": batch.currency,
    }


def note_answer(*, run: ImportRun, judged: Judged, by: User, at: datetime) -> None:
    """Keep what a bank answer that was read says of each transfer; its file and counts are the run's."""
    told = [item.value for item in judged.new]
    said = {"told": told, "sums": bank_files.sums_of(told)}
    result, made = BankResult.objects.update_or_create(
        run=run, defaults=said, create_defaults=said | {"batch_id": run.subject_id}
    )
    if made:
        record(
            action="treasury.bank_result_read",
            subject=result.batch,
            by=by,
            at=at,
            details={"sha256": run.sha256, **result.sums},
        )


def import_bank_result(*, result: BankResult, by: User, at: datetime) -> PaymentBatch:
    """Apply a bank answer that was read: entries, payables, advices and notices, all or nothing, once.

    Rows whose transfer was answered meanwhile are skipped; those that say something else are counted as left out.
    """
    rules.check_is_preparer(by=by.pk, preparer=result.batch.prepared_by_id)
    try:
        imports.apply_run(run=result.run, by=by, at=at)
    except Conflict:
        if not BankResult.objects.applied().filter(pk=result.pk).exists():
            raise
    return PaymentBatch.objects.get(pk=result.batch_id)


def apply_answer(*, run: ImportRun, judged: Judged, items: Sequence[Item], by: User, at: datetime) -> None:
    """Settle each transfer that an answer tells of, in the order it was judged, and close the batch when all are."""
    del items
    batch = PaymentBatch.objects.select_for_update().get(pk=run.subject_id)
    rules.check_is_preparer(by=by.pk, preparer=batch.prepared_by_id)
    rows = [item.value for item in judged.new]
    transfers = {
        transfer.tracking: transfer
        for transfer in Transfer.objects.select_for_update(of=("self",))
        .select_related("party", "batch", "advice")
        .filter(batch=batch, tracking__in=[row["tracking"] for row in rows])
        .order_by("pk")
    }
    unsaid = BankFile.objects.select_for_update().filter(batch=batch, sent_at=None).first()
    if unsaid is not None:  # whoever answers has the file
        _keep_sent(unsaid, by=None, at=at)
    for row in rows:
        _settle_transfer(transfers[row["tracking"]], row, by=by, at=at)
    _close_batch(batch, by=by, at=at)
    record(
        action="treasury.bank_result_imported",
        subject=batch,
        by=by,
        at=at,
        details={
            "sha256": run.sha256,
            "state": str(batch.state),
            **bank_files.sums_of(rows),
            "left_out": run.wrong,
        },
    )


def _settle_transfer(transfer: Transfer, row: dict[str, str], *, by: User, at: datetime) -> None:
    acts = {rules.TransferState.PAID: _pay_transfer, rules.TransferState.REJECTED: _send_transfer_back}
    act = acts.get(rules.TransferState(row["outcome"]), take_back)
    act(transfer=transfer, row=row, by=by, at=at)


def _pay_transfer(*, transfer: Transfer, row: dict[str, str], by: User, at: datetime) -> None:
    rules.TRANSFER.check(transfer.state, rules.TransferState.PAID)
    payables = list(Payable.objects.select_for_update().filter(transfer=transfer).order_by("pk"))
    paid_on = date.fromisoformat(row["on"])
    lines = [rules.Line(p.liability, p.amount, p.currency, p.party_id) for p in payables]
    lines.append(rules.Line(rules.BANK.code, -transfer.amount, transfer.currency))
    post_entry(kind=PAYMENT, lines=lines, subject=transfer, at=at, on=paid_on, by=by)
    transfer.state, transfer.paid_on = rules.TransferState.PAID, paid_on
    transfer.bank_reference = row["reference"]
    transfer.advice = _issue_advice(transfer, payables, paid_on=paid_on, by=by, at=at)
    transfer.save(update_fields=["state", "paid_on", "bank_reference", "advice"])
    for payable in payables:
        rules.PAYABLE.check(payable.state, rules.PayableState.PAID)
        payable.state, payable.paid_at = rules.PayableState.PAID, at
        payable.save(update_fields=["state", "paid_at"])
        registry.payable_kind(payable.kind).paid(payable=payable, transfer=transfer, by=by, at=at)
    if not registry.are_told(payables):
        steps = _next_steps(transfer, payables, dates.short(paid_on))
        tell_people_paid(transfer=transfer, kind="treasury/paid", folios=folios_of(transfer), steps=steps, at=at)


def _send_transfer_back(*, transfer: Transfer, row: dict[str, str], by: User, at: datetime) -> None:
    reason = row["reason"] or "El banco no dijo por qué."
    rules.TRANSFER.check(transfer.state, rules.TransferState.REJECTED)
    transfer.state, transfer.reason = rules.TransferState.REJECTED, reason
    transfer.bank_reference = row["reference"]
    transfer.save(update_fields=["state", "reason", "bank_reference"])
    free_payables(
        transfer=transfer, state=rules.PayableState.REJECTED, reason=reason, tell=attrgetter("rejected"), by=by, at=at
    )
    tell_people_paid(transfer=transfer, kind="treasury/payment_rejected", at=at)


def _issue_advice(transfer: Transfer, payables: list[Payable], *, paid_on: date, by: User, at: datetime) -> Any:
    """The payment advice, frozen with what it says today; it never holds the whole CLABE."""
    day = dates.short(paid_on)
    return papers.issue_document(
        kind="payment-advice",
        template="pdf/treasury/payment_advice.html",
        party=transfer.party,
        by=by,
        at=at,
        context={
            "holder": transfer.holder,
            "rfc": transfer.rfc,
            "bank": transfer.bank_name,
            "last4": transfer.last4,
            "batch": transfer.batch.folio,
            "tracking": transfer.tracking,
            "paid_on": paid_on.isoformat(),
            "bank_reference": transfer.bank_reference,
            "currency": transfer.currency,
            "total": str(transfer.amount),
            "what": registry.called(payables, one=True).capitalize(),
            "lines": [dict(line) for line in registry.advice_lines(payables)],
            "next_steps": _next_steps(transfer, payables, day),
        },
    )


def _next_steps(transfer: Transfer, payables: list[Payable], day: str) -> list[list[str]]:
    """What whoever is paid does next: titles with their sentences."""
    amount = format_money(transfer.amount, transfer.currency, code=True)
    return [[title, text.format(amount=amount, on=day)] for title, text in registry.next_steps(payables)]


def _close_batch(batch: PaymentBatch, *, by: User, at: datetime) -> None:
    if batch.state == State.EXPORTED and not batch.transfers.filter(state=rules.TransferState.PENDING).exists():
        rules.BATCH.check(batch.state, State.POSTED)
        batch.state, batch.posted_at = State.POSTED, at
        batch.save(update_fields=["state", "posted_at"])
        tell_preparer(batch=batch, what="answered", by=by, at=at)
        tell_approvers(batch=batch, what="answered", by=by, at=at)

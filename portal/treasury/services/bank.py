"""What goes to the bank and what comes back: one file out, answers in, the books follow (MO-09)."""

from __future__ import annotations

from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Max

from portal import clock
from portal.design import dates
from portal.errors import Conflict, RuleBroken, Verdict
from portal.history.services import record
from portal.imports.rules.tables import TABLE_KINDS
from portal.money import format_money
from portal.papers import services as papers
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

State = rules.BatchState


@transaction.atomic
def export_bank_file(*, batch: PaymentBatch, by: Any, at: datetime) -> BankFile:
    """Write the locked batch's order to the bank, once: numbered, hashed, kept. Again gives the file that stands.

    Raises Conflict, with whom and the cure, when it pays an account that was stopped since (AC-11)."""
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=batch.pk)
    rules.check_is_preparer(by=by.pk, preparer=batch.prepared_by_id)
    if existing := BankFile.objects.filter(batch=batch).first():
        return existing
    rules.BATCH.check(batch.state, State.EXPORTED)
    _refuse_stopped(batch)
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


def _refuse_stopped(batch: PaymentBatch) -> None:
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
def note_download(*, bank_file: BankFile, by: Any, at: datetime) -> BankFile:
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
        _refuse_stopped(bank_file.batch)
    bank_file.downloads += 1
    bank_file.save(update_fields=["downloads"])
    record(
        action="treasury.bank_file_exported_again" if again else "treasury.bank_file_downloaded",
        subject=bank_file.batch,
        by=by,
        at=at,
        details={"number": bank_file.number, "times": bank_file.downloads},
    )
    return bank_file


def read_bank_result(*, batch: PaymentBatch, upload: Any, by: Any, at: datetime) -> BankResult:
    """Judge a bank answer and keep it, without applying it; the same bytes again give the result that stands.

    Raises RuleBroken with one finding a refused row (422, nothing stored).
    """
    rules.check_is_preparer(by=by.pk, preparer=batch.prepared_by_id)
    if batch.state not in {State.EXPORTED, State.POSTED}:
        raise Conflict("Descarga primero el archivo para el banco; después sube su respuesta.", code="not_exported")
    examined = papers.examine_upload(
        upload=upload,
        kinds={*TABLE_KINDS},
        check="portal.treasury.bank_files.check",
        context=_result_context(batch, at=at),
    )
    if examined.verdict == Verdict.REJECTED:
        raise RuleBroken(
            "La respuesta del banco no se puede aplicar y no cambió nada. Abajo está cada renglón por corregir.",
            code="result_rejected",
            field="result",
            findings=examined.findings,
        )
    return _keep_result(batch=batch, examined=examined, by=by, at=at)


def _result_context(batch: PaymentBatch, *, at: datetime) -> dict[str, Any]:
    """What the examiner compares a bank answer with; no CLABE among it."""
    rows = batch.transfers.exclude(state=rules.TransferState.WITHDRAWN).order_by("number")
    locked_on = clock.date_in(batch.locked_at) if batch.locked_at else clock.date_in(at)
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
        "on": clock.date_in(at).isoformat(),
        "currency": batch.currency,
    }


@transaction.atomic
def _keep_result(*, batch: PaymentBatch, examined: Any, by: Any, at: datetime) -> BankResult:
    hold_treasury()
    sha256 = examined.upload.sha256
    existing = BankResult.objects.filter(batch=batch, sha256=sha256).first()
    if existing is not None:
        return existing
    file = papers.store_upload(examined=examined, purpose="bank-result", party=None, by=by, at=at)
    result = BankResult.objects.create(
        batch=batch, file=file, sha256=sha256, rows=len(examined.facts["rows"]), read_by=by, read_at=at
    )
    record(
        action="treasury.bank_result_read",
        subject=batch,
        by=by,
        at=at,
        details={"sha256": sha256, **examined.facts["sums"]},
    )
    return result


@transaction.atomic
def import_bank_result(*, result: BankResult, by: Any, at: datetime) -> PaymentBatch:
    """Apply a bank answer that was read: entries, payables, advices and notices, all or nothing, once.

    Rows whose transfer was answered meanwhile are skipped; those that say something else are counted as left out.
    """
    hold_treasury()
    batch = PaymentBatch.objects.select_for_update().get(pk=result.batch_id)
    result = BankResult.objects.select_for_update(of=("self",)).select_related("file").get(pk=result.pk)
    rules.check_is_preparer(by=by.pk, preparer=batch.prepared_by_id)
    if result.imported_at is not None:
        return batch
    rows = result.file.facts["rows"]
    transfers = {
        transfer.tracking: transfer
        for transfer in Transfer.objects.select_for_update(of=("self",))
        .select_related("party", "batch", "advice")
        .filter(batch=batch, tracking__in=[row["tracking"] for row in rows])
        .order_by("pk")
    }
    applied = [_settle(transfers[row["tracking"]], row, by=by, at=at) for row in rows]
    result.imported_by, result.imported_at = by, at
    result.save(update_fields=["imported_by", "imported_at"])
    _close(batch, by=by, at=at)
    record(
        action="treasury.bank_result_imported",
        subject=batch,
        by=by,
        at=at,
        details={
            "sha256": result.sha256,
            "state": str(batch.state),
            **result.file.facts["sums"],
            "left_out": applied.count(False),
        },
    )
    return batch


def _settle(transfer: Transfer, row: dict[str, str], *, by: Any, at: datetime) -> bool:
    """Apply one row to its transfer as it stands now; False when it contradicts what was answered since it was read."""
    state = rules.TransferState(transfer.state)
    try:
        target = rules.answered(state=state, said=rules.TransferState(row.get("said", row["outcome"])))
    except Conflict:
        return False
    if target is not None:
        acts = {rules.TransferState.PAID: _pay, rules.TransferState.REJECTED: _send_back}
        acts.get(target, take_back)(transfer=transfer, row=row, by=by, at=at)
    return True


def _pay(*, transfer: Transfer, row: dict[str, str], by: Any, at: datetime) -> None:
    rules.TRANSFER.check(transfer.state, rules.TransferState.PAID)
    payables = list(Payable.objects.select_for_update().filter(transfer=transfer).order_by("pk"))
    paid_on = date.fromisoformat(row["on"])
    lines = [rules.Line(p.liability, p.amount, p.currency, p.party_id) for p in payables]
    lines.append(rules.Line(rules.BANK.code, -transfer.amount, transfer.currency))
    post_entry(kind=PAYMENT, lines=lines, subject=transfer, at=at, on=paid_on, by=by)
    transfer.state, transfer.paid_on = rules.TransferState.PAID, paid_on
    transfer.bank_reference = row["reference"]
    transfer.advice = _advice(transfer, payables, paid_on=paid_on, by=by, at=at)
    transfer.save(update_fields=["state", "paid_on", "bank_reference", "advice"])
    for payable in payables:
        rules.PAYABLE.check(payable.state, rules.PayableState.PAID)
        payable.state, payable.paid_at = rules.PayableState.PAID, at
        payable.save(update_fields=["state", "paid_at"])
        registry.payable_kind(payable.kind).paid(payable=payable, transfer=transfer, by=by, at=at)
    if not registry.are_told(payables):
        tell_people_paid(transfer=transfer, kind="treasury/paid", folios=folios_of(transfer), at=at)


def _send_back(*, transfer: Transfer, row: dict[str, str], by: Any, at: datetime) -> None:
    reason = row["reason"] or "El banco no dijo por qué."
    rules.TRANSFER.check(transfer.state, rules.TransferState.REJECTED)
    transfer.state, transfer.reason = rules.TransferState.REJECTED, reason
    transfer.bank_reference = row["reference"]
    transfer.save(update_fields=["state", "reason", "bank_reference"])
    free_payables(
        transfer=transfer, state=rules.PayableState.REJECTED, reason=reason, tell=attrgetter("rejected"), by=by, at=at
    )
    tell_people_paid(transfer=transfer, kind="treasury/payment_rejected", at=at)


def _advice(transfer: Transfer, payables: list[Payable], *, paid_on: date, by: Any, at: datetime) -> Any:
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
            "next_steps": [
                [title, text.format(amount=format_money(transfer.amount, transfer.currency, code=True), on=day)]
                for title, text in registry.next_steps(payables)
            ],
        },
    )


def _close(batch: PaymentBatch, *, by: Any, at: datetime) -> None:
    if batch.state == State.EXPORTED and not batch.transfers.filter(state=rules.TransferState.PENDING).exists():
        rules.BATCH.check(batch.state, State.POSTED)
        batch.state, batch.posted_at = State.POSTED, at
        batch.save(update_fields=["state", "posted_at"])
        tell_preparer(batch=batch, what="answered", by=by, at=at)
        tell_approvers(batch=batch, what="answered", by=by, at=at)

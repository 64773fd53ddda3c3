"""One batch: who acted on it, who may, what they can do now (MO-05)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from portal import clock
from portal.access import Permission
from portal.design.detailing import Clock, Missing, Told, told_of
from portal.money import format_money
from portal.people.selectors import parties_of
from portal.rulebook.rules import Explanation
from portal.rulebook.selectors import explain_due, explain_kept
from portal.states import DESK_BALL_LABELS, Ball
from portal.treasury import registry, rules
from portal.treasury.models import (
    BankFile,
    BankResult,
    BatchApproval,
    Payable,
    PaymentBatch,
    Transfer,
)
from portal.treasury.selectors.transfers import payees, stopped_transfers

if TYPE_CHECKING:
    from portal.people.models import User


def people_of(batch: PaymentBatch) -> list[tuple[str, str, datetime | None]]:
    """(act, person, instant) of everybody who acted on a batch."""
    people: list[tuple[str, str, datetime | None]] = [("Preparó", str(batch.prepared_by), batch.prepared_at)]
    for row in batch.approvals.filter(voided_at=None).select_related("approver").order_by("at", "pk"):
        people.append(("Autorizó", str(row.approver), row.at))
    if batch.cancelled_by is not None:
        people.append(("Canceló", str(batch.cancelled_by), batch.cancelled_at))
    return people


def barred_from(batch: PaymentBatch) -> set[UUID]:
    """Who may not act on a batch (MO-05): whoever reviewed something in it before it was prepared, or since."""
    return registry.barred_people(_paid_by(batch)) | set(batch.barred.values_list("user_id", flat=True))


def paid_parties(batch: PaymentBatch) -> list[UUID]:
    """Whom a batch pays."""
    return list(batch.transfers.order_by("party_id").values_list("party_id", flat=True).distinct())


def called(batch: PaymentBatch) -> str:
    """What a batch pays, in words: several of them."""
    return registry.called(_paid_by(batch))


def _paid_by(batch: PaymentBatch) -> list[Payable]:
    return list(Payable.objects.filter(transfer__batch=batch).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Acts:
    """What this person can do on a batch now."""

    approve: bool
    cancel: bool
    export: bool
    download: bool
    upload: bool
    waits_for_another: bool
    withdraw: bool = False
    send: bool = False
    why_not: str = ""
    stopped: str = ""


def figures_of_batch(batch: PaymentBatch) -> dict[str, dict[str, Any]]:
    """Where the total of a batch comes from, and why so many people approve it."""
    prepared = batch.transfers.aggregate(total=Sum("amount"))["total"] or batch.total
    return {"total_figure": _total_figure(batch, prepared), "approvals": _approvals_figure(batch, prepared)}


def _total_figure(batch: PaymentBatch, prepared: Decimal) -> dict[str, Any]:
    """The transfers that make it, less those that left it since it was prepared."""
    told = [("Al prepararlo", format_money(prepared, batch.currency))]
    if prepared != batch.total:
        told.append(("Salió del lote", f"−{format_money(prepared - batch.total, batch.currency)}"))
    formula, shown = "suma de las transferencias del lote", (*told, ("Transferencias", f"{batch.count:,}"))
    return Explanation("Total del lote", formula, shown, format_money(batch.total, batch.currency)).as_json()


def _approvals_figure(batch: PaymentBatch, prepared: Decimal) -> dict[str, Any]:
    """Its total when prepared decides, also where transfers left it since."""
    needed = batch.approvals_needed
    return explain_kept(
        title="Cuántas personas autorizan el lote",
        formula="dos si al prepararlo el total pasa del límite; si no, una",
        given=("Total al prepararlo", format_money(prepared, batch.currency, code=True)),
        result=f"{needed} persona{'s' if needed > 1 else ''}",
        rule=batch.limit_rule,
    )


def acts_on(batch: PaymentBatch, *, by: User) -> Acts:
    """The acts of a batch by state and person; `why_not` tells an approver why they may not (MO-05), `stopped` whom a
    locked batch must not pay any more (AC-11)."""
    state, mine = rules.BatchState(batch.state), batch.prepared_by_id == by.pk
    prepares = mine and Permission.PREPARE_PAYMENTS in by.permissions
    approve, why_not, withdraw = False, "", False
    if state == rules.BatchState.PREPARED and Permission.APPROVE_PAYMENTS in by.permissions:
        why_not, withdraw = _why_not_approve(batch, by)
        approve = not why_not
    bank_file = bank_file_of(batch)
    stopped, outside = stopped_transfers(batch), bool(bank_file and bank_file.downloads)
    held = bool(stopped) and not outside
    told = rules.STOPPED if held else rules.STOPPED_OUTSIDE
    return Acts(
        approve=approve,
        why_not=why_not,
        waits_for_another=state == rules.BatchState.PREPARED and not approve and not why_not,
        stopped=told.format(who=payees(stopped)) if stopped else "",
        cancel=(state == rules.BatchState.PREPARED or held)
        and (prepares or Permission.APPROVE_PAYMENTS in by.permissions),
        export=prepares and state == rules.BatchState.APPROVED and not held,
        download=prepares and state in {rules.BatchState.EXPORTED, rules.BatchState.POSTED} and not held,
        # Also of a batch long posted: what was paid may come back.
        upload=prepares and state in {rules.BatchState.EXPORTED, rules.BatchState.POSTED},
        withdraw=withdraw and batch.count > 1,
        send=prepares and state == rules.BatchState.EXPORTED and outside and not (bank_file and bank_file.sent_at),
    )


def _why_not_approve(batch: PaymentBatch, by: User) -> tuple[str, bool]:
    """What keeps this person from authorising, or nothing, and whether they may take a transfer out: who said yes
    already does not say it again, and may have second thoughts."""
    if batch.transfers.filter(party__in=parties_of(by)).exists():
        return rules.OWN_PAYMENT, False
    earlier = set(batch.approvals.filter(voided_at=None).values_list("approver_id", flat=True))
    asked = {"by": by.pk, "preparer": batch.prepared_by_id, "barred": barred_from(batch), "what": called(batch)}
    why_not = rules.why_not_approve(**asked, earlier=earlier)  # type: ignore[arg-type]
    return why_not, not why_not or by.pk in earlier


def why_stays(transfer: Transfer, *, by: User) -> str:
    """The sentence that keeps this approver from taking a transfer out of its batch now, or empty."""
    batch = transfer.batch
    if transfer.state != rules.TransferState.PENDING:
        return rules.BATCH_MOVED
    if batch.state != rules.BatchState.PREPARED:
        return rules.LOCKED_STAYS
    why_not, may = _why_not_approve(batch, by)
    if not may:
        return why_not
    return "" if batch.count > 1 else rules.LAST_TRANSFER


def batches_to_send(user: Any) -> QuerySet[PaymentBatch]:
    """Batches that this person prepared and has to send, or whose answer is still to come."""
    mine = PaymentBatch.objects.select_related("prepared_by").filter(prepared_by=user)
    return mine.filter(state__in=[rules.BatchState.APPROVED, rules.BatchState.EXPORTED])


def batches_to_approve(user: Any) -> QuerySet[PaymentBatch]:
    """Batches that wait for this person's yes: not their own, not barred, not said yet."""
    prepared = PaymentBatch.objects.filter(state=rules.BatchState.PREPARED).select_related("prepared_by")
    yours = prepared.exclude(prepared_by=user)
    # One subquery: two conditions of exclude() on a relation may be met by two different rows (a voided yes of theirs
    # and a live one of somebody else).
    said_yes = BatchApproval.objects.filter(approver=user, voided_at=None).values("batch")
    own = Transfer.objects.filter(party__in=parties_of(user)).values("batch")
    return yours.exclude(barred__user=user).exclude(pk__in=said_yes).exclude(pk__in=own)


def bank_file_of(batch: PaymentBatch) -> BankFile | None:
    """The batch's file for the bank, once it is written."""
    rows = BankFile.objects.filter(batch=batch)
    return rows.select_related("file", "exported_by", "downloaded_by", "sent_by").first()


def facts_of_file(bank_file: BankFile) -> list[tuple[str, datetime, str]]:
    """(fact, when, who) of what became of a batch's file: made, downloaded first, sent to the bank."""
    facts = [("Archivo generado", bank_file.exported_at, str(bank_file.exported_by))]
    if bank_file.downloaded_at is not None:
        facts.append(("Descargado", bank_file.downloaded_at, str(bank_file.downloaded_by)))
    if bank_file.sent_at is not None:
        said = str(bank_file.sent_by) if bank_file.sent_by else "lo dice la respuesta del banco"
        facts.append(("Enviado al banco", bank_file.sent_at, said))
    return facts


def results_of(batch: PaymentBatch) -> list[BankResult]:
    """Bank answers of a batch, oldest first."""
    return list(batch.results.select_related("run__file", "run__read_by").order_by("run__read_at", "pk"))


def batch_told(batch: PaymentBatch) -> Told:
    """Who moves a batch next: the bank only once its file was sent there."""
    told = told_of(rules.BATCH.at(batch.state), desk=True)
    bank_file = bank_file_of(batch) if batch.state == rules.BatchState.EXPORTED else None
    if bank_file is None or bank_file.sent_at is not None:
        return told
    is_here = bank_file.downloaded_at is not None
    lacks = Missing("Subir el archivo al banco y decirlo aquí: «Ya lo subí»." if is_here else "Descargar el archivo.")
    return replace(told, ball=DESK_BALL_LABELS[Ball.US], missing=(lacks,))


def payable_told(owed: Payable, *, on: date) -> Told:
    """Who moves a payable next, and by when it is to be paid while it is owed."""
    stand = rules.PAYABLE.at(owed.state)
    is_owed = stand.ball is not Ball.NOBODY
    figure = explain_due(
        title="Cuándo se paga",
        formula="desde que se debe, los días que dice la regla",
        start=("Se debe desde", clock.date_in(owed.opened_at)),
        due_on=owed.due_on,
        due_rule=owed.due_rule,
    )
    clocks = (Clock("Se paga", owed.due_on, late=owed.due_on < on, figure=figure),) if is_owed else ()
    return told_of(stand, desk=True, clocks=clocks)

"""What is asked of who authorises a batch: another person, who read its total, and may take a transfer out first."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from portal.errors import Conflict, RuleBroken
from portal.money import format_money

LOCKED_STAYS = "El lote ya está cerrado: de él no se quita ninguna transferencia. Recarga la página."
LAST_TRANSFER = "Es la única transferencia del lote. Si no debe salir, cancela el lote entero con ese motivo."


def check_approver(*, by: UUID, preparer: UUID, barred: Collection[UUID], earlier: Collection[UUID], what: str) -> None:
    """Reviewer, preparer and approver are three people, and two approvals are two people."""
    if by == preparer:
        raise RuleBroken("Preparaste este lote: lo autoriza otra persona.", code="preparer_approves")
    if by in barred:
        raise RuleBroken(
            f"Revisaste {what} de este lote: quien revisa no autoriza el pago. Pídelo a otra persona.",
            code="reviewer_approves",
        )
    if by in earlier:
        raise Conflict("Ya autorizaste este lote. La segunda autorización la da otra persona.", code="approved_already")


def why_not_approve(*, by: UUID, preparer: UUID, barred: Collection[UUID], earlier: Collection[UUID], what: str) -> str:
    """The sentence that keeps this person from approving, or empty."""
    try:
        check_approver(by=by, preparer=preparer, barred=barred, earlier=earlier, what=what)
    except RuleBroken as reason:
        return reason.message
    return ""


def check_same_total(*, typed: Decimal, current: Decimal, currency: str) -> None:
    """An approver says yes to the amount they read and typed, never to another one."""
    if typed != current:
        raise Conflict(
            f"Escribiste {format_money(typed, currency)} y el lote suma {format_money(current, currency)}. "
            "Revísalo otra vez y escribe el total que autorizas.",
            code="total_differs",
            field="total",
        )


def check_withdrawal(*, locked: bool, left: int) -> None:
    """A transfer leaves a batch before its last approval, and never as the last one (that is: cancel the batch)."""
    if locked:
        raise Conflict(LOCKED_STAYS, code="state_moved_on")
    if not left:
        raise RuleBroken(LAST_TRANSFER, code="last_transfer")


def check_withdrawal_reason(reason: str) -> str:
    """The preparer reads why; in one line of their list."""
    if not reason.strip():
        raise RuleBroken(
            "Escribe por qué se quita: lo lee quien prepara los pagos.", code="reason_missing", field="reason"
        )
    return reason.strip()

"""Bank accounts, ledger and batches: states, three people, holds and sums. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from portal.errors import Conflict, RuleBroken
from portal.money import round_money
from portal.states import Ball, Machine, Stand
from portal.text import folded

CURRENCIES = [("MXN", "MXN"), ("CLP", "CLP")]
ENTRY_MIN_LINES = 2


class Decision(StrEnum):
    """What a reviewer says of an account."""

    APPROVED = "approved"
    REJECTED = "rejected"


DECISION_LABELS = {Decision.APPROVED: "Aprobó", Decision.REJECTED: "Rechazó"}
DECIDED = {Decision.APPROVED: "Aprobaste", Decision.REJECTED: "Rechazaste"}  # said to who decided

# --- machines ----------------------------------------------------------------------------------------------------

BATCH_MOVED = "El lote ya cambió de estado. Recarga la página para ver en qué va."
ACCOUNT_MOVED = "La cuenta bancaria ya cambió de estado. Recarga la página para ver en qué va."


class AccountState(StrEnum):
    """The life of a bank account (domain 2.6); `stopped` = its owner took the change back before it was worth money,
    or the RFC went to its owner."""

    CAPTURED = "captured"
    IN_REVIEW = "in_review"
    VALIDATED = "validated"
    REJECTED = "rejected"
    REPLACED = "replaced"
    STOPPED = "stopped"


ACCOUNT = Machine(
    AccountState,
    {
        AccountState.CAPTURED: Stand(
            label="Falta que la envíes",
            desk="Sin enviar",
            tone="warn",
            to=(AccountState.IN_REVIEW, AccountState.REPLACED, AccountState.STOPPED),
            ball=Ball.YOU,
            next="Envíala a revisión",
        ),
        # Replaced while in review: the account of record of a returned transfer, once a change is validated.
        AccountState.IN_REVIEW: Stand(
            label="La está revisando una persona",
            desk="Por revisar",
            tone="info",
            to=(AccountState.VALIDATED, AccountState.REJECTED, AccountState.REPLACED, AccountState.STOPPED),
            ball=Ball.US,
        ),
        # Back in review when the bank returns a transfer that it had paid to it. A change is paid after its hold.
        AccountState.VALIDATED: Stand(
            label="Validada",
            tone="ok",
            to=(AccountState.IN_REVIEW, AccountState.REPLACED, AccountState.STOPPED),
            due="account_change_hold_hours",
        ),
        AccountState.REJECTED: Stand(label="No quedó registrada", desk="Rechazada", tone="error"),
        # Back only when the change that took its place is stopped during its hold; in review if a transfer came back.
        # Stopped when the RFC goes to its owner.
        AccountState.REPLACED: Stand(
            label="Reemplazada",
            tone="neutral",
            to=(AccountState.IN_REVIEW, AccountState.VALIDATED, AccountState.STOPPED),
        ),
        AccountState.STOPPED: Stand(label="Detuviste el cambio", desk="Detenida", tone="neutral"),
    },
    moved=ACCOUNT_MOVED,
)


class PayableState(StrEnum):
    """The life of an amount owed; `rejected` = the bank sent it back and it waits for another batch; `cancelled` = its
    reason is gone, and so it never was owed."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    PAID = "paid"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


PAYABLE = Machine(
    PayableState,
    {
        PayableState.OPEN: Stand(
            label="Por pagar", tone="info", to=(PayableState.SCHEDULED, PayableState.CANCELLED), ball=Ball.US
        ),
        PayableState.SCHEDULED: Stand(
            label="En un lote",
            tone="info",
            to=(PayableState.OPEN, PayableState.PAID, PayableState.REJECTED),
            ball=Ball.BANK,
        ),
        PayableState.PAID: Stand(label="Pagado", tone="ok", to=(PayableState.OPEN,)),  # its transfer came back
        PayableState.REJECTED: Stand(
            label="El banco lo rechazó",
            tone="error",
            to=(PayableState.SCHEDULED, PayableState.CANCELLED),
            ball=Ball.US,
        ),
        PayableState.CANCELLED: Stand(label="Cancelado", tone="neutral"),
    },
    moved=BATCH_MOVED,
)


class BatchState(StrEnum):
    """The life of a payment batch; it is locked from `approved` on."""

    PREPARED = "prepared"
    APPROVED = "approved"
    EXPORTED = "exported"
    POSTED = "posted"
    CANCELLED = "cancelled"


BATCH = Machine(
    BatchState,
    {
        BatchState.PREPARED: Stand(
            label="Espera autorización",
            tone="warn",
            to=(BatchState.APPROVED, BatchState.CANCELLED),
            ball=Ball.US,
            next="Lo autoriza quien no lo preparó ni revisó lo que paga",
        ),
        # Cancelled once locked only when it pays whoever lost the RFC, and nobody has its file (`check_cancels`).
        BatchState.APPROVED: Stand(
            label="Autorizado y cerrado",
            tone="info",
            to=(BatchState.EXPORTED, BatchState.CANCELLED),
            ball=Ball.US,
            next="Quien lo preparó hace el archivo para el banco",
        ),
        BatchState.EXPORTED: Stand(
            label="Archivo generado", tone="info", to=(BatchState.POSTED, BatchState.CANCELLED), ball=Ball.BANK
        ),
        BatchState.POSTED: Stand(label="Respondido y contabilizado", tone="ok"),
        BatchState.CANCELLED: Stand(label="Cancelado", tone="neutral"),
    },
    moved=BATCH_MOVED,
)


class TransferState(StrEnum):
    """The life of a transfer. `rejected` = the bank never paid it; `returned` = it paid, and the money came back later;
    `withdrawn` = it left before anybody had its file (cancelled batch or changed account).
    """

    PENDING = "pending"
    PAID = "paid"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


TRANSFER = Machine(
    TransferState,
    {
        TransferState.PENDING: Stand(
            label="Sin respuesta",
            tone="neutral",
            to=(TransferState.PAID, TransferState.REJECTED, TransferState.WITHDRAWN),
            ball=Ball.BANK,
        ),
        TransferState.PAID: Stand(label="Pagada", tone="ok", to=(TransferState.RETURNED,)),
        TransferState.REJECTED: Stand(label="Rechazada", tone="error"),
        TransferState.RETURNED: Stand(label="Devuelta después de pagada", tone="error"),
        TransferState.WITHDRAWN: Stand(label="Salió del lote", tone="neutral"),
    },
    moved=BATCH_MOVED,
)


# --- the ledger --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LedgerCode:
    """An account of the books as the app that owns it declares it; `of_party`: one for each party, else the house's."""

    code: str
    label: str
    of_party: bool = False


BANK = LedgerCode("bank", "Banco")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry: debit positive, credit negative, in `currency`; `party` None = the house's own account."""

    code: str
    amount: Decimal
    currency: str
    party: UUID | None = None


def check_entry(lines: Iterable[Line]) -> None:
    """An entry has two lines or more, none zero, whole CLP, and sums to zero per currency; otherwise ValueError."""
    lines = list(lines)
    if len(lines) < ENTRY_MIN_LINES:
        raise ValueError("an entry has two lines or more")
    sums: dict[str, Decimal] = {}
    for line in lines:
        if line.amount == 0:
            raise ValueError("a line is never zero")
        if line.amount != round_money(line.amount, line.currency):
            raise ValueError(f"{line.amount} has more decimals than {line.currency}")
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.amount
    if any(sums.values()):
        raise ValueError(f"an entry sums to zero per currency, not {sums}")


def check_amount(amount: Decimal, currency: str) -> None:
    """An amount owed is more than zero and has the currency's decimals; otherwise ValueError (a bug of the caller)."""
    if amount <= 0 or amount != round_money(amount, currency):
        raise ValueError(f"{amount} {currency} cannot be owed")


def cannot_reverse_reversal() -> RuleBroken:
    """A reversal is final."""
    return RuleBroken("Ese asiento ya es una reversa y no se revierte. Registra un asiento nuevo.", code="is_reversal")


# --- bank accounts -----------------------------------------------------------------------------------------------

FIRST_ACCOUNT_REVIEWS = 1
CHANGE_REVIEWS = 2


def check_stands(state: AccountState, wanted: AccountState) -> None:
    """An owner hands in what is captured, a reviewer judges what is in review: other ways there are nobody's act."""
    if state != wanted:
        raise Conflict(ACCOUNT_MOVED, code="state_moved_on")


def reviews_needed(*, is_change: bool) -> int:
    """One reviewer for a first account, two for a change (MO-06)."""
    return CHANGE_REVIEWS if is_change else FIRST_ACCOUNT_REVIEWS


def usable_from(*, approved_at: datetime, is_change: bool, hold_hours: int) -> datetime:
    """The instant from which an account may be paid: at once, or `hold_hours` natural hours after a change (MO-06)."""
    return approved_at + timedelta(hours=hold_hours) if is_change else approved_at


def can_stop(*, state: AccountState, is_change: bool, usable_from: datetime | None, at: datetime) -> bool:
    """Whether its owner can still take a change back: in review, or validated while its hold runs (N10)."""
    if not is_change:
        return False
    return state == AccountState.IN_REVIEW or (
        state == AccountState.VALIDATED and usable_from is not None and usable_from > at
    )


def check_reviewer(*, reviewer: UUID, submitter: UUID | None, earlier: Collection[UUID], own_party: bool) -> None:
    """Who hands an account in, or acts for its party, never judges it; nobody judges it twice."""
    if reviewer == submitter or own_party:
        raise RuleBroken("No puedes revisar una cuenta bancaria tuya. La revisa otra persona.", code="own_account")
    if reviewer in earlier:
        raise Conflict(
            "Ya revisaste esta cuenta bancaria. Un cambio de cuenta bancaria lo aprueban dos personas distintas.",
            code="reviewed_already",
        )


def check_reason(reason: str) -> str:
    """A refusal says why, in words the owner will read."""
    if not reason.strip():
        raise RuleBroken(
            "Escribe el motivo: quien registró la cuenta bancaria lo va a leer.", code="reason_missing", field="reason"
        )
    return reason.strip()


class Wait(StrEnum):
    """Why a payable cannot go into a batch now."""

    NO_ACCOUNT = "no_account"
    IN_REVIEW = "in_review"
    ON_HOLD = "on_hold"


WAIT_LABELS = {
    Wait.NO_ACCOUNT: "No tiene una cuenta bancaria validada",
    Wait.IN_REVIEW: "Su cuenta bancaria está en revisión",
    Wait.ON_HOLD: "Cambió de cuenta bancaria y corre el plazo de seguridad",
}


def why_waits(*, validated_from: datetime | None, in_review: bool, at: datetime) -> Wait | None:
    """None when the party can be paid now; a running hold waits even though an older account existed (MO-06)."""
    if validated_from is not None:
        return Wait.ON_HOLD if validated_from > at else None
    return Wait.IN_REVIEW if in_review else Wait.NO_ACCOUNT


# --- batches: three people (MO-05) -------------------------------------------------------------------------------

# The rule that says, for each currency, above what total a batch needs two approvers. Pesos of Mexico came first.
FOUR_EYES_LIMITS = {"MXN": "batch.four_eyes_limit", "CLP": "batch.four_eyes_limit_clp"}


def approvals_needed(*, total: Decimal, limit: Decimal) -> int:
    """Two approvers when the total passes the limit, one up to and including it."""
    return 2 if total > limit else 1


def check_not_paid(*, own: bool) -> None:
    """Whom a batch pays, or who acts for them, neither prepares nor approves it."""
    if own:
        raise RuleBroken(OWN_PAYMENT, code="own_payment")


def check_preparer(*, by: UUID, barred: Collection[UUID], what: str) -> None:
    """Who reviewed something that the batch pays does not prepare it; `what` are those things, in words."""
    if by in barred:
        raise RuleBroken(
            f"Revisaste {what} de esta selección: quien revisa no prepara el pago. "
            "Quita de la selección lo que revisaste o pide que lo prepare otra persona.",
            code="reviewer_prepares",
        )


def check_canceller(*, by: UUID, preparer: UUID, may_approve: bool) -> None:
    """Before its lock a batch is undone by its preparer or by anybody who may approve payments: no money moves."""
    if by != preparer and not may_approve:
        raise RuleBroken(
            "Este lote lo cancela quien lo preparó o una persona que autoriza pagos.", code="not_the_preparer"
        )


def check_cancels(*, locked: bool, stopped: bool, downloaded: bool) -> None:
    """A locked batch is undone only when an account in it was stopped and nobody has its file yet (AC-11).

    `locked`: people said yes to its total; `downloaded`: its file left the portal. Otherwise Conflict.
    """
    if locked and (downloaded or not stopped):
        raise Conflict(LOCKED, code="state_moved_on")


def check_is_preparer(*, by: UUID, preparer: UUID) -> None:
    """The preparer, and nobody else, sends the file and brings the bank's answer."""
    if by != preparer:
        raise RuleBroken(
            "Solo quien preparó el lote descarga su archivo y sube la respuesta del banco.", code="not_the_preparer"
        )


def check_sent(*, state: BatchState, downloads: int, by: UUID, preparer: UUID) -> None:
    """The preparer says that the bank has the file, once it was downloaded and before the bank answered."""
    check_is_preparer(by=by, preparer=preparer)
    if state == BatchState.POSTED:
        raise Conflict(BATCH_MOVED, code="state_moved_on")
    if not downloads:
        raise Conflict("Descarga primero el archivo; después di que ya lo subiste al banco.", code="not_downloaded")


def check_takes_answer(*, state: BatchState, by: UUID, preparer: UUID) -> None:
    """The preparer brings the bank's answer once the batch's file was written; also later, for what comes back."""
    check_is_preparer(by=by, preparer=preparer)
    if state not in {BatchState.EXPORTED, BatchState.POSTED}:
        raise Conflict("Descarga primero el archivo para el banco; después sube su respuesta.", code="not_exported")


CANNOT_CANCEL = (
    "Este pago ya está en un lote o ya se hizo y no se cancela. "
    "Si el lote todavía espera autorización, cancela primero el lote."
)
OWED_NO_MORE = "Lo que se debía por esto se canceló y no se vuelve a deber. Regístralo como un asunto nuevo."
OWN_PAYMENT = "Uno de estos pagos es tuyo o de quien te encarga sus cobros: lo prepara y lo autoriza otra persona."
DECISION_WAITS = (
    "{by} ya decidió y todavía lo puede deshacer. Espera un minuto y vuelve a abrir la página para ver cómo quedó."
)
OWNER_WAITS = "Tu cuenta bancaria está en revisión en este momento. Espera un minuto y vuelve a intentar."
CANNOT_STOP = (
    "Este cambio de cuenta bancaria ya no se puede detener: terminó su plazo de seguridad o ya cambió de estado. "
    "Para recibir tus pagos en otra cuenta bancaria, regístrala."
)
STOPPED = (
    "Este lote paga a {who}, y ya no se debe: su RFC pasó a su dueño y la cuenta bancaria era de otra persona. "
    "Cancela el lote y prepara otro con los demás pagos."
)
STOPPED_OUTSIDE = (
    "El archivo que ya se descargó paga a {who}, y ya no se debe: su RFC pasó a su dueño y la cuenta bancaria era "
    "de otra persona. Quita esa transferencia en la banca electrónica o pide al banco que la detenga; en su respuesta "
    "va como rechazada."
)
LOCKED = "El lote ya está cerrado y no se cancela. Lo que el banco devuelva volverá a la lista de pagos."


def concept(references: Iterable[str], *, what: str) -> str:
    """SPEI concept, up to 40 ASCII letters, digits and blanks (domain 2.7); `what` are several of them, in words."""
    references = list(references)
    text = f"PAGO {references[0]}" if len(references) == 1 else f"PAGO DE {len(references)} {what}"
    plain = folded(text).upper()
    return "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in plain)[:40].strip()


# --- the bank's answer -------------------------------------------------------------------------------------------


# Where a transfer stands → what the bank says → where it goes; None = the bank repeats what is known. A word that is
# not here contradicts an earlier answer. «Devuelta» of a transfer that was never told as paid is a rejection.
ANSWERS: Mapping[TransferState, Mapping[TransferState, TransferState | None]] = {
    TransferState.PENDING: {
        TransferState.PAID: TransferState.PAID,
        TransferState.REJECTED: TransferState.REJECTED,
        TransferState.RETURNED: TransferState.REJECTED,
    },
    TransferState.PAID: {TransferState.PAID: None, TransferState.RETURNED: TransferState.RETURNED},
    TransferState.REJECTED: {TransferState.REJECTED: None, TransferState.RETURNED: None},
    TransferState.RETURNED: {TransferState.PAID: None, TransferState.RETURNED: None},
    TransferState.WITHDRAWN: {},
}


def answered(*, state: TransferState, said: TransferState) -> TransferState | None:
    """Where a transfer goes when the bank says `said` of it; None when that is known. Conflict for a contradiction."""
    words = ANSWERS[state]
    if said not in words:
        raise Conflict(
            f"Esa transferencia ya tiene otra respuesta del banco: «{TRANSFER.label(state)}». Pregunta al banco cuál "
            "vale; si pagó y el dinero regresó, el resultado debe decir devuelta.",
            code="answered_otherwise",
        )
    return words[said]


@dataclass(frozen=True, slots=True)
class Sums:
    """Control totals of a batch or of a bank answer; amounts in the batch's currency."""

    paid_count: int
    paid_total: Decimal
    rejected_count: int
    rejected_total: Decimal
    returned_count: int = 0
    returned_total: Decimal = Decimal(0)


def control_sums(rows: Iterable[tuple[str, Decimal]]) -> Sums:
    """Count and total per outcome (`paid`, `rejected`, `returned`)."""
    amounts: dict[str, list[Decimal]] = {"paid": [], "rejected": [], "returned": []}
    for outcome, amount in rows:
        amounts[outcome].append(amount)
    paid, rejected, returned = ((len(row), sum(row, Decimal(0))) for row in amounts.values())
    return Sums(*paid, *rejected, *returned)


# --- choosing what to pay ----------------------------------------------------------------------------------------


def check_selection(chosen: Sequence[tuple[str, str]]) -> str:
    """(currency, state) of each chosen payable → the one currency; all must still wait."""
    if not chosen:
        raise RuleBroken("Elige al menos un pago para preparar el lote.", code="nothing_chosen")
    if not all(PAYABLE.allows(state, PayableState.SCHEDULED) for _currency, state in chosen):
        raise Conflict(
            "Un pago de tu selección ya está en otro lote. Recarga la lista y elige de nuevo.", code="already_scheduled"
        )
    currencies = {currency for currency, _state in chosen}
    if len(currencies) > 1:
        raise RuleBroken("Un lote lleva una sola moneda. Prepara un lote por moneda.", code="mixed_currencies")
    return currencies.pop()

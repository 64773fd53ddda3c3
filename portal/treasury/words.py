"""Words, colours and order of treasury's screens: tables over the states of `rules`, nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from portal.errors import Finding, Level
from portal.treasury.rules import AccountState, BatchState, TransferState

DESK_ACCOUNT_LABELS = {
    AccountState.CAPTURED: "Sin enviar",
    AccountState.IN_REVIEW: "Por revisar",
    AccountState.VALIDATED: "Validada",
    AccountState.REJECTED: "Rechazada",
    AccountState.REPLACED: "Reemplazada",
    AccountState.STOPPED: "La detuvo su titular",
}
ACCOUNT_TONES = {
    AccountState.CAPTURED: "warn",
    AccountState.IN_REVIEW: "info",
    AccountState.VALIDATED: "ok",
    AccountState.REJECTED: "error",
    AccountState.REPLACED: "neutral",
    AccountState.STOPPED: "neutral",
}
BATCH_TONES = {
    BatchState.PREPARED: "warn",
    BatchState.APPROVED: "info",
    BatchState.EXPORTED: "info",
    BatchState.POSTED: "ok",
    BatchState.CANCELLED: "neutral",
}
TRANSFER_TONES = {
    TransferState.PENDING: "neutral",
    TransferState.PAID: "ok",
    TransferState.REJECTED: "error",
    TransferState.WITHDRAWN: "neutral",
}
REVIEW_TABS = (
    ("in_review", "Por revisar"),
    ("validated", "Validadas"),
    ("rejected", "Rechazadas"),
    ("all", "Todas"),
)
_GRAVITY = {Level.ERROR: 0, Level.REVIEW: 1, Level.WARNING: 2, Level.NOT_CHECKED: 3, Level.OK: 4}


def errors_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by gravity, otherwise in their order."""
    return tuple(sorted(findings, key=lambda finding: _GRAVITY[finding.level]))


BATCH_STEPS = ("Preparar", "Autorizar", "Enviar al banco", "Respuesta del banco", "Pagado")
BATCH_STEP = {
    BatchState.PREPARED: 2,
    BatchState.APPROVED: 3,
    BatchState.EXPORTED: 4,
    BatchState.POSTED: 6,
    BatchState.CANCELLED: 0,
}

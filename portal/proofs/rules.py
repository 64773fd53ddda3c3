"""Papers that prove an RFC, as pure rules: their states and the words of their pages (AC-11)."""

from __future__ import annotations

from enum import StrEnum

from portal.errors import RuleBroken
from portal.states import Ball, Machine, Stand

CHECK = "portal.proofs.checks.names_rfc"
PURPOSE, EVIDENCE = "rfc-proof", "rfc-move"
MIN_REASON = 10
PROVED = "Tu RFC ya está acreditado: no hace falta otro documento."
WAITS = "Ya tenemos un documento tuyo en revisión. Espera la respuesta y, si hace falta, sube otro."


class PaperState(StrEnum):
    """The life of a paper: one person judges it once; `ended` = its RFC moved to its owner meanwhile."""

    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    ENDED = "ended"


class PaperKind(StrEnum):
    """Which papers prove an RFC; a CFDI is none: every payer holds some."""

    CONSTANCIA = "constancia"
    STATEMENT = "statement"


KIND_LABELS = {
    PaperKind.CONSTANCIA: "Constancia de Situación Fiscal",
    PaperKind.STATEMENT: "Estado de cuenta de mi banco con mi RFC",
}
DESK_KIND_LABELS = {
    PaperKind.CONSTANCIA: "Constancia de Situación Fiscal",
    PaperKind.STATEMENT: "Estado de cuenta del banco",
}
PAPER = Machine(
    PaperState,
    {
        PaperState.IN_REVIEW: Stand(
            label="La está revisando una persona",
            desk="Por revisar",
            tone="info",
            to=(PaperState.ACCEPTED, PaperState.RETURNED, PaperState.ENDED),
            ball=Ball.US,
        ),
        PaperState.ACCEPTED: Stand(label="Aceptada", tone="ok"),
        PaperState.RETURNED: Stand(label="Devuelta: sube otra", desk="Devuelta", tone="error"),
        PaperState.ENDED: Stand(label="Terminada", desk="El RFC se movió", tone="neutral"),
    },
    moved="Alguien ya decidió sobre este documento.",
)


class MoveState(StrEnum):
    """The life of a request to hand an RFC over to its owner; another administrator says yes or no, once."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    REFUSED = "refused"


MOVE = Machine(
    MoveState,
    {
        MoveState.WAITING: Stand(
            label="Espera a otra persona de Administración",
            desk="Por confirmar",
            tone="info",
            to=(MoveState.HANDED_OVER, MoveState.REFUSED),
        ),
        MoveState.HANDED_OVER: Stand(label="Entregado", tone="ok"),
        MoveState.REFUSED: Stand(label="No se entregó", tone="neutral"),
    },
    moved="Esa solicitud ya se resolvió.",
    code="move_decided",
)


def check_reason(reason: str) -> str:
    """A reason that its reader can act on; RuleBroken when it is missing or only a word."""
    text = reason.strip()
    if len(text) < MIN_REASON:
        raise RuleBroken(
            "Escribe el motivo en una frase: lo lee quien subió el documento y con eso lo corrige.",
            code="no_reason",
            field="reason",
        )
    return text

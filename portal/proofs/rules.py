"""Papers that prove an RFC, as pure rules: their states and the words of their pages (AC-11)."""

from __future__ import annotations

from enum import StrEnum

from portal.errors import RuleBroken
from portal.states import Ball, Machine, Stand

CHECK = "portal.proofs.checks.names_rfc"
PURPOSE, EVIDENCE = "rfc-proof", "rfc-move"
MIN_REASON = 10


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


# What became of a request to hand an RFC over: whether it was accepted -> words, none while nobody decided.
MOVE_LABELS = {None: "", True: "Entregado", False: "No se entregó"}


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

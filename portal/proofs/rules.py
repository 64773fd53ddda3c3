"""Papers that prove an RFC, as pure rules: their states and the words of their pages (AC-11)."""

from __future__ import annotations

from enum import StrEnum

from portal.errors import RuleBroken

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
STATE_LABELS = {
    PaperState.IN_REVIEW: "La está revisando una persona",
    PaperState.ACCEPTED: "Aceptada",
    PaperState.RETURNED: "Devuelta: sube otra",
    PaperState.ENDED: "Terminada",
}
DESK_LABELS = {
    PaperState.IN_REVIEW: "Por revisar",
    PaperState.ACCEPTED: "Aceptada",
    PaperState.RETURNED: "Devuelta",
    PaperState.ENDED: "El RFC se movió",
}
TONES = {
    PaperState.IN_REVIEW: "info",
    PaperState.ACCEPTED: "ok",
    PaperState.RETURNED: "error",
    PaperState.ENDED: "neutral",
}
TRANSITIONS = {
    PaperState.IN_REVIEW: frozenset({PaperState.ACCEPTED, PaperState.RETURNED, PaperState.ENDED}),
    PaperState.ACCEPTED: frozenset[PaperState](),
    PaperState.RETURNED: frozenset[PaperState](),
    PaperState.ENDED: frozenset[PaperState](),
}
MOVED_ON = "Alguien ya decidió sobre este documento."


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

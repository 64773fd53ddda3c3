"""The life of an import: read and judged, then applied by a second act, refused for good, or cancelled. Pure."""

from __future__ import annotations

from enum import StrEnum

from portal.states import Ball, Machine, Stand


class RunState(StrEnum):
    """Where an import stands."""

    READ = "read"
    APPLIED = "applied"
    REFUSED = "refused"
    CANCELLED = "cancelled"


RUN = Machine(
    RunState,
    {
        RunState.READ: Stand(
            label="Sin aplicar",
            tone="warn",
            to=(RunState.APPLIED, RunState.REFUSED, RunState.CANCELLED),
            ball=Ball.YOU,
            next="Aplícalo o cancélalo",
        ),
        RunState.APPLIED: Stand(label="Aplicado", tone="ok"),
        RunState.REFUSED: Stand(label="Rechazado", tone="error"),
        RunState.CANCELLED: Stand(label="Cancelado", tone="neutral"),
    },
    moved="Este archivo ya no espera: se aplicó, se rechazó o se canceló. Ábrelo de nuevo para ver cómo quedó.",
)
LIVE = frozenset({RunState.READ, RunState.APPLIED})  # what keeps the same file from coming again


class Told(StrEnum):
    """What the mail says of a long file to who sent it, once the drain had it."""

    READ = "read"  # rows wait to be applied
    HEADINGS = "headings"  # somebody says first which column is which
    NOTHING = "nothing"  # no row can enter: closed
    APPLIED = "applied"
    REFUSED = "refused"  # a rule forbids to read or to apply it


TOLD: dict[Told, tuple[str, str]] = {
    Told.READ: (
        "Leímos tu archivo",
        "Renglones nuevos: {new}. Con error: {wrong}. Todavía no entra nada: ábrelo para aplicarlo.",
    ),
    Told.HEADINGS: (
        "Dinos los títulos de tu archivo",
        "El archivo trae otros títulos y sus renglones aún no se leen. Ábrelo y di cuál es cada columna que falta.",
    ),
    Told.NOTHING: (
        "Ningún renglón de tu archivo puede entrar",
        "Renglones con error: {wrong}. Ábrelo para ver qué corregir y súbelo otra vez.",
    ),
    Told.APPLIED: ("Tu archivo se aplicó", "Renglones que entraron: {new}. Quedaron fuera por error: {wrong}."),
    Told.REFUSED: ("No pudimos seguir con tu archivo", "{why}"),
}


def tell(what: Told, *, new: int, wrong: int, why: str = "") -> dict[str, str]:
    """Subject and text of the mail about a long file; `why` is the refusal's own sentence."""
    subject, text = TOLD[what]
    return {"subject": subject, "text": text.format(new=f"{new:,}", wrong=f"{wrong:,}", why=why)}

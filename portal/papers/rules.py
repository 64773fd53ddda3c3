"""Limits and small decisions about stored files: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from portal.errors import Finding, Level, RuleBroken, TooMany
from portal.states import Ball, Machine, Stand


class FileVerdict(StrEnum):
    """What the machine says; `pending` waits for the drain `examinations` and nobody downloads it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVIEW = "review"
    REJECTED = "rejected"


# A file that a form waited for has its verdict from the first. One that stands is held once more against what it is to
# agree with when that came later.
FILE = Machine(
    FileVerdict,
    {
        FileVerdict.PENDING: Stand(
            label="Pendiente de revisión",
            tone="info",
            to=(FileVerdict.ACCEPTED, FileVerdict.REVIEW, FileVerdict.REJECTED),
            ball=Ball.US,
        ),
        FileVerdict.ACCEPTED: Stand(label="Aceptado", tone="ok", to=(FileVerdict.REVIEW,), begins=True),
        FileVerdict.REVIEW: Stand(
            label="Por revisar", tone="warn", to=(FileVerdict.ACCEPTED,), ball=Ball.US, begins=True
        ),
        FileVerdict.REJECTED: Stand(label="Rechazado", tone="error"),
    },
    moved="Este archivo ya tiene su veredicto. Abre otra vez la página para ver cómo quedó.",
)


class ExportState(StrEnum):
    """How far the file of a long list is."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    REFUSED = "refused"
    DROPPED = "dropped"
    STUCK = "stuck"


UNDER_WAY = (ExportState.WAITING, ExportState.MAKING)
EXPORT_LABELS = {
    ExportState.WAITING: "En espera",
    ExportState.MAKING: "Preparando",
    ExportState.READY: "Lista",
    ExportState.REFUSED: "No se hizo",
    ExportState.DROPPED: "Ya se borró",
    ExportState.STUCK: "No se pudo preparar",
}
EXPORT_TONES = {
    ExportState.WAITING: "neutral",
    ExportState.MAKING: "info",
    ExportState.READY: "ok",
    ExportState.REFUSED: "error",
    ExportState.DROPPED: "neutral",
    ExportState.STUCK: "warn",
}
EXPORT_CURES = {
    ExportState.DROPPED: "Pídela otra vez si la necesitas.",
    ExportState.STUCK: "Ya avisamos a quien lo atiende. Vuelve más tarde.",
}


class Standing(StrEnum):
    """How a paper of ours stands today, said on its public check by the room that owns what it is about."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    VOIDED = "voided"


# Word, colour, and what follows «Documento» in the heading.
STANDINGS: dict[Standing, tuple[str, str, str]] = {
    Standing.IN_FORCE: ("Vigente", "ok", "auténtico y vigente"),
    Standing.SUSPENDED: ("Suspendido", "warn", "auténtico, pero suspendido"),
    Standing.CANCELLED: ("Cancelado", "error", "auténtico, pero cancelado"),
    Standing.EXPIRED: ("Vencido", "warn", "auténtico, pero vencido"),
    Standing.REPLACED: ("Sustituido", "warn", "auténtico, pero sustituido por otro"),
    Standing.VOIDED: ("Anulado", "error", "anulado"),
}

MAX_BYTES = 52_428_800  # of one file (UP-01)
FILES_A_DAY = 500  # UP-13, per person
BYTES_A_DAY = 500 * 1024 * 1024
DRAFT_KEPT = timedelta(hours=24)  # a right file waits so long for the rest of its form
SWEPT_AT_MOST = 100  # files a night that may go aside without a person looking
SWEPT_FEW = 10  # so many may go aside however few files there are
# The words of a page and the CLABEs among them: the check reads them, no row keeps them in clear (PR-06, AD-05).
NEVER_STORED = frozenset({"text", "clabes"})


def facts_to_keep(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without page text and CLABEs, and without what a check marked as passing by a leading "_"."""
    return {name: value for name, value in facts.items() if name not in NEVER_STORED and not name.startswith("_")}


def check_quota(*, files: int, size: int, more: int) -> None:
    """A person's files and bytes of the last 24 hours, and the bytes to come. Raises TooMany."""
    if files >= FILES_A_DAY or size + more > BYTES_A_DAY:
        raise TooMany(
            "En las últimas 24 horas subiste 500 archivos o 500 MB, que es el máximo. Sigue mañana.",
            retry_after=3600,
            code="upload_quota",
        )


def repeated() -> Finding:
    """A large photograph that turned out, once converted, to be one already there."""
    return Finding("file.repeated", Level.ERROR, "Este archivo ya lo habías subido.", "Usa el que ya está.")


def display_code(typed: str) -> str:
    """The public code of a document as printed, from what people type: any case, with or without dashes and spaces."""
    letters = "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())
    letters = letters.translate(str.maketrans("ILO", "110"))
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def sweep_refusal(*, orphans: int, known: int) -> str:
    """Why these files without a row stay where they are; "" when they may be set aside.

    A killed upload leaves a handful. More than that is a database that is not the one of these files.
    """
    if not orphans:
        return ""
    if not known:
        return "la base no conoce ningún archivo"
    if orphans > SWEPT_AT_MOST:
        return f"son más de {SWEPT_AT_MOST}"
    if orphans > SWEPT_FEW and orphans * 100 > known:
        return "son más del 1 % de los archivos"
    return ""


class Wanted(StrEnum):
    """Where a complete request of documents stands; what is asked for again waits for another person's yes."""

    PROPOSED = "proposed"
    OPEN = "open"
    ANSWERED = "answered"
    OVERDUE = "overdue"
    DECLINED = "declined"
    DROPPED = "dropped"


WANTED = Machine(
    Wanted,
    {
        Wanted.PROPOSED: Stand(
            label="Preparamos lo que te vamos a pedir",
            desk="Espera el sí de otra persona",
            tone="warn",
            to=(Wanted.OPEN, Wanted.DECLINED, Wanted.DROPPED),
            ball=Ball.US,
        ),
        Wanted.OPEN: Stand(
            label="Nos faltan documentos tuyos",
            desk="Espera a la familia",
            tone="warn",
            to=(Wanted.ANSWERED, Wanted.OVERDUE, Wanted.DROPPED),
            ball=Ball.YOU,
            next="Sube lo que te pedimos",
        ),
        Wanted.ANSWERED: Stand(label="Enviaste lo que te pedimos", desk="Contestada", tone="ok"),
        Wanted.OVERDUE: Stand(label="Se pasó la fecha y seguimos con lo que hay", desk="Vencida", tone="neutral"),
        Wanted.DECLINED: Stand(label="No hizo falta pedirte más", desk="No autorizada", tone="neutral"),
        Wanted.DROPPED: Stand(label="Ya no hace falta", desk="Sin efecto", tone="neutral"),
    },
    moved="Esta solicitud de documentos ya cambió. Recarga la página para ver cómo quedó.",
    code="request_moved_on",
)
MOST_WANTED = 20


@dataclass(frozen=True, slots=True)
class WantedThing:
    """One thing to ask for: the document, why (a code of the app's catalogue), what exactly, an example."""

    document: str
    why: str
    detail: str = ""
    example: str = ""


def check_wanted(things: Sequence[WantedThing], *, number: int, reason: str) -> None:
    """Raises RuleBroken for a request that asks for nothing or too much, or asks again without saying why."""
    if not things:
        raise RuleBroken("Elige al menos un documento y di por qué lo pides.", code="nothing_wanted")
    if len(things) > MOST_WANTED:
        raise RuleBroken(
            f"Pide hasta {MOST_WANTED} documentos a la vez. Junta los que sean del mismo tipo.", code="too_much_wanted"
        )
    if number > 1 and not reason.strip():
        raise RuleBroken(
            "Ya se pidieron documentos una vez. Escribe por qué hace falta pedir más: lo autoriza otra persona.",
            code="again_without_reason",
            field="reason",
        )


def check_answered(answers: Mapping[str, bool]) -> None:
    """Raises RuleBroken naming each thing ({what: whether something answers it}) with neither file nor observation."""
    left = [what for what, is_answered in answers.items() if not is_answered]
    if left:
        raise RuleBroken(
            f"Falta contestar: {', '.join(left).lower()}. Sube el archivo, o escribe por qué no lo tienes.",
            code="not_all_answered",
        )


# What the public check says of a code or of a copy → tone, title, text.
CHECKED: dict[str, tuple[str, str, str]] = {
    "same": ("ok", "El PDF es el original", "Tu copia es idéntica, byte por byte, a la que emitimos."),
    "same_ended": (
        "warn",
        "El PDF es el original, pero no está vigente",
        "Tu copia es idéntica a la que emitimos; hoy el documento no tiene validez.",
    ),
    "altered": (
        "error",
        "El PDF fue alterado",
        "No es igual al que emitimos con este código. Pide el original a quien te lo dio.",
    ),
    "no_copy": (
        "error",
        "Ese PDF no es uno de los nuestros",
        "Puede ser una copia escaneada, impresa de nuevo o alterada. Escribe el código que está junto al cuadro QR.",
    ),
    "no_document": (
        "error",
        "",
        "Revisa el código: son 16 letras y números. Si está bien escrito, el documento no es auténtico.",
    ),
}

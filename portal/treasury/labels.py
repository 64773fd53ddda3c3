"""Words, colours and order of treasury's screens: what `rules` does not say with its machines. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from portal.errors import Finding, Level
from portal.treasury.rules import BATCH, BatchState

# What names a batch until its last approval gives it a folio, and forever when it is cancelled before.
BATCH_WITHOUT_FOLIO = "Lote sin folio"
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


# What the machine asks of the owner, said to the reviewer: code → what to do. Errors are never stored.
_LOOK = "Lee tú el PDF: CLABE, banco, titular y fecha de corte."
REVIEWER_CURES = {
    "image_only": _LOOK,
    "garbled": _LOOK,
    "bank_not_named": "Confirma el banco en la imagen.",
    "bank_hosts": "Confirma en la imagen que la CLABE es de esa institución.",
    "bank_doubtful": "Confirma en la imagen de qué banco es el estado de cuenta.",
    "bank_merged": "Las cuentas de antes conservan su CLABE. Confirma en la imagen que es la misma.",
    "bank_unknown": "Confirma el banco en la imagen y su clave con el catálogo.",
    "holder_partial": "Compara el nombre completo en la imagen.",
    "holder_by_rfc": "Lee en la imagen a nombre de quién está la cuenta.",
    "holder_in_movement": "Lee en la imagen a nombre de quién está la cuenta: un movimiento no lo dice.",
    "holder_changed": "Comprueba que es la misma persona y compara el nombre antes de aprobar.",
    "closing_not_found": "Busca en la imagen la fecha de corte o el fin del periodo.",
    "not_checked": "",
}
_OWNER_TO_REVIEWER = (
    ("Tu nombre", "El nombre del titular"),
    ("Tu RFC", "El RFC del titular"),
    ("de tu nombre", "del nombre del titular"),
    ("lo revisa una persona", "te toca revisarlo"),
)


def for_reviewer(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as the reviewer reads them: of the owner in third person, and what a reviewer has to look at."""
    return tuple(
        replace(one, message=_third_person(one.message), cure=REVIEWER_CURES.get(one.code, one.cure))
        for one in errors_first(findings)
    )


def _third_person(message: str) -> str:
    for owner, reviewer in _OWNER_TO_REVIEWER:
        message = message.replace(owner, reviewer)
    return message


BATCH_STEPS = ("Preparar", "Autorizar", "Archivo para el banco", "Respuesta del banco", "Contabilizado")
BATCH_STEP: dict[str, int] = {
    BatchState.PREPARED: 2,
    BatchState.APPROVED: 3,
    BatchState.EXPORTED: 3,
    BatchState.POSTED: 6,
    BatchState.CANCELLED: 0,
}
# What people read of a batch: once its file is made, whether anybody has it. That it was sent is what the bank answers.
DOWNLOADED = "downloaded"
SHOWN_STEP: dict[str, int] = BATCH_STEP | {DOWNLOADED: 4}
SHOWN_LABELS: dict[str, str] = {
    **{state.value: label for state, label in BATCH.labels.items()},
    BatchState.EXPORTED: "Archivo generado, sin descargar",
    DOWNLOADED: "Archivo descargado, sin respuesta",
}
SHOWN_TONES: dict[str, str] = {
    **{state.value: tone for state, tone in BATCH.tones.items()},
    BatchState.EXPORTED: "warn",
    DOWNLOADED: "info",
}


def shown(state: str, *, downloads: int) -> str:
    """A batch's state as people read it."""
    return DOWNLOADED if state == BatchState.EXPORTED and downloads else state

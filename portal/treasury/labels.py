"""Words, colours and order of treasury's screens: what `rules` does not say with its machines. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from portal.errors import Finding, Level
from portal.treasury.rules import BATCH, BatchState

# What a batch is called, with its day: before it has a folio, and in its list always.
BATCH_OF = "Lote del "
ONE_TRANSFER, TRANSFERS = ", 1 transferencia", " transferencias"


def batch_name(day: str, count: int) -> str:
    """What a batch is called before it has a folio: its day and how many transfers it has, if any stayed."""
    held = {0: "", 1: ONE_TRANSFER}.get(count, f", {count:,}{TRANSFERS}")
    return f"{BATCH_OF}{day}{held}"


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
    "bank_merged": "Las cuentas bancarias de antes conservan su CLABE. Confirma en la imagen que es la misma.",
    "bank_unknown": "Confirma el banco en la imagen y su clave con el catálogo.",
    "holder_partial": "Compara el nombre completo en la imagen.",
    "holder_by_rfc": "Lee en la imagen a nombre de quién está la cuenta bancaria.",
    "holder_in_movement": "Lee en la imagen a nombre de quién está la cuenta bancaria: un movimiento no lo dice.",
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
# What people read of a batch once its file is made: whether anybody has it, and whether the bank does, which its
# preparer says or the bank's answer shows.
DOWNLOADED = "downloaded"
SENT = "sent"
SHOWN_STEP: dict[str, int] = BATCH_STEP | {DOWNLOADED: 3, SENT: 4}
SHOWN_LABELS: dict[str, str] = {
    **{state.value: label for state, label in BATCH.labels.items()},
    BatchState.EXPORTED: "Archivo generado, sin descargar",
    DOWNLOADED: "Archivo descargado, sin enviar",
    SENT: "Enviado al banco, sin respuesta",
}
SHOWN_TONES: dict[str, str] = {
    **{state.value: tone for state, tone in BATCH.tones.items()},
    BatchState.EXPORTED: "warn",
    DOWNLOADED: "warn",
    SENT: "info",
}


def shown(state: str, *, downloads: int, sent: bool) -> str:
    """A batch's state as people read it."""
    if state != BatchState.EXPORTED:
        return state
    if sent:
        return SENT
    return DOWNLOADED if downloads else state


# --- collections -----------------------------------------------------------------------------------------------------

DEPOSIT_TABS = (
    ("waiting", "Por asignar"),
    ("matched", "Asignados"),
    ("discarded", "Apartados"),
    ("outgoing", "Salidas"),
    ("all", "Todos"),
)


def after_sending(*, is_change: bool) -> list[str]:
    """What comes next once an account was sent, in order."""
    told = "Te avisamos en Avisos y por correo."
    if not is_change:
        return [
            "Una persona compara la CLABE con tu estado de cuenta.",
            told,
            "Validada, tus pagos salen a esta cuenta bancaria.",
        ]
    return [
        "Dos personas comparan la CLABE con tu estado de cuenta.",
        f"{told} Como es un cambio, escribimos a todos tus correos.",
        "Corre un plazo de seguridad: tus pagos nuevos esperan a que termine.",
        "Hasta entonces puedes detener el cambio y seguir con tu cuenta bancaria de antes.",
    ]

"""Formats that a family fills in and signs: seven kinds, for a first sending and for a complement (S3.35). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from claims.rules.kinds import Kind, Stage, Subtype
from portal.errors import RuleBroken

STAGES = (Stage.INITIAL, Stage.COMPLEMENT)
STAGE_WORDS = {Stage.INITIAL: "primer envío", Stage.COMPLEMENT: "complemento"}
# The seven of the source, by what a claim is called in the portal.
WHAT_LABELS: dict[str, str] = {
    Kind.REIMBURSEMENT: "Reembolso",
    Kind.MINOR: "Gastos menores",
    Subtype.SURGERY: "Cirugía programada",
    Subtype.MEDICATION: "Programación de medicamentos",
    Subtype.CHEMOTHERAPY: "Programación de quimioterapia",
    Subtype.STUDY: "Programación de estudio",
    Subtype.THERAPY: "Programación de terapias",
}
_PAID = ("Qué se atendió y en qué fechas", "Quién atendió y dónde", "Total que pagaste")
_ASKED: dict[str, tuple[str, ...]] = {
    Kind.REIMBURSEMENT: (*_PAID, "Desde cuándo tienes este padecimiento"),
    Kind.MINOR: _PAID,
    Subtype.SURGERY: ("Qué cirugía se programa", "Quién opera y en qué hospital", "Fecha de la cirugía"),
    Subtype.MEDICATION: ("Medicamento, dosis y duración", "Quién lo indica", "Dónde se surte"),
    Subtype.CHEMOTHERAPY: ("Esquema, ciclos y fechas", "Quién lo indica y en qué hospital", "Fecha del primer ciclo"),
    Subtype.STUDY: ("Qué estudio se programa y para qué", "Quién lo indica", "Dónde y cuándo se hace"),
    Subtype.THERAPY: ("Qué terapia y cuántas sesiones", "Quién la indica y quién la da", "Desde cuándo"),
}
_CHANGED = ("Folio del trámite que se complementa", "Qué cambió desde el último envío")
DECLARATION = (
    "Lo que escribo en este formato es verdad. Autorizo a la aseguradora a pedir a quien me atendió los datos de este "
    "padecimiento que hagan falta para revisar este trámite."
)
MOST_ASKED = 12


@dataclass(frozen=True, slots=True)
class Shipped:
    """The first version of a format."""

    what: str
    stage: Stage
    asked: tuple[str, ...]


SHIPPED: tuple[Shipped, ...] = tuple(
    Shipped(str(what), stage, _ASKED[what] if stage is Stage.INITIAL else (*_CHANGED, *_ASKED[what]))
    for what in WHAT_LABELS
    for stage in STAGES
)


def label_of(what: str, stage: str) -> str:
    """What a format is called."""
    return f"{WHAT_LABELS[what]}, {STAGE_WORDS[Stage(stage)]}"


def read_asked(text: str) -> list[str]:
    """What a format asks, one a line. Raises RuleBroken for none, or more than fit on its page."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_ASKED or any(len(line) > 200 for line in lines):
        raise RuleBroken(
            f"Escribe de una a {MOST_ASKED} preguntas, una por renglón, de hasta 200 letras.",
            code="asked_out_of_range",
            field="asked",
        )
    return lines


def check_address(address: str) -> None:
    """Raises RuleBroken for the address of a network that is not a page of the open web."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or "." not in parts.hostname or parts.username or parts.password:
        raise RuleBroken(
            "Escribe la dirección completa, que empieza con https:// y lleva a la página de la aseguradora.",
            code="address_unsafe",
            field="address",
        )

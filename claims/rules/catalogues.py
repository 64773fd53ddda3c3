"""The catalogues of claims: what is asked for, and why something is not covered; each row from a day on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from claims.rules.deciding import REASONS, Why
from claims.rules.formats import STAGE_WORDS, WHAT_LABELS
from claims.rules.kinds import Kind, Stage, Subtype
from claims.rules.missing import Document, Need, Requirement
from portal.errors import Conflict, RuleBroken
from portal.text import search_key

NOT_ASKED = "not_asked"
NEED_LABELS: dict[str, str] = {
    Need.ALWAYS: "Obligatorio",
    Need.UNLESS_RECENT: "Obligatorio, salvo que el del folio siga vigente",
    Need.OFFERED: "Se ofrece, no detiene el envío",
    NOT_ASKED: "Ya no se pide",
}
CODE_SIZE = 16


class Use(StrEnum):
    """Whether a reason may be chosen from a day on."""

    USED = "used"
    ENDED = "ended"


USE_LABELS: dict[Use, str] = {Use.USED: "Se usa", Use.ENDED: "Deja de usarse"}


class Dated(Protocol):
    """A row of a catalogue: from a day on, until the first day without it."""

    since: date
    until: date | None


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True, slots=True)
class Place:
    """What a requirement is about: a kind with its subtype, a stage, a document."""

    kind: Kind
    subtype: Subtype | None
    stage: Stage
    document: Document


def place_of(what: str, stage: str, document: str) -> Place:
    """Of the name of a kind or subtype. Raises RuleBroken for what is on no list."""
    if what not in WHAT_LABELS or stage not in STAGE_WORDS or document not in set(Document):
        raise RuleBroken("Elige el trámite, el envío y el documento de la lista.", code="not_on_the_list", field="what")
    subtype = Subtype(what) if what in set(Subtype) else None
    return Place(Kind.SCHEDULED if subtype else Kind(what), subtype, Stage(stage), Document(document))


def check_need(place: Place, need: str) -> None:
    """Raises RuleBroken where a document that does not grow old, or of a first sending, would stand on the folio."""
    stands = place.stage is Stage.COMPLEMENT and place.document is Document.MEDICAL_REPORT
    if need == Need.UNLESS_RECENT and not stands:
        raise RuleBroken(
            "Solo el informe médico de un complemento puede seguir vigente en el folio. Elige otra opción.",
            code="only_reports_stand",
            field="required",
        )


def check_since(since: date, *, on: date) -> None:
    """Raises RuleBroken for a change of today or before: what was decided keeps the row it was decided with."""
    if since <= on:
        raise RuleBroken("Un cambio rige desde mañana o después. Corrige la fecha.", code="since_past", field="since")


def check_changes(same: bool, field: str) -> None:
    """Raises Conflict for a row that says what the one in force says already."""
    if same:
        raise Conflict("Ya dice eso para esa fecha. Cambia algo antes de publicarlo.", code="same_row", field=field)


def check_ending(code: str, use: str) -> None:
    """Raises RuleBroken for an end of the one reason that settlement itself gives."""
    if use == Use.ENDED and code == Why.OUTSIDE_POLICY:
        raise RuleBroken(
            "Este motivo lo pone el cálculo cuando la póliza no estaba vigente. Cambia su texto, no lo termines.",
            code="reason_of_settlement",
            field="use",
        )


def in_force(rows: Sequence[T], on: date) -> T | None:
    """The row that holds on a day; at most one does."""
    return next((one for one in rows if one.since <= on and (one.until is None or one.until > on)), None)


def ends_of(rows: Sequence[T], since: date) -> list[tuple[T, date]]:
    """Which rows end, and when, so that another may hold from a day on; one that had not begun never holds."""
    open_on = [one for one in rows if one.until is None or one.until > max(since, one.since)]
    return [(one, max(since, one.since)) for one in open_on]


def code_for(label: str, taken: Collection[str]) -> str:
    """The code of a new reason, of its name: short, of plain letters, given to no other."""
    plain = "".join(one if one.isascii() and one.isalnum() else "_" for one in search_key(label)).strip("_")
    base = plain[:CODE_SIZE].strip("_") or "motivo"
    if base not in taken:
        return base
    numbered = (f"{base[: CODE_SIZE - len(str(n)) - 1]}_{n}" for n in range(2, len(taken) + 3))
    return next(one for one in numbered if one not in taken)


# (kind or subtype, first sending, complement): R asked for, F unless the folio's last report still serves.
_D = Document
_TABLE: dict[Kind | Subtype, tuple[dict[Document, Need], dict[Document, Need]]] = {}
_REPORT = {_D.CLAIM_FORM: Need.ALWAYS, _D.MEDICAL_REPORT: Need.ALWAYS}
_AGAIN = {_D.CLAIM_FORM: Need.ALWAYS, _D.MEDICAL_REPORT: Need.UNLESS_RECENT}


def _row(what: Kind | Subtype, first: Sequence[Document], after: Sequence[Document]) -> None:
    _TABLE[what] = (
        _REPORT | dict.fromkeys((*first, _D.OFFICIAL_ID), Need.ALWAYS),
        _AGAIN | dict.fromkeys(after, Need.ALWAYS),
    )


_row(Kind.REIMBURSEMENT, (), ())
_row(Subtype.SURGERY, (_D.STUDY_RESULTS,), ())
_row(Subtype.MEDICATION, (_D.PRESCRIPTION,), (_D.PRESCRIPTION,))
_row(Subtype.CHEMOTHERAPY, (_D.STUDY_RESULTS, _D.TREATMENT_PLAN), (_D.TREATMENT_PLAN,))
_row(Subtype.STUDY, (_D.PRESCRIPTION,), (_D.PRESCRIPTION,))
_row(Subtype.THERAPY, (_D.PRESCRIPTION, _D.TREATMENT_PLAN), (_D.PRESCRIPTION,))
_TABLE[Kind.MINOR] = (
    {_D.CLAIM_FORM: Need.ALWAYS, _D.OFFICIAL_ID: Need.ALWAYS},
    {_D.CLAIM_FORM: Need.ALWAYS},
)
REQUIREMENTS: tuple[Requirement, ...] = tuple(
    Requirement(
        Kind.SCHEDULED if isinstance(what, Subtype) else what,
        what if isinstance(what, Subtype) else None,
        stage,
        document,
        need,
    )
    for what, stages in _TABLE.items()
    for stage, asked in zip((Stage.INITIAL, Stage.COMPLEMENT), stages, strict=True)
    for document, need in asked.items()
)
# What the product is born with holds since ever; where each comes from.
SINCE = date(1900, 1, 1)
REQUIREMENT_SOURCE = "S3.19"
REASON_SOURCE = "N8"


def shipped_requirement(one: Requirement) -> dict[str, Any]:
    """A row of the table that the product is born with, without its instant."""
    told = {"kind": one.kind.value, "subtype": one.subtype.value if one.subtype else "", "stage": one.stage.value}
    return told | {
        "document": one.document.value,
        "required": one.need.value,
        "since": SINCE,
        "source": REQUIREMENT_SOURCE,
    }


def shipped_reason(code: Why) -> dict[str, Any]:
    """A reason that the product is born with, without its instant."""
    one = REASONS[code]
    told = {"code": code.value, "label": one.label, "sentence": one.sentence, "cure": one.cure}
    return told | {"document": one.document or "", "since": SINCE, "source": REASON_SOURCE}

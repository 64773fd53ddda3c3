"""Whether a small claim is approved by itself, and whether somebody looks at it a second time (domain 6). Pure.

It approves, or passes on to a person with every reason; it never rejects. Who is drawn is told by the folio and a seed
that everybody knows, so anybody can check the draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from claims.rules.kinds import PAID_TO_FAMILY, AccountStanding, ConditionStanding, Kind, Stage
from portal.money import ZERO


class Outcome(StrEnum):
    """What the published rules say of a claim."""

    APPROVE = "approve"
    PERSON = "person"


class Because(StrEnum):
    """Why a person has to look."""

    KIND = "kind"
    STAGE = "stage"
    AMOUNT = "amount"
    COVERAGE = "coverage"
    CONDITION = "condition"
    FILES = "files"
    INVOICES = "invoices"
    DUPLICATES = "duplicates"
    ACCOUNT = "account"
    OFTEN = "often"
    COMPLAINT = "complaint"


BECAUSE_LABELS: dict[Because, str] = {
    Because.KIND: "Es un evento programado",
    Because.STAGE: "Es una apelación",
    Because.AMOUNT: "Pasa del monto que se aprueba solo",
    Because.COVERAGE: "La cobertura no estaba vigente en el día de algún renglón",
    Because.CONDITION: "El padecimiento no está registrado",
    Because.FILES: "Algún archivo pide que lo vea una persona",
    Because.INVOICES: "Alguna factura pide que la vea una persona",
    Because.DUPLICATES: "Un comprobante se parece a otro",
    Because.ACCOUNT: "La cuenta bancaria no está validada",
    Because.OFTEN: "El certificado llegó a sus aprobaciones automáticas de doce meses",
    Because.COMPLAINT: "Quien lo presentó tiene una queja abierta",
}


class Seen(StrEnum):
    """What the machine said of a file or an invoice."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    REJECTED = "rejected"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Limits:
    """The rulebook's numbers: pesos of one claim, and claims a certificate may have approved by itself in 12 months."""

    amount: Decimal
    per_year: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim as it was sent; `automatic_last_year` counts its certificate's in the twelve months before."""

    kind: Kind
    stage: Stage
    claimed: Decimal
    coverage_in_force: bool
    condition: ConditionStanding
    files: Sequence[Seen]
    invoices: Sequence[Seen]
    duplicates: int
    account: AccountStanding
    automatic_last_year: int
    open_complaint: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome with every reason for a person; `sampled`: approved, and drawn for a second look."""

    outcome: Outcome
    because: tuple[Because, ...]
    sampled: bool


def judge_claim(asked: Asked, limits: Limits, *, seed: str, folio: str, percent: int) -> Judged:
    """Says whether a claim is approved by itself; `percent` of those approved are drawn for a second look."""
    told = {
        Because.KIND: asked.kind not in PAID_TO_FAMILY,
        Because.STAGE: asked.stage is Stage.APPEAL,
        Because.AMOUNT: not ZERO < asked.claimed <= limits.amount,
        Because.COVERAGE: not asked.coverage_in_force,
        Because.CONDITION: asked.condition is not ConditionStanding.REGISTERED,
        Because.FILES: not _all_accepted(asked.files),
        Because.INVOICES: not _all_accepted(asked.invoices),
        Because.DUPLICATES: asked.duplicates > 0,
        Because.ACCOUNT: asked.account is not AccountStanding.VALIDATED,
        Because.OFTEN: asked.automatic_last_year >= limits.per_year,
        Because.COMPLAINT: asked.open_complaint,
    }
    because = tuple(reason for reason, holds in told.items() if holds)
    if because:
        return Judged(Outcome.PERSON, because, False)
    return Judged(Outcome.APPROVE, (), is_drawn(seed, folio, percent))


def seed_of(folio: str) -> str:
    """The seed of a folio's draw: its year, so that anybody can check it."""
    return folio.split("-")[1]


def is_drawn(seed: str, folio: str, percent: int) -> bool:
    """Whether a folio is among `percent` of a hundred: the first 8 hex digits of SHA-256(`seed:folio`) mod 100."""
    digest = hashlib.sha256(f"{seed}:{folio}".encode(errors="replace")).hexdigest()
    return int(digest[:8], 16) % 100 < percent


def _all_accepted(verdicts: Sequence[Seen]) -> bool:
    return bool(verdicts) and all(one is Seen.ACCEPTED for one in verdicts)

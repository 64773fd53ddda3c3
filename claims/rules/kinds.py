"""What a family may ask for: kinds, subtypes and stages of a claim (S3.14, S3.35). Pure."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Money back for what was paid, a small expense of the minor coverage, or something that is still to come."""

    REIMBURSEMENT = "reimbursement"
    SCHEDULED = "scheduled"
    MINOR = "minor"


class Subtype(StrEnum):
    """What is still to come: only a scheduled event has one."""

    SURGERY = "surgery"
    MEDICATION = "medication"
    CHEMOTHERAPY = "chemotherapy"
    STUDY = "study"
    THERAPY = "therapy"


class Stage(StrEnum):
    """The first sending, more of the same, or a decision asked again."""

    INITIAL = "initial"
    COMPLEMENT = "complement"
    APPEAL = "appeal"


class ConditionStanding(StrEnum):
    """Whether the illness is one of the person's registered ones, waits to be registered, or was not said."""

    REGISTERED = "registered"
    PENDING = "pending"
    UNSAID = ""


class AccountStanding(StrEnum):
    """How the payee's bank account stands."""

    VALIDATED = "validated"
    IN_REVIEW = "in_review"
    ON_HOLD = "on_hold"
    NONE = "none"


KIND_LABELS: dict[Kind, str] = {
    Kind.REIMBURSEMENT: "Reembolso",
    Kind.SCHEDULED: "Evento programado",
    Kind.MINOR: "Gastos menores",
}
SUBTYPE_LABELS: dict[Subtype, str] = {
    Subtype.SURGERY: "Cirugía",
    Subtype.MEDICATION: "Medicación",
    Subtype.CHEMOTHERAPY: "Quimioterapia",
    Subtype.STUDY: "Estudio",
    Subtype.THERAPY: "Terapia",
}
STAGE_LABELS: dict[Stage, str] = {
    Stage.INITIAL: "Inicial",
    Stage.COMPLEMENT: "Complemento",
    Stage.APPEAL: "Apelación",
}
# The coverage whose claims are of the kind `minor`, and no others.
MINOR_COVERAGE = "minor"
# Kinds whose money goes to the family.
PAID_TO_FAMILY = frozenset({Kind.REIMBURSEMENT, Kind.MINOR})


def kind_of(coverage: str) -> Kind:
    """What money back is called under a coverage: the minor one has a kind of its own (S3.14)."""
    return Kind.MINOR if coverage == MINOR_COVERAGE else Kind.REIMBURSEMENT

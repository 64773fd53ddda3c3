"""What a claim lacks before it can be sent: the list on its page, the guard of its sending (S3.15-S3.27). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from claims.rules.kinds import MINOR_COVERAGE, PAID_TO_FAMILY, AccountStanding, ConditionStanding, Kind, Stage, Subtype
from portal.calendars.rules import months_before
from portal.errors import RuleBroken

CONSENTS = ("portal-privacy", "insurer-privacy", "sensitive-data")
PAID_LATER = "PPD"


class Document(StrEnum):
    """What a family may be asked for; whatever else they send is another paper."""

    CLAIM_FORM = "claim_form"
    MEDICAL_REPORT = "medical_report"
    STUDY_RESULTS = "study_results"
    PRESCRIPTION = "prescription"
    TREATMENT_PLAN = "treatment_plan"
    OFFICIAL_ID = "official_id"
    ITEMISED_BILL = "itemised_bill"


class Hospital(StrEnum):
    """Where a scheduled event takes place: in a hospital of the network, one the adviser settled, or not said yet."""

    AGREED = "agreed"
    ADVISER = "adviser"
    UNSAID = ""


@dataclass(frozen=True, slots=True)
class InvoicePapers:
    """What there is of one invoice: `medicines` and `hospital` are what its lines are of."""

    xml: bool
    pdf: bool
    method: str
    payment_proof: bool
    medicines: bool
    hospital: bool


@dataclass(frozen=True, slots=True)
class Filing:
    """A claim as it stands before it is sent. `subtype` None: not said; `medical_report_on`: the folio's last one."""

    kind: Kind
    subtype: Subtype | None
    stage: Stage
    on: date
    coverage: str
    coverages: Collection[str]
    condition: ConditionStanding
    hospital: Hospital
    documents: Mapping[str, int]
    medical_report_on: date | None
    invoices: Sequence[InvoicePapers]
    account: AccountStanding
    consents: Collection[str]
    files_pending: int
    files_rejected: int


class Need(StrEnum):
    """Whether a document is asked for: always, unless the folio's last one still serves, or only offered."""

    ALWAYS = "always"
    UNLESS_RECENT = "unless_recent"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of the catalogue: what a kind, or a subtype of events, asks for in a stage."""

    kind: Kind
    subtype: Subtype | None
    stage: Stage
    document: Document
    need: Need


_ORDER = list(Document)


def asked_for(
    requirements: Iterable[Requirement], kind: Kind, subtype: Subtype | None, stage: Stage
) -> dict[Document, Need]:
    """What the rows in force ask of a claim, in the order of the papers; an event that does not say which: nothing."""
    found = {
        one.document: one.need for one in requirements if (one.kind, one.subtype, one.stage) == (kind, subtype, stage)
    }
    return {document: found[document] for document in _ORDER if document in found}


def missing_to_submit(filing: Filing, *, requirements: Iterable[Requirement], report_months: int) -> list[str]:
    """Names what a first sending or a complement lacks, each once; empty when it can be sent.

    `requirements`: the catalogue in force on the day; `report_months`: so old the folio's last medical report may be.
    Raises RuleBroken for an appeal, which lacks nothing but its reasons.
    """
    if filing.stage is Stage.APPEAL:
        raise RuleBroken(
            "Una apelación solo pide sus motivos por escrito. Pregunta por un primer envío o un complemento.",
            code="appeal_asks_reasons",
        )
    asked = asked_for(requirements, filing.kind, filing.subtype, filing.stage)
    names = [*_choices(filing), *_documents(filing, asked, report_months), *_invoices(filing), *_ready(filing)]
    return list(dict.fromkeys(names))


def missing_to_appeal(filing: Filing, *, reasons: str, waits: bool) -> list[str]:
    """Names what an appeal lacks: its reasons in writing, the «sí» of whom it is about (`waits`), files examined."""
    lacks = {
        "reasons": not reasons.strip(),
        "consent.sensitive-data": waits,
        "files_pending": filing.files_pending,
        "files_rejected": filing.files_rejected,
    }
    return [name for name, holds in lacks.items() if holds]


def _choices(filing: Filing) -> Iterator[str]:
    if filing.coverage not in filing.coverages:
        yield "coverage"
    if (filing.kind is Kind.MINOR) != (filing.coverage == MINOR_COVERAGE):
        yield "kind"
    if filing.kind is Kind.SCHEDULED and filing.subtype is None:
        yield "subtype"
    if filing.kind is Kind.SCHEDULED and filing.hospital is Hospital.UNSAID:
        yield "hospital"
    if filing.stage is Stage.COMPLEMENT and filing.condition is ConditionStanding.UNSAID:
        yield "condition"


def _documents(filing: Filing, asked: Mapping[Document, Need], report_months: int) -> Iterator[str]:
    """Those of the catalogue that do not stand; what is only offered holds nobody up."""
    for document, need in asked.items():
        stands = need is Need.UNLESS_RECENT and _report_stands(filing, report_months)
        if need is not Need.OFFERED and not stands and _lacks(filing, document):
            yield document


def _report_stands(filing: Filing, months: int) -> bool:
    """Whether the folio's last report still serves, which only a complement asks."""
    last = filing.medical_report_on
    return filing.stage is Stage.COMPLEMENT and last is not None and last >= months_before(filing.on, months)


def _lacks(filing: Filing, document: Document) -> bool:
    return filing.documents.get(document, 0) < 1


def _invoices(filing: Filing) -> Iterator[str]:
    if filing.kind in PAID_TO_FAMILY and not filing.invoices:
        yield "invoices"
    for number, one in enumerate(filing.invoices, 1):
        lacks = {
            "xml": not one.xml,
            "pdf": not one.pdf,
            "payment_proof": one.method == PAID_LATER and not one.payment_proof,
        }
        yield from (f"invoice.{number}.{name}" for name, holds in lacks.items() if holds)
        if one.medicines and _lacks(filing, Document.PRESCRIPTION):
            yield Document.PRESCRIPTION
        if one.hospital and _lacks(filing, Document.ITEMISED_BILL):
            yield Document.ITEMISED_BILL


def _ready(filing: Filing) -> Iterator[str]:
    if filing.kind in PAID_TO_FAMILY and filing.account is AccountStanding.NONE:
        yield "account"
    yield from (f"consent.{name}" for name in CONSENTS if name not in filing.consents)
    if filing.files_pending:
        yield "files_pending"
    if filing.files_rejected:
        yield "files_rejected"

"""What a claim lacks before it can be sent: the list on its page, the guard of its sending (S3.15-S3.27). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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


_D = Document
_REPORTED = (_D.CLAIM_FORM, _D.MEDICAL_REPORT)
# (first sending, complement) by kind or subtype. A medical report of a complement may stand on the folio already.
ASKED: dict[Kind | Subtype, tuple[tuple[Document, ...], tuple[Document, ...]]] = {
    Kind.REIMBURSEMENT: ((*_REPORTED, _D.OFFICIAL_ID), _REPORTED),
    Kind.MINOR: ((_D.CLAIM_FORM, _D.OFFICIAL_ID), (_D.CLAIM_FORM,)),
    Subtype.SURGERY: ((*_REPORTED, _D.STUDY_RESULTS, _D.OFFICIAL_ID), _REPORTED),
    Subtype.MEDICATION: ((*_REPORTED, _D.PRESCRIPTION, _D.OFFICIAL_ID), (*_REPORTED, _D.PRESCRIPTION)),
    Subtype.CHEMOTHERAPY: (
        (*_REPORTED, _D.STUDY_RESULTS, _D.TREATMENT_PLAN, _D.OFFICIAL_ID),
        (*_REPORTED, _D.TREATMENT_PLAN),
    ),
    Subtype.STUDY: ((*_REPORTED, _D.PRESCRIPTION, _D.OFFICIAL_ID), (*_REPORTED, _D.PRESCRIPTION)),
    Subtype.THERAPY: (
        (*_REPORTED, _D.PRESCRIPTION, _D.TREATMENT_PLAN, _D.OFFICIAL_ID),
        (*_REPORTED, _D.PRESCRIPTION),
    ),
}


def missing_to_submit(filing: Filing, *, report_months: int) -> list[str]:
    """Names what a first sending or a complement lacks, each once; empty when it can be sent.

    `report_months`: so old the folio's last medical report may be. Raises RuleBroken for an appeal, which lacks nothing
    but its reasons.
    """
    if filing.stage is Stage.APPEAL:
        raise RuleBroken(
            "Una apelación solo pide sus motivos por escrito. Pregunta por un primer envío o un complemento.",
            code="appeal_asks_reasons",
        )
    names = [*_choices(filing), *_documents(filing, report_months), *_invoices(filing), *_ready(filing)]
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


def _documents(filing: Filing, report_months: int) -> Iterator[str]:
    """Those of the table; a scheduled event that does not say what it is asks for none yet."""
    what = filing.subtype if filing.kind is Kind.SCHEDULED else filing.kind
    asked = ASKED[what][filing.stage is Stage.COMPLEMENT] if what else ()
    for document in asked:
        stands = document is Document.MEDICAL_REPORT and _report_stands(filing, report_months)
        if not stands and _lacks(filing, document):
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

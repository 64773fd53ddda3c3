"""A draft as its family fills it: what stands in it, what it still lacks, what its invoices are held against."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from claims.models import Claim, ClaimFile, ClaimInvoice, Submission
from claims.rules import ledger
from claims.rules.kinds import AccountStanding, ConditionStanding, Kind, Stage, Subtype
from claims.rules.missing import (
    CONSENTS,
    Document,
    Filing,
    InvoicePapers,
    missing_to_appeal,
    missing_to_submit,
)
from claims.rules.papers import Lack, lack_of
from claims.rules.states import ClaimState
from claims.selectors.assents import is_assented, needs_assent, waits_for_assent
from claims.selectors.catalogues import requirements_on
from claims.selectors.limits import oldest_expense, report_months
from claims.selectors.scheduled import hospital_standing
from claims.texts import OF_INSURER, SENSITIVE
from memberships import selectors as memberships
from portal import clock
from portal.fiscal import selectors as fiscal
from portal.fiscal.expectations import ClaimInvoiceExpectation
from portal.papers.rules import FileVerdict
from portal.people import selectors as people
from portal.people.models import ConsentText
from portal.prepared import prepared
from portal.rulebook.selectors import whole
from portal.treasury import selectors as treasury

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from memberships.models import CoveredPerson

RFC_UNKNOWN = "receiver_rfc_not_known"  # the check's finding of an invoice with an RFC that nobody told us


def first_submission(claim: Claim) -> Submission:
    """The envelope of the first sending."""
    return claim.submissions.order_by("number")[0]


def files_of(claim: Claim) -> QuerySet[ClaimFile]:
    """Files that stand, in the order in which they came."""
    rows = ClaimFile.objects.filter(envelope__claim=claim, removed_at=None)
    return rows.select_related("file", "envelope").order_by("added_at", "pk")


def removed_files_of(claim: Claim) -> QuerySet[ClaimFile]:
    """Files that were taken out of an open envelope and can be put back, the newest first."""
    rows = ClaimFile.objects.filter(envelope__claim=claim, envelope__closed_at=None, removed_at__isnull=False)
    return rows.select_related("file").order_by("-removed_at", "-pk")


def invoices_of(claim: Claim) -> list[ClaimInvoice]:
    """Invoices whose XML stands, in the order in which they came."""
    rows = _invoices_of(claim.pk)
    for row in rows:
        row.claim = claim
    return rows


@prepared
def _invoices_of(claim: UUID) -> QuerySet[ClaimInvoice]:
    rows = ClaimInvoice.objects.standing().filter(claim=claim)
    return rows.select_related("xml__file", "pdf__file", "payment_proof__file").order_by("xml__added_at", "pk")


def invoice_expectation(claim: Claim, *, on: date) -> ClaimInvoiceExpectation:
    """What a family's CFDI is held against on a day: who they are, the policy's years, how old it may be."""
    _scope, years = memberships.terms_of(claim.coverage)
    family = memberships.family_of(claim.affected, _insured_on(claim, on))
    vouched = fiscal.vouched()
    return {
        "trust": vouched["trust"],
        "keys": vouched["keys"],
        "stamp_hours": whole("stamp.max_hours", on=on),
        "family": [{"name": one.person.as_printed, "rfc": one.rfc or None} for one in family],
        "insurer_rfc": claim.coverage.plan.party.rfc,
        "years": [[one.since.isoformat(), one.until.isoformat()] for one in years],
        "on": on.isoformat(),
        "oldest": oldest_expense(on).isoformat(),
    }


def without_rfc(claim: Claim, *, on: date) -> list[CoveredPerson]:
    """Of whom of the family an RFC is asked: nobody told it, and an invoice of the draft may bear it (domain 6)."""
    if not any(one.code == RFC_UNKNOWN for row in invoices_of(claim) for one in row.xml.found):
        return []
    family = memberships.family_of(claim.affected, _insured_on(claim, on))
    return [one.person for one in family if not one.rfc]


def _insured_on(claim: Claim, on: date) -> date:
    """A day, or the last one on which the affected person was in the certificate."""
    stay = claim.certificate.members.filter(person=claim.affected).order_by("-since", "-pk").first()
    return on if stay is None or stay.until is None else min(on, stay.until - timedelta(days=1))


def lacking_consents(claim: Claim, *, on: date) -> list[ConsentText]:
    """The texts that the filer agrees to before the first file of a claim to this insurer, each in force.

    Health data of an adult with an own account are that adult's to consent to, by their «sí» to the claim.
    """
    asked = [kind for kind in CONSENTS if kind != SENSITIVE or not needs_assent(claim, on=on)]
    insurer = claim.coverage.plan.party
    return people.texts_lacking(claim.filed_by, [(kind, insurer if kind in OF_INSURER else None) for kind in asked])


def lacks_of(claim: Claim, *, at: datetime) -> list[Lack]:
    """What a draft lacks before it is sent, each a sentence with its cure: its page's list, the guard of sending."""
    on = clock.date_in(at)
    filing = filing_of(claim, at=at)
    if claim.stage == Stage.APPEAL:
        names = missing_to_appeal(filing, reasons=claim.reasons, waits=waits_for_assent(claim, on=on))
    else:
        asked = requirements_on(on)
        names = missing_to_submit(filing, requirements=asked, report_months=report_months(on))
    lacks = [lack_of(name) for name in names]
    if not needs_assent(claim, on=on):
        return lacks
    told = f"Falta el «sí» de {claim.affected.as_printed} a este trámite."
    return [replace(one, sentence=told) if one.name == f"consent.{SENSITIVE}" else one for one in lacks]


def filing_of(claim: Claim, *, at: datetime) -> Filing:
    """A draft as the rules look at it."""
    on, files, invoices = clock.date_in(at), list(files_of(claim)), invoices_of(claim)
    coverages = memberships.coverages_between([claim.affected], oldest_expense(on), on)[claim.affected_id]
    verdicts = Counter(one.file.verdict for one in files)
    return Filing(
        kind=Kind(claim.kind),
        subtype=Subtype(claim.subtype) if claim.subtype else None,
        stage=Stage(claim.stage),
        on=on,
        coverage=claim.coverage.kind,
        coverages=[one.kind for one in coverages],
        condition=condition_standing(claim),
        hospital=hospital_standing(claim, on=on),
        documents=Counter(one.document for one in files),
        medical_report_on=_last_report(claim),
        invoices=[_papers_of(one) for one in invoices],
        account=account_standing(claim, at=at),
        consents=_consents(claim, on=on),
        files_pending=verdicts[FileVerdict.PENDING],
        files_rejected=verdicts[FileVerdict.REJECTED],
    )


def _last_report(claim: Claim) -> date | None:
    """The day on which the folio that a complement follows, or another complement of it, last sent a medical report."""
    if claim.parent_id is None:
        return None
    same = Q(pk=claim.parent_id) | Q(parent=claim.parent_id)
    if claim.parent is not None and claim.parent.parent_id is not None:
        same |= Q(pk=claim.parent.parent_id)
    sent = Claim.objects.sent().filter(same).exclude(state=ClaimState.WITHDRAWN)
    reports = ClaimFile.objects.filter(
        envelope__claim__in=sent.values("pk"), document=Document.MEDICAL_REPORT, removed_at=None
    )
    last = reports.order_by("-added_at", "-pk").values_list("added_at", flat=True).first()
    return clock.date_in(last) if last else None


def condition_standing(claim: Claim) -> ConditionStanding:
    """Whether its condition is a registered one, waits to be, or was not said."""
    if claim.condition_id is not None:
        return ConditionStanding.REGISTERED
    return ConditionStanding.PENDING if claim.condition_pending else ConditionStanding.UNSAID


def account_standing(claim: Claim, *, at: datetime) -> AccountStanding:
    """How the account stands to which its payee is paid."""
    mine = treasury.my_account(party=claim.payee, purpose=ledger.ACCOUNT, at=at)
    if mine.current is not None:
        return AccountStanding.ON_HOLD if mine.on_hold else AccountStanding.VALIDATED
    under_way = mine.under_way is not None and not mine.to_submit
    return AccountStanding.IN_REVIEW if under_way else AccountStanding.NONE


def _papers_of(one: ClaimInvoice) -> InvoicePapers:
    return InvoicePapers(
        xml=True,
        pdf=one.pdf is not None and one.pdf.removed_at is None,
        method=one.method,
        payment_proof=one.payment_proof is not None and one.payment_proof.removed_at is None,
        medicines=one.medicines,
        hospital=one.hospital,
    )


def _consents(claim: Claim, *, on: date) -> list[str]:
    """Kinds of texts of which the filer accepted the version in force, and did not take that back; health data by the
    affected adult's «sí» where it is theirs to give.
    """
    lacking = {text.kind for text in lacking_consents(claim, on=on)}
    if needs_assent(claim, on=on) and not is_assented(claim):
        lacking.add(SENSITIVE)
    return [kind for kind in CONSENTS if kind not in lacking]

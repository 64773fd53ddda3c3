"""A claim is sent: folio, clock, promise, estimate, receipt, notice; and withdrawn again (S3.26, S3.27, N8)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from claims import selectors
from claims.models import Claim, ClaimInvoice, ClaimLine, Estimate
from claims.rules.clock import Reading
from claims.rules.further import PREFIXES
from claims.rules.kinds import Kind, Stage
from claims.rules.scheduled import check_planned
from claims.rules.states import CLAIM, ClaimState
from claims.services.assents import drop_assent
from claims.services.drafts import USED, hold_to_file, require_expense
from claims.services.holding import hold_open_envelope
from claims.services.requests import drop_requests
from claims.services.running import start_clock, stop_clock
from claims.services.telling import tell_family
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.fiscal import services as fiscal
from portal.folios import services as folios
from portal.history import services as history
from portal.money import ZERO
from portal.papers import services as papers
from portal.work import services as work

if TYPE_CHECKING:
    from portal.people.models import User

RECEIPT = "claim_receipt"


@transaction.atomic
def submit_claim(*, claim: Claim, consented: bool, by: User, at: datetime) -> Claim:
    """Send a complete draft: its folio, lines, clock, promise, estimate and receipt are fixed here.

    Raises RuleBroken with everything that lacks, Conflict where it was sent before or one of its CFDI is used.
    """
    envelope, row = hold_to_file(claim=claim, by=by, on=clock.date_in(at))
    CLAIM.check(row.state, ClaimState.SUBMITTED)
    _check_whole(row, consented=consented, at=at)
    envelope.closed_at = at
    envelope.save(update_fields=["closed_at"])
    invoices = selectors.invoices_of(row)
    _claim_receipts(row, invoices, by=by, at=at)
    row.claimed = _write_lines(row, invoices) if row.stage != Stage.APPEAL else _write_appealed_lines(row, at=at)
    row.folio = folios.next_folio(prefix=PREFIXES[Kind(row.kind)], at=at)
    minutes, rule = selectors.promise_minutes(clock.date_in(at))
    reading = selectors.reading_at_sending(row, at=at, minutes=minutes)
    row.state, row.submitted_at = ClaimState.SUBMITTED, at
    row.promised_at, row.promise_rule, row.changed_at = reading.promise_due, rule, at
    row.looks_again_on = None
    row.save()
    assert row.promised_at is not None  # a clock that runs reaches its minutes
    start_clock(claim=row, promised=row.promised_at, rule=rule, at=at)
    _freeze_estimate(row, reading)
    _issue_receipt(row, by=by, at=at)
    _tell_sent(row, by=by, at=at)
    details = {"folio": row.folio, "claimed": str(row.claimed), "files": selectors.files_of(row).count()}
    history.record(
        action="claims.claim_sent", subject=row, by=by, at=at, party_id=row.affected.party_id, details=details
    )
    return row


def _check_whole(claim: Claim, *, consented: bool, at: datetime) -> None:
    lacks = selectors.lacks_of(claim, at=at)
    if lacks:
        raise RuleBroken(" ".join(one.sentence for one in lacks), code="incomplete")
    if claim.stage == Stage.INITIAL and claim.planned_on is not None:
        check_planned(claim.planned_on, on=clock.date_in(at))
    for one in selectors.invoices_of(claim):
        require_expense(claim=claim, name=one.xml.file.display_name, on=one.issued_on)
    if not consented:
        raise RuleBroken(
            "Para enviarlo marca que estás de acuerdo en que tratemos estos datos.",
            code="not_consented",
            field="consent",
        )


def _claim_receipts(claim: Claim, invoices: list[ClaimInvoice], *, by: User, at: datetime) -> None:
    """Each CFDI is used by this claim; its party is the titular's whoever files: a second try meets no other."""
    titular = claim.certificate.titular or claim.affected
    for one in invoices:
        try:
            fiscal.claim_receipt(
                uuid=one.uuid,
                use="invoice",
                subject=one,
                party=titular.party,
                issuer_rfc=one.issuer_rfc,
                total=one.total,
                issued_on=one.issued_on,
                sha256=one.xml.file.sha256,
                patients=[claim.affected.as_printed],
                by=by,
                at=at,
            )
        except Conflict as used:
            raise Conflict(f"«{one.xml.file.display_name}»: {USED}", code=used.code) from used


def _write_lines(claim: Claim, invoices: list[ClaimInvoice]) -> Decimal:
    """A line a concept; they add up to the invoices' totals. Gives what is claimed."""
    told = [(one, line) for one in invoices for line in one.xml.facts["lines"]]
    lines = [
        ClaimLine(
            claim=claim,
            invoice=invoice,
            number=number,
            concept=line["concept"][:1000],
            on=invoice.issued_on,
            claimed=Decimal(line["amount"]),
        )
        for number, (invoice, line) in enumerate(told, 1)
    ]
    ClaimLine.objects.bulk_create(lines)
    return sum((one.claimed for one in lines), ZERO)


def _write_appealed_lines(claim: Claim, *, at: datetime) -> Decimal:
    """The lines of what is appealed, under its lock: while it stands decided, in its term, no other appeal open."""
    assert claim.parent_id is not None, "an appeal has its folio"
    parent = Claim.objects.select_for_update(of=("self",)).get(pk=claim.parent_id)
    Claim.objects.select_for_update(of=("self",)).get(pk=selectors.first_of(parent).pk)  # its appeals follow each other
    selectors.require_appeal(parent, on=clock.date_in(at))
    if parent.kind == Kind.SCHEDULED:
        return ZERO  # a letter is appealed whole: what was billed of it since is not asked again
    rows = list(parent.lines.order_by("number"))
    lines = [
        ClaimLine(
            claim=claim,
            origin_id=one.origin_id or one.pk,
            number=one.number,
            concept=one.concept,
            on=one.on,
            claimed=one.claimed,
        )
        for one in rows
    ]
    ClaimLine.objects.bulk_create(lines)
    return sum((one.claimed for one in lines), ZERO)


def _freeze_estimate(claim: Claim, reading: Reading) -> None:
    forecast, track = reading.forecast, reading.track
    if forecast is None or forecast.p50_due is None or forecast.p80_due is None:
        return
    Estimate.objects.create(
        claim=claim,
        cases=forecast.estimate.n,
        p50_minutes=forecast.estimate.p50,
        p80_minutes=forecast.estimate.p80,
        p50_due=forecast.p50_due,
        p80_due=forecast.p80_due,
        tested=track.tested if track else 0,
        hits=track.hits if track else 0,
    )


def _issue_receipt(claim: Claim, *, by: User, at: datetime) -> None:
    """The receipt is about the affected person: it carries their party."""
    claim.receipt = papers.issue_document(
        kind=RECEIPT,
        template="pdf/claims/receipt.html",
        folio=claim.folio,
        context=selectors.receipt_context(claim, at=at),
        party=claim.affected.party,
        by=by,
        at=at,
    )
    claim.save(update_fields=["receipt"])


def _tell_sent(claim: Claim, *, by: User, at: datetime) -> None:
    tell_family(claim=claim, kind="claim_sent", context={"promised": clock.date_in(claim.promised_at or at)}, at=at)


@transaction.atomic
def withdraw_claim(*, claim: Claim, by: User, at: datetime) -> Claim:
    """Take a claim back before it is decided: its CFDI are free again, its clock stops. Raises Conflict later on."""
    hold_open_envelope(claim)
    row = Claim.objects.select_for_update(of=("self",)).select_related("affected").get(pk=claim.pk)
    CLAIM.check(row.state, ClaimState.WITHDRAWN)
    work.settle(thing=row, by=None)
    drop_requests(claim=row, by=by, at=at)
    row.state, row.changed_at = ClaimState.WITHDRAWN, at
    row.save(update_fields=["state", "changed_at"])
    stop_clock(claim=row, at=at)
    drop_assent(claim=row, by=by, at=at, asked_only=True)
    for one in row.invoices.order_by("pk"):
        fiscal.release_receipt(subject=one, by=by, at=at)
    history.record(
        action="claims.claim_withdrawn",
        subject=row,
        by=by,
        at=at,
        party_id=row.affected.party_id,
        details={"folio": row.folio},
    )
    return row

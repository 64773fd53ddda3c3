"""The files of a draft: each judged and kept by itself, an invoice's XML and PDF brought together (S3.19-S3.26)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from claims import selectors
from claims.models import Claim, ClaimFile, ClaimInvoice, Submission
from claims.rules.kinds import Stage
from claims.rules.papers import PAPER_LABELS, InvoiceFile, Paper, check_amounts, check_lines, check_payable, pair
from claims.rules.states import ClaimState
from claims.services.consents import require_consents
from claims.services.drafts import USED, hold_to_file, require_expense
from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.fiscal import selectors as receipts
from portal.history import services as history
from portal.papers import services as papers
from portal.papers.rules import FileVerdict, facts_to_keep

if TYPE_CHECKING:
    from portal.papers.models import StoredFile
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

INVOICE, READ, PAPER = "portal.fiscal.checks.claim_invoice", "portal.fiscal.checks.read", "claims.checks.paper"


def add_file(*, claim: Claim, upload: EncryptedUpload, document: str, by: User, at: datetime) -> ClaimFile:
    """Judge and keep one file of a draft. `document`: what its family says it is. Raises as `add_files` tells."""
    kept, refused = add_files(claim=claim, uploads=[upload], document=document, by=by, at=at)
    if refused:
        raise refused[0].problem
    return kept[0]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not kept, by its name, and why."""

    name: str
    problem: RuleBroken


def add_files(
    *, claim: Claim, uploads: Sequence[EncryptedUpload], document: str, by: User, at: datetime
) -> tuple[list[ClaimFile], list[Refused]]:
    """Judge and keep files of a draft: what was kept, and why others were not; a bad one costs no good one.

    An XML is held against the family and the policy, wherever it was dropped, and becomes an invoice; one that proves a
    payment is only read. All are examined before the first is kept. Raises RuleBroken for a document that does not
    exist, or a consent that lacks.
    """
    if document not in PAPER_LABELS:
        raise RuleBroken("Di qué documento es. Elige uno de la lista.", code="unknown_paper", field="document")
    selectors.require_filing(by, claim, on=clock.date_in(at))
    require_consents(claim=claim, on=clock.date_in(at))
    envelope, refused = selectors.first_submission(claim), list[Refused]()
    judged = [one for upload in uploads if (one := _judged(claim, envelope, upload, document, refused, at=at))]
    kept = list[ClaimFile]()
    for examined, place in judged:
        try:
            kept.append(_kept(claim, envelope, examined, place, by=by, at=at))
        except RuleBroken as problem:
            refused.append(Refused(examined.name, problem))
    return kept, refused


def _kept(
    claim: Claim, envelope: Submission, examined: papers.Examined, document: str, *, by: User, at: datetime
) -> ClaimFile:
    """One file as it stands in the draft. Raises RuleBroken for one that stands there as something else."""
    item = papers.keep_in_envelope(
        envelope=envelope,
        examined=examined,
        by=by,
        at=at,
        placed=lambda one: _place_file(claim, one, examined, document, at=at),
    )
    kept = ClaimFile.objects.select_related("file", "envelope").get(pk=item.pk)
    if kept.document != document:
        raise RuleBroken(
            f"«{kept.file.display_name}» ya está en este trámite como «{kept.label}». Si es otra cosa, quítalo de ahí "
            "y súbelo aquí.",
            code="file.repeated",
            field="file",
        )
    return kept


def _judged(
    claim: Claim,
    envelope: Submission,
    upload: EncryptedUpload,
    document: str,
    refused: list[Refused],
    *,
    at: datetime,
) -> tuple[papers.Examined, str] | None:
    """One file as it was judged, and what it is; its refusal is noted and keeps no other from being judged."""
    try:
        check, context, place = _how(claim, upload, document, at)
        told = {"envelope": envelope, "upload": upload, "check": check, "context": context}
        return papers.examine_for_envelope(**told), place
    except RuleBroken as problem:
        refused.append(Refused(upload.name or "", problem))
        return None


def _how(claim: Claim, upload: EncryptedUpload, document: str, at: datetime) -> tuple[str, Any, str]:
    """(check, what it is told, what the file is) by its first bytes and by where it was dropped."""
    is_xml = papers.kind_of(upload) == "xml"
    if claim.stage == Stage.APPEAL and document == Paper.INVOICE_XML:
        raise RuleBroken(
            "Una apelación vuelve a ver los gastos de su folio. Una factura nueva va en un complemento.",
            code="appeal_takes_no_invoice",
            field="file",
        )
    if is_xml and document != Paper.PAYMENT_PROOF and claim.stage != Stage.APPEAL:
        return INVOICE, selectors.invoice_expectation(claim, on=clock.date_in(at)), Paper.INVOICE_XML
    if is_xml:
        return READ, {}, document
    return PAPER, {}, Paper.INVOICE_PDF if document == Paper.INVOICE_XML else document


def _place_file(claim: Claim, item: ClaimFile, examined: papers.Examined, document: str, *, at: datetime) -> None:
    """What it is and what was found in it here, whatever its bytes were judged by elsewhere.

    Raises Conflict where the draft became another person's or policy's while the file was examined.
    """
    now = Claim.objects.get(pk=claim.pk)
    if (now.affected_id, now.coverage_id) != (claim.affected_id, claim.coverage_id):
        raise Conflict("Cambiaste de quién es el trámite mientras subía. Súbelo otra vez.", code="draft_changed")
    item.document = document
    note_found(item=item, examined=examined)
    if document == Paper.INVOICE_XML:
        _keep_invoice(claim, item)
    _touch_claim(claim, at=at)


def note_found(*, item: ClaimFile, examined: papers.Examined) -> None:
    """What was found in a file that came; of one too large to judge at once, what the drain said if it has spoken."""
    pending = examined.verdict == FileVerdict.PENDING
    item.facts = item.file.facts if pending else facts_to_keep(examined.facts)
    item.findings = item.file.findings if pending else [one.as_json() for one in examined.findings]
    item.save(update_fields=["document", "asked", "facts", "findings"])


@transaction.atomic
def hear_examined(*, file: StoredFile, at: datetime) -> None:
    """A file too large to judge at once has its verdict: it is told where that waits, invoices find their papers."""
    waiting = Submission.objects.select_for_update(of=("self",)).filter(closed_at=None)
    for envelope in waiting.filter(items__file=file).select_related("claim").order_by("pk"):
        envelope.items.filter(file=file).update(facts=file.facts, findings=file.findings)
        if envelope.claim.state == ClaimState.DRAFT:
            _bring_together(envelope.claim)


def _keep_invoice(claim: Claim, item: ClaimFile) -> None:
    """What an accepted XML says becomes the claim's invoice; one that was taken out may come back with new bytes."""
    facts = item.facts
    fields, uuid = facts["fields"], facts["tfd"]["uuid"].lower()
    check_payable(fields.get("TipoDeComprobante") or "I", fields.get("Moneda") or "MXN")
    check_amounts(Decimal(one["amount"]) for one in facts["lines"])
    require_expense(claim=claim, name=item.file.display_name, on=date.fromisoformat(fields["Fecha"][:10]))
    titular = claim.certificate.titular or claim.affected
    if not receipts.is_free(uuid, party=titular.party):
        raise Conflict(USED, code="receipt_used_before", field="file")
    same = ClaimInvoice.objects.select_related("xml").filter(claim=claim, uuid=uuid).first()
    if same is not None and same.xml_id != item.pk and same.xml.removed_at is None:
        raise Conflict("Esa factura ya está en este trámite. No la subas dos veces.", code="repeated", field="file")
    others = ClaimInvoice.objects.standing().filter(claim=claim).exclude(uuid=uuid).select_related("xml")
    check_lines(sum(len(one.xml.facts["lines"]) for one in others), len(facts["lines"]))
    told = {
        "xml": item,
        "issuer_rfc": fields["emisor_rfc"],
        "issuer_name": (facts["issuer"].get("name") or "")[:254],
        "issued_on": date.fromisoformat(fields["Fecha"][:10]),
        "total": Decimal(fields["Total"]),
        "method": fields.get("MetodoPago") or "",
        "medicines": bool(facts.get("medicines")),
        "hospital": bool(facts.get("hospital")),
    }
    ClaimInvoice.objects.update_or_create(claim=claim, uuid=uuid, defaults=told)


def _touch_claim(claim: Claim, *, at: datetime) -> None:
    """A draft's files changed: invoices find their papers again, its days begin anew."""
    _bring_together(claim)
    Claim.objects.filter(pk=claim.pk).update(changed_at=at, **selectors.draft_days(clock.date_in(at)))


def _bring_together(claim: Claim) -> None:
    """Each invoice with its PDF and, where it is paid later, the proof of its payment."""
    files = list(selectors.files_of(claim))
    by_key = {str(one.pk): one for one in files}
    pdfs = [_told(one) for one in files if one.document == Paper.INVOICE_PDF]
    proofs = [one for one in files if one.document == Paper.PAYMENT_PROOF]
    invoices = selectors.invoices_of(claim)
    mine = [InvoiceFile(str(one.pk), [one.uuid], one.xml.file.original_name) for one in invoices]
    found = pair(mine, pdfs)
    for one in invoices:
        one.pdf = by_key.get(found.get(str(one.pk), ""))
        one.payment_proof = _proof_of(one, proofs)
        one.save(update_fields=["pdf", "payment_proof"])


def _told(one: ClaimFile) -> InvoiceFile:
    return InvoiceFile(str(one.pk), one.facts.get("uuids") or [], one.file.original_name)


def _proof_of(invoice: ClaimInvoice, proofs: list[ClaimFile]) -> ClaimFile | None:
    """The proof that names an invoice, else the last one: one payment may be of several invoices."""
    if invoice.method != "PPD":
        return None
    naming = [one for one in proofs if invoice.uuid in (one.facts.get("uuids") or [])]
    return next(reversed(naming or proofs), None)


@transaction.atomic
def remove_file(*, claim: Claim, item: ClaimFile, by: User, at: datetime) -> ClaimFile:
    """Take a file out of a draft; `put_file_back` undoes it. Raises Conflict once it was sent."""
    return _moved(claim, papers.remove_from_envelope, item, by=by, at=at)


@transaction.atomic
def put_file_back(*, claim: Claim, item: ClaimFile, by: User, at: datetime) -> ClaimFile:
    """Undo a removal. Raises RuleBroken when the envelope is full by now, Conflict once it was sent.

    An XML whose invoice came back with other bytes meanwhile is refused while those stand.
    """
    return _moved(claim, papers.put_back, item, by=by, at=at)


def _moved(claim: Claim, act: Callable[..., Any], item: ClaimFile, *, by: User, at: datetime) -> ClaimFile:
    selectors.require_filing(by, claim, on=clock.date_in(at))
    moved: ClaimFile = act(item=item, by=by, at=at)
    if moved.document == Paper.INVOICE_XML and moved.removed_at is None and not _is_invoice(moved):
        _keep_invoice(claim, moved)
    _touch_claim(claim, at=at)
    return moved


def _is_invoice(item: ClaimFile) -> bool:
    return ClaimInvoice.objects.filter(xml=item).exists()


@transaction.atomic
def correct_invoice(
    *, claim: Claim, invoice: ClaimInvoice, medicines: bool, hospital: bool, by: User, at: datetime
) -> ClaimInvoice:
    """Say what an invoice is of, where its product keys told it wrongly: other papers are asked for then."""
    _envelope, row = hold_to_file(claim=claim, by=by, on=clock.date_in(at))
    invoice.medicines, invoice.hospital = medicines, hospital
    invoice.save(update_fields=["medicines", "hospital"])
    details = {"invoice": str(invoice.pk), "medicines": medicines, "hospital": hospital}
    history.record(
        action="claims.invoice_corrected",
        subject=row,
        by=by,
        at=at,
        party_id=row.affected.party_id,
        details=details,
    )
    return invoice

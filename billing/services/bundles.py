"""Invoices of a month dropped at once: each pair finds its orders, becomes a draft and is sent by itself (S0.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from billing import checks, rules, selectors
from billing.models import Bundle, BundleFile, CareOrder, Invoice
from billing.rules import ReviewState
from billing.selectors import bundles
from billing.services.drafts import held_draft
from billing.services.invoices import (
    accepted_file,
    judge_against,
    judge_pdf,
    keep_files,
    note_files,
    start_invoice,
    submit_invoice,
)
from portal.errors import Conflict, Finding, RuleBroken
from portal.fiscal import selectors as fiscal
from portal.history import services as history
from portal.papers import services as papers
from portal.text import display_name

if TYPE_CHECKING:
    from portal.fiscal.expectations import Order
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import Party, User

MOST_FILES = 50
READ = "portal.fiscal.checks.read"
_NOT_SENT = Q(invoice=None, removed_at=None) | Q(invoice__state=ReviewState.DRAFT)
_STRAY = Q(invoice=None, removed_at=None)
CLOSED = "Este paquete ya se cerró o se envió. Abre el que sigue y sube ahí el archivo."
PLACED = "Este archivo ya encontró su factura. Quítalo en su borrador."
NO_XML = "Falta el XML de este PDF. Súbelo y se juntan: por el folio fiscal, o por llamarse igual."


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was opened: what was found in it and which orders it bills, or why it is of no use."""

    name: str
    kind: str
    examined: papers.Examined | None = None
    orders: Sequence[CareOrder] = ()
    problem: RuleBroken | None = None


def add_to_bundle(*, party: Party, uploads: Sequence[EncryptedUpload], by: User, at: datetime) -> Bundle:
    """Take files in: what pairs becomes a draft, what does not stays with its reason.

    Every file is examined before the first row is written: that takes seconds and holds no lock.
    """
    if not uploads:
        raise RuleBroken("Elige los XML y los PDF de tus facturas para subirlos.", code="no_file", field="files")
    _refuse_too_many(len(uploads))
    return _place_files(party, [_read_file(party, one, at) for one in uploads], by=by, at=at)


def _refuse_too_many(count: int) -> None:
    if count > MOST_FILES:
        raise RuleBroken(
            f"Un paquete lleva hasta {MOST_FILES} archivos y con estos serían {count}. Envía los que ya están y sube "
            "los demás en otro.",
            code="too_many_files",
            field="files",
        )


def _read_file(party: Party, upload: EncryptedUpload, at: datetime) -> _Read:
    name, kind = display_name(upload.name or ""), papers.kind_of(upload)
    try:
        if kind == "pdf":
            return _Read(name, kind, judge_pdf(uuid="", upload=upload))
        said = papers.examine_upload(upload=upload, kinds={"xml", "pdf"}, check=READ, context=fiscal.vouched())
        orders = bundles.orders_named(party, accepted_file(said, "El archivo").facts)
        rows: list[Order] = [
            {"account": one.account, "patient": one.patient, "payable": str(one.payable)} for one in orders
        ]
        insurer = orders[0].insurer
        examined = judge_against(
            expect=lambda on, issued: selectors.expectation_of(party, insurer, rows, on=on, issued_on=issued),
            upload=upload,
            at=at,
        )
    except RuleBroken as problem:
        if problem.code == papers.AWAY:
            raise  # nothing is known of the file: it is sent again
        return _Read(name, kind, problem=problem)
    return _Read(name, kind, examined, orders)


@transaction.atomic
def _place_files(party: Party, read: Sequence[_Read], *, by: User, at: datetime) -> Bundle:
    bundle = _lock_open_bundle(party, by=by, at=at)
    strays = BundleFile.objects.filter(bundle=bundle, invoice=None, kept=None)
    strays.filter(name__in=[one.name for one in read]).delete()  # it came again, mended perhaps
    _refuse_too_many(bundle.files.filter(_NOT_SENT).count() + len(read))
    for one in sorted(read, key=lambda one: one.kind != "xml"):
        _keep_file(bundle, one, by=by, at=at)
    placed = bundle.files.filter(invoice__isnull=False).count()
    history.record(
        action="billing.bundle_filled",
        subject=bundle,
        party_id=party.pk,
        by=by,
        at=at,
        details={"files": len(read), "placed": placed},
    )
    return bundle


def _lock_open_bundle(party: Party, *, by: User, at: datetime) -> Bundle:
    """The one that is open, held; another where that was closed while we waited for it."""
    while True:
        begun = {"opened_by": by, "opened_at": at}
        bundle, _ = Bundle.objects.get_or_create(party=party, closed_at=None, defaults=begun)
        held = Bundle.objects.select_for_update(of=("self",)).select_related("party")
        if (found := held.filter(pk=bundle.pk, closed_at=None).first()) is not None:
            return found


def _keep_file(bundle: Bundle, one: _Read, *, by: User, at: datetime) -> None:
    """A file's own row: of its draft, or why it is of none. What is refused undoes nothing of the others."""
    row = BundleFile(bundle=bundle, name=one.name, kind=one.kind, added_at=at)
    problem = one.problem
    if one.examined is not None:
        try:
            with transaction.atomic():
                (_begin_draft if one.kind == "xml" else _join_draft)(row, one, by=by, at=at)
        except RuleBroken as refused:
            row.invoice, problem = None, refused
    if problem is not None:
        row.why = f"{problem.message}"
        row.findings = [finding.as_json() for finding in problem.findings]
    row.save()


def _begin_draft(row: BundleFile, one: _Read, *, by: User, at: datetime) -> None:
    """An XML opens the draft of its orders; the PDF that was here first comes to it."""
    ids = [order.pk for order in one.orders]
    invoice = start_invoice(party=row.bundle.party, order_ids=ids, by=by, at=at)
    keep_files(invoice=invoice, xml=one.examined, pdf=None, by=by, at=at, replacing=False)
    row.invoice = invoice = Invoice.objects.get(pk=invoice.pk)
    waiting = row.bundle.files.filter(_STRAY, kept__isnull=False).select_related("kept").order_by("pk")
    for pdf in waiting:
        if _join_kept(invoice, row.name, pdf, by=by, at=at):
            return


def _join_kept(invoice: Invoice, xml_name: str, pdf: BundleFile, *, by: User, at: datetime) -> bool:
    """Let a PDF that was here already be the face of a draft, if it is.

    Looked at again under its lock: one discarded or sent, or that got another PDF or XML meanwhile, takes nothing.
    """
    if pdf.kept is None or not _are_of_one(invoice, xml_name, pdf.kept.facts, pdf.name):
        return False
    held = held_draft(invoice)
    if held is None or not held.is_editable or held.pdf_id is not None or held.uuid != invoice.uuid:
        return False
    said = checks.compared(map(Finding.from_json, pdf.kept.findings), pdf.kept.facts, held.uuid)
    papers.compare_kept(file=pdf.kept, said=said, at=at)
    held.pdf = pdf.kept
    note_files(invoice=held, by=by, at=at)
    BundleFile.objects.filter(pk=pdf.pk).update(invoice=held, why="")
    return True


def _join_draft(row: BundleFile, one: _Read, *, by: User, at: datetime) -> None:
    """A PDF joins the draft whose folio fiscal it shows, else the one whose XML is called like it; or waits for it."""
    assert one.examined is not None  # `_keep_file` asks
    facts = one.examined.facts
    for xml in _without_pdf(row.bundle):
        invoice = xml.invoice
        if invoice is not None and _are_of_one(invoice, xml.name, facts, row.name):
            said = checks.compared(one.examined.findings, facts, invoice.uuid)
            pdf = replace(one.examined, verdict=said.verdict, findings=said.findings, facts=said.facts)
            keep_files(invoice=invoice, xml=None, pdf=pdf, by=by, at=at, replacing=False)
            row.invoice = invoice
            return
    row.kept = papers.store_upload(examined=one.examined, purpose="invoice_pdf", party=row.bundle.party, by=by, at=at)
    row.why = NO_XML


def _without_pdf(bundle: Bundle) -> QuerySet[BundleFile]:
    drafts = bundle.files.filter(kind="xml", invoice__pdf=None, invoice__state=ReviewState.DRAFT)
    return drafts.select_related("invoice").order_by("pk")


def _are_of_one(invoice: Invoice, xml_name: str, pdf_facts: dict[str, object], pdf_name: str) -> bool:
    """Whether a PDF is the face of this XML: its folio fiscal says so, or where none can be read, its name."""
    if pdf_facts.get("uuids"):
        return rules.shows_uuid(pdf_facts, invoice.uuid)
    return PurePath(xml_name).stem.lower() == PurePath(pdf_name).stem.lower()


@transaction.atomic
def send_bundle(*, bundle: Bundle, by: User, at: datetime) -> Bundle:
    """Send every draft that is complete, each by itself: one that is refused stays a draft and keeps no other back.

    What was not sent, and what matched nothing, goes on in the next bundle. Raises RuleBroken where none could be sent.
    """
    bundle = Bundle.objects.select_for_update().get(pk=bundle.pk)
    if bundle.closed_at is not None:
        return bundle
    ready = [one.invoice for one in bundles.pairs(bundle) if one.is_ready]
    sent = [invoice for invoice in ready if _submit_draft(invoice, by=by, at=at)]
    if not sent:
        raise RuleBroken(
            "Ninguna factura del paquete está completa. Mira lo que falta en cada una y vuelve a enviarlo.",
            code="nothing_ready",
        )
    bundle.closed_at = at
    bundle.save(update_fields=["closed_at"])
    if bundle.files.filter(_NOT_SENT).exists():
        following = Bundle.objects.create(party_id=bundle.party_id, opened_by=by, opened_at=at)
        bundle.files.filter(_NOT_SENT).update(bundle=following)
    history.record(
        action="billing.bundle_sent",
        subject=bundle,
        party_id=bundle.party_id,
        by=by,
        at=at,
        details={"sent": len(sent), "left": len(ready) - len(sent)},
    )
    return bundle


@transaction.atomic
def remove_stray(*, file: BundleFile, by: User, at: datetime) -> BundleFile:
    """Take out what matched nothing; `put_stray_back` undoes it. Removed twice, nothing more happens. Raises Conflict.

    Conflict once its bundle was closed, or where it became part of a draft meanwhile.
    """
    file = _lock_stray(file)
    if file.removed_at is None:
        file.removed_at = at
        file.save(update_fields=["removed_at"])
        _record_stray(file, "billing.stray_removed", by=by, at=at)
    return file


@transaction.atomic
def put_stray_back(*, file: BundleFile, by: User, at: datetime) -> BundleFile:
    """Undo the removal of a stray; a PDF whose XML came meanwhile becomes part of its draft. Raises as `remove_stray`.

    Put back twice, nothing more happens.
    """
    file = _lock_stray(file)
    if file.removed_at is None:
        return file
    _refuse_too_many(file.bundle.files.filter(_NOT_SENT).count() + 1)
    file.removed_at = None
    file.save(update_fields=["removed_at"])
    for xml in _without_pdf(file.bundle):
        if xml.invoice is not None and _join_kept(xml.invoice, xml.name, file, by=by, at=at):
            break
    _record_stray(file, "billing.stray_put_back", by=by, at=at)
    return file


def _lock_stray(file: BundleFile) -> BundleFile:
    bundle = Bundle.objects.select_for_update().get(pk=file.bundle_id)
    file = BundleFile.objects.select_related("bundle", "kept").get(pk=file.pk)
    if bundle.closed_at is not None or file.bundle_id != bundle.pk:
        raise Conflict(CLOSED, code="bundle_closed")
    if file.invoice_id is not None:
        raise Conflict(PLACED, code="file_placed")
    return file


def _record_stray(file: BundleFile, action: str, *, by: User, at: datetime) -> None:
    party, details = file.bundle.party_id, {"file": file.pk, "kind": file.kind}
    history.record(action=action, subject=file.bundle, party_id=party, by=by, at=at, details=details)


@transaction.atomic
def close_bundle(*, bundle: Bundle, by: User, at: datetime) -> Bundle:
    """Put a bundle away: what matched nothing leaves its page, its drafts stay among the invoices; twice, no more."""
    bundle = Bundle.objects.select_for_update().get(pk=bundle.pk)
    if bundle.closed_at is None:
        bundle.closed_at = at
        bundle.save(update_fields=["closed_at"])
        history.record(action="billing.bundle_closed", subject=bundle, party_id=bundle.party_id, by=by, at=at)
    return bundle


def _submit_draft(invoice: Invoice, *, by: User, at: datetime) -> bool:
    try:
        with transaction.atomic():
            submit_invoice(invoice=invoice, by=by, at=at)
    except RuleBroken:
        return False
    return True

"""The physician's side of an invoice: draft, files, submission."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from billing import checks, rules, selectors
from billing.models import CareOrder, Invoice, InvoiceLine, InvoiceWithholding
from billing.rules import OrderState, ReviewState
from billing.selectors import figures
from billing.services.drafts import held_draft, hold_draft
from billing.services.orders import move_orders
from billing.services.promises import promise_answer
from portal import clock
from portal.errors import Conflict, Finding, RuleBroken
from portal.fiscal import selectors as receipts
from portal.fiscal import services as fiscal
from portal.fiscal.expectations import InvoiceExpectation
from portal.folios import services as folios
from portal.history import services as history
from portal.listing.search import folio_address
from portal.notices import services as notices
from portal.papers import services as papers
from portal.people import selectors as people

if TYPE_CHECKING:
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import Party, User


Expect = Callable[[date, date | None], InvoiceExpectation]  # today and the invoice's own day → what it is held against
CHECK = "portal.fiscal.checks.invoice"
RECEIPT_REPLACED = "La factura se corrigió y se envió con otros datos: tiene un acuse nuevo."
UNPROVED = "Antes de facturar hay que acreditar el RFC: entra a «Mi RFC» y sube tu Constancia, o escribe tu código."


@transaction.atomic
def start_invoice(*, party: Party, order_ids: Sequence[UUID], by: User, at: datetime) -> Invoice:
    """Open a draft that bills one or several orders (S0.17); it holds them until it is sent or discarded."""
    rules.check_how_many(len(set(order_ids)))
    orders = list(
        CareOrder.objects.of_parties([party.pk]).filter(pk__in=order_ids).select_for_update(of=("self",)).order_by("pk")
    )
    if not orders and not people.is_proved(party.rfc):
        raise RuleBroken(UNPROVED, code="rfc_unproved")
    if not orders or len(orders) != len(set(order_ids)):
        raise RuleBroken("Elige al menos una orden de tu lista para facturar.", code="no_orders", field="orders")
    rules.check_same_insurer(order.insurer_id for order in orders)
    for order in orders:
        rules.ORDER.check(order.state, OrderState.INVOICED)
    on = clock.date_in(at)
    scheme = selectors.scheme_for(party, on=on)
    invoice = _new_draft(party, orders, scheme, by, at)
    history.record(
        action="billing.draft_started",
        subject=invoice,
        party_id=party.pk,
        by=by,
        at=at,
        details={"orders": [order.account for order in orders], "scheme": scheme.code},
    )
    return invoice


def _new_draft(party: Party, orders: Sequence[CareOrder], scheme: selectors.Scheme, by: User, at: datetime) -> Invoice:
    base = sum((order.payable for order in orders), Decimal("0.00"))
    withheld = rules.withhold(base, scheme.components)
    invoice = Invoice.objects.create(
        party=party,
        insurer_id=orders[0].insurer_id,
        created_by=by,
        created_at=at,
        scheme=scheme.code,
        **_figures(withheld, scheme),
    )
    try:
        with transaction.atomic():
            InvoiceLine.objects.bulk_create(
                InvoiceLine(invoice=invoice, order=order, amount=order.payable) for order in orders
            )
    except IntegrityError as error:
        raise Conflict(
            "Una de esas órdenes ya está en otra factura tuya. Ábrela desde tu lista de facturas.", code="order_taken"
        ) from error
    _copy_withholdings(invoice, withheld, scheme)
    return invoice


def _figures(withheld: rules.WithholdingSum, scheme: selectors.Scheme) -> dict[str, Any]:
    return {
        "base": withheld.base,
        "withheld_isr": withheld.amount_of("ISR"),
        "withheld_local": withheld.amount_of("LOCAL"),
        "total": withheld.payable,
        "explanation": figures.explain_total(withheld, scheme),
    }


def _copy_withholdings(invoice: Invoice, withheld: rules.WithholdingSum, scheme: selectors.Scheme) -> None:
    InvoiceWithholding.objects.bulk_create(
        InvoiceWithholding(
            invoice=invoice,
            component=line.component,
            rate=line.rate,
            base=line.base,
            amount=line.amount,
            rule_code=scheme.rule_code,
            rule_version=scheme.rule_version,
            rule_source=scheme.source,
        )
        for line in withheld.lines
    )


@transaction.atomic
def discard_draft(*, invoice: Invoice, by: User, at: datetime) -> None:
    """Drop a draft that was never sent; its orders can be invoiced again, its fiscal folio is free."""
    invoice = hold_draft(invoice)
    if invoice.review_state is not ReviewState.DRAFT:
        raise already_sent(invoice, "No se puede descartar: escríbenos si necesitas cancelarla.")
    fiscal.release_receipt(subject=invoice, by=by, at=at)
    Invoice.objects.filter(pk=invoice.pk).delete()
    history.record(action="billing.draft_discarded", subject=invoice, party_id=invoice.party_id, by=by, at=at)


def attach_files(
    *,
    invoice: Invoice,
    xml: EncryptedUpload | None,
    pdf: EncryptedUpload | None,
    by: User,
    at: datetime,
    replacing: bool = True,
) -> list[Finding]:
    """Judge and keep the XML and the PDF of an invoice, whichever field each came in.

    Each takes the place of the one before, unless not `replacing`: Conflict when another came there. A refused file
    stores nothing and raises with its findings; the other one, if right, is kept all the same. Files are examined
    before the transaction: that may take seconds and must hold no lock.
    """
    if not invoice.is_editable:
        raise already_sent(invoice, "Sus archivos ya no cambian.")
    if xml is None and pdf is None:
        raise RuleBroken("Elige el XML o el PDF de tu factura para subirlo.", code="no_file", field="xml")
    xml, pdf = _in_their_fields(xml, pdf)
    refused: list[RuleBroken] = []
    judged_xml = _tried(refused, lambda: _judge_xml(invoice, xml, at)) if xml else None
    # Beside a refused XML the PDF is held against none: that XML may still come.
    uuid = judged_xml.facts["tfd"]["uuid"].lower() if judged_xml else "" if refused else invoice.uuid
    judged_pdf = _tried(refused, lambda: judge_pdf(uuid=uuid, upload=pdf)) if pdf else None
    if judged_xml or judged_pdf:
        try:
            keep_files(invoice=invoice, xml=judged_xml, pdf=judged_pdf, by=by, at=at, replacing=replacing)
        except RuleBroken as problem:
            if not (judged_xml and judged_pdf) or problem.code == "sent":
                raise
            refused.append(problem)  # the XML cannot be had (its folio bills something else): the PDF waits for another
            judged_xml, judged_pdf = None, _uncompared(judged_pdf)
            keep_files(invoice=invoice, xml=None, pdf=judged_pdf, by=by, at=at, replacing=replacing)
    if refused:
        raise _refusal(refused, kept="XML" if judged_xml else "PDF" if judged_pdf else "")
    return [finding for judged in (judged_xml, judged_pdf) if judged for finding in judged.findings]


def _in_their_fields(
    xml: EncryptedUpload | None, pdf: EncryptedUpload | None
) -> tuple[EncryptedUpload | None, EncryptedUpload | None]:
    """Files by what they are: one chosen in the other's field is not worth a refusal."""
    first, second = (papers.kind_of(one) if one else "" for one in (xml, pdf))
    crossed = (first == "pdf" and second != "pdf") or (second == "xml" and first != "xml")
    return (pdf, xml) if crossed else (xml, pdf)


def _tried(refused: list[RuleBroken], judge: Callable[[], papers.Examined]) -> papers.Examined | None:
    """One file's judgement; its refusal is noted and does not keep the other file from being judged."""
    try:
        return judge()
    except RuleBroken as problem:
        refused.append(problem)
        return None


def _refusal(refused: Sequence[RuleBroken], *, kept: str) -> RuleBroken:
    """What is told of the files that were refused, and of the one that was kept ("XML", "PDF" or "")."""
    if len(refused) == 1 and not kept:
        return refused[0]
    sentences = list(dict.fromkeys(problem.message for problem in refused))
    if kept:
        sentences.append(f"Tu {kept} quedó guardado: sube solo el {'PDF' if kept == 'XML' else 'XML'}.")
    return FilesRefused(" ".join(sentences), refused)


class FileRefused(RuleBroken):
    """A file the machine rejected; `checklist` says which groups of rules it does pass (N3)."""

    def __init__(self, what: str, examined: papers.Examined) -> None:
        super().__init__(
            f"{what} no pasa estas reglas. Corrígelo y súbelo otra vez.", code="rejected", findings=examined.findings
        )
        self.checklist: list[dict[str, Any]] = examined.facts.get("checklist", [])


class FilesRefused(FileRefused):
    """One of two files was refused and the other kept, or both were refused; the first one's status and code."""

    def __init__(self, message: str, refused: Sequence[RuleBroken]) -> None:
        told = [problem.findings or ((problem.finding,) if len(refused) > 1 else ()) for problem in refused]
        RuleBroken.__init__(
            self, message, code=refused[0].code, findings=[finding for found in told for finding in found]
        )
        self.status = refused[0].status
        self.checklist: list[dict[str, Any]] = getattr(refused[0], "checklist", [])
        self.is_of_both = len(refused) > 1


def accepted_file(examined: papers.Examined, what: str) -> papers.Examined:
    """The examined file, unless the machine rejected it or it is too big to be judged at once."""
    too_big = f"{what} pesa más de 5 MB. Descárgalo otra vez de tu sistema: el original pesa menos."
    return papers.require_accepted(examined, too_big=too_big, refused=lambda file: FileRefused(what, file))


def _judge_xml(invoice: Invoice, upload: EncryptedUpload, at: datetime) -> papers.Examined:
    told = selectors.invoice_expectation
    return judge_against(expect=lambda on, issued: told(invoice, on=on, issued_on=issued), upload=upload, at=at)


def judge_against(*, expect: Expect, upload: EncryptedUpload, at: datetime) -> papers.Examined:
    """Held against the schemes of today; if the invoice's own date has others, against those (domain 1.2)."""
    today = clock.date_in(at)
    context = expect(today, None)
    examined = papers.examine_upload(upload=upload, kinds={"xml"}, check=CHECK, context=context)
    dated = expect(today, _issued_on(examined.facts))
    if dated != context:
        examined = papers.examine_upload(upload=upload, kinds={"xml"}, check=CHECK, context=dated)
    return accepted_file(examined, "El XML")


def _issued_on(facts: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str((facts.get("fields") or {}).get("Fecha"))[:10])
    except ValueError:
        return None


def judge_pdf(*, uuid: str, upload: EncryptedUpload) -> papers.Examined:
    """A PDF beside the XML of this folio fiscal, or beside none ("")."""
    examined = papers.examine_upload(
        upload=upload, kinds={"pdf"}, check="billing.checks.invoice_pdf", context={"uuid": uuid}
    )
    return accepted_file(examined, "El PDF")


def _uncompared(pdf: papers.Examined) -> papers.Examined:
    """A right PDF as if it had come alone; the examiner need not open it again to know."""
    said = checks.uncompared(pdf.findings, pdf.facts)
    return replace(pdf, verdict=said.verdict, findings=said.findings, facts=said.facts)


@transaction.atomic
def keep_files(
    *,
    invoice: Invoice,
    xml: papers.Examined | None,
    pdf: papers.Examined | None,
    by: User,
    at: datetime,
    replacing: bool,
) -> None:
    """Keep what was examined and accepted, under the invoice's lock."""
    seen = invoice.uuid
    invoice = hold_draft(invoice)
    if not invoice.is_editable:
        raise already_sent(invoice, "Sus archivos ya no cambian.")
    if xml is None and seen != invoice.uuid:
        raise Conflict(
            "Mientras subías el PDF cambió el XML. Sube otra vez el PDF que le corresponde.", code="xml_moved"
        )
    for slot, judged in (("xml", xml), ("pdf", pdf)):
        if judged is not None and not replacing:
            refuse_other_file(invoice, slot, judged.sha256)  # it may have come while this one was examined
    if xml is not None:
        _keep_xml(invoice, xml, by, at)
    if pdf is not None:
        invoice.pdf = papers.store_upload(examined=pdf, purpose="invoice_pdf", party=invoice.party, by=by, at=at)
    note_files(invoice=invoice, by=by, at=at)


def note_files(*, invoice: Invoice, by: User, at: datetime) -> None:
    """Store a draft with the files that it has got, when and by whom; under its lock."""
    invoice.files_at = at
    invoice.save()
    history.record(
        action="billing.files_attached",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"xml": str(invoice.xml_id or ""), "pdf": str(invoice.pdf_id or ""), "verdict": str(invoice.verdict)},
    )


def refuse_other_file(invoice: Invoice, slot: str, sha256: str) -> None:
    """Raise Conflict when an invoice's `slot` ("xml" or "pdf") holds a file with other bytes than these."""
    held = getattr(invoice, slot)
    if held is not None and held.sha256 != sha256:
        raise Conflict(f"Ya subiste otro {slot.upper()}. Quítalo si quieres volver al de antes.", code="slot_taken")


def _keep_xml(invoice: Invoice, examined: papers.Examined, by: User, at: datetime) -> None:
    facts = examined.facts
    uuid = facts["tfd"]["uuid"].lower()
    if uuid != invoice.uuid and invoice.pdf and not rules.stays_with(invoice.pdf.facts, uuid):
        invoice.pdf = None  # it was compared with another XML
    fiscal.release_receipt(subject=invoice, by=by, at=at)
    _claim_uuid(invoice, uuid, facts, sha256=examined.sha256, by=by, at=at)
    invoice.xml = papers.store_upload(examined=examined, purpose="invoice_xml", party=invoice.party, by=by, at=at)
    invoice.facts, invoice.findings = facts, [finding.as_json() for finding in examined.findings]
    invoice.verdict, invoice.uuid = str(examined.verdict), uuid
    invoice.issued_on = date.fromisoformat(facts["fields"]["Fecha"][:10])
    _follow_matched_scheme(invoice, facts)


def _follow_matched_scheme(invoice: Invoice, facts: dict[str, Any]) -> None:
    """The scheme applied is the one in force on the invoice's date that its amounts match (domain 1.2).

    Raises Conflict when it stopped being theirs while the file was examined: figures and file would not agree.
    """
    scheme = selectors.scheme_by_code(facts.get("scheme", ""), party=invoice.party, on=invoice.issued_on)
    if scheme is None:
        raise Conflict(
            "Tu régimen o la regla de retención cambió mientras revisábamos tu factura. Sube otra vez el XML.",
            code="scheme_moved",
        )
    _apply_scheme(invoice, scheme)


def _apply_scheme(invoice: Invoice, scheme: selectors.Scheme) -> bool:
    """Take over the scheme's figures; False if they stand already, by the very same version of the rule."""
    stored = set(invoice.withholdings.values_list("rule_code", "rule_version"))
    if stored == {(scheme.rule_code, scheme.rule_version)}:
        return False
    withheld = rules.withhold(invoice.base, scheme.components)
    invoice.scheme = scheme.code
    for name, value in _figures(withheld, scheme).items():
        setattr(invoice, name, value)
    invoice.withholdings.all().delete()
    _copy_withholdings(invoice, withheld, scheme)
    return True


@transaction.atomic
def follow_scheme(*, invoice: Invoice, by: User, at: datetime) -> None:
    """A draft without XML takes the scheme in force today: its regime changed after it was begun (S0.20-S0.23)."""
    held = held_draft(invoice)
    if held is None or held.review_state is not ReviewState.DRAFT or held.xml_id is not None:
        return
    before, invoice = held.total, held
    if not _apply_scheme(invoice, selectors.scheme_for(invoice.party, on=clock.date_in(at))):
        return
    invoice.save()
    history.record(
        action="billing.draft_followed",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"scheme": invoice.scheme, "before": str(before), "total": str(invoice.total)},
    )


@transaction.atomic
def submit_invoice(*, invoice: Invoice, by: User, at: datetime) -> Invoice:
    """Send a complete invoice to review: its folio, its receipt and its orders' state are fixed here."""
    invoice = hold_draft(invoice, related=("party", "insurer", "xml", "pdf", "receipt"))
    _check_first_time(invoice)
    rules.REVIEW.check(invoice.state, ReviewState.SUBMITTED)
    _check_complete(invoice)
    _hold_uuid(invoice, by, at)
    first_time = not invoice.folio
    invoice.folio = invoice.folio or folios.next_folio(prefix="FA", at=at)
    invoice.state, invoice.submitted_at, invoice.submitted_by = ReviewState.SUBMITTED, at, by
    promise_answer(invoice=invoice, on=clock.date_in(at))
    _renew_receipt(invoice, by, at)
    if first_time:
        move_orders(invoice=invoice, target=OrderState.INVOICED)
    invoice.save()
    notices.notify(
        user_ids=[by.pk],
        kind="billing/invoice_submitted",
        key=f"submitted:{invoice.pk}:{at.isoformat()}",
        context={"folio": invoice.folio},
        url=folio_address(invoice.folio),
        at=at,
    )
    history.record(
        action="billing.invoice_submitted",
        subject=invoice,
        party_id=invoice.party_id,
        by=by,
        at=at,
        details={"folio": invoice.folio, "verdict": invoice.verdict, "total": str(invoice.total)},
    )
    return invoice


def _check_first_time(invoice: Invoice) -> None:
    """A second try (another window, the way back) leads to what the first one made."""
    if invoice.folio and not invoice.is_editable:
        raise already_sent(invoice, "No hace falta enviarla otra vez.")


def already_sent(invoice: Invoice, so: str) -> Conflict:
    """The refusal of an act on an invoice that was sent: says the folio that the first try got, and leads to it."""
    way = ("Ver la factura", reverse("billing:invoice", args=[invoice.folio]))
    return Conflict(f"Ya la enviaste: folio {invoice.folio}. {so}", code="sent", way=way)


def _check_complete(invoice: Invoice) -> None:
    orders = list(CareOrder.objects.select_for_update().filter(lines__invoice=invoice, lines__live=True).order_by("pk"))
    missing = rules.missing_to_submit(
        has_xml=invoice.xml_id is not None,
        has_pdf=invoice.pdf_id is not None,
        verdict=invoice.verdict,
        orders=len(orders),
        withdrawn=[o.account for o in orders if o.state == OrderState.WITHDRAWN],
        mended=invoice.is_mended,
        paired=invoice.is_paired,
    )
    if missing:
        raise RuleBroken(" ".join(missing), code="incomplete")


def _hold_uuid(invoice: Invoice, by: User, at: datetime) -> None:
    """A return set the fiscal folio free; the same invoice with a better PDF takes it again (MO-07)."""
    if invoice.xml is not None and receipts.live_receipt(invoice) is None:
        _claim_uuid(invoice, invoice.uuid, invoice.facts, sha256=invoice.xml.sha256, by=by, at=at)


def _claim_uuid(invoice: Invoice, uuid: str, facts: dict[str, Any], *, sha256: str, by: User, at: datetime) -> None:
    """Take the fiscal folio, with what look-alikes are found by: day, bytes and patients of its orders (N9)."""
    fiscal.claim_receipt(
        uuid=uuid,
        use="invoice",
        subject=invoice,
        party=invoice.party,
        issuer_rfc=facts["fields"]["emisor_rfc"],
        total=Decimal(facts["fields"]["Total"]),
        issued_on=date.fromisoformat(facts["fields"]["Fecha"][:10]),
        sha256=sha256,
        patients=invoice.lines.filter(live=True).values_list("order__patient", flat=True),
        by=by,
        at=at,
    )


def _renew_receipt(invoice: Invoice, by: User, at: datetime) -> None:
    """The receipt of what was sent now: a better PDF keeps the one that stands, another XML voids it for a new one."""
    context = selectors.receipt_context(invoice, at=at)
    if invoice.receipt is not None:
        frozen = invoice.receipt.context
        if frozen == context | {"received_at": frozen["received_at"]}:
            return
        papers.void_document(document=invoice.receipt, reason=RECEIPT_REPLACED, by=by, at=at)
    invoice.receipt = papers.issue_document(
        kind="invoice_receipt",
        template="pdf/billing/invoice_receipt.html",
        folio=invoice.folio,
        context=context,
        party=invoice.party,
        by=by,
        at=at,
    )


@transaction.atomic
def issue_invoice_sheet(*, invoice: Invoice, by: User, at: datetime) -> Any:
    """The assistant's page as a paper (N3): every datum to type, frozen as it was shown."""
    invoice = Invoice.objects.select_related("party", "insurer").get(pk=invoice.pk)
    return papers.issue_document(
        kind="invoice_sheet",
        template="pdf/billing/invoice_sheet.html",
        context=selectors.sheet_context(invoice, at=at),
        party=invoice.party,
        by=by,
        at=at,
    )

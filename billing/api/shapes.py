"""What billing's calls answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from billing import rules, selectors
from billing.models import Bundle, CareOrder, Complement, Invoice
from billing.selectors import assistant, bundles, deposits, sheet
from portal import clock
from portal.api.answers import Answer, Found, Instant, Money, With
from portal.api.calls import Asked
from portal.treasury.models import Transfer


class Delivered(Answer):
    """What became of a delivery of orders; `errors` name row (from 1), field, code and message."""

    delivery = s.UUIDField(source="pk")
    rows = s.IntegerField()
    accepted = s.IntegerField()
    unchanged = s.IntegerField()
    payable = s.CharField()
    errors = s.ListField(child=s.DictField())


class OrderTold(Answer):
    """An order of care: fee = coaseguro + payable."""

    id = s.UUIDField()
    account = s.CharField()
    insurer = s.CharField(source="insurer.name")
    physician_rfc = s.CharField()
    patient = s.CharField()
    service_on = s.DateField()
    concept = s.CharField()
    fee = Money()
    coaseguro = Money()
    payable = Money()
    authorised_by = s.CharField()
    state = s.ChoiceField(rules.ORDER.choices)
    invoice = s.CharField(allow_null=True)
    draft = s.UUIDField(allow_null=True)

    def view(self, found: CareOrder) -> Any:
        """With the invoice, or the draft, that holds it."""
        line = found.lines.filter(live=True).select_related("invoice").first()
        held = line.invoice if line else None
        return With(found, invoice=(held and held.folio) or None, draft=held.pk if held and not held.folio else None)


class Datum(Answer):
    """One datum to type in an invoicing system, as it asks for it, and why."""

    label = s.CharField()
    value = s.CharField()
    why = s.CharField()


class DatumGroup(Answer):
    """Data that stand together."""

    title = s.CharField()
    data = Datum(many=True)


class Concept(Answer):
    """A line of the CFDI, one an order."""

    account = s.CharField()
    patient = s.CharField()
    service_on = s.DateField()
    concept = s.CharField()
    payable = s.CharField()


class DraftConcept(Concept):
    """A line with what is withheld of it; the lines add up to the sum."""

    withheld_isr = s.CharField()
    withheld_local = s.CharField()
    net = s.CharField()


def groups(told: list[tuple[str, list[assistant.Datum]]]) -> list[dict[str, Any]]:
    """The assistant's data as objects."""
    return [
        {"title": title, "data": [{"label": label, "value": value, "why": why} for label, value, why in rows]}
        for title, rows in told
    ]


class InvoiceSum(Answer):
    """base − withheld_isr − withheld_local = total."""

    base = Money()
    withheld_isr = Money()
    withheld_local = Money()
    total = Money()


class DraftTold(Answer):
    """A draft: every datum to type in the CFDI, what its files lack, and what the machine found in them."""

    id = s.UUIDField()
    folio = s.CharField()
    insurer = s.CharField()
    sum = InvoiceSum()
    to_type = DatumGroup(many=True)
    concepts = DraftConcept(many=True)
    xml = s.UUIDField(allow_null=True)
    pdf = s.UUIDField(allow_null=True)
    uuid = s.CharField()
    verdict = s.CharField()
    findings = Found(many=True)
    missing = s.ListField(child=s.CharField())

    def view(self, found: Invoice) -> Any:
        """The assistant's page."""
        found = Invoice.objects.select_related("party", "insurer", "pdf").get(pk=found.pk)
        on = clock.today()
        page, now = sheet.draft(found, on=on), assistant.shown(found, on=on)
        withheld = {name: now.withheld.amount_of(code) for name, code in (("isr", "ISR"), ("local", "LOCAL"))}
        return {
            "id": found.pk,
            "folio": found.folio,
            "insurer": found.insurer.name,
            "sum": {
                "base": now.withheld.base,
                "withheld_isr": withheld["isr"],
                "withheld_local": withheld["local"],
                "total": now.withheld.payable,
            },
            "to_type": groups(page["groups"]),
            "concepts": page["concepts"],
            "xml": found.xml_id,
            "pdf": found.pdf_id,
            "uuid": found.uuid,
            "verdict": found.verdict,
            "findings": [one.as_json() for one in page["findings"]],
            "missing": page["missing"],
        }


class BundledInvoice(Answer):
    """A draft of a bundle, or what was sent of it: `folio` once it was, `missing` what it lacks before."""

    id = s.UUIDField(source="invoice.pk")
    folio = s.CharField(source="invoice.folio")
    files = s.CharField(source="names")
    accounts = s.CharField()
    total = Money(source="invoice.total")
    missing = s.CharField()


class StrayFile(Answer):
    """A file that became part of no invoice, and why."""

    id = s.IntegerField()
    name = s.CharField()
    why = s.CharField()
    removed = s.BooleanField(help_text="Se quitó del paquete; se puede devolver mientras siga abierto.")
    findings = Found(many=True)


class BundleTold(Answer):
    """Invoices that were dropped together."""

    invoices = BundledInvoice(many=True)
    strays = StrayFile(many=True)


def bundle_told(found: Bundle | None) -> dict[str, Any]:
    """As its page shows it; nothing where none is open."""
    told = [
        {
            "id": one.file.pk,
            "name": one.name,
            "why": one.why,
            "removed": one.file.removed_at is not None,
            "findings": [f.as_json() for f in one.findings],
        }
        for one in [*bundles.strays(found), *bundles.strays(found, removed=True)]
    ]
    return {"invoices": bundles.pairs(found), "strays": told}


class DecisionTold(Answer):
    """What a reviewer decided, with every reason."""

    outcome = s.ChoiceField(["accepted", "returned", "rejected"])
    reasons = s.ListField(child=s.CharField(), source="sentences")
    note = s.CharField()
    at = Instant()


class InvoiceTold(Answer):
    """A sent invoice: where it stands, what it comes to, its papers, and what was decided."""

    id = s.UUIDField()
    folio = s.CharField()
    physician = s.CharField(source="party.name")
    physician_rfc = s.CharField(source="party.rfc")
    insurer = s.CharField(source="insurer.name")
    state = s.ChoiceField(rules.REVIEW.choices)
    payment_state = s.ChoiceField(rules.PAYMENT.choices)
    said = s.CharField(source="state_label")
    waits_for = s.CharField(source="ball_label")
    base = Money(currency="currency")
    withheld_isr = Money(currency="currency")
    withheld_local = Money(currency="currency")
    total = Money(currency="currency")
    uuid = s.CharField()
    issued_on = s.DateField(allow_null=True)
    submitted_at = Instant(allow_null=True)
    review_due_on = s.DateField(allow_null=True)
    decided_at = Instant(allow_null=True)
    paid_on = s.DateField(allow_null=True)
    complement_due_on = s.DateField(allow_null=True)
    verdict = s.CharField()
    findings = Found(many=True)
    orders = Concept(many=True)
    decisions = DecisionTold(many=True)
    xml = s.UUIDField(source="xml_id", allow_null=True)
    pdf = s.UUIDField(source="pdf_id", allow_null=True)
    receipt = s.UUIDField(source="receipt_id", allow_null=True)
    deposit = s.UUIDField(source="transfer_id", allow_null=True)

    def view(self, found: Invoice) -> Any:
        """As it stands now: an act before may hold an older row."""
        now = Invoice.objects.select_related("party", "insurer", "complement_due").get(pk=found.pk)
        return With(now, orders=selectors.lines_of(now), decisions=now.decisions.order_by("pk"))


class Link(Answer):
    """What the next complement says of one invoice."""

    uuid = s.CharField()
    folio = s.CharField()
    number = s.IntegerField()
    balance_before = Money()
    paid = Money()
    balance_after = Money()


class ComplementTold(Answer):
    """A payment complement that was handed in."""

    id = s.UUIDField()
    uuid = s.CharField()
    physician = s.CharField(source="party.name")
    deposit = s.UUIDField(source="transfer_id")
    state = s.ChoiceField(rules.COMPLEMENT.choices)
    handed_in_at = Instant()
    decided_at = Instant(allow_null=True)
    reason = s.CharField()
    findings = Found(many=True)
    xml = s.UUIDField(source="xml_id")


def as_it_stands(_asked: Asked, found: Complement) -> Complement:
    """A complement after an act, with whose it is."""
    return Complement.objects.select_related("party").get(pk=found.pk)


class DepositTold(Answer):
    """A deposit: what it paid, its advice, and what the complement to stamp must say."""

    id = s.UUIDField()
    batch = s.CharField()
    tracking = s.CharField()
    paid_on = s.DateField()
    amount = Money(currency="currency")
    currency = s.CharField()
    returned = s.BooleanField()
    invoices = s.ListField(child=s.CharField())
    complement_due_on = s.DateField(allow_null=True)
    to_stamp = DatumGroup(many=True)
    links = Link(many=True)
    complements = ComplementTold(many=True)
    advice = s.UUIDField(allow_null=True)

    def view(self, found: tuple[Transfer, list[Invoice]]) -> Any:
        """The deposit's page."""
        transfer, invoices = found
        page = deposits.payment(transfer, invoices, on=clock.today())
        return {
            "id": transfer.pk,
            "batch": transfer.batch.folio,
            "tracking": transfer.tracking,
            "paid_on": transfer.paid_on,
            "amount": transfer.amount,
            "currency": transfer.currency,
            "returned": page["returned"],
            "invoices": [one.folio for one in invoices],
            "complement_due_on": page["due_on"],
            "to_stamp": groups(page["stamp"]),
            "links": page["links"],
            "complements": page["complements"],
            "advice": transfer.advice_id,
        }


class MovementTold(Answer):
    """One line of a physician's account: what it owes them or paid them, and what is owed after it."""

    on = s.DateField()
    text = s.CharField()
    owed = Money(allow_null=True)
    paid = Money(allow_null=True)
    balance = Money()


class Steps(Answer):
    """Amounts by step, and how many documents prove each."""

    to_invoice = Money()
    to_invoice_count = s.IntegerField()
    drafts = Money()
    drafts_count = s.IntegerField()
    in_review = Money()
    in_review_count = s.IntegerField()
    returned = Money()
    returned_count = s.IntegerField()
    payable = Money()
    payable_count = s.IntegerField()
    scheduled = Money()
    scheduled_count = s.IntegerField()
    paid = Money()
    paid_count = s.IntegerField()
    complement_due = Money()
    complement_due_count = s.IntegerField()


class NextPaymentTold(Answer):
    """What is paid next: all that is late, else the day that comes first; what it waits for and what holds it back."""

    on = s.DateField()
    amount = Money()
    invoices = s.ListField(child=s.CharField(), source="folios")
    late = s.BooleanField()
    waits = s.ListField(child=s.CharField())
    held = s.ListField(child=s.CharField())


class StatementTold(Answer):
    """Where a physician's money stands, and one month of the books: opening + owed − paid = closing."""

    steps = Steps()
    next_payment = NextPaymentTold(allow_null=True)
    first = s.DateField()
    last = s.DateField()
    opening = Money()
    closing = Money()
    movements = MovementTold(many=True)

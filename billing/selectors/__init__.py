"""Page-shaped reads of billing; the front door for other rooms' reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse

from billing import rules
from billing.models import CareOrder, Complement, ComplementDue, ComplementPayment, Invoice, SchemeAssignment
from billing.rules import PaymentState, ReviewState
from billing.selectors.schemes import Scheme as Scheme
from billing.selectors.schemes import limits_of_cfdi, oldest_invoice, schemes_in_force
from portal import clock
from portal.access import Permission
from portal.calendars import rules as calendar_rules
from portal.calendars import selectors as calendars
from portal.errors import RuleBroken
from portal.fiscal import selectors as fiscal
from portal.money import format_money, round_money
from portal.people import selectors as people
from portal.people.models import Party
from portal.rulebook import selectors as rulebook
from portal.rulebook.rules import refer
from portal.treasury import selectors as treasury
from portal.treasury.models import TransferItem

if TYPE_CHECKING:
    from portal.people.models import User
    from portal.treasury.models import Payable, Transfer

ZERO = Decimal("0.00")
OFFICE = "mx-office"


# --- withholding schemes ---------------------------------------------------------------------------------------------


def assignment_on(party: Party, *, on: date) -> SchemeAssignment | None:
    """The regime and state that count for a physician on a date; before the first one, the first one."""
    rows = SchemeAssignment.objects.filter(party=party).order_by("valid_from")
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on).last() or rows.first()


def schemes_for(party: Party, *, on: date) -> list[Scheme]:
    """Every active scheme of the physician's regime and state on a date, required ones first (domain 1.2)."""
    assignment = assignment_on(party, on=on)
    if assignment is None:
        return []
    return schemes_in_force(regime=assignment.regime, state=assignment.state, on=on)


def scheme_for(party: Party, *, on: date) -> Scheme:
    """The scheme shown to a physician before they invoice. Raises RuleBroken until they have told their regime."""
    schemes = schemes_for(party, on=on)
    if not schemes:
        raise RuleBroken(
            "Antes de facturar dinos tu régimen fiscal: de él depende tu retención.", code="no_regime", field="regime"
        )
    return schemes[0]


def scheme_by_code(code: str, *, party: Party, on: date | None) -> Scheme | None:
    """One of the physician's schemes on a date, by code."""
    return next((scheme for scheme in schemes_for(party, on=on) if scheme.code == code), None) if on else None


# --- what the examiner is told ---------------------------------------------------------------------------------------


def lines_of(invoice: Invoice) -> list[dict[str, str]]:
    """Account, patient and amount of each order an invoice bills, with the text of its concept."""
    return [
        {
            "account": line.order.account,
            "patient": line.order.patient,
            "payable": str(line.amount),
            "service_on": line.order.service_on.isoformat(),
            "concept": rules.concept_text(line.order.account, line.order.patient, line.order.concept),
        }
        for line in invoice.lines.select_related("order").order_by("order__account")
    ]


def invoice_expectation(invoice: Invoice, *, on: date, issued_on: date | None = None) -> dict[str, Any]:
    """Everything an invoice's XML is held against (docs/shape.md, portal/fiscal).

    `on` is today; the schemes are those in force on the invoice's own date, `issued_on` (today until it was read).
    """
    insurer = invoice.insurer
    assignment = assignment_on(invoice.party, on=issued_on or on)
    return {
        "issuer_rfc": invoice.party.rfc,
        "issuer_regime": assignment.regime if assignment else "",
        "receiver": {
            "rfc": insurer.rfc,
            "name": insurer.name,
            "zip": insurer.zip_code,
            "regime": insurer.fiscal_regime,
        },
        "schemes": [scheme.as_context() for scheme in schemes_for(invoice.party, on=issued_on or on)],
        "orders": [{name: row[name] for name in ("account", "patient", "payable")} for row in lines_of(invoice)],
        "on": on.isoformat(),
        "oldest": oldest_invoice(on=on).isoformat(),
        **limits_of_cfdi(on=on),
        **fiscal.vouched(),
    }


def complement_expectation(transfer: Transfer, invoices: Sequence[Invoice], *, on: date) -> dict[str, Any]:
    """Everything a REP is held against: the transfer, what was handed in for it, the chains of what is owed still."""
    first = invoices[0]
    return {
        "issuer_rfc": first.party.rfc,
        "receiver_rfc": first.insurer.rfc,
        "invoices": [
            {
                "uuid": invoice.uuid,
                "total": str(invoice.total),
                "base": str(invoice.base),
                "withheld_isr": str(invoice.withheld_isr),
                "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else "",
                "payments": [
                    {
                        "number": payment.number,
                        "paid_on": payment.paid_on.isoformat(),
                        "amount": str(payment.paid),
                        "balance_before": str(payment.balance_before),
                        "balance_after": str(payment.balance_after),
                    }
                    for payment in invoice.complement_payments.filter(live=True).order_by("number")
                ],
            }
            for invoice in invoices
        ],
        "transfer": {
            "on": transfer.paid_on.isoformat() if transfer.paid_on else "",
            "amount": str(transfer.amount),
            "handed_in": str(handed_in(transfer)),
        },
        "on": on.isoformat(),
        **limits_of_cfdi(on=on),
        **fiscal.vouched(),
    }


def handed_in(transfer: Transfer) -> Decimal:
    """What the complements handed in for a transfer add up to, those in review too (MXN)."""
    links = ComplementPayment.objects.filter(transfer=transfer, live=True)
    return links.aggregate(paid=Sum("paid"))["paid"] or ZERO


# --- dates -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComplementRule:
    """Day of the month a REP is due, when its physician is reminded, and how the stored date names its rule."""

    day: int
    reminders: calendar_rules.Reminders
    label: str


def complement_rule(*, on: date) -> ComplementRule:
    """The rules of the complement in force on the payment's date."""
    due = rulebook.rule_on(rules.PAYMENT.at(PaymentState.COMPLEMENT_DUE).due, on=on)
    reminders = rulebook.rule_on("reminder.complement_days", on=on)
    return ComplementRule(int(due.value), rules.reminders(map(int, reminders.value)), str(refer(due)))


@dataclass(frozen=True, slots=True)
class PaymentDue:
    """The day by which something is paid, and how the stored date names the rule that gave it."""

    on: date
    rule: str


def payment_due(*, on: date) -> PaymentDue:
    """When an invoice accepted on a day should be paid: business days of the Mexican office after it (rule row)."""
    rule = rulebook.rule_on(rules.PAYMENT.at(PaymentState.PAYABLE).due, on=on)
    office = calendars.calendar(OFFICE)
    return PaymentDue(calendar_rules.due_after_business_days(office, on, int(rule.value)), str(refer(rule)))


# --- papers ----------------------------------------------------------------------------------------------------------


def receipt_context(invoice: Invoice, *, at: datetime) -> dict[str, Any]:
    """What the receipt of a submitted invoice is made from; frozen with it."""
    return {
        "folio": invoice.folio,
        "received_at": at.isoformat(),
        "physician": invoice.party.name,
        "physician_rfc": invoice.party.rfc,
        "insurer": invoice.insurer.name,
        "uuid": invoice.uuid,
        "base": str(invoice.base),
        "withheld_isr": str(invoice.withheld_isr),
        "withheld_local": str(invoice.withheld_local),
        "total": str(invoice.total),
        "currency": invoice.currency,
        "lines": [
            {"account": row["account"], "service_on": row["service_on"], "payable": row["payable"]}
            for row in lines_of(invoice)
        ],
    }


def sheet_context(invoice: Invoice, *, at: datetime) -> dict[str, Any]:
    """What the assistant's sheet is made from; frozen with it."""
    from billing.selectors import assistant  # the assistant reads from here

    now = assistant.shown(invoice, on=clock.date_in(at))
    return {
        "made_at": at.isoformat(),
        "physician": invoice.party.name,
        "physician_rfc": invoice.party.rfc,
        "groups": [[title, [list(row) for row in rows]] for title, rows in assistant.to_type(invoice, now)],
        "concepts": lines_of(invoice),
        "sums": [list(line) for line in assistant.sum_lines(now)["lines"]],
        "total": format_money(now.withheld.payable, invoice.currency),
    }


# --- the physician's pages -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a physician's money stands, MXN: amounts by step and how many documents each proves."""

    to_invoice: Decimal
    to_invoice_count: int
    drafts: Decimal
    drafts_count: int
    in_review: Decimal
    in_review_count: int
    returned: Decimal
    returned_count: int
    payable: Decimal
    payable_count: int
    scheduled: Decimal
    scheduled_count: int
    paid: Decimal
    paid_count: int
    complement_due: Decimal
    complement_due_count: int


def balance_of(party_ids: Sequence[UUID]) -> Balance:
    """The whole account in two queries; orders count before withholding, invoices after it (S0.15, C4)."""
    orders = CareOrder.objects.of_parties(list(party_ids)).to_invoice().aggregate(total=Sum("payable"), n=Count("pk"))
    groups: dict[str, Q] = {
        "drafts": Q(state=ReviewState.DRAFT),
        "in_review": Q(state=ReviewState.SUBMITTED),
        "returned": Q(state=ReviewState.RETURNED),
        "payable": Q(payment_state=PaymentState.PAYABLE),
        "scheduled": Q(payment_state=PaymentState.SCHEDULED),
        "paid": Q(payment_state__in=[PaymentState.PAID, PaymentState.COMPLEMENT_DUE, PaymentState.CLOSED]),
        "complement_due": Q(payment_state=PaymentState.COMPLEMENT_DUE),
    }
    sums = {name: Sum("total", filter=where, default=ZERO) for name, where in groups.items()}
    counts = {f"{name}_count": Count("pk", filter=where) for name, where in groups.items()}
    row = Invoice.objects.filter(party__in=party_ids).aggregate(**sums, **counts)
    return Balance(to_invoice=orders["total"] or ZERO, to_invoice_count=orders["n"], **row)


def waiting_for_proof(user: User) -> int:
    """How many orders wait for an RFC that its physician has not proved: all that is said of them (AC-11)."""
    rfcs = [party.rfc for party in people.unproved_parties(user, Permission.SEE_OWN_BILLING)]
    return CareOrder.objects.filter(physician_rfc__in=rfcs, state=rules.OrderState.AVAILABLE).count() if rfcs else 0


def physician_of(user: User, order_ids: Sequence[UUID]) -> Party | None:
    """Whose orders these are, among the physicians this person bills for; None when none of them is theirs.

    Raises RuleBroken for orders of two physicians: each issues their own invoice.
    """
    mine = user.proved_party_ids(Permission.BILL_ORDERS)
    rfcs = set(CareOrder.objects.of_parties(mine).filter(pk__in=order_ids).values_list("physician_rfc", flat=True))
    rules.check_same_physician(rfcs)
    return Party.objects.filter(pk__in=mine, rfc__in=rfcs).first()


def deposits_of(party_ids: Sequence[UUID]) -> QuerySet[Transfer]:
    """Deposits that paid a physician's invoices, those that came back too."""
    paid = Invoice.objects.filter(transfer=OuterRef("pk"))
    carried = TransferItem.objects.filter(transfer=OuterRef("pk"), payable__kind="invoice")
    return treasury.deposits().filter(Exists(paid) | Exists(carried), party__in=party_ids)


def invoices_of_transfer(user: User, transfer: Transfer) -> list[Invoice]:
    """Invoices that one deposit pays, or paid before it came back, that this person may see; empty for a stranger."""
    carried = Q(pk__in=treasury.subjects_of(transfer, kind="invoice"))
    return list(
        Invoice.objects.visible_to(user)
        .filter(Q(transfer=transfer) | carried)
        .select_related("transfer", "insurer", "party", "complement_due")
        .order_by("folio")
    )


@dataclass(frozen=True, slots=True)
class NextLink:
    """What the next REP must say about one invoice (N11): partiality, balances and the taxes of its share, MXN."""

    uuid: str
    folio: str
    number: int
    balance_before: Decimal
    paid: Decimal
    balance_after: Decimal
    base: Decimal
    isr: Decimal
    isr_rate: str


def next_link(invoice: Invoice) -> NextLink:
    """The next document of an invoice's chain: it pays what is left, with the base and ISR of that share (N11)."""
    last = invoice.complement_payments.filter(live=True).order_by("number").last()
    before = last.balance_after if last else invoice.total
    kept = invoice.withholdings.filter(component="ISR").first()
    return NextLink(
        uuid=invoice.uuid,
        folio=invoice.folio,
        number=last.number + 1 if last else 1,
        balance_before=before,
        paid=before,
        balance_after=ZERO,
        base=round_money(invoice.base * before / invoice.total, invoice.currency),
        isr=round_money(invoice.withheld_isr * before / invoice.total, invoice.currency),
        isr_rate=f"{kept.rate:.6f}" if kept else "",
    )


def reminders_of(due: ComplementDue) -> calendar_rules.Reminders:
    """When a complement is reminded of: by the rule in force on the payment's date."""
    return complement_rule(on=due.anchor).reminders


# --- the desk --------------------------------------------------------------------------------------------------------


def waiting_for(user: User) -> list[tuple[str, int, str]]:
    """What of billing waits for this person at the desk: (label, how many, address)."""
    if Permission.REVIEW_INVOICES not in user.permissions:
        return []
    reviews, complements = reverse("billing:reviews"), reverse("billing:complements")
    in_review = Complement.objects.to_review()
    return [
        ("Facturas por revisar", Invoice.objects.to_review().count(), f"{reviews}?estado=submitted"),
        ("Complementos por revisar", in_review.count(), f"{complements}?estado=in_review"),
        ("Complementos vencidos", Invoice.objects.overdue(on=clock.today()).count(), reverse("billing:overdue")),
    ]


def neighbours(invoice: Invoice) -> dict[str, str]:
    """Folios before and after this one in the reviewer's queue (keys j and k); the same instant twice skips nobody."""
    at, folios = invoice.submitted_at, {"next": "", "previous": ""}
    queue = Invoice.objects.to_review().exclude(pk=invoice.pk).order_by("submitted_at", "pk")
    if at is not None:
        rows = queue.values_list("folio", flat=True)
        later = rows.filter(Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=invoice.pk)).first()
        earlier = rows.filter(Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=invoice.pk)).last()
        folios = {"next": later or "", "previous": earlier or ""}
    return folios


# --- what treasury asks ----------------------------------------------------------------------------------------------


def reviewers_of(payables: Sequence[Payable]) -> set[UUID]:
    """Who reviewed the invoices behind these payables: they neither prepare nor approve their payment (MO-05)."""
    ids = [payable.subject_id for payable in payables]
    return set(
        Invoice.objects.filter(pk__in=ids, decisions__outcome=ReviewState.ACCEPTED).values_list(
            "decisions__reviewer", flat=True
        )
    )


def advice_lines(payables: Sequence[Payable]) -> list[dict[str, str]]:
    """Lines of a payment advice: folio, the accounts billed, net amount."""
    invoices = Invoice.objects.filter(pk__in=[payable.subject_id for payable in payables]).prefetch_related(
        "lines__order"
    )
    return [
        {
            "folio": invoice.folio,
            "concept": ", ".join(sorted(line.order.account for line in invoice.lines.all())),
            "amount": str(invoice.total),
        }
        for invoice in sorted(invoices, key=lambda invoice: invoice.folio)
    ]

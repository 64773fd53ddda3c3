"""What the examiner is told before it judges a CFDI: JSON, so amounts and dates are text (MXN, ISO, local dates of MX).

A datum that is absent gives `not_checked`, never a rejection. Billing tells what its tables say, the rule desk what was
given to it.
"""

from __future__ import annotations

from typing import TypedDict


class Vouched(TypedDict, total=False):
    """Whom and what the portal trusts beyond what it ships, from `selectors.vouched()`."""

    trust: list[str]  # certificates, DER in base64
    keys: dict[str, list[str]]  # keys an administrator added, by catalogue


class Limits(TypedDict, total=False):
    """Limits in force on the day of the judgement, from the rulebook."""

    tolerance: str  # of a withholding, pesos
    stamp_hours: int  # between the invoice's date and its stamp


class Receiver(TypedDict, total=False):
    """To whom an invoice is made out."""

    rfc: str
    name: str
    zip: str
    regime: str
    use: str


class Component(TypedDict):
    """One tax that a scheme withholds: ISR or LOCAL, rate as a fraction."""

    component: str
    rate: str


class Scheme(TypedDict, total=False):
    """A withholding scheme that would do: `required` ones win over those a person must look at."""

    code: str
    enforcement: str
    components: list[Component]
    rule: str
    regime: str


class Order(TypedDict, total=False):
    """An order that the invoice bills."""

    account: str
    patient: str
    payable: str


class InvoiceExpectation(Vouched, Limits, total=False):
    """Everything an invoice is held against."""

    issuer_rfc: str
    issuer_regime: str
    receiver: Receiver
    schemes: list[Scheme]
    orders: list[Order]
    on: str
    oldest: str


class FamilyMember(TypedDict):
    """One of a family; `rfc` is None where it is not known."""

    name: str
    rfc: str | None


class ClaimInvoiceExpectation(Vouched, Limits, total=False):
    """Everything a family's invoice is held against: `years` half-open, `oldest` the first day that is not too old."""

    family: list[FamilyMember]
    insurer_rfc: str
    years: list[list[str]]
    on: str
    oldest: str


class EarlierPayment(TypedDict, total=False):
    """One payment of an invoice that a complement told already."""

    number: int
    paid_on: str
    amount: str
    balance_before: str
    balance_after: str


class PaidInvoice(TypedDict, total=False):
    """An invoice that owes a complement still."""

    uuid: str
    total: str
    base: str
    withheld_isr: str
    issued_on: str
    payments: list[EarlierPayment]


class PaidTransfer(TypedDict, total=False):
    """The transfer that a complement is for, and what the complements handed in for it add up to."""

    on: str
    amount: str
    handed_in: str


class ComplementExpectation(Vouched, Limits, total=False):
    """Everything a payment complement (REP) is held against."""

    issuer_rfc: str
    receiver_rfc: str
    invoices: list[PaidInvoice]
    transfer: PaidTransfer
    on: str

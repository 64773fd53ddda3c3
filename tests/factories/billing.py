"""Orders, invoices and complements in the situations billing knows, all made through the real services.

Files are sealed by the demo's paper mill and taken in through the portal's own upload handler and examiner. What
happened, happened three days ago (`NOW`), so that screens, which read the real clock, find it in the past.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from billing import selectors, services
from billing.models import Bundle, CareOrder, Complement, ComplementDue, Invoice, OrderDelivery
from billing.rules import OrderRow
from config.demo import samples
from config.demo.scenes import billing as billing_scene
from config.demo.scenes import treasury as bank_scene
from config.demo.uploads import upload_of
from portal import clock
from portal.fiscal import services as fiscal
from portal.imports.rules.layouts import Read
from portal.people.models import Party, User
from portal.treasury import services as treasury
from portal.treasury.models import Payable, PaymentBatch, Transfer
from tests.factories import people
from tests.factories import treasury as situations

NOW = clock.real_now().replace(hour=18, minute=0, second=0, microsecond=0) - timedelta(days=3)
TODAY = clock.date_in(NOW)
PAID_AT = NOW + timedelta(hours=3)
REVIEW_RULE = "invoice.review_days v1 · operador"
COMPLEMENT_RULE = "rep_due_day v1 · RMF 2.7.1.32"
_number = itertools.count(1)


def trust() -> None:
    """Let the portal know the paper mill's authority and PAC; without it every file waits for a person."""
    for der in samples.trust_der():
        fiscal.add_certificates(content=der, by=None, at=NOW)


def doctor(*, regime: str = "612", state: str = "") -> SimpleNamespace:
    """A physician with a regime: `.user` and `.party`. regime "" leaves it untold.

    The first of a test always has the same RFC, so that the paper mill makes one key a process.
    """
    rfc = next(one for one in map(people.rfc_number, itertools.count(7_000)) if not Party.objects.filter(rfc=one))
    party = people.a_party(rfc=rfc, name="LUCÍA NÚÑEZ PEÑA")
    user = people.physician(party=party)
    if regime:
        services.set_regime(
            party=party,
            regime=regime,
            state=state,
            specialty="",
            valid_from=TODAY - timedelta(days=30),
            by=user,
            at=NOW,
        )
    return SimpleNamespace(user=user, party=party)


def insurer(name: str = "SEGUROS DE PRUEBA") -> Party:
    """The insurer of this name, made once a test."""
    return Party.objects.filter(name=name).first() or people.an_insurer(name=name, zip_code="06600")


def row(who: SimpleNamespace | str, **changes: Any) -> OrderRow:
    """A digital order that breaks no rule: fee 1,500.00, coaseguro 200.00, payable 1,300.00."""
    good = OrderRow(
        account=f"CTA-{next(_number):05d}",
        physician_rfc=who if isinstance(who, str) else who.party.rfc,
        patient="María Núñez Peña",
        service_on=TODAY - timedelta(days=2),
        concept="Consulta médica de especialidad",
        fee=Decimal("1500.00"),
        coaseguro=Decimal("200.00"),
        payable=Decimal("1300.00"),
        authorised_by="SEGUROS DE PRUEBA S.A. DE C.V.",
        signed_by_insured=True,
        signed_by_physician=True,
    )
    return replace(good, **changes)


def deliver(rows: Sequence[OrderRow], *, payer: Party | None = None, **changes: Any) -> OrderDelivery:
    """One delivery with its control totals right, unless `control` says otherwise."""
    announced = {"rows": len(rows), "payable": sum((one.payable for one in rows), Decimal("0.00"))}
    told = {"read": Read.of(rows), "control": announced, "by": people.reviewer(), "at": NOW, "on": TODAY} | changes
    return services.receive_orders(insurer=payer or insurer(), **told)


def orders(who: SimpleNamespace, number: int = 1, *, payer: Party | None = None, **changes: Any) -> list[CareOrder]:
    """Orders of this physician, ready to be invoiced."""
    payer = payer or insurer()
    rows = [row(who, authorised_by=payer.name, **changes) for _ in range(number)]
    deliver(rows, payer=payer)
    return list(CareOrder.objects.filter(account__in=[one.account for one in rows]).order_by("account"))


def draft(who: SimpleNamespace, number: int = 1, *, of: Sequence[CareOrder] = (), at: datetime = NOW) -> Invoice:
    """A draft over new orders, or over those given."""
    chosen = of or orders(who, number)
    return services.start_invoice(party=who.party, order_ids=[one.pk for one in chosen], by=who.user, at=at)


def files(invoice: Invoice, *, faults: Sequence[str] = (), at: datetime = NOW) -> tuple[Any, Any]:
    """Uploads of an XML and its PDF that bill this draft exactly, or with the named faults."""
    xml, pdf = billing_scene.files_for(invoice, issued_at=at - timedelta(hours=1), faults=faults)
    return upload_of("factura.xml", xml), upload_of("factura.pdf", pdf)


def xml_of_either(one: Invoice, other: Invoice, *, at: datetime = NOW) -> bytes:
    """One XML that bills each of two drafts exactly: the same patient and amount, and a concept with both accounts."""
    drafts = [selectors.invoice_expectation(draft, on=clock.date_in(at)) for draft in (one, other)]
    (order,), (twin,) = (told["orders"] for told in drafts)
    return samples.make_invoice(
        issuer={"rfc": one.party.rfc, "name": one.party.name, "regime": drafts[0]["issuer_regime"]},
        receiver=drafts[0]["receiver"],
        orders=[order | {"account": f"{order['account']} {twin['account']}"}],
        components=next(row for row in drafts[0]["schemes"] if row["enforcement"] == "required")["components"],
        issued_at=at - timedelta(hours=1),
    )


def with_files(who: SimpleNamespace, number: int = 1, *, of: Sequence[CareOrder] = (), at: datetime = NOW) -> Invoice:
    """A draft whose files pass."""
    invoice = draft(who, number, of=of, at=at)
    xml, pdf = files(invoice, at=at)
    services.attach_files(invoice=invoice, xml=xml, pdf=pdf, by=who.user, at=at)
    return Invoice.objects.get(pk=invoice.pk)


def submitted(who: SimpleNamespace, number: int = 1, **more: Any) -> Invoice:
    """Waiting for a reviewer."""
    return services.submit_invoice(invoice=with_files(who, number, **more), by=who.user, at=more.get("at", NOW))


def returned(who: SimpleNamespace, reasons: Sequence[str] = ("illegible_pdf",)) -> Invoice:
    """Given back by a reviewer an hour later."""
    return services.return_invoice(
        invoice=submitted(who), reasons=list(reasons), note="", by=people.reviewer(), at=NOW + timedelta(hours=1)
    )


def accepted(who: SimpleNamespace, number: int = 1, *, by: User | None = None, **more: Any) -> Invoice:
    """Owed to the physician."""
    return services.accept_invoice(
        invoice=submitted(who, number, **more), by=by or people.reviewer(), at=NOW + timedelta(hours=1)
    )


def batch(who: SimpleNamespace, invoices: Sequence[Invoice]) -> PaymentBatch:
    """A locked batch that pays these invoices."""
    if not who.party.bank_accounts.exists():
        situations.validated(who, NOW - timedelta(days=10))
    payables = list(Payable.objects.filter(subject_id__in=[str(one.pk) for one in invoices]))
    made = treasury.prepare_batch(payables=payables, by=people.preparer(), at=NOW + timedelta(hours=2))
    return treasury.approve_batch(
        batch=made, total=made.total, by=people.approver(), at=NOW + timedelta(hours=2, minutes=10)
    )


def bank_says(made: PaymentBatch, outcome: str = "pagada") -> None:
    """Export the batch and import the bank's answer."""
    treasury.export_bank_file(batch=made, by=made.prepared_by, at=PAID_AT)
    made.refresh_from_db()
    answer = upload_of("respuesta.csv", bank_scene.bank_answer(made, on=clock.date_in(PAID_AT), outcome=outcome))
    result = treasury.read_bank_result(batch=made, upload=answer, by=made.prepared_by, at=PAID_AT)
    treasury.import_bank_result(result=result, by=made.prepared_by, at=PAID_AT)


def bank_returns(made: PaymentBatch, *, at: datetime = PAID_AT) -> None:
    """The bank says that everything it had paid of a batch came back."""
    made.refresh_from_db()
    answer = upload_of("devueltas.csv", bank_scene.bank_answer(made, on=clock.date_in(at), outcome="devuelta"))
    result = treasury.read_bank_result(batch=made, upload=answer, by=made.prepared_by, at=at)
    treasury.import_bank_result(result=result, by=made.prepared_by, at=at)


def paid(who: SimpleNamespace, number: int = 1, *, also: Sequence[Invoice] = ()) -> Invoice:
    """Paid, complement due; `also` are accepted invoices of the same deposit."""
    invoice = accepted(who, number)
    bank_says(batch(who, [invoice, *also]))
    return Invoice.objects.select_related("transfer", "party", "insurer").get(pk=invoice.pk)


def complement_xml(invoices: Sequence[Invoice], *, faults: Sequence[str] = ()) -> Any:
    """An upload of the REP of one deposit."""
    fresh = list(Invoice.objects.filter(pk__in=[one.pk for one in invoices]).order_by("folio"))
    made = billing_scene.complement_for(fresh, issued_at=PAID_AT + timedelta(hours=1), faults=faults)
    return upload_of("complemento.xml", made)


def hand_in(
    who: SimpleNamespace, invoices: Sequence[Invoice], *, faults: Sequence[str] = (), **more: Any
) -> Complement:
    """Hand in the REP of the deposit that paid these invoices."""
    first = Invoice.objects.select_related("transfer").get(pk=invoices[0].pk)
    return services.hand_in_complement(
        party=who.party,
        transfer=first.transfer,
        xml=more.get("xml") or complement_xml(invoices, faults=faults),
        by=who.user,
        at=more.get("at", PAID_AT + timedelta(hours=2)),
    )


def closed(who: SimpleNamespace) -> Invoice:
    """Paid and its complement accepted."""
    invoice = paid(who)
    hand_in(who, [invoice])
    return Invoice.objects.get(pk=invoice.pk)


def expectation(invoice: Invoice) -> dict[str, Any]:
    """What this invoice's XML is held against."""
    return selectors.invoice_expectation(invoice, on=TODAY)


def sent_bundle(invoice: Invoice) -> Bundle:
    """A bundle of the same physician that was sent."""
    kept = {"opened_by": invoice.submitted_by, "opened_at": NOW, "closed_at": NOW}
    return Bundle.objects.get_or_create(party=invoice.party, defaults=kept)[0]


def bare(who: SimpleNamespace, **fields: Any) -> Invoice:
    """An invoice by hand, without files, lines or ledger: for lists, dates and constraints only.

    With `paid_on` it is paid and owes its complement, by `complement_due_on`.
    """
    number = next(_number)
    told: dict[str, Any] = {
        "party": who.party,
        "insurer": insurer(),
        "created_by": who.user,
        "created_at": NOW,
        "scheme": "PF",
        "base": Decimal("1000.00"),
        "withheld_isr": Decimal("100.00"),
        "withheld_local": Decimal("0.00"),
        "total": Decimal("900.00"),
        "state": "submitted",
        "folio": f"FA-2020-{number:06d}",
        "submitted_at": NOW,
        "submitted_by": who.user,
        "review_due_on": TODAY + timedelta(days=4),
        "review_due_rule": REVIEW_RULE,
    }
    if "paid_on" in fields:
        due_on = fields.pop("complement_due_on")
        due = ComplementDue.objects.create(
            anchor=fields["paid_on"],
            due_on=due_on,
            rolled_on=due_on,
            due_rule=COMPLEMENT_RULE,
            next_reminder_on=fields.pop("next_reminder_on", None),
        )
        told |= {"state": "accepted", "payment_state": "complement_due", "decided_at": NOW, "transfer": transfer(who)}
        told["complement_due"] = due
    return Invoice.objects.create(**(told | fields))


def transfer(who: SimpleNamespace) -> Transfer:
    """A paid transfer of 900.00 for something of no room, for the same lists."""
    if not who.party.bank_accounts.exists():
        situations.validated(who, NOW - timedelta(days=10))
    made = situations.locked(who, situations.desk(), "900.00", NOW).transfers.get()
    Transfer.objects.filter(pk=made.pk).update(state="paid", paid_on=TODAY)
    return Transfer.objects.get(pk=made.pk)

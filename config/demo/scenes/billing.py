"""Physicians' regimes, orders, invoices, payments and complements of the demo world, and the files they come as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing import selectors as billing_reads
from billing import services as billing
from billing.models import CareOrder, Complement, Invoice
from billing.rules import OrderRow
from config.demo import samples
from config.demo.cast import Cast
from config.demo.people import BY_SLUG, CODE_OF_NORA, PEOPLE
from config.demo.scenes.treasury import bank_answer
from config.demo.uploads import upload_of
from portal import clock
from portal.imports.rules.layouts import Read
from portal.people.models import Party
from portal.treasury import services as treasury
from portal.treasury.models import Payable, PaymentBatch

PATIENTS = (
    "María Fernanda López Garza",
    "José Ángel Núñez Peña",
    "Ximena Duarte Ruiz",
    "Raúl Ibáñez Cota",
    "Elena Zúñiga Mora",
    "Tomás Ávila Rey",
    "Sara Quiñones Luna",
    "Óscar Treviño Sáenz",
    "Julia Márquez Ríos",
    "Hugo Cárdenas Sol",
    "Inés Barragán Páez",
    "Leonor Güemes Tovar",
    "Marco Yáñez Lira",
    "Paula Echeverría Gil",
    "Diego Ñáñez Ortiz",
)


CLAIMED = "DV-7104"  # Tobías', who asks his insurer to pay him the same visit


def play(cast: Cast) -> None:
    """Work for each role: orders to invoice, one invoice in each situation, and a practice with many."""
    from config.demo.scenes import practice  # it is written with what stands here

    _regimes(cast)
    _orders(cast)
    _invoices(cast)
    practice.play(cast)


def _regimes(cast: Cast) -> None:
    at = cast.days_ago(60)
    for person in PEOPLE:
        if person.regime:
            billing.set_regime(
                party=cast.parties[person.slug],
                regime=person.regime,
                state=person.state,
                specialty="Medicina interna",
                valid_from=clock.date_in(at),
                by=cast.users[person.slug],
                at=at,
            )


@dataclass(frozen=True)
class Visit:
    """One consultation of the demo: account, whose patient, what it costs (MXN), how many days ago."""

    account: str
    patient: int
    fee: str
    coaseguro: str
    days: int


def row_of(cast: Cast, rfc: str, visit: Visit, insurer: Party) -> OrderRow:
    """The order of a visit as its insurer sends it."""
    return OrderRow(
        account=visit.account,
        physician_rfc=rfc,
        patient=PATIENTS[visit.patient % len(PATIENTS)],
        service_on=clock.date_in(cast.days_ago(visit.days)),
        concept="Consulta médica de especialidad",
        fee=Decimal(visit.fee),
        coaseguro=Decimal(visit.coaseguro),
        payable=Decimal(visit.fee) - Decimal(visit.coaseguro),
        authorised_by=insurer.name,
        signed_by_insured=True,
        signed_by_physician=True,
    )


FEES = ("1500.00", "1200.00", "1850.00", "950.00", "2100.00", "1325.50", "1500.00", "1100.00", "1750.00", "1400.00")


def _orders(cast: Cast) -> None:
    """Lucía: ten orders of the first insurer and two of the second; Iván three; Nora one."""
    lucia, ivan, nora = (BY_SLUG[slug].rfc for slug in ("lucia", "ivan", "nora"))
    valley, sierra = cast.insurers
    of_lucia = [Visit(f"DV-{7100 + n}", n, fee, "200.00", 31 - n) for n, fee in enumerate(FEES)]
    of_ivan = [Visit(f"DV-{7200 + n}", n + 10, "1500.00", "150.00", 9 - n) for n in range(3)]
    later = [Visit(f"LS-{410 + n}", n + 12, "1900.00", "0.00", 6 - n) for n in range(2)]
    first = [row_of(cast, lucia, visit, valley) for visit in of_lucia] + [
        row_of(cast, ivan, v, valley) for v in of_ivan
    ]
    first = [replace(one, patient=BY_SLUG["tobias"].name) if one.account == CLAIMED else one for one in first]
    second = [row_of(cast, lucia, visit, sierra) for visit in later]
    of_nora = row_of(cast, nora, Visit("LS-430", 14, "1250.00", "125.00", 3), sierra)
    second.append(replace(of_nora, physician_code=CODE_OF_NORA))
    deliver(cast, valley, first, cast.days_ago(32))
    deliver(cast, sierra, second, cast.days_ago(2))


def deliver(cast: Cast, insurer: Party, rows: list[OrderRow], at: datetime) -> None:
    """One delivery with its control totals."""
    billing.receive_orders(
        insurer=insurer,
        read=Read.of(rows),
        control={"rows": len(rows), "payable": sum((row.payable for row in rows), Decimal(0))},
        by=cast.users["rebeca"],
        at=at,
        on=clock.date_in(cast.now),
    )


def files_for(
    invoice: Invoice, *, issued_at: datetime, faults: Sequence[str] = (), uuid: str | None = None
) -> tuple[bytes, bytes]:
    """XML and PDF that bill a draft exactly (or with one fault), as a physician's own system would make them."""
    party, insurer = invoice.party, invoice.insurer
    expected = billing_reads.invoice_expectation(invoice, on=clock.date_in(issued_at))
    scheme = next(row for row in expected["schemes"] if row["enforcement"] == "required")
    xml = samples.make_invoice(
        issuer={"rfc": party.rfc, "name": party.name, "regime": _regime(party, issued_at)},
        receiver={"rfc": insurer.rfc, "name": insurer.name, "zip": insurer.zip_code, "regime": insurer.fiscal_regime},
        orders=expected["orders"],
        components=scheme["components"],
        issued_at=issued_at,
        faults=faults,
        uuid=uuid,
    )
    return xml, samples.make_invoice_pdf(xml=xml)


def _regime(party: Party, at: datetime) -> str:
    assignment = billing_reads.assignment_on(party, on=clock.date_in(at))
    return assignment.regime if assignment else party.fiscal_regime


def _submitted(cast: Cast, slug: str, accounts: Sequence[str], days: int) -> Invoice:
    ids = list(CareOrder.objects.filter(account__in=accounts).values_list("pk", flat=True))
    return sent(cast, slug, ids, f"factura-{'-'.join(accounts)}", cast.days_ago(days))


def sent(cast: Cast, slug: str, order_ids: Sequence[Any], name: str, at: datetime) -> Invoice:
    """An invoice with its sealed XML and its PDF, sent to review five minutes later."""
    user, party = cast.users[slug], cast.parties[slug]
    invoice = billing.start_invoice(party=party, order_ids=order_ids, by=user, at=at)
    xml, pdf = files_for(invoice, issued_at=at - timedelta(hours=1))
    billing.attach_files(
        invoice=invoice, xml=upload_of(f"{name}.xml", xml), pdf=upload_of(f"{name}.pdf", pdf), by=user, at=at
    )
    return billing.submit_invoice(invoice=invoice, by=user, at=at + timedelta(minutes=5))


def _accepted(cast: Cast, accounts: Sequence[str], days: int) -> Invoice:
    invoice = _submitted(cast, "lucia", accounts, days)
    return billing.accept_invoice(invoice=invoice, by=cast.users["rebeca"], at=cast.days_ago(days - 1))


def _batch(cast: Cast, invoices: Sequence[Invoice], days: int, *, approved: bool) -> PaymentBatch:
    payables = list(Payable.objects.filter(subject_id__in=[str(invoice.pk) for invoice in invoices]))
    at = cast.days_ago(days)
    batch = treasury.prepare_batch(payables=payables, by=cast.users["pablo"], at=at)
    if approved:
        batch = treasury.approve_batch(
            batch=batch, total=batch.total, by=cast.users["aurora"], at=at + timedelta(hours=1)
        )
    return batch


def _paid(cast: Cast, invoices: Sequence[Invoice], days: int) -> None:
    batch = _batch(cast, invoices, days, approved=True)
    at = cast.days_ago(days) + timedelta(hours=2)
    treasury.export_bank_file(batch=batch, by=cast.users["pablo"], at=at)
    batch.refresh_from_db()
    answer = upload_of(f"respuesta-{batch.folio}.csv", bank_answer(batch, on=clock.date_in(at)))
    result = treasury.read_bank_result(batch=batch, upload=answer, by=cast.users["pablo"], at=at + timedelta(hours=2))
    treasury.import_bank_result(result=result, by=cast.users["pablo"], at=at + timedelta(hours=2))


def complement_for(invoices: Sequence[Invoice], *, issued_at: datetime, faults: Sequence[str] = ()) -> bytes:
    """The REP of one deposit, as a physician's own system would make it."""
    first = invoices[0]
    payment = {
        "paid_on": first.paid_on,
        "amount": first.transfer.amount - billing_reads.handed_in(first.transfer),
        "documents": [document_of(invoice) for invoice in invoices],
    }
    return complement_with(first, payment, issued_at=issued_at, faults=faults)


def document_of(invoice: Invoice) -> dict[str, Any]:
    """The next document of an invoice's chain, as the mill writes it."""
    link = billing_reads.next_link(invoice)
    parts = [{"component": w.component, "rate": str(w.rate)} for w in invoice.withholdings.order_by("component")]
    names = ("uuid", "number", "balance_before", "paid", "balance_after")
    return {name: getattr(link, name) for name in names} | {"base": invoice.base, "components": parts}


def complement_with(
    first: Invoice, payment: dict[str, Any], *, issued_at: datetime, faults: Sequence[str] = ()
) -> bytes:
    """A REP with this payment, from the physician of an invoice to who owed it."""
    return samples.make_complement(
        issuer={"rfc": first.party.rfc, "name": first.party.name, "regime": _regime(first.party, issued_at)},
        receiver={
            "rfc": first.insurer.rfc,
            "name": first.insurer.name,
            "zip": first.insurer.zip_code,
            "regime": first.insurer.fiscal_regime,
        },
        payments=[payment],
        issued_at=issued_at,
        faults=faults,
    )


def _complement(cast: Cast, invoice: Invoice, days: int) -> Complement:
    invoice.refresh_from_db()
    at = cast.days_ago(days)
    xml = complement_for([invoice], issued_at=at - timedelta(minutes=30))
    return billing.hand_in_complement(
        party=invoice.party,
        transfer=invoice.transfer,
        xml=upload_of(f"complemento-{invoice.folio}.xml", xml),
        by=cast.users["lucia"],
        at=at,
    )


def _invoices(cast: Cast) -> None:
    """One invoice in each situation, so that every role finds its work."""
    closed = _accepted(cast, ["DV-7100", "DV-7101"], 27)
    _paid(cast, [closed], 24)
    _complement(cast, closed, 22)
    owing = _accepted(cast, ["DV-7102"], 18)
    _paid(cast, [owing], 15)
    in_batch = _accepted(cast, ["DV-7103"], 8)
    _batch(cast, [in_batch], 2, approved=False)
    _accepted(cast, [CLAIMED], 5)
    returned = _submitted(cast, "lucia", ["DV-7105"], 4)
    billing.return_invoice(
        invoice=returned,
        reasons=["pdf_of_another", "other"],
        by=cast.users["rebeca"],
        at=cast.days_ago(3),
        note="El PDF corresponde a una consulta de otro mes.",
    )
    _submitted(cast, "lucia", ["DV-7106"], 1)
    _submitted(cast, "ivan", ["DV-7200"], 1)

"""A small town for accidents: physicians, desk and papers, each situation made by the portal's own services."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from billing import services as billing
from billing.models import CareOrder, Invoice
from billing.rules import OrderRow
from config.demo import samples
from config.demo.scenes import billing as billing_scene
from config.demo.scenes import treasury as bank_scene
from config.demo.uploads import upload_of
from portal import clock
from portal.calendars import services as calendars
from portal.fiscal import services as fiscal
from portal.imports.rules.layouts import Read
from portal.people.models import Party, User
from portal.rulebook import services as rulebook
from portal.treasury import services as treasury
from portal.treasury.models import BankAccount, BankResult, Payable, PaymentBatch, Transfer
from tests.factories import people

_number = itertools.count(1)


@dataclass
class Doctor:
    """A physician: party, person, and the account of record if any."""

    party: Party
    user: User
    account: BankAccount | None = None


@dataclass
class Town:
    """Everybody at the desk, one insurer, and builders of situations. All acts happen now."""

    insurer: Party
    reviewer: User
    second_reviewer: User
    preparer: User
    approver: User
    administrator: User
    doctors: list[Doctor] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The instant of the next act."""
        return clock.now()

    def doctor(self, *, paid: bool = False) -> Doctor:
        """A physician with regime; with `paid`, also with a validated account."""
        party = people.a_party(name=f"IAN NUZCO {next(_number)}", fiscal_regime="612")
        made = Doctor(party, people.physician(party=party))
        billing.set_regime(
            party=party,
            regime="612",
            state="",
            specialty="Medicina interna",
            valid_from=clock.date_in(self.now - timedelta(days=60)),
            by=made.user,
            at=self.now,
        )
        if paid:
            clabe, pdf = self.statement(made)
            account = treasury.capture_account(
                party=party,
                purpose="digital_orders",
                clabe=clabe,
                upload=upload_of("estado.pdf", pdf),
                by=made.user,
                at=self.now,
            )
            treasury.submit_account(account=account, by=made.user, at=self.now)
            made.account = treasury.review_account(account=account, decision="approved", by=self.reviewer, at=self.now)
        self.doctors.append(made)
        return made

    def statement(self, doctor: Doctor) -> tuple[str, bytes]:
        """A fresh CLABE and the statement that proves it."""
        clabe = bank_scene.clabe_of("012", next(_number))
        return clabe, bank_scene.statement_for(doctor.party, clabe, clock.date_in(self.now) - timedelta(days=20))

    def orders(self, doctor: Doctor, count: int = 1) -> list[CareOrder]:
        """Digital orders of the insurer, ready to be billed."""
        rows = [
            OrderRow(
                account=f"DV-{next(_number):05d}",
                physician_rfc=doctor.party.rfc,
                patient="María José Núñez Peña",
                service_on=clock.date_in(self.now - timedelta(days=9)),
                concept="Consulta de especialidad",
                fee=Decimal("1500.00"),
                coaseguro=Decimal("200.00"),
                payable=Decimal("1300.00"),
                authorised_by=self.insurer.name,
                signed_by_insured=True,
                signed_by_physician=True,
            )
            for _ in range(count)
        ]
        control = {"rows": len(rows), "payable": sum((row.payable for row in rows), Decimal(0))}
        billing.receive_orders(
            insurer=self.insurer,
            read=Read.of(rows),
            control=control,
            by=self.reviewer,
            at=self.now,
            on=clock.date_in(self.now),
        )
        return list(CareOrder.objects.filter(account__in=[row.account for row in rows]).order_by("pk"))

    def draft(self, doctor: Doctor, count: int = 1) -> Invoice:
        """A draft without files."""
        ids = [order.pk for order in self.orders(doctor, count)]
        return billing.start_invoice(party=doctor.party, order_ids=ids, by=doctor.user, at=self.now)

    def papers(self, invoice: Invoice, faults: Sequence[str] = ()) -> tuple[bytes, bytes]:
        """XML and PDF that bill a draft."""
        return billing_scene.files_for(invoice, issued_at=self.now - timedelta(hours=1), faults=faults)

    def attached(self, doctor: Doctor) -> Invoice:
        """A draft ready to be sent."""
        invoice = self.draft(doctor)
        xml, pdf = self.papers(invoice)
        billing.attach_files(
            invoice=invoice,
            xml=upload_of("factura.xml", xml),
            pdf=upload_of("factura.pdf", pdf),
            by=doctor.user,
            at=self.now,
        )
        invoice.refresh_from_db()
        return invoice

    def submitted(self, doctor: Doctor) -> Invoice:
        """An invoice that waits for review."""
        return billing.submit_invoice(invoice=self.attached(doctor), by=doctor.user, at=self.now)

    def accepted(self, doctor: Doctor) -> Invoice:
        """An invoice that waits for a batch."""
        return billing.accept_invoice(invoice=self.submitted(doctor), by=self.reviewer, at=self.now)

    def prepared(self, doctor: Doctor, count: int = 1) -> PaymentBatch:
        """A batch that waits for its approver; `count` invoices in one transfer."""
        subjects = [str(self.accepted(doctor).pk) for _ in range(count)]
        owed = list(Payable.objects.filter(subject_id__in=subjects))
        return treasury.prepare_batch(payables=owed, by=self.preparer, at=self.now)

    def approved(self, doctor: Doctor, count: int = 1) -> PaymentBatch:
        """A locked batch."""
        batch = self.prepared(doctor, count)
        return treasury.approve_batch(batch=batch, total=batch.total, by=self.approver, at=self.now)

    def answered(self, doctor: Doctor, count: int = 1) -> BankResult:
        """A bank answer that was read and waits to be applied."""
        batch = self.approved(doctor, count)
        treasury.export_bank_file(batch=batch, by=self.preparer, at=self.now)
        batch.refresh_from_db()
        answer = bank_scene.bank_answer(batch, on=clock.date_in(self.now))
        return treasury.read_bank_result(
            batch=batch, upload=upload_of("respuesta.csv", answer), by=self.preparer, at=self.now
        )

    def paid(self, doctor: Doctor) -> Transfer:
        """A deposit whose complement is owed."""
        batch = treasury.import_bank_result(result=self.answered(doctor), by=self.preparer, at=self.now)
        return batch.transfers.get()

    def complement(self, transfer: Transfer) -> bytes:
        """The REP of a deposit."""
        owed = list(Invoice.objects.filter(transfer=transfer).select_related("party", "insurer", "transfer"))
        return billing_scene.complement_for(owed, issued_at=self.now - timedelta(minutes=1))


def found() -> Town:
    """Build the town in an empty, migrated database."""
    rulebook.load_shipped_rules()
    calendars.load_shipped_calendars()
    administrator = people.administrator()
    for der in samples.trust_der():
        fiscal.add_certificates(content=der, by=administrator, at=clock.now())
    return Town(
        insurer=people.an_insurer(name="ASEGURADORA DEL VALLE", zip_code="06600"),
        reviewer=people.reviewer(),
        second_reviewer=people.reviewer(),
        preparer=people.preparer(),
        approver=people.approver(),
        administrator=administrator,
    )

"""The demo world: people, orders, invoices, payments and complements, all made through the portal's own services.

Every act happens at an instant of the recent past, so that each person finds believable work waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billing import selectors as billing_reads
from billing import services as billing
from billing.models import CareOrder, Complement, Invoice
from billing.rules import DIGITAL_ORDERS, OrderRow
from config.demo import samples
from config.demo.people import BY_SLUG, CODE_OF_NORA, PEOPLE, Sample
from config.demo.uploads import upload_of
from portal import clock
from portal.access import Role
from portal.calendars import services as calendars
from portal.errors import RuleBroken
from portal.fiscal import services as fiscal
from portal.help import services as contacts
from portal.imports.rules.layouts import Read
from portal.once.services import whole_transaction
from portal.papers import store
from portal.people import selectors as people
from portal.people import services as accounts
from portal.people.models import Grant, Party, SignInIdentifier, User
from portal.proofs import services as proofs
from portal.rulebook import services as rulebook
from portal.treasury import services as treasury
from portal.treasury.models import Payable, PaymentBatch
from portal.zones import MEXICO_CITY

OPERATOR = "OPERADORA CAUCE DEMO"
INSURERS = (
    ("ASEGURADORA DEL VALLE", "AVA010203AB1", "06600"),
    ("SEGUROS LA SIERRA", "SSI050607CD2", "64000"),
)
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
BANK_CODE = {"012": "BBVA MEXICO", "072": "BANORTE", "002": "BANAMEX"}


@dataclass
class Cast:
    """Everybody and everything the scenes share."""

    now: datetime
    users: dict[str, User] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    insurers: list[Party] = field(default_factory=list)
    operator: Party | None = None

    def days_ago(self, days: int) -> datetime:
        """11:10 in central Mexico, one day or more before the world began: past at whatever hour it is loaded."""
        day = clock.date_in(self.now) - timedelta(days=days)
        return datetime.combine(day, time(11, 10), tzinfo=ZoneInfo(MEXICO_CITY))


def is_loaded() -> bool:
    """Whether the last scene of the world was played."""
    return User.objects.filter(email=BY_SLUG["tomas"].email).exists()


def refuse_people_who_are_no_sample() -> None:
    """A database where people came in before the demo did belongs to them: it is neither filled nor emptied."""
    if User.objects.exists() and not is_loaded():
        raise RuleBroken(
            "Esta base ya tiene personas que no son de la demostración. Usa una base vacía, o quita DEMO.",
            code="not_a_demo",
        )


def load() -> bool:
    """Build the world unless it stands. All or nothing; a few seconds."""
    with whole_transaction():
        if is_loaded():
            return False
        refuse_people_who_are_no_sample()
        rulebook.load_shipped_rules()
        calendars.load_shipped_calendars()
        accounts.load_shipped_texts(at=clock.now() - timedelta(days=60))
        cast = Cast(now=clock.now())
        _people(cast)
        _trust(cast)
        _accounts(cast)
        _orders(cast)
        _invoices(cast)
        _messages(cast)
    store.beginning().unlink(missing_ok=True)
    return True


# --- people ----------------------------------------------------------------------------------------------------------


def _people(cast: Cast) -> None:
    at = cast.days_ago(60)
    cast.operator = Party.objects.create(
        kind="organisation",
        name=OPERATOR,
        rfc="OCD200101EF3",
        zip_code="06600",
        fiscal_regime="601",
        is_operator=True,
        created_at=at,
    )
    for name, rfc, zip_code in INSURERS:
        cast.insurers.append(
            Party.objects.create(
                kind="organisation", name=name, rfc=rfc, zip_code=zip_code, fiscal_regime="601", created_at=at
            )
        )
    for person in PEOPLE:
        cast.users[person.slug] = _person(cast, person, at)
    for slug in ("lucia", "ivan"):
        _proved(cast, slug, at)
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


def _person(cast: Cast, person: Sample, at: datetime) -> User:
    user = User(email=person.email, name=person.name, email_confirmed_at=at, created_at=at)
    user.set_unusable_password()
    user.save(force_insert=True)
    SignInIdentifier.objects.create(user=user, kind="email", canonical=person.email)
    party = cast.operator
    if person.role is Role.PHYSICIAN:
        party = cast.parties[person.slug] = Party.objects.create(
            kind="person",
            name=person.name.upper(),
            rfc=person.rfc,
            zip_code="44100",
            fiscal_regime=person.regime,
            created_at=at,
        )
        SignInIdentifier.objects.create(user=user, kind="rfc", canonical=person.rfc)
    elif person.of:
        party = cast.parties[person.of]
    Grant.objects.create(user=user, party=party, role=person.role, since=clock.date_in(at))
    for text in people.missing_consents(user):
        accounts.accept_consent(by=user, text=text, purposes=["necessary"], proof="sign-up", at=at)
    user.__dict__.pop("live_grants", None)
    return user


def _proved(cast: Cast, slug: str, at: datetime) -> None:
    """A physician shows whose their RFC is, and a reviewer accepts it; Nora has not (AC-11)."""
    party, user = cast.parties[slug], cast.users[slug]
    pdf = upload_of("constancia.pdf", samples.make_constancia_pdf(name=party.name, rfc=party.rfc, on=clock.date_in(at)))
    paper = proofs.hand_in_paper(party=party, kind="constancia", upload=pdf, by=user, at=at)
    proofs.accept_paper(paper=paper, by=cast.users["rebeca"], at=at + timedelta(hours=2))
    party.refresh_from_db()


def _trust(cast: Cast) -> None:
    """The demo's own authority and PAC; without them every sample invoice would need a person."""
    for der in samples.trust_der():
        fiscal.add_certificates(content=der, by=cast.users["adriana"], at=cast.days_ago(60))


# --- accounts --------------------------------------------------------------------------------------------------------


def clabe_of(bank: str, number: int) -> str:
    """A CLABE with its check digit right, for sample people."""
    body = f"{bank}180{number:011d}"
    weights = (3, 7, 1) * 6
    return body + str(-sum(int(digit) * weight % 10 for digit, weight in zip(body, weights, strict=False)) % 10)


def statement_for(party: Party, clabe: str, closing: Any) -> bytes:
    """A bank statement of this party for this CLABE."""
    return samples.make_statement_pdf(
        clabe=clabe, bank=BANK_CODE[clabe[:3]], holder=party.name, rfc=party.rfc, closing_on=closing
    )


def _accounts(cast: Cast) -> None:
    for slug, bank, number, decided in (("lucia", "012", 12345678901, True), ("ivan", "072", 22233344455, False)):
        party, user = cast.parties[slug], cast.users[slug]
        at = cast.days_ago(50 if decided else 1)
        clabe = clabe_of(bank, number)
        pdf = upload_of(
            f"estado-de-cuenta-{slug}.pdf", statement_for(party, clabe, clock.date_in(at) - timedelta(days=20))
        )
        account = treasury.capture_account(party=party, purpose=DIGITAL_ORDERS, clabe=clabe, upload=pdf, by=user, at=at)
        treasury.submit_account(account=account, by=user, at=at)
        if decided:
            treasury.review_account(
                account=account, decision="approved", by=cast.users["rebeca"], at=at + timedelta(hours=3)
            )


# --- orders ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """One consultation of the demo: account, whose patient, what it costs (MXN), how many days ago."""

    account: str
    patient: int
    fee: str
    coaseguro: str
    days: int


def _row(cast: Cast, rfc: str, visit: Visit, insurer: Party) -> OrderRow:
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
    first = [_row(cast, lucia, visit, valley) for visit in of_lucia] + [_row(cast, ivan, v, valley) for v in of_ivan]
    second = [_row(cast, lucia, visit, sierra) for visit in later]
    of_nora = _row(cast, nora, Visit("LS-430", 14, "1250.00", "125.00", 3), sierra)
    second.append(replace(of_nora, physician_code=CODE_OF_NORA))
    _deliver(cast, valley, first, cast.days_ago(32))
    _deliver(cast, sierra, second, cast.days_ago(2))


def _deliver(cast: Cast, insurer: Party, rows: list[OrderRow], at: datetime) -> None:
    billing.receive_orders(
        insurer=insurer,
        read=Read.of(rows),
        control={"rows": len(rows), "payable": sum((row.payable for row in rows), Decimal(0))},
        by=cast.users["rebeca"],
        at=at,
        on=clock.date_in(cast.now),
    )


# --- invoices --------------------------------------------------------------------------------------------------------


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
    user, party = cast.users[slug], cast.parties[slug]
    at = cast.days_ago(days)
    ids = list(CareOrder.objects.filter(account__in=accounts).values_list("pk", flat=True))
    invoice = billing.start_invoice(party=party, order_ids=ids, by=user, at=at)
    xml, pdf = files_for(invoice, issued_at=at - timedelta(hours=1))
    name = f"factura-{'-'.join(accounts)}"
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


def bank_answer(batch: PaymentBatch, *, on: Any, outcome: str = "pagada") -> bytes:
    """What the bank would send back for an exported batch."""
    lines = ["clave_rastreo,resultado,fecha,referencia,importe,motivo"]
    for row in batch.transfers.order_by("number"):
        reason = "" if outcome == "pagada" else "Cuenta cancelada"
        lines.append(f"{row.tracking},{outcome},{on:%d/%m/%Y},BNK{row.number:07d},{row.amount},{reason}")
    return "\r\n".join(lines).encode() + b"\r\n"


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
    _accepted(cast, ["DV-7104"], 5)
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


def _messages(cast: Cast) -> None:
    contacts.leave_message(
        kind="complaint",
        name="Iván Peña Muñoz",
        email=BY_SLUG["ivan"].email,
        subject_folio="",
        body="Mi cuenta bancaria sigue en revisión desde ayer. ¿Cuándo queda lista?",
        by=cast.users["ivan"],
        at=cast.now - timedelta(hours=2),
    )

"""Claims for tests: an insured family, drafts and what became of them; files without bytes where none are read."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from claims import services
from claims.models import (
    Assent,
    Claim,
    ClaimDue,
    ClaimFile,
    ClaimInvoice,
    ClaimLine,
    DocumentRequest,
    RequestItem,
    Submission,
)
from config.demo import samples
from config.demo.uploads import upload_of
from memberships.models import CoveredPerson, MemberCoverage, Plan
from portal.papers.models import StoredFile
from portal.people import selectors as accounts
from portal.people.models import Consent, Party, User
from portal.treasury.models import BankAccount
from portal.vault import blind_index
from tests.factories import memberships as m
from tests.factories import people, treasury
from tests.factories import policies as p

AT = datetime(2026, 11, 20, 16, tzinfo=UTC)
ON = date(2026, 11, 20)
RULE = "claim.promise_hours v1 · operador"
ISSUER = {"rfc": "IAÑL750210963", "name": "LUIS IAN ÑUZCO", "regime": "612"}
RFC = "LURF850505AA1"
DOCUMENTS = ("claim_form", "medical_report", "official_id")
_numbers = itertools.count(1)


def a_family(*, plan: Plan | None = None, user: User | None = None) -> SimpleNamespace:
    """A titular with an account and a way to be paid, an adult without account and a child; both coverages."""
    plan = plan or p.a_whole_policy()
    number = next(_numbers)
    names = {"first_surname": "Luna", "second_surname": "Robles"}
    titular = m.a_covered_person(given_name=f"Fernanda{number}", as_printed=f"Fernanda{number} Luna Robles", **names)
    adult = m.a_covered_person(given_name="Óscar", as_printed=f"Óscar{number} Rentería Paz", sex="male")
    child = m.a_covered_person(
        given_name="Leo", as_printed=f"Leo{number} Rentería Luna", sex="male", born_on=date(2015, 5, 5)
    )
    certificate = m.a_certificate(plan=plan, titular=titular)
    for person, kinship in ((titular, "titular"), (adult, "partner"), (child, "child")):
        member = p.a_stay(membership=certificate, person=person, kinship=kinship)
        for coverage in plan.coverages.all():
            MemberCoverage.objects.create(member=member, coverage=coverage, since=p.FIRST)
    if user is None:
        user = people.member(party=titular.party)
    else:
        people.Grant.objects.create(user=user, party=titular.party, role="member", since=people.LONG_AGO)
        user.__dict__.pop("live_grants", None)
    agrees(user, plan.party)
    an_account(titular.party, user)
    return SimpleNamespace(plan=plan, certificate=certificate, user=user, titular=titular, adult=adult, child=child)


def agrees(user: User, insurer: Party) -> None:
    """Somebody agreed to what an insurer asks before the first file."""
    for kind in ("insurer-privacy", "sensitive-data"):
        text = accounts.latest_text(kind, insurer)
        assert text is not None
        Consent.objects.create(user=user, text=text, owner=insurer, purposes=["necessary"], proof="claim", at=AT)


def an_assent(claim: Claim, *, by: User | None = None, at: datetime = AT) -> Assent:
    """What is asked of the affected adult about a claim filed for them; their «sí» where `by` is said."""
    text, insurer = accounts.latest_text("sensitive-data", claim.coverage.plan.party), claim.coverage.plan.party
    told: dict[str, Any] = {}
    if by is not None:
        kept = {"user": by, "text": text, "owner": insurer, "withdrawn_at": None}
        consent, _made = Consent.objects.get_or_create(
            **kept, defaults={"purposes": ["necessary"], "proof": "assent", "at": at}
        )
        told = {"given_by": by, "given_at": at, "consent": consent}
    return Assent.objects.create(claim=claim, asked_by=claim.filed_by, asked_at=at, **told)


def an_account(party: Party, user: User, *, state: str = "in_review") -> BankAccount:
    """A bank account for what is paid to families."""
    digits = treasury.clabe(next(_numbers) + 50_000)
    return BankAccount.objects.create(
        party=party,
        purpose="member_payments",
        clabe=digits,
        last4=digits[-4:],
        clabe_index=blind_index(digits, purpose="clabe"),
        bank_code=digits[:3],
        bank_name="BBVA MEXICO",
        holder=party.name,
        statement=treasury.stored_pdf(party, user),
        statement_on=ON,
        captured_by=user,
        captured_at=AT,
        submitted_at=AT,
        submitted_by=user,
        state=state,
    )


def a_draft(family: SimpleNamespace, *, at: datetime = AT, **changes: Any) -> Claim:
    """What the family's titular began for themselves, under the major coverage."""
    claim = services.start_claim(by=family.user, at=at)
    if changes:
        Claim.objects.filter(pk=claim.pk).update(**changes)
        claim.refresh_from_db()
    return claim


def stored(
    claim: Claim, *, name: str = "papel.pdf", kind: str = "pdf", envelope: Submission | None = None
) -> StoredFile:
    """A file as papers keeps it, without bytes."""
    number = next(_numbers)
    return StoredFile.objects.create(
        storage_key=f"cc/dd/{number:032x}",
        wrapped_key=b"x",
        size=1000,
        sha256=f"{number:064x}",
        original_name=name,
        display_name=name,
        kind=kind,
        content_type="application/pdf" if kind == "pdf" else "application/xml",
        party=(envelope or claim.submissions.get(number=1)).party,
        uploaded_by=claim.filed_by,
        purpose="claim-file",
        verdict="accepted",
        pages=1,
        created_at=AT,
        done_at=AT,
    )


def a_file(claim: Claim, document: str, *, facts: dict[str, Any] | None = None, **told: Any) -> ClaimFile:
    """A file of a draft that is already there."""
    envelope = claim.submissions.select_related("party").get(number=1)
    return ClaimFile.objects.create(
        envelope=envelope,
        file=stored(claim, envelope=envelope, **told),
        document=document,
        facts=facts or {},
        added_by=claim.filed_by,
        added_at=AT,
    )


def an_invoice(
    claim: Claim, *amounts: str, on: date = ON, uuid: str = "", pdf: bool = True, **told: Any
) -> ClaimInvoice:
    """An invoice of a draft with a line an amount, and its PDF."""
    number = next(_numbers)
    uuid = uuid or f"00000000-0000-4000-8000-{number:012d}"
    lines = [{"concept": f"Consulta {place}", "amount": amount} for place, amount in enumerate(amounts, 1)]
    xml = a_file(claim, "invoice_xml", name=f"f{number}.xml", kind="xml", facts={"lines": lines})
    return ClaimInvoice.objects.create(
        claim=claim,
        xml=xml,
        pdf=a_file(claim, "invoice_pdf", name=f"f{number}.pdf") if pdf else None,
        uuid=uuid,
        issuer_rfc=ISSUER["rfc"],
        issuer_name=ISSUER["name"],
        issued_on=on,
        total=sum(map(Decimal, amounts)),
        **({"method": "PUE"} | told),
    )


def a_whole_draft(family: SimpleNamespace, *amounts: str, at: datetime = AT, **changes: Any) -> Claim:
    """A draft that lacks nothing."""
    claim = a_draft(family, at=at, **changes)
    for document in DOCUMENTS:
        a_file(claim, document)
    an_invoice(claim, *(amounts or ("1000.00",)))
    return claim


def sent(family: SimpleNamespace, *amounts: str, at: datetime = AT, **changes: Any) -> Claim:
    """A claim with its folio."""
    claim = a_whole_draft(family, *amounts, at=at, **changes)
    return services.submit_claim(claim=claim, consented=True, by=family.user, at=at)


def bare(family: SimpleNamespace, **fields: Any) -> Claim:
    """A claim by hand, without files, lines or clock: for lists, histories and constraints only."""
    told: dict[str, Any] = {
        "folio": f"RB-2020-{next(_numbers):06d}",
        "state": "submitted",
        "kind": "reimbursement",
        "certificate": family.certificate,
        "affected": family.titular,
        "coverage": family.plan.coverages.get(kind="major"),
        "payee": family.titular.party,
        "filed_by": family.user,
        "created_at": AT,
        "changed_at": AT,
        "claimed": Decimal("1000.00"),
        "submitted_at": AT,
        "promised_at": AT,
        "promise_rule": RULE,
    }
    return Claim.objects.create(**(told | fields))


def an_open_request(claim: Claim) -> DocumentRequest:
    """What a family is asked for by hand: one thing, without clock, paper or notice."""
    envelope = Submission.objects.create(
        claim=claim,
        number=claim.submissions.count() + 1,
        party=claim.affected.party,
        opened_by=claim.filed_by,
        opened_at=AT,
        file_limit=50,
        byte_limit=50 * 1024 * 1024,
    )
    told = {"number": 1, "state": "open", "opened_at": AT, "by": people.a_person(), "at": AT}
    made = DocumentRequest.objects.create(claim=claim, submission=envelope, **told)
    RequestItem.objects.create(request=made, place=1, document="prescription", why="lacks", example="Una receta.")
    days = {"anchor": ON, "due_on": ON + timedelta(days=14), "rolled_on": ON + timedelta(days=14), "due_rule": RULE}
    ClaimDue.objects.create(claim=claim, kind="documents", request=made, **days)
    Claim.objects.filter(pk=claim.pk).update(state="pending_documents")
    return made


def an_answer(request: DocumentRequest) -> ClaimFile:
    """A file without bytes that answers what is asked for first."""
    item = request.items.order_by("place").first()
    assert item is not None
    return ClaimFile.objects.create(
        envelope=request.submission,
        file=stored(request.claim, envelope=request.submission),
        document=item.document,
        asked=item,
        added_by=request.claim.filed_by,
        added_at=AT,
    )


def a_line(claim: Claim, amount: str = "1000.00", number: int = 1, on: date = ON) -> ClaimLine:
    """One expense of a claim."""
    return ClaimLine.objects.create(claim=claim, number=number, concept="Consulta", on=on, claimed=Decimal(amount))


def xml(person: CoveredPerson, amount: str = "1160.00", **changes: Any) -> bytes:
    """A sealed CFDI made out to somebody of the family."""
    receiver = {"rfc": person.rfc or RFC, "name": person.as_printed.upper(), "zip": "06600", "regime": "605"}
    orders = [{"account": "C1", "patient": person.as_printed, "payable": amount}]
    told: dict[str, Any] = {"issuer": ISSUER, "receiver": receiver, "orders": orders, "components": []}
    return samples.make_invoice(**(told | {"issued_at": datetime(2026, 11, 10, 10)} | changes))  # noqa: DTZ001 - a wall clock


def upload(name: str, content: bytes) -> Any:
    """A file as a form brings it."""
    return upload_of(name, content)

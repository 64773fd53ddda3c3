"""People, accounts and payables in the situations treasury knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from portal import clock
from portal.access import Permission, Role
from portal.people.models import Consent, Grant, Party, User
from portal.people.selectors import missing_consents
from portal.treasury import registry, services
from portal.treasury.models import BankAccount, Payable
from portal.vault import blind_index
from tests.factories import people

# The day before yesterday: what happened then is in the past for the screens, which read the real clock.
NOW = clock.real_now().replace(microsecond=0) - timedelta(days=2)
TODAY = clock.date_in(NOW)
DUE_RULE = "invoice.payment_days v1 · operador"
_number = itertools.count(1)
PURPOSE = "digital_orders"
# Something owed that no vertical hears of.
TEST = registry.PayableKind(
    kind="test",
    purpose=PURPOSE,
    liability="physician_payable",
    entry="test_owed",
    nouns=("factura", "facturas"),
    see=Permission.SEE_OWN_PAYMENTS,
    next_step=("Falta tu complemento de pago.", "Son {amount} del {on}."),
    undone="Por ese depósito ya no hace falta complemento.",
)

registry.register_payable(TEST)


@contextmanager
def kind(**changes: Any) -> Iterator[None]:
    """Let the vertical of what these tests owe say, or hear, something else."""
    registry._kinds[TEST.kind] = replace(registry.payable_kind(TEST.kind), **changes)
    try:
        yield
    finally:
        registry._kinds[TEST.kind] = replace(
            registry.payable_kind(TEST.kind), **{name: getattr(TEST, name) for name in changes}
        )


def clabe(seed: int, bank: str = "012") -> str:
    """A valid CLABE."""
    body = f"{bank}180{seed:011d}"
    check = (10 - sum(int(d) * w % 10 for d, w in zip(body, itertools.cycle((3, 7, 1)), strict=False)) % 10) % 10
    return f"{body}{check}"


def person(name: str, role: Role | None = None, party: Party | None = None) -> User:
    """A person, with one role."""
    user = people.a_person(email=f"{name.lower().replace(' ', '.')}.{next(_number)}@example.mx", name=name)
    if role is not None:
        Grant.objects.create(user=user, party=party or operator(), role=role, since=date(2020, 1, 1))
        for text in missing_consents(user):
            Consent.objects.create(user=user, text=text, purposes=["necessary"], proof="session", at=NOW)
    return user


def operator() -> Party:
    """The organisation that runs the installation."""
    found = Party.objects.filter(is_operator=True).first()
    return found or Party.objects.create(kind="organisation", name="Operadora", is_operator=True, created_at=NOW)


def physician(name: str = "María Núñez Peña") -> SimpleNamespace:
    """A physician: party and person."""
    number = next(_number)
    party = Party.objects.create(
        kind="person",
        name=name,
        rfc=f"NUPM8001{number:02d}AA{number % 10}"[:13],
        created_at=NOW,
        rfc_proof="code",
        rfc_proved_at=NOW,
    )
    return SimpleNamespace(party=party, user=person(name, Role.PHYSICIAN, party))


def stored_pdf(party: Party, by: User) -> Any:
    """A stored statement, as papers keeps it."""
    from portal.papers.models import StoredFile

    number = next(_number)
    return StoredFile.objects.create(
        storage_key=f"aa/bb/{number:032x}",
        wrapped_key=b"x",
        size=10,
        sha256=f"{number:064x}",
        original_name="e.pdf",
        display_name="e.pdf",
        kind="pdf",
        content_type="application/pdf",
        party=party,
        uploaded_by=by,
        purpose="bank-statement",
        verdict="accepted",
        pages=1,
        created_at=NOW,
        done_at=NOW,
    )


def captured(doctor: SimpleNamespace, at: datetime = NOW) -> BankAccount:
    """An account with its statement, not handed in."""
    digits = clabe(next(_number))
    return BankAccount.objects.create(
        party=doctor.party,
        purpose=PURPOSE,
        clabe=digits,
        last4=digits[-4:],
        clabe_index=blind_index(digits, purpose="clabe"),
        bank_code=digits[:3],
        bank_name="BBVA MEXICO",
        holder=doctor.party.name,
        statement=stored_pdf(doctor.party, doctor.user),
        statement_on=TODAY - timedelta(days=20),
        captured_by=doctor.user,
        captured_at=at,
    )


def in_review(doctor: SimpleNamespace, at: datetime = NOW) -> BankAccount:
    """An account that waits for a reviewer."""
    return services.submit_account(account=captured(doctor, at), by=doctor.user, at=at)


def validated(doctor: SimpleNamespace, at: datetime = NOW) -> BankAccount:
    """An account of record; a second one is a change and needs two reviewers."""
    account = in_review(doctor, at)
    for number in range(account.reviews_needed):
        account = services.review_account(
            account=account, decision="approved", by=person(f"Revisora {number}", Role.REVIEWER), at=at
        )
    return account


def payable(doctor: SimpleNamespace, amount: str = "1000.00", at: datetime = NOW, *, currency: str = "MXN") -> Payable:
    """Something owed to a physician; the subject is a party of its own, so that each is another subject."""
    subject = Party.objects.create(kind="organisation", name="asunto", created_at=NOW)
    number = next(_number)
    return services.open_payable(
        party=doctor.party,
        amount=Decimal(amount),
        currency=currency,
        kind="test",
        subject=subject,
        reference=f"FA-2026-{number:06d}",
        due_on=TODAY,
        due_rule=DUE_RULE,
        by=None,
        at=at,
    )


def desk() -> SimpleNamespace:
    """Preparer, two approvers, reviewer, auditor."""
    return SimpleNamespace(
        preparer=person("Paula Prepara", Role.PAYMENT_PREPARER),
        approver=person("Ana Autoriza", Role.PAYMENT_APPROVER),
        second=person("Saúl Segundo", Role.PAYMENT_APPROVER),
        reviewer=person("Rita Revisa", Role.REVIEWER),
        auditor=person("Aldo Audita", Role.AUDITOR),
    )


def locked(doctor: SimpleNamespace, people: SimpleNamespace, amount: str = "1000.00", at: datetime = NOW) -> Any:
    """A locked batch with one transfer."""
    batch = services.prepare_batch(payables=[payable(doctor, amount, at)], by=people.preparer, at=at)
    return services.approve_batch(batch=batch, total=batch.total, by=people.approver, at=at)

"""What of the treasury is found in the search: batches and their transfers, accounts by their whole CLABE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from portal import identifiers
from portal.access import Permission as P
from portal.imports.models import ImportRun
from portal.listing.search import Findable, Found, How, Name, as_folio, as_key, as_rfc, as_words, nobody
from portal.money import format_money
from portal.people.scopes import insurers_of
from portal.prepared import Asked
from portal.treasury.models import Allocation, BankAccount, BankFile, Movement, Payable, PaymentBatch, Transfer
from portal.vault import blind_index


def as_clabe(typed: str) -> str | None:
    """The blind index of a whole CLABE: that is how its sealed column is found. None for anything else."""
    checked = identifiers.check("clabe", typed)
    return blind_index(checked.canonical, purpose="clabe") if checked.valid and checked.canonical else None


def _batches(user: Any) -> QuerySet[PaymentBatch] | None:
    return PaymentBatch.objects.visible_to(user) if P.SEE_PAYMENTS in user.permissions else None


def _reached(user: Any) -> tuple[Any, ...] | None:
    """Their own parties and the insurers that they reach, None in the place of these for all."""
    if P.REVIEW_ACCOUNTS not in user.permissions:
        return None
    insurers = insurers_of(user, P.REVIEW_ACCOUNTS)
    own = tuple(user.party_ids(P.MANAGE_OWN_ACCOUNT))
    return own, None if insurers is None else tuple(insurers)


_accounts = Asked(
    lambda own, insurers: (
        BankAccount.objects.of_reviewer(own, insurers).exclude(submitted_at=None).select_related("party")
    ),
    _reached,
)


def _movements(user: Any) -> QuerySet[Movement] | None:
    return Movement.objects.visible_to(user) if P.SEE_COLLECTIONS in user.permissions else None


def _of_batches(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """What each pays and to whom, the file for the bank, and what the bank answered."""
    return (
        Transfer.objects.filter(batch__in=keys),
        Payable.objects.filter(items__transfer__batch__in=keys),
        BankFile.objects.filter(batch__in=keys),
        ImportRun.objects.filter(bank_result__batch__in=keys),
    )


def _of_payables(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """What paid each, also what did not arrive or came back, with its batch, its file and the bank's answers."""
    batches = PaymentBatch.objects.filter(transfers__items__payable__in=keys)
    return (
        Transfer.objects.filter(items__payable__in=keys),
        batches,
        BankFile.objects.filter(batch__in=batches),
        ImportRun.objects.filter(bank_result__batch__in=batches),
    )


def _of_movements(keys: Sequence[Any]) -> Iterable[QuerySet[Any]]:
    """What became of each: the books name that."""
    return (Allocation.objects.filter(movement__in=keys),)


FINDABLES = (
    Findable(
        "treasury.paymentbatch",
        "Lotes de pago",
        (Name("folio", shape=as_folio({"LP"})), Name("transfers__tracking", How.WHOLE, as_key)),
        _batches,
        lambda row: Found(str(row), format_money(row.total, row.currency), reverse("treasury:batch", args=[row.pk])),
        folio="folio",
        belongs=_of_batches,
    ),
    Findable(
        "treasury.bankaccount",
        "Cuentas bancarias",
        (
            Name("clabe_index", How.WHOLE, as_clabe),
            Name("party__rfc", How.START, as_rfc),
            Name("party__name", How.WORDS, as_words),
        ),
        _accounts,
        lambda row: Found(
            f"{row.bank_name} •••• {row.last4}", row.party.name, reverse("treasury:account_review", args=[row.pk])
        ),
    ),
    Findable(
        "treasury.movement",
        "Depósitos",
        (Name("tracking"), Name("reference")),
        _movements,
        lambda row: Found(
            format_money(row.amount, row.currency), row.reference, reverse("treasury:deposit", args=[row.pk])
        ),
        belongs=_of_movements,
    ),
    Findable(
        "treasury.payable",
        "Por pagar",
        (),
        nobody,
        lambda row: Found(row.reference, "", ""),
        bound=("reference",),
        belongs=_of_payables,
    ),
)

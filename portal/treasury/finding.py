"""What of the treasury is found in the search: batches and their transfers, accounts by their whole CLABE."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from portal import identifiers
from portal.access import Permission as P
from portal.listing.search import Findable, Found, How, Name, as_code, as_rfc, as_words, nobody
from portal.money import format_money
from portal.treasury.models import BankAccount, PaymentBatch
from portal.vault import blind_index


def as_clabe(typed: str) -> str | None:
    """The blind index of a whole CLABE: that is how its sealed column is found. None for anything else."""
    checked = identifiers.check("clabe", typed)
    return blind_index(checked.canonical, purpose="clabe") if checked.valid and checked.canonical else None


def _batches(user: Any) -> QuerySet[PaymentBatch] | None:
    return PaymentBatch.objects.visible_to(user) if P.SEE_PAYMENTS in user.permissions else None


def _accounts(user: Any) -> QuerySet[BankAccount] | None:
    if P.REVIEW_ACCOUNTS not in user.permissions:
        return None
    return BankAccount.objects.visible_to(user).exclude(submitted_at=None).select_related("party")


FINDABLES = (
    Findable(
        "treasury.paymentbatch",
        "Lotes de pago",
        (Name("folio"), Name("transfers__tracking", How.WHOLE, as_code)),
        _batches,
        lambda row: Found(str(row), format_money(row.total, row.currency), reverse("treasury:batch", args=[row.pk])),
        folio="folio",
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
        "treasury.payable", "Por pagar", (), nobody, lambda row: Found(row.reference, "", ""), bound=("reference",)
    ),
)

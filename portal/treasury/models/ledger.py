"""Double-entry ledger: append-only; corrections are reversals that name the original (MO-01, MO-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal import ids
from portal.treasury import rules
from portal.treasury.models.fields import money, whole_clp


class LedgerAccount(models.Model):
    """An account of the ledger: a code, a currency, and the party it is kept for (empty = the house's own)."""

    code = models.SlugField(max_length=40)
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)
    party = models.ForeignKey(
        "people.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_accounts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "currency", "party"], nulls_distinct=False, name="one_ledger_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.currency}"


class LedgerTransaction(models.Model):
    """One event in the books. `kind` and subject make it idempotent; never updated, never deleted."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.SlugField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    on = models.DateField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_type", "subject_id"], name="one_entry_per_subject"),
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="entry_does_not_reverse_itself"),
        ]

    def __str__(self) -> str:
        return self.kind


class LedgerLine(models.Model):
    """A signed line: debit positive, credit negative, never zero; whole pesos in CLP."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="lines")
    # The database knows it together with its currency (`ledger_line_currency_of_account`).
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    amount = money()
    currency = models.CharField(max_length=3, choices=rules.CURRENCIES)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_line_not_zero"),
            whole_clp("ledger_line_clp_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

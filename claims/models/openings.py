"""What a bucket held before its claims came to this portal, as it was taken in."""

from __future__ import annotations

from django.db import models

from claims.models.deciding import Accumulator
from claims.models.shared import SHARES_ADD_UP, SHARES_NOT_NEGATIVE, Shares


class OpeningBalance(Shares):
    """The figures with which an accumulator began, of a file; never changed, and beside its entries they add up."""

    accumulator = models.OneToOneField(Accumulator, on_delete=models.PROTECT, related_name="opening")
    run = models.ForeignKey("imports.ImportRun", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=SHARES_ADD_UP, name="opening_balance_adds_up"),
            models.CheckConstraint(condition=SHARES_NOT_NEGATIVE, name="opening_balance_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.accumulator_id)

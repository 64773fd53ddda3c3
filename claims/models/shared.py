"""What the models of claims share."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

MONEY: dict[str, Any] = {"max_digits": 16, "decimal_places": 2}
CURRENCY = "MXN"


class Shares(models.Model):
    """What was covered and who bears it: covered = deductible + coaseguro + over_limit + paid. A base for tables."""

    covered = models.DecimalField(**MONEY, default=0)
    deductible = models.DecimalField(**MONEY, default=0)
    coaseguro = models.DecimalField(**MONEY, default=0)
    over_limit = models.DecimalField(**MONEY, default=0)
    paid = models.DecimalField(**MONEY, default=0)

    class Meta:
        abstract = True


SHARES = ("covered", "deductible", "coaseguro", "over_limit", "paid")
SHARES_ADD_UP = Q(covered=F("deductible") + F("coaseguro") + F("over_limit") + F("paid"))
SHARES_NOT_NEGATIVE = Q(deductible__gte=0, coaseguro__gte=0, over_limit__gte=0, paid__gte=0)


class Settles(Shares):
    """A settled expense: claimed = already + covered + not_covered. A base for tables."""

    claimed = models.DecimalField(**MONEY)
    already = models.DecimalField(**MONEY, default=0)
    not_covered = models.DecimalField(**MONEY, default=0)

    class Meta:
        abstract = True


SETTLED_ADDS_UP = SHARES_ADD_UP & Q(claimed=F("already") + F("covered") + F("not_covered"))
SETTLED_NOT_NEGATIVE = SHARES_NOT_NEGATIVE & Q(already__gte=0, not_covered__gte=0)

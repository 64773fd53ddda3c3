"""What the models of memberships share."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Func

MONEY: dict[str, Any] = {"max_digits": 16, "decimal_places": 2}
CURRENCY = "MXN"
# Half-open stays as PostgreSQL compares them: the last day of one may be the first of the next.
STAY = Func(F("since"), F("until"), function="daterange", template="%(function)s(%(expressions)s)")

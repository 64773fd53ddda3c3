"""What the models of billing share."""

from __future__ import annotations

from typing import Any

MONEY: dict[str, Any] = {"max_digits": 16, "decimal_places": 2}

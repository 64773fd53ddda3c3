"""What the models of billing share."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

MONEY: dict[str, Any] = {"max_digits": 16, "decimal_places": 2}


def choices(labels: Mapping[Any, str]) -> list[tuple[str, str]]:
    """A state machine's labels as Django's choices."""
    return [(state.value if isinstance(state, StrEnum) else state, label) for state, label in labels.items()]

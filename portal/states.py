"""What every table of states shares: its choices for Django, and the refusal of a step it does not draw. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

from portal.errors import Conflict

State = TypeVar("State", bound=StrEnum)


def choices(labels: Mapping[State, str]) -> list[tuple[str, str]]:
    """Django's choices from a label table, in its order; values as plain text, so that migrations can hold them."""
    return [(str(state), label) for state, label in labels.items()]


def check_transition(table: Mapping[State, Collection[State]], old: State, new: State, sentence: str) -> None:
    """Refuse a step that the table does not draw. Raises Conflict with `sentence`: what happened and what to do."""
    if new not in table[old]:
        raise Conflict(sentence, code="state_moved_on")

"""What names one object in an address, and who is let in to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Thing:
    """Arguments of a real object; `seen_by` among those whose role lets them through the door (None: all of them).

    `posted_by` where fewer may act on it than see it.
    """

    args: tuple[Any, ...]
    seen_by: frozenset[str] | None = None
    posted_by: frozenset[str] | None = None

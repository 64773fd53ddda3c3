"""What waits for a person at the desk: each room tells its rows in this one shape, and the oldest is taken next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

OLDEST = 20  # rows a room tells at most: the desk shows the oldest of all rooms, the lists show the rest


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row that waits: what it is, whom it is about, since when (aware), and the page where it is worked on."""

    since: datetime
    what: str
    who: str
    href: str

"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "demo.clock_moved": "Reloj de la demostración adelantado",
}
THINGS: dict[str, str] = {
    "demo.democlock": "Reloj",
}

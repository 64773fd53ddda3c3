"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "demo.clock_moved": "Reloj de la demostración adelantado",
    "demo.day_retried": "Día de la demostración reintentado",
    "demo.days_asked": "Días de la demostración pedidos",
}
THINGS: dict[str, str] = {
    "demo.democlock": "Reloj",
}
DRAINS: dict[str, str] = {"demo_days": "Días de la demostración"}

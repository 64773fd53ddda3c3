"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "desk.parked_retried": "Tarea apartada, intentada de nuevo",
}

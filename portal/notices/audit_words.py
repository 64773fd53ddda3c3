"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

DRAINS: dict[str, str] = {
    "notices": "Avisos y correos",
}

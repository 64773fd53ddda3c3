"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "help.message_answered": "Mensaje contestado",
    "help.message_left": "Mensaje recibido",
}
THINGS: dict[str, str] = {
    "help.contactmessage": "Mensaje",
}

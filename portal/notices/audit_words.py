"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "notices.mail_chosen": "Avisos por correo elegidos",
}
DRAINS: dict[str, str] = {
    "notices": "Avisos y correos",
}

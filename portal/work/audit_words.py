"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "work.given_back": "Trabajo devuelto a la fila",
    "work.taken": "Trabajo tomado",
    "work.taken_over": "Trabajo tomado en lugar de otra persona",
}

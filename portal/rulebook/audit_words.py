"""What this room's acts, things and queues are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "rulebook.rule_activated": "Regla activada",
    "rulebook.rule_closed": "Regla terminada",
    "rulebook.rule_published": "Regla publicada",
}
THINGS: dict[str, str] = {
    "rulebook.rule": "Regla",
}

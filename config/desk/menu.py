"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P

# (place in the menu, label, URL name, the permission that shows it, the filter it opens its list with)
ENTRIES = (
    (90, "Mesa", "desk:queue", P.SEE_DESK, ""),
    (210, "Personas", "desk:people", P.SEE_PEOPLE, ""),
    (240, "Auditoría", "desk:audit", P.SEE_AUDIT, ""),
    (250, "Salud", "desk:health", P.SEE_HEALTH, ""),
)

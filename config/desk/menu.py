"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import OF_THE_DESK
from portal.access import Permission as P
from portal.access import Workspace as W

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (90, "Bandeja", "desk:queue", P.SEE_DESK, "", OF_THE_DESK, "Trabajo"),
    (95, "Auditoría", "desk:audit", P.SEE_AUDIT, "", (W.ADMINISTRATION,), "El portal"),
    (210, "Personas", "desk:people", P.SEE_PEOPLE, "", (W.DESK, W.ADMINISTRATION), "Personas"),
    (250, "Salud", "desk:health", P.SEE_HEALTH, "", (W.ADMINISTRATION,), "El portal"),
)
# The page that a workspace begins with.
HOMES = {place: "desk:queue" for place in OF_THE_DESK}

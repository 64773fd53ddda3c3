"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (280, "Certificados", "fiscal:certificates", P.MANAGE_TRUST, "", (W.ADMINISTRATION,), "Reglas"),
    (290, "Catálogos del SAT", "fiscal:catalogues", P.MANAGE_TRUST, "", (W.ADMINISTRATION,), "Reglas"),
)

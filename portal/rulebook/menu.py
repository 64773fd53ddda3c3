"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = ((260, "Reglas", "rulebook:rules", P.MANAGE_RULES, "", (W.ADMINISTRATION,), "Reglas"),)

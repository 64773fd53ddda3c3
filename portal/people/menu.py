"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W
from portal.access import workspaces_with

_WITH_A_TEAM = workspaces_with(P.MANAGE_OWN_TEAM)  # whatever the role

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (80, "Mi equipo", "people:team", P.MANAGE_OWN_TEAM, "", _WITH_A_TEAM, "Tus datos"),
    (230, "Credenciales", "people:credentials", P.MANAGE_PEOPLE, "", (W.ADMINISTRATION,), "Personas"),
)

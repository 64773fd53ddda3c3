"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P
from portal.access import Workspace as W

# (place, label, URL name, permission, the filter it opens its list with, its workspaces, its group below «Más»)
ENTRIES = (
    (70, "Mi RFC", "proofs:own", P.PROVE_OWN_RFC, "", (W.PHYSICIAN,), "Tus datos"),
    (140, "RFC por acreditar", "proofs:papers", P.REVIEW_ACCOUNTS, "?estado=in_review", (W.DESK,), "Quién cobra"),
    (220, "RFC por entregar", "proofs:moves", P.MANAGE_PEOPLE, "?estado=waiting", (W.ADMINISTRATION,), "Personas"),
)

"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P

# (place in the menu, label, URL name, the permission that shows it, the filter it opens its list with)
ENTRIES = (
    (70, "Mi RFC", "proofs:own", P.MANAGE_OWN_ACCOUNT, ""),
    (140, "RFC por acreditar", "proofs:papers", P.REVIEW_ACCOUNTS, "?estado=in_review"),
    (220, "RFC por entregar", "proofs:moves", P.MANAGE_PEOPLE, ""),
)

"""Where trips stand in the menu."""

from portal.access import Permission as P

ENTRIES = ((135, "Viáticos", "planted:trips", P.REVIEW_ACCOUNTS, "?estado=asked"),)

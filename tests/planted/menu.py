"""Where trips stand in the menu."""

from portal.access import Permission as P
from portal.access import Workspace as W

ENTRIES = ((135, "Viáticos", "planted:trips", P.REVIEW_ACCOUNTS, "?estado=asked", (W.DESK,), "Quién cobra"),)

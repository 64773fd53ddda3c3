"""This room's entries of the menu: plain data that the roof gathers."""

from __future__ import annotations

from portal.access import Permission as P

# (place in the menu, label, URL name, the permission that shows it, the filter it opens its list with)
ENTRIES = ((170, "Reglas", "rulebook:rules", P.MANAGE_RULES, ""),)

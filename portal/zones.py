"""Time zones by name, for pure rules too: a rule may know where a date holds, never what time it is."""

from __future__ import annotations

MEXICO_CITY = "America/Mexico_City"
SANTIAGO = "America/Santiago"

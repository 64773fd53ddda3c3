"""What this room's acts and things are called where the record is read."""

from __future__ import annotations

ACTS: dict[str, str] = {
    "listing.view_chosen": "Vista con la que abre una lista",
    "listing.view_forgotten": "Vista de una lista quitada",
    "listing.view_saved": "Vista de una lista guardada",
}

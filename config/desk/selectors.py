"""Reads of the roof's own pages."""

from __future__ import annotations

from portal.people import selectors as people


def insurer_choices() -> list[tuple[str, str]]:
    """The insurers that a role of the desk may name."""
    return [(str(row.pk), row.name) for row in people.insurers()]

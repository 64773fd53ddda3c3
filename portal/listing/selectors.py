"""A person's saved views of a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from portal.listing.models import SavedView
from portal.prepared import prepared

MOST_VIEWS = 12


def views_of(user: Any, name: str) -> list[SavedView]:
    """This person's saved views of the list of that name, the oldest first."""
    return _views(user.pk, name)


@prepared
def _views(user_id: UUID, name: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user_id=user_id, listing=name).order_by("pk")[:MOST_VIEWS]
